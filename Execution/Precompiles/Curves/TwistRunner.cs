using System.Runtime.CompilerServices;

namespace Fragcast.Execution.Precompiles.Curves;

/// <summary>
/// A line through points of the twist: constant + slope · x(P) + factor · y(P), at the powers of w where the twist puts
/// the three.
/// </summary>
internal struct TwistLine<TField>
    where TField : unmanaged, IPrimeField<TField>
{
    public Fp2<TField> Constant;
    public Fp2<TField> Slope;
    public Fp2<TField> Factor;
}

/// <summary>
/// A multiple of a point Q of the twist in homogeneous coordinates, as it runs through a Miller loop. Lines by the
/// formulas of Costello, Lange and Naehrig ("Faster pairing computations on curves with high-degree twists", 2010), as
/// given by Aranha and others (2011). Where the formulas do not hold, for sums with the same or the inverse point or
/// at infinity, z becomes zero and stays so; with a Q of the group of order r that does not happen.
/// </summary>
internal struct TwistRunner<TField>
    where TField : unmanaged, IPrimeField<TField>
{
    private Fp2<TField> _x;
    private Fp2<TField> _y;
    private Fp2<TField> _z;

    /// <summary>Starts at the point itself.</summary>
    public TwistRunner(in Fp2<TField> x, in Fp2<TField> y) => (_x, _y, _z) = (x, y, Fp2<TField>.One);

    /// <summary>Whether the multiple is the point (x, y).</summary>
    public readonly bool IsAt(in Fp2<TField> x, in Fp2<TField> y)
    {
        Fp2<TField>.Multiply(x, _z, out var xz);
        Fp2<TField>.Multiply(y, _z, out var yz);
        return !_z.IsZero && Fp2<TField>.AreEqual(xz, _x) && Fp2<TField>.AreEqual(yz, _y);
    }

    /// <summary>Doubles the point and gives the tangent where it was.</summary>
    /// <param name="twistB">b of the twist.</param>
    /// <param name="line">The tangent.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Double(in Fp2<TField> twistB, out TwistLine<TField> line)
    {
        Fp2<TField>.Multiply(_x, _y, out var a);
        Halve(a, out a);
        Fp2<TField>.Square(_y, out var b);
        Fp2<TField>.Square(_z, out var c);
        FieldOperations.Triple(c, out var e);
        Fp2<TField>.Multiply(e, twistB, out e);
        FieldOperations.Triple(e, out var e3);
        Fp2<TField>.Add(b, e3, out var g);
        Halve(g, out g);
        Fp2<TField>.Add(_y, _z, out var h);
        Fp2<TField>.Square(h, out h);
        Fp2<TField>.Subtract(h, b, out h);
        Fp2<TField>.Subtract(h, c, out h);
        Fp2<TField>.Subtract(e, b, out line.Constant);
        Fp2<TField>.Square(_x, out var slope);
        FieldOperations.Triple(slope, out line.Slope);
        Fp2<TField>.Square(e, out var ee);
        FieldOperations.Triple(ee, out ee);

        Fp2<TField>.Subtract(b, e3, out var t);
        Fp2<TField>.Multiply(a, t, out _x);
        Fp2<TField>.Square(g, out g);
        Fp2<TField>.Subtract(g, ee, out _y);
        Fp2<TField>.Multiply(b, h, out _z);
        FieldOperations.Negate(h, out line.Factor);
    }

    /// <summary>Adds (x, y) to the point and gives the line through both.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Add(in Fp2<TField> x, in Fp2<TField> y, out TwistLine<TField> line)
    {
        Fp2<TField>.Multiply(y, _z, out var theta);
        Fp2<TField>.Subtract(_y, theta, out theta);
        Fp2<TField>.Multiply(x, _z, out var lambda);
        Fp2<TField>.Subtract(_x, lambda, out lambda);
        Fp2<TField>.Square(theta, out var c);
        Fp2<TField>.Square(lambda, out var d);
        Fp2<TField>.Multiply(lambda, d, out var e);
        Fp2<TField>.Multiply(_z, c, out c);
        Fp2<TField>.Multiply(_x, d, out var g);
        Fp2<TField>.Add(e, c, out var h);
        Fp2<TField>.Subtract(h, g, out h);
        Fp2<TField>.Subtract(h, g, out h);
        Fp2<TField>.Multiply(lambda, h, out _x);
        Fp2<TField>.Subtract(g, h, out g);
        Fp2<TField>.Multiply(theta, g, out g);
        Fp2<TField>.Multiply(e, _y, out var ey);
        Fp2<TField>.Subtract(g, ey, out _y);
        Fp2<TField>.Multiply(_z, e, out _z);
        Fp2<TField>.Multiply(theta, x, out var constant);
        Fp2<TField>.Multiply(lambda, y, out var ly);
        Fp2<TField>.Subtract(constant, ly, out line.Constant);
        FieldOperations.Negate(theta, out line.Slope);
        line.Factor = lambda;
    }

    private static void Halve(in Fp2<TField> a, out Fp2<TField> r)
    {
        TField.Halve(a.C0, out var c0);
        TField.Halve(a.C1, out var c1);
        r = new Fp2<TField>(c0, c1);
    }
}
