namespace Fragcast.Execution.Precompiles.Curves;

/// <summary>The choice that makes a tower of extensions: Fp6 = Fp2[v] / (v³ − ξ), Fp12 = Fp6[w] / (w² − v).</summary>
internal interface ITower<TField>
    where TField : unmanaged, IPrimeField<TField>
{
    /// <summary>ξ, neither a square nor a cube in Fp2.</summary>
    static abstract Fp2<TField> Xi { get; }

    /// <summary>r = a · ξ.</summary>
    static abstract void MultiplyByXi(in Fp2<TField> a, out Fp2<TField> r);
}

/// <summary>Powers ξ^(i·(p−1)/6), by which a power of p multiplies the coefficient of w^i.</summary>
internal static class Frobenius<TField, TTower>
    where TField : unmanaged, IPrimeField<TField>
    where TTower : struct, ITower<TField>
{
    /// <summary>ξ^(i·(p−1)/6) for i = 0 to 5.</summary>
    public static Fp2<TField>[] Powers { get; } = Compute();

    private static Fp2<TField>[] Compute()
    {
        var powers = new Fp2<TField>[6];
        powers[0] = Fp2<TField>.One;
        FieldOperations.Power(TTower.Xi, SixthOfOrder(), out powers[1]);
        for (var i = 2; i < powers.Length; i++)
        {
            Fp2<TField>.Multiply(powers[i - 1], powers[1], out powers[i]);
        }

        return powers;
    }

    /// <summary>(p − 1) / 6, least significant limb first.</summary>
    public static ulong[] SixthOfOrder()
    {
        // The order is odd: taking one off borrows nothing.
        var limbs = TField.Order.ToArray();
        limbs[0]--;
        UInt128 rest = 0;
        for (var i = limbs.Length - 1; i >= 0; i--)
        {
            var dividend = (rest << 64) | limbs[i];
            limbs[i] = (ulong)(dividend / 6);
            rest = dividend % 6;
        }

        return limbs;
    }
}
