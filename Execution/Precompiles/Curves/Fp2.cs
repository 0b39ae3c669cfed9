using System.Runtime.CompilerServices;

namespace Fragcast.Execution.Precompiles.Curves;

/// <summary>c0 + c1·u with u² = −1, over a prime field in which −1 is not a square.</summary>
internal readonly struct Fp2<TField>(in TField c0, in TField c1) : IField<Fp2<TField>>
    where TField : unmanaged, IField<TField>
{
    public readonly TField C0 = c0;
    public readonly TField C1 = c1;

    public static Fp2<TField> Zero => default;

    public static Fp2<TField> One => new(TField.One, TField.Zero);

    public bool IsZero => C0.IsZero && C1.IsZero;

    public static bool AreEqual(in Fp2<TField> a, in Fp2<TField> b) =>
        TField.AreEqual(a.C0, b.C0) && TField.AreEqual(a.C1, b.C1);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Add(in Fp2<TField> a, in Fp2<TField> b, out Fp2<TField> r)
    {
        TField.Add(a.C0, b.C0, out var c0);
        TField.Add(a.C1, b.C1, out var c1);
        r = new Fp2<TField>(c0, c1);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Subtract(in Fp2<TField> a, in Fp2<TField> b, out Fp2<TField> r)
    {
        TField.Subtract(a.C0, b.C0, out var c0);
        TField.Subtract(a.C1, b.C1, out var c1);
        r = new Fp2<TField>(c0, c1);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Multiply(in Fp2<TField> a, in Fp2<TField> b, out Fp2<TField> r)
    {
        TField.Multiply(a.C0, b.C0, out var v0);
        TField.Multiply(a.C1, b.C1, out var v1);
        TField.Add(a.C0, a.C1, out var sumA);
        TField.Add(b.C0, b.C1, out var sumB);
        TField.Multiply(sumA, sumB, out var cross);
        TField.Subtract(cross, v0, out cross);
        TField.Subtract(cross, v1, out cross);
        TField.Subtract(v0, v1, out var c0);
        r = new Fp2<TField>(c0, cross);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Square(in Fp2<TField> a, out Fp2<TField> r)
    {
        TField.Add(a.C0, a.C1, out var sum);
        TField.Subtract(a.C0, a.C1, out var difference);
        TField.Multiply(a.C0, a.C1, out var cross);
        TField.Multiply(sum, difference, out var c0);
        TField.Add(cross, cross, out var c1);
        r = new Fp2<TField>(c0, c1);
    }

    public static void Invert(in Fp2<TField> a, out Fp2<TField> r)
    {
        TField.Square(a.C0, out var norm);
        TField.Square(a.C1, out var square);
        TField.Add(norm, square, out norm);
        TField.Invert(norm, out norm);
        TField.Multiply(a.C0, norm, out var c0);
        TField.Multiply(a.C1, norm, out var c1);
        TField.Subtract(TField.Zero, c1, out c1);
        r = new Fp2<TField>(c0, c1);
    }

    /// <summary>r = a · b with b in the prime field.</summary>
    public static void Scale(in Fp2<TField> a, in TField b, out Fp2<TField> r)
    {
        TField.Multiply(a.C0, b, out var c0);
        TField.Multiply(a.C1, b, out var c1);
        r = new Fp2<TField>(c0, c1);
    }

    /// <summary>r = c0 − c1·u, which is a to the power of the prime.</summary>
    public static void Conjugate(in Fp2<TField> a, out Fp2<TField> r)
    {
        TField.Subtract(TField.Zero, a.C1, out var c1);
        r = new Fp2<TField>(a.C0, c1);
    }
}
