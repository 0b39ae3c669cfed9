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
    public static void FinishExponentiation(in BnField12 f, out BnField12 r)
    {
        PowerMinusX(f, out var y0);
        BnField12.CyclotomicSquare(y0, out var y1);
        BnField12.CyclotomicSquare(y1, out var y2);
        BnField12.Multiply(y2, y1, out var y3);
        PowerMinusX(y3, out var y4);
        BnField12.CyclotomicSquare(y4, out var y5);
        PowerMinusX(y5, out var y6);
        BnField12.Conjugate(y3, out y3);
        BnField12.Conjugate(y6, out y6);
        BnField12.Multiply(y6, y4, out var y7);
        BnField12.Multiply(y7, y3, out var y8);
        BnField12.Multiply(y8, y1, out var y9);
        BnField12.Multiply(y8, y4, out var y10);
        BnField12.Multiply(y10, f, out var y11);
        BnField12.Frobenius(y9, out var y12);
        BnField12.Multiply(y12, y11, out var y13);
        BnField12.Frobenius(y8, out y8);
        BnField12.Frobenius(y8, out y8);
        BnField12.Multiply(y8, y13, out var y14);
        BnField12.Conjugate(f, out var conjugate);
        BnField12.Multiply(conjugate, y9, out var y15);
        BnField12.Frobenius(y15, out y15);
        BnField12.Frobenius(y15, out y15);
        BnField12.Frobenius(y15, out y15);
        BnField12.Multiply(y15, y14, out r);
    }

    private static void PowerMinusX(in BnField12 f, out BnField12 r)
    {
        BnPairing.CyclotomicPower(f, X, out var power);
        BnField12.Conjugate(power, out r);
    }
}
