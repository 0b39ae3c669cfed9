namespace Fragcast.Execution.Precompiles.Curves;

/// <summary>Square roots in fields of order p ≡ 3 mod 4 and in their quadratic extensions.</summary>
internal static class SquareRoots<TField>
    where TField : unmanaged, IPrimeField<TField>
{
    // (p − 3) / 4, (p + 1) / 4 and (p − 1) / 2, which all are p shifted.
    private static readonly ulong[] QuarterFloor = ShiftOrder(2, 0);
    private static readonly ulong[] QuarterCeiling = ShiftOrder(2, 1);
    private static readonly ulong[] Half = ShiftOrder(1, 0);

    /// <summary>Finds a root; false if there is none.</summary>
    public static bool TryFind(in TField a, out TField root)
    {
        FieldOperations.Power(a, QuarterCeiling, out root);
        TField.Square(root, out var square);
        return TField.AreEqual(square, a);
    }

    /// <summary>
    /// Finds a root; false if there is none (Adj and Rodríguez-Henríquez, "Square root computation over even extension
    /// fields", 2014, algorithm 9).
    /// </summary>
    public static bool TryFind(in Fp2<TField> a, out Fp2<TField> root)
    {
        FieldOperations.Power(a, QuarterFloor, out var power);
        Fp2<TField>.Multiply(power, a, out var candidate);
        Fp2<TField>.Multiply(power, candidate, out var alpha);
        Fp2<TField>.Add(alpha, Fp2<TField>.One, out var sum);
        if (sum.IsZero)
        {
            // Times u.
            TField.Subtract(TField.Zero, candidate.C1, out var c0);
            root = new Fp2<TField>(c0, candidate.C0);
        }
        else
        {
            FieldOperations.Power(sum, Half, out var factor);
            Fp2<TField>.Multiply(factor, candidate, out root);
        }

        Fp2<TField>.Square(root, out var square);
        return Fp2<TField>.AreEqual(square, a);
    }

    private static ulong[] ShiftOrder(int bits, ulong add)
    {
        var limbs = TField.Order.ToArray();
        for (var i = 0; i < limbs.Length; i++)
        {
            var above = i + 1 < limbs.Length ? limbs[i + 1] << (64 - bits) : 0;
            limbs[i] = (limbs[i] >> bits) | above;
        }

        limbs[0] += add;
        return limbs;
    }
}
