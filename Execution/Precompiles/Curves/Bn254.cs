namespace Fragcast.Execution.Precompiles.Curves;

/// <summary>y² = x³ + 3 over bn254's base field (EIP-196). Its order is prime.</summary>
internal readonly struct Bn254G1 : ICurve<BnField>
{
    public static BnField B { get; } = BnField.FromInteger(3);
}

/// <summary>y² = x³ + 3 / (9 + u), the twist (EIP-197).</summary>
internal readonly struct Bn254G2 : ICurve<BnField2>
{
    public static BnField2 B { get; } = ComputeB();

    private static BnField2 ComputeB()
    {
        BnField2.Invert(Bn254Tower.Xi, out var inverse);
        FieldOperations.Triple(inverse, out var b);
        return b;
    }
}

/// <summary>ξ = 9 + u.</summary>
internal readonly struct Bn254Tower : ITower<BnField>
{
    public static BnField2 Xi { get; } = new(BnField.FromInteger(9), BnField.One);

    public static void MultiplyByXi(in BnField2 a, out BnField2 r)
    {
        // (9·c0 − c1) + (9·c1 + c0)·u
        BnField2.Add(a, a, out var eight);
        BnField2.Add(eight, eight, out eight);
        BnField2.Add(eight, eight, out eight);
        BnField2.Add(eight, a, out var nine);
        BnField.Subtract(nine.C0, a.C1, out var c0);
        BnField.Add(nine.C1, a.C0, out var c1);
        r = new BnField2(c0, c1);
    }
}

/// <summary>The optimal ate pairing of bn254, whose parameter is x = 4965661367192848881 (EIP-197).</summary>
internal readonly struct Bn254Pairing : IPairingCurve<BnField, Bn254Tower>
{
    /// <summary>The parameter of the family of curves.</summary>
    public const ulong X = 4965661367192848881;

    // 6x + 2 in non-adjacent form.
    public static ReadOnlySpan<sbyte> LoopDigits => LoopDigitArray;

    public static bool IsLoopNegative => false;

    public static bool HasFrobeniusLines => true;

    public static bool IsTwistDivisive => true;

    public static BnField2 TwistB => Bn254G2.B;

    private static sbyte[] LoopDigitArray { get; } = SignedDigits.Of(((UInt128)6 * X) + 2);

    /// <summary>
    /// To (p⁴ − p² + 1) / r times a factor prime to r, as a chain of powers of x (Fuentes-Castañeda, Knapp and
    /// Rodríguez-Henríquez, "Faster hashing to G2", 2011).
    /// </summary>
    public static void FinishExponentiation<TTarget>(in TTarget f, out TTarget r)
        where TTarget : unmanaged, IPairingTarget<TTarget, BnField, Bn254Tower>
    {
        PowerMinusX(f, out var y0);
        TTarget.CyclotomicSquare(y0, out var y1);
        TTarget.CyclotomicSquare(y1, out var y2);
        TTarget.Multiply(y2, y1, out var y3);
        PowerMinusX(y3, out var y4);
        TTarget.CyclotomicSquare(y4, out var y5);
        PowerMinusX(y5, out var y6);
        TTarget.Conjugate(y3, out y3);
        TTarget.Conjugate(y6, out y6);
        TTarget.Multiply(y6, y4, out var y7);
        TTarget.Multiply(y7, y3, out var y8);
        TTarget.Multiply(y8, y1, out var y9);
        TTarget.Multiply(y8, y4, out var y10);
        TTarget.Multiply(y10, f, out var y11);
        TTarget.Frobenius(y9, out var y12);
        TTarget.Multiply(y12, y11, out var y13);
        TTarget.Frobenius(y8, out y8);
        TTarget.Frobenius(y8, out y8);
        TTarget.Multiply(y8, y13, out var y14);
        TTarget.Conjugate(f, out var conjugate);
        TTarget.Multiply(conjugate, y9, out var y15);
        TTarget.Frobenius(y15, out y15);
        TTarget.Frobenius(y15, out y15);
        TTarget.Frobenius(y15, out y15);
        TTarget.Multiply(y15, y14, out r);
    }

    private static void PowerMinusX<TTarget>(in TTarget f, out TTarget r)
        where TTarget : unmanaged, IPairingTarget<TTarget, BnField, Bn254Tower>
    {
        CyclotomicPowers<TTarget, BnField, Bn254Tower>.Power(f, X, out var power);
        TTarget.Conjugate(power, out r);
    }
}
