using System.Numerics;
using System.Runtime.CompilerServices;
using Fragcast.Primitives;

namespace Fragcast.Execution.Precompiles.Curves;

/// <summary>
/// A point (x / z², y / z³), at infinity where z = 0. Formulas of the Explicit-Formulas Database: dbl-2009-l,
/// add-2007-bl, madd-2007-bl.
/// </summary>
internal readonly struct JacobianPoint<TField, TCurve>
    where TField : unmanaged, IField<TField>
    where TCurve : struct, ICurve<TField>
{
    public readonly TField X;
    public readonly TField Y;
    public readonly TField Z;

    public JacobianPoint(in TField x, in TField y, in TField z)
    {
        X = x;
        Y = y;
        Z = z;
    }

    public JacobianPoint(in AffinePoint<TField, TCurve> point)
    {
        X = point.X;
        Y = point.Y;
        Z = point.IsInfinity ? TField.Zero : TField.One;
    }

    public bool IsInfinity => Z.IsZero;

    public JacobianPoint<TField, TCurve> Negate()
    {
        TField.Subtract(TField.Zero, Y, out var y);
        return new JacobianPoint<TField, TCurve>(X, y, Z);
    }

    public void ToAffine(out AffinePoint<TField, TCurve> r)
    {
        if (IsInfinity)
        {
            r = default;
            return;
        }

        TField.Invert(Z, out var inverse);
        ToAffine(inverse, out r);
    }

    /// <summary>Brings many points to affine form with one inversion.</summary>
    public static void ToAffine(
        ReadOnlySpan<JacobianPoint<TField, TCurve>> points, Span<AffinePoint<TField, TCurve>> r)
    {
        // Each place of the result holds the product of all z before, as long as it is not final.
        var product = TField.One;
        for (var i = 0; i < points.Length; i++)
        {
            r[i] = new AffinePoint<TField, TCurve>(product, TField.Zero);
            if (!points[i].IsInfinity)
            {
                TField.Multiply(product, points[i].Z, out product);
            }
        }

        TField.Invert(product, out var rest);
        for (var i = points.Length - 1; i >= 0; i--)
        {
            if (points[i].IsInfinity)
            {
                r[i] = default;
                continue;
            }

            TField.Multiply(rest, r[i].X, out var inverse);
            TField.Multiply(rest, points[i].Z, out rest);
            points[i].ToAffine(inverse, out r[i]);
        }
    }

    /// <summary>Whether both are the same point, whatever their z.</summary>
    public static bool AreEqual(in JacobianPoint<TField, TCurve> a, in JacobianPoint<TField, TCurve> b)
    {
        if (a.IsInfinity || b.IsInfinity)
        {
            return a.IsInfinity == b.IsInfinity;
        }

        TField.Square(a.Z, out var za);
        TField.Square(b.Z, out var zb);
        TField.Multiply(a.X, zb, out var xa);
        TField.Multiply(b.X, za, out var xb);
        TField.Multiply(za, a.Z, out za);
        TField.Multiply(zb, b.Z, out zb);
        TField.Multiply(a.Y, zb, out var ya);
        TField.Multiply(b.Y, za, out var yb);
        return TField.AreEqual(xa, xb) && TField.AreEqual(ya, yb);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Double(out JacobianPoint<TField, TCurve> r)
    {
        TField.Square(X, out var a);
        TField.Square(Y, out var b);
        TField.Square(b, out var c);
        TField.Add(X, b, out var d);
        TField.Square(d, out d);
        TField.Subtract(d, a, out d);
        TField.Subtract(d, c, out d);
        TField.Add(d, d, out d);
        FieldOperations.Triple(a, out var e);
        TField.Square(e, out var x);
        TField.Subtract(x, d, out x);
        TField.Subtract(x, d, out x);
        TField.Multiply(Y, Z, out var z);
        TField.Add(z, z, out z);
        TField.Subtract(d, x, out d);
        TField.Multiply(e, d, out var y);
        TField.Add(c, c, out c);
        TField.Add(c, c, out c);
        TField.Add(c, c, out c);
        TField.Subtract(y, c, out y);
        r = new JacobianPoint<TField, TCurve>(x, y, z);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Add(
        in JacobianPoint<TField, TCurve> a, in JacobianPoint<TField, TCurve> b, out JacobianPoint<TField, TCurve> r)
    {
        if (a.IsInfinity || b.IsInfinity)
        {
            r = a.IsInfinity ? b : a;
            return;
        }

        AddUnequal(a, b, out var sum, out var h, out var rr);
        if (h.IsZero)
        {
            Coincide(a, rr, out r);
            return;
        }

        r = sum;
    }

    /// <summary>
    /// r = a + b for points that are neither at infinity nor equal nor inverse to each other; for others z is zero.
    /// </summary>
    public static void AddUnequal(
        in JacobianPoint<TField, TCurve> a, in JacobianPoint<TField, TCurve> b, out JacobianPoint<TField, TCurve> r) =>
        AddUnequal(a, b, out r, out _, out _);

    /// <summary>r = a + b with b affine, which saves a third.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Add(
        in JacobianPoint<TField, TCurve> a, in AffinePoint<TField, TCurve> b, out JacobianPoint<TField, TCurve> r)
    {
        if (a.IsInfinity || b.IsInfinity)
        {
            r = a.IsInfinity ? new JacobianPoint<TField, TCurve>(b) : a;
            return;
        }

        TField.Square(a.Z, out var za);
        TField.Multiply(b.X, za, out var ub);
        TField.Multiply(b.Y, a.Z, out var sb);
        TField.Multiply(sb, za, out sb);
        TField.Subtract(ub, a.X, out var h);
        TField.Subtract(sb, a.Y, out var rr);
        if (h.IsZero)
        {
            Coincide(a, rr, out r);
            return;
        }

        TField.Multiply(a.Z, h, out var z);
        TField.Add(z, z, out z);
        Finish(a.X, a.Y, h, rr, z, out r);
    }

    /// <summary>r = scalar · this, four bits at a time.</summary>
    public void Multiply(in UInt256 scalar, out JacobianPoint<TField, TCurve> r)
    {
        Span<JacobianPoint<TField, TCurve>> multiples = stackalloc JacobianPoint<TField, TCurve>[16];
        multiples[0] = default;
        multiples[1] = this;
        for (var i = 2; i < multiples.Length; i += 2)
        {
            multiples[i / 2].Double(out multiples[i]);
            Add(multiples[i], this, out multiples[i + 1]);
        }

        var result = default(JacobianPoint<TField, TCurve>);
        for (var window = ((scalar.BitLength + 3) / 4) - 1; window >= 0; window--)
        {
            for (var i = 0; i < 4; i++)
            {
                result.Double(out result);
            }

            var digit = (int)((scalar >> (4 * window)).U0 & 15);
            if (digit != 0)
            {
                Add(result, multiples[digit], out result);
            }
        }

        r = result;
    }

    /// <summary>r = scalar · this, bit by bit: for scalars with few bits set.</summary>
    public void MultiplySparse(ulong scalar, out JacobianPoint<TField, TCurve> r)
    {
        var result = default(JacobianPoint<TField, TCurve>);
        for (var bit = 63 - BitOperations.LeadingZeroCount(scalar); bit >= 0; bit--)
        {
            result.Double(out result);
            if (((scalar >> bit) & 1) != 0)
            {
                Add(result, this, out result);
            }
        }

        r = result;
    }

    private void ToAffine(in TField inverseZ, out AffinePoint<TField, TCurve> r)
    {
        TField.Square(inverseZ, out var square);
        TField.Multiply(X, square, out var x);
        TField.Multiply(square, inverseZ, out square);
        TField.Multiply(Y, square, out var y);
        r = new AffinePoint<TField, TCurve>(x, y);
    }

    // Both points have the same x: they are equal or each other's inverse.
    private static void Coincide(
        in JacobianPoint<TField, TCurve> a, in TField difference, out JacobianPoint<TField, TCurve> r)
    {
        if (difference.IsZero)
        {
            a.Double(out r);
        }
        else
        {
            r = default;
        }
    }

    // h and rr are the differences of the points' x and y, for a common z.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddUnequal(
        in JacobianPoint<TField, TCurve> a,
        in JacobianPoint<TField, TCurve> b,
        out JacobianPoint<TField, TCurve> r,
        out TField h,
        out TField rr)
    {
        TField.Square(a.Z, out var za);
        TField.Square(b.Z, out var zb);
        TField.Multiply(a.X, zb, out var ua);
        TField.Multiply(b.X, za, out var ub);
        TField.Multiply(a.Y, b.Z, out var sa);
        TField.Multiply(sa, zb, out sa);
        TField.Multiply(b.Y, a.Z, out var sb);
        TField.Multiply(sb, za, out sb);
        TField.Subtract(ub, ua, out h);
        TField.Subtract(sb, sa, out rr);
        TField.Add(a.Z, b.Z, out var z);
        TField.Square(z, out z);
        TField.Subtract(z, za, out z);
        TField.Subtract(z, zb, out z);
        TField.Multiply(z, h, out z);
        Finish(ua, sa, h, rr, z, out r);
    }

    // The common end of both additions, from u1, s1, h = u2 − u1, rr = s2 − s1 and the finished z.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Finish(
        in TField u, in TField s, in TField h, in TField rr, in TField z, out JacobianPoint<TField, TCurve> r)
    {
        TField.Add(h, h, out var i);
        TField.Square(i, out i);
        TField.Multiply(h, i, out var j);
        TField.Add(rr, rr, out var slope);
        TField.Multiply(u, i, out var v);
        TField.Square(slope, out var x);
        TField.Subtract(x, j, out x);
        TField.Subtract(x, v, out x);
        TField.Subtract(x, v, out x);
        TField.Subtract(v, x, out v);
        TField.Multiply(slope, v, out var y);
        TField.Multiply(s, j, out j);
        TField.Add(j, j, out j);
        TField.Subtract(y, j, out y);
        r = new JacobianPoint<TField, TCurve>(x, y, z);
    }
}
