namespace Fragcast.Execution.Precompiles.Curves;

/// <summary>y² = x³ + 4 over BLS12-381's base field (EIP-2537). It has points outside the group of order r.</summary>
internal readonly struct BlsG1Curve : ICurve<BlsField>
{
    public static BlsField B { get; } = FieldOperations.FromSmall<BlsField>(4);
}

/// <summary>y² = x³ + 4 · (1 + u), the twist (EIP-2537).</summary>
internal readonly struct BlsG2Curve : ICurve<BlsField2>
{
    public static BlsField2 B { get; } = new(BlsG1Curve.B, BlsG1Curve.B);
}

/// <summary>ξ = 1 + u.</summary>
internal readonly struct BlsTower : ITower<BlsField>
{
    public static BlsField2 Xi { get; } = new(BlsField.One, BlsField.One);

    public static void MultiplyByXi(in BlsField2 a, out BlsField2 r)
    {
        BlsField.Subtract(a.C0, a.C1, out var c0);
        BlsField.Add(a.C0, a.C1, out var c1);
        r = new BlsField2(c0, c1);
    }
}

/// <summary>The optimal ate pairing of BLS12-381, whose parameter is x = −0xd201000000010000.</summary>
internal readonly struct BlsPairingCurve : IPairingCurve<BlsField, BlsTower>
{
    /// <summary>Magnitude of the parameter of the family of curves, which is negative.</summary>
    public const ulong X = 0xD201000000010000;

    public static ReadOnlySpan<sbyte> LoopDigits => LoopDigitArray;

    public static bool IsLoopNegative => true;

    public static bool HasFrobeniusLines => false;

    public static bool IsTwistDivisive => false;

    public static BlsField2 TwistB => BlsG2Curve.B;

    private static sbyte[] LoopDigitArray { get; } = SignedDigits.Of(X);

    /// <summary>
    /// To three times (p⁴ − p² + 1) / r, which is (x − 1)²(x + p)(x² + p² − 1) + 3 (Hayashida, Hayasaka and Teruya,
    /// "Efficient final exponentiation via cyclotomic structure", 2020).
    /// </summary>
    public static void FinishExponentiation<TTarget>(in TTarget f, out TTarget r)
        where TTarget : unmanaged, IPairingTarget<TTarget, BlsField, BlsTower>
    {
        TTarget.CyclotomicSquare(f, out var cube);
        TTarget.Multiply(cube, f, out cube);
        PowerX(f, out var t);
        Divide(t, f, out t);
        PowerX(t, out var power);
        Divide(power, t, out t);
        PowerX(t, out power);
        TTarget.Frobenius(t, out t);
        TTarget.Multiply(t, power, out t);
        PowerX(t, out power);
        PowerX(power, out power);
        TTarget.Frobenius(t, out var frobenius);
        TTarget.Frobenius(frobenius, out frobenius);
        TTarget.Multiply(power, frobenius, out power);
        Divide(power, t, out t);
        TTarget.Multiply(t, cube, out r);
    }

    private static void PowerX<TTarget>(in TTarget f, out TTarget r)
        where TTarget : unmanaged, IPairingTarget<TTarget, BlsField, BlsTower>
    {
        CyclotomicPowers<TTarget, BlsField, BlsTower>.Power(f, X, out var power);
        TTarget.Conjugate(power, out r);
    }

    // In the cyclotomic subgroup the conjugate is the inverse.
    private static void Divide<TTarget>(in TTarget a, in TTarget b, out TTarget r)
        where TTarget : unmanaged, IPairingTarget<TTarget, BlsField, BlsTower>
    {
        TTarget.Conjugate(b, out var inverse);
        TTarget.Multiply(a, inverse, out r);
    }
}
