using System.Numerics;

namespace Fragcast.Execution.Precompiles.Curves;

/// <summary>Powers in the cyclotomic subgroup of Fp12.</summary>
internal static class CyclotomicPowers<TTarget, TField, TTower>
    where TTarget : unmanaged, IPairingTarget<TTarget, TField, TTower>
    where TField : unmanaged, IPrimeField<TField>
    where TTower : unmanaged, ITower<TField>
{
    /// <summary>r = f^exponent; the exponent is not zero.</summary>
    public static void Power(in TTarget f, ulong exponent, out TTarget r)
    {
        var result = f;
        for (var bit = 62 - BitOperations.LeadingZeroCount(exponent); bit >= 0; bit--)
        {
            TTarget.CyclotomicSquare(result, out result);
            if (((exponent >> bit) & 1) != 0)
            {
                TTarget.Multiply(result, f, out result);
            }
        }

        r = result;
    }
}
