namespace Fragcast.Execution.Precompiles.Curves;

/// <summary>c0 + c1·w with w² = v: the target of a pairing.</summary>
internal struct Fp12<TField, TTower>
    : IField<Fp12<TField, TTower>>, IPairingTarget<Fp12<TField, TTower>, TField, TTower>
    where TField : unmanaged, IPrimeField<TField>
    where TTower : unmanaged, ITower<TField>
{
    public Fp6<TField, TTower> C0;
    public Fp6<TField, TTower> C1;

    public static Fp12<TField, TTower> Zero => default;

    public static Fp12<TField, TTower> One => new() { C0 = Fp6<TField, TTower>.One };

    public readonly bool IsZero => C0.IsZero && C1.IsZero;

    public readonly bool IsOne => C1.IsZero && Fp6<TField, TTower>.AreEqual(C0, Fp6<TField, TTower>.One);

    public static bool AreEqual(in Fp12<TField, TTower> a, in Fp12<TField, TTower> b) =>
        Fp6<TField, TTower>.AreEqual(a.C0, b.C0) && Fp6<TField, TTower>.AreEqual(a.C1, b.C1);

    public static void From(in Fp12<TField, TTower> a, out Fp12<TField, TTower> r) => r = a;

    public static void To(in Fp12<TField, TTower> a, out Fp12<TField, TTower> r) => r = a;

    public static void Add(in Fp12<TField, TTower> a, in Fp12<TField, TTower> b, out Fp12<TField, TTower> r)
    {
        Fp6<TField, TTower>.Add(a.C0, b.C0, out r.C0);
        Fp6<TField, TTower>.Add(a.C1, b.C1, out r.C1);
    }

    public static void Subtract(in Fp12<TField, TTower> a, in Fp12<TField, TTower> b, out Fp12<TField, TTower> r)
    {
        Fp6<TField, TTower>.Subtract(a.C0, b.C0, out r.C0);
        Fp6<TField, TTower>.Subtract(a.C1, b.C1, out r.C1);
    }

    public static void Multiply(in Fp12<TField, TTower> a, in Fp12<TField, TTower> b, out Fp12<TField, TTower> r)
    {
        Fp6<TField, TTower>.Multiply(a.C0, b.C0, out var v0);
        Fp6<TField, TTower>.Multiply(a.C1, b.C1, out var v1);
        Fp6<TField, TTower>.Add(a.C0, a.C1, out var sumA);
        Fp6<TField, TTower>.Add(b.C0, b.C1, out var sumB);
        Fp6<TField, TTower>.Multiply(sumA, sumB, out var cross);
        Combine(v0, v1, cross, out r);
    }

    public static void Square(in Fp12<TField, TTower> a, out Fp12<TField, TTower> r)
    {
        // (c0 + c1)(c0 + v·c1) = c0² + v·c1² + (1 + v)·c0·c1
        Fp6<TField, TTower>.Multiply(a.C0, a.C1, out var product);
        Fp6<TField, TTower>.MultiplyByV(a.C1, out var shifted);
        Fp6<TField, TTower>.Add(a.C0, shifted, out shifted);
        Fp6<TField, TTower>.Add(a.C0, a.C1, out var sum);
        Fp6<TField, TTower>.Multiply(sum, shifted, out var squares);
        Fp6<TField, TTower>.Subtract(squares, product, out squares);
        Fp6<TField, TTower>.MultiplyByV(product, out shifted);
        Fp6<TField, TTower>.Subtract(squares, shifted, out r.C0);
        Fp6<TField, TTower>.Add(product, product, out r.C1);
    }

    /// <summary>
    /// r = a² for a of the cyclotomic subgroup, where a pairing's result lives after the easy part of the final
    /// exponentiation (Granger and Scott, "Faster squaring in the cyclotomic subgroup of sixth degree extensions",
    /// 2010).
    /// </summary>
    public static void CyclotomicSquare(in Fp12<TField, TTower> a, out Fp12<TField, TTower> r)
    {
        SquareFp4(a.C0.C0, a.C1.C1, out var t0, out var t1);
        SquareFp4(a.C1.C0, a.C0.C2, out var t2, out var t3);
        SquareFp4(a.C0.C1, a.C1.C2, out var t4, out var t5);
        TTower.MultiplyByXi(t5, out t5);
        var result = default(Fp12<TField, TTower>);
        TripleMinusTwice(t0, a.C0.C0, out result.C0.C0);
        TripleMinusTwice(t2, a.C0.C1, out result.C0.C1);
        TripleMinusTwice(t4, a.C0.C2, out result.C0.C2);
        TriplePlusTwice(t5, a.C1.C0, out result.C1.C0);
        TriplePlusTwice(t1, a.C1.C1, out result.C1.C1);
        TriplePlusTwice(t3, a.C1.C2, out result.C1.C2);
        r = result;
    }

    public static void Invert(in Fp12<TField, TTower> a, out Fp12<TField, TTower> r)
    {
        Fp6<TField, TTower>.Square(a.C0, out var norm);
        Fp6<TField, TTower>.Square(a.C1, out var square);
        Fp6<TField, TTower>.MultiplyByV(square, out square);
        Fp6<TField, TTower>.Subtract(norm, square, out norm);
        Fp6<TField, TTower>.Invert(norm, out norm);
        Fp6<TField, TTower>.Multiply(a.C1, norm, out var c1);
        Fp6<TField, TTower>.Multiply(a.C0, norm, out r.C0);
        Fp6<TField, TTower>.Subtract(default, c1, out r.C1);
    }

    /// <summary>r = c0 − c1·w: the inverse, for an element of the cyclotomic subgroup.</summary>
    public static void Conjugate(in Fp12<TField, TTower> a, out Fp12<TField, TTower> r)
    {
        r.C0 = a.C0;
        Fp6<TField, TTower>.Subtract(default, a.C1, out r.C1);
    }

    /// <summary>r = a^p.</summary>
    public static void Frobenius(in Fp12<TField, TTower> a, out Fp12<TField, TTower> r)
    {
        FrobeniusPart(a.C0, 0, out r.C0);
        FrobeniusPart(a.C1, 1, out r.C1);
    }

    /// <summary>r = a · (b0 + b3·w + b4·v·w), a line on a divisive twist.</summary>
    public static void MultiplyBy034(
        in Fp12<TField, TTower> a,
        in Fp2<TField> b0,
        in Fp2<TField> b3,
        in Fp2<TField> b4,
        out Fp12<TField, TTower> r)
    {
        Fp6<TField, TTower>.Scale(a.C0, b0, out var v0);
        Fp6<TField, TTower>.MultiplyBy01(a.C1, b3, b4, out var v1);
        Fp6<TField, TTower>.Add(a.C0, a.C1, out var sumA);
        Fp2<TField>.Add(b0, b3, out var sumB);
        Fp6<TField, TTower>.MultiplyBy01(sumA, sumB, b4, out var cross);
        Combine(v0, v1, cross, out r);
    }

    /// <summary>r = a · (b0 + b1·v + b4·v·w), a line on a multiplicative twist.</summary>
    public static void MultiplyBy014(
        in Fp12<TField, TTower> a,
        in Fp2<TField> b0,
        in Fp2<TField> b1,
        in Fp2<TField> b4,
        out Fp12<TField, TTower> r)
    {
        Fp6<TField, TTower>.MultiplyBy01(a.C0, b0, b1, out var v0);
        Fp6<TField, TTower>.MultiplyBy1(a.C1, b4, out var v1);
        Fp6<TField, TTower>.Add(a.C0, a.C1, out var sumA);
        Fp2<TField>.Add(b1, b4, out var sumB);
        Fp6<TField, TTower>.MultiplyBy01(sumA, b0, sumB, out var cross);
        Combine(v0, v1, cross, out r);
    }

    // (v0 + v·v1) + (cross − v0 − v1)·w
    private static void Combine(
        in Fp6<TField, TTower> v0,
        in Fp6<TField, TTower> v1,
        in Fp6<TField, TTower> cross,
        out Fp12<TField, TTower> r)
    {
        Fp6<TField, TTower>.Subtract(cross, v0, out var c1);
        Fp6<TField, TTower>.Subtract(c1, v1, out r.C1);
        Fp6<TField, TTower>.MultiplyByV(v1, out var shifted);
        Fp6<TField, TTower>.Add(v0, shifted, out r.C0);
    }

    // (a + b·s)² with s² = ξ, as two coefficients.
    private static void SquareFp4(in Fp2<TField> a, in Fp2<TField> b, out Fp2<TField> c0, out Fp2<TField> c1)
    {
        Fp2<TField>.Square(a, out var squareA);
        Fp2<TField>.Square(b, out var squareB);
        Fp2<TField>.Add(a, b, out var sum);
        Fp2<TField>.Square(sum, out sum);
        Fp2<TField>.Subtract(sum, squareA, out sum);
        Fp2<TField>.Subtract(sum, squareB, out c1);
        TTower.MultiplyByXi(squareB, out squareB);
        Fp2<TField>.Add(squareA, squareB, out c0);
    }

    private static void TripleMinusTwice(in Fp2<TField> t, in Fp2<TField> a, out Fp2<TField> r)
    {
        Fp2<TField>.Subtract(t, a, out var difference);
        Fp2<TField>.Add(difference, difference, out difference);
        Fp2<TField>.Add(difference, t, out r);
    }

    private static void TriplePlusTwice(in Fp2<TField> t, in Fp2<TField> a, out Fp2<TField> r)
    {
        Fp2<TField>.Add(t, a, out var sum);
        Fp2<TField>.Add(sum, sum, out sum);
        Fp2<TField>.Add(sum, t, out r);
    }

    // The coefficient of v^i·w^j is that of w^(2i + j).
    private static void FrobeniusPart(in Fp6<TField, TTower> a, int j, out Fp6<TField, TTower> r)
    {
        var powers = Curves.Frobenius<TField, TTower>.Powers;
        Fp2<TField>.Conjugate(a.C0, out var c0);
        Fp2<TField>.Conjugate(a.C1, out var c1);
        Fp2<TField>.Conjugate(a.C2, out var c2);
        Fp2<TField>.Multiply(c0, powers[j], out r.C0);
        Fp2<TField>.Multiply(c1, powers[2 + j], out r.C1);
        Fp2<TField>.Multiply(c2, powers[4 + j], out r.C2);
    }
}
