namespace Fragcast.Execution.Precompiles.Curves;

/// <summary>Square roots in fields of order p ≡ 3 mod 4 and in their quadratic extensions.</summary>
internal static class SquareRoots<TField>
    where TField : unmanaged, IPrimeField<TField>
{
    // (p + 1) / 4.
    private static readonly ulong[] Quarter = ComputeQuarter();

    /// <summary>Finds a root; where there is none, gives false and a root of −a.</summary>
    public static bool TryFind(in TField a, out TField root)
    {
        FieldOperations.Power(a, Quarter, out root);
        TField.Square(root, out var square);
        return TField.AreEqual(square, a);
    }

    /// <summary>
    /// Finds a root; false if there is none. With n² = a0² + a1², one of (a0 ± n) / 2 is the square of the root's real
    /// part, and the negative of the other one that of its imaginary part.
    /// </summary>
    public static bool TryFind(in Fp2<TField> a, out Fp2<TField> root)
    {
        TField.Square(a.C0, out var norm);
        TField.Square(a.C1, out var square);
        TField.Add(norm, square, out norm);
        if (!TryFind(norm, out var n))
        {
            root = default;
            return false;
        }

        // Where a1 is zero so is one of the two; the other one is a0.
        TField.Add(a.C0, n, out var part);
        if (part.IsZero)
        {
            TField.Subtract(a.C0, n, out part);
        }

        TField.Halve(part, out part);
        var isReal = TryFind(part, out var first);
        TField.Add(first, first, out var second);
        TField.Invert(second, out second);
        TField.Multiply(a.C1, second, out second);
        root = isReal ? new Fp2<TField>(first, second) : new Fp2<TField>(second, first);
        return true;
    }

    private static ulong[] ComputeQuarter()
    {
        // p ≡ 3 mod 4: (p + 1) / 4 is p shifted, plus 1.
        var limbs = TField.Order.ToArray();
        for (var i = 0; i < limbs.Length; i++)
        {
            var above = i + 1 < limbs.Length ? limbs[i + 1] << 62 : 0;
            limbs[i] = (limbs[i] >> 2) | above;
        }

        limbs[0]++;
        return limbs;
    }
}
