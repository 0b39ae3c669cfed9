using System.Runtime.CompilerServices;

namespace Fragcast.Execution.Precompiles.Curves;

/// <summary>c0 + c1·v + c2·v² with v³ = ξ.</summary>
internal struct Fp6<TField, TTower> : IField<Fp6<TField, TTower>>
    where TField : unmanaged, IPrimeField<TField>
    where TTower : unmanaged, ITower<TField>
{
    public Fp2<TField> C0;
    public Fp2<TField> C1;
    public Fp2<TField> C2;

    public static Fp6<TField, TTower> Zero => default;

    public static Fp6<TField, TTower> One => new() { C0 = Fp2<TField>.One };

    public readonly bool IsZero => C0.IsZero && C1.IsZero && C2.IsZero;

    public static bool AreEqual(in Fp6<TField, TTower> a, in Fp6<TField, TTower> b) =>
        Fp2<TField>.AreEqual(a.C0, b.C0) && Fp2<TField>.AreEqual(a.C1, b.C1) && Fp2<TField>.AreEqual(a.C2, b.C2);

    public static void Add(in Fp6<TField, TTower> a, in Fp6<TField, TTower> b, out Fp6<TField, TTower> r)
    {
        Fp2<TField>.Add(a.C0, b.C0, out r.C0);
        Fp2<TField>.Add(a.C1, b.C1, out r.C1);
        Fp2<TField>.Add(a.C2, b.C2, out r.C2);
    }

    public static void Subtract(in Fp6<TField, TTower> a, in Fp6<TField, TTower> b, out Fp6<TField, TTower> r)
    {
        Fp2<TField>.Subtract(a.C0, b.C0, out r.C0);
        Fp2<TField>.Subtract(a.C1, b.C1, out r.C1);
        Fp2<TField>.Subtract(a.C2, b.C2, out r.C2);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Multiply(in Fp6<TField, TTower> a, in Fp6<TField, TTower> b, out Fp6<TField, TTower> r)
    {
        Fp2<TField>.Multiply(a.C0, b.C0, out var v0);
        Fp2<TField>.Multiply(a.C1, b.C1, out var v1);
        Fp2<TField>.Multiply(a.C2, b.C2, out var v2);
        Cross(a.C1, a.C2, b.C1, b.C2, v1, v2, out var c12);
        Cross(a.C0, a.C1, b.C0, b.C1, v0, v1, out var c01);
        Cross(a.C0, a.C2, b.C0, b.C2, v0, v2, out var c02);
        TTower.MultiplyByXi(c12, out c12);
        TTower.MultiplyByXi(v2, out var v2Xi);
        Fp2<TField>.Add(v0, c12, out r.C0);
        Fp2<TField>.Add(c01, v2Xi, out r.C1);
        Fp2<TField>.Add(c02, v1, out r.C2);
    }

    public static void Square(in Fp6<TField, TTower> a, out Fp6<TField, TTower> r) => Multiply(a, a, out r);

    /// <summary>r = a · (b0 + b1·v).</summary>
    public static void MultiplyBy01(
        in Fp6<TField, TTower> a, in Fp2<TField> b0, in Fp2<TField> b1, out Fp6<TField, TTower> r)
    {
        Fp2<TField>.Multiply(a.C0, b0, out var v0);
        Fp2<TField>.Multiply(a.C1, b1, out var v1);
        Cross(a.C0, a.C1, b0, b1, v0, v1, out var c01);
        Fp2<TField>.Multiply(a.C2, b1, out var c2b1);
        Fp2<TField>.Multiply(a.C2, b0, out var c2b0);
        TTower.MultiplyByXi(c2b1, out c2b1);
        Fp2<TField>.Add(v0, c2b1, out r.C0);
        r.C1 = c01;
        Fp2<TField>.Add(c2b0, v1, out r.C2);
    }

    /// <summary>r = a · b1·v.</summary>
    public static void MultiplyBy1(in Fp6<TField, TTower> a, in Fp2<TField> b1, out Fp6<TField, TTower> r)
    {
        Fp2<TField>.Multiply(a.C2, b1, out var c0);
        Fp2<TField>.Multiply(a.C0, b1, out var c1);
        Fp2<TField>.Multiply(a.C1, b1, out var c2);
        TTower.MultiplyByXi(c0, out r.C0);
        r.C1 = c1;
        r.C2 = c2;
    }

    /// <summary>r = a · b with b in Fp2.</summary>
    public static void Scale(in Fp6<TField, TTower> a, in Fp2<TField> b, out Fp6<TField, TTower> r)
    {
        Fp2<TField>.Multiply(a.C0, b, out r.C0);
        Fp2<TField>.Multiply(a.C1, b, out r.C1);
        Fp2<TField>.Multiply(a.C2, b, out r.C2);
    }

    /// <summary>r = a · v.</summary>
    public static void MultiplyByV(in Fp6<TField, TTower> a, out Fp6<TField, TTower> r)
    {
        var (c0, c1) = (a.C0, a.C1);
        TTower.MultiplyByXi(a.C2, out r.C0);
        r.C1 = c0;
        r.C2 = c1;
    }

    public static void Invert(in Fp6<TField, TTower> a, out Fp6<TField, TTower> r)
    {
        // The cofactors of the matrix of multiplication by a.
        Fp2<TField>.Square(a.C0, out var t0);
        Fp2<TField>.Multiply(a.C1, a.C2, out var s0);
        TTower.MultiplyByXi(s0, out s0);
        Fp2<TField>.Subtract(t0, s0, out t0);
        Fp2<TField>.Square(a.C2, out var t1);
        TTower.MultiplyByXi(t1, out t1);
        Fp2<TField>.Multiply(a.C0, a.C1, out var s1);
        Fp2<TField>.Subtract(t1, s1, out t1);
        Fp2<TField>.Square(a.C1, out var t2);
        Fp2<TField>.Multiply(a.C0, a.C2, out var s2);
        Fp2<TField>.Subtract(t2, s2, out t2);

        Fp2<TField>.Multiply(a.C2, t1, out s0);
        Fp2<TField>.Multiply(a.C1, t2, out s1);
        Fp2<TField>.Add(s0, s1, out s0);
        TTower.MultiplyByXi(s0, out s0);
        Fp2<TField>.Multiply(a.C0, t0, out s1);
        Fp2<TField>.Add(s0, s1, out var norm);
        Fp2<TField>.Invert(norm, out norm);
        Fp2<TField>.Multiply(t0, norm, out r.C0);
        Fp2<TField>.Multiply(t1, norm, out r.C1);
        Fp2<TField>.Multiply(t2, norm, out r.C2);
    }

    // a0·b1 + a1·b0 from the products v0 = a0·b0 and v1 = a1·b1.
    private static void Cross(
        in Fp2<TField> a0,
        in Fp2<TField> a1,
        in Fp2<TField> b0,
        in Fp2<TField> b1,
        in Fp2<TField> v0,
        in Fp2<TField> v1,
        out Fp2<TField> r)
    {
        Fp2<TField>.Add(a0, a1, out var sumA);
        Fp2<TField>.Add(b0, b1, out var sumB);
        Fp2<TField>.Multiply(sumA, sumB, out var product);
        Fp2<TField>.Subtract(product, v0, out product);
        Fp2<TField>.Subtract(product, v1, out r);
    }
}
