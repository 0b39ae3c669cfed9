namespace Fragcast.Execution.Precompiles.Curves;

/// <summary>
/// A point by its coordinates. (0, 0), which is on no curve used here, stands for the point at infinity.
/// </summary>
internal readonly struct AffinePoint<TField, TCurve>(in TField x, in TField y)
    where TField : unmanaged, IField<TField>
    where TCurve : struct, ICurve<TField>
{
    public readonly TField X = x;
    public readonly TField Y = y;

    public bool IsInfinity => X.IsZero && Y.IsZero;

    /// <summary>Whether the point is at infinity or fulfils the curve's equation.</summary>
    public bool IsOnCurve()
    {
        if (IsInfinity)
        {
            return true;
        }

        TField.Square(Y, out var left);
        TField.Square(X, out var right);
        TField.Multiply(right, X, out right);
        TField.Add(right, TCurve.B, out right);
        return TField.AreEqual(left, right);
    }

    /// <summary>The inverse point.</summary>
    public AffinePoint<TField, TCurve> Negate()
    {
        TField.Subtract(TField.Zero, Y, out var y);
        return new AffinePoint<TField, TCurve>(X, y);
    }

    /// <summary>r = a + b, for any two points of the curve; one inversion.</summary>
    public static void Add(
        in AffinePoint<TField, TCurve> a, in AffinePoint<TField, TCurve> b, out AffinePoint<TField, TCurve> r)
    {
        if (a.IsInfinity || b.IsInfinity)
        {
            r = a.IsInfinity ? b : a;
            return;
        }

        var isSameX = TField.AreEqual(a.X, b.X);
        if (isSameX && (!TField.AreEqual(a.Y, b.Y) || a.Y.IsZero))
        {
            r = default;
            return;
        }

        if (isSameX)
        {
            new JacobianPoint<TField, TCurve>(a).Double(out var doubled);
            doubled.ToAffine(out r);
            return;
        }

        TField.Subtract(b.X, a.X, out var dx);
        TField.Subtract(b.Y, a.Y, out var dy);
        TField.Invert(dx, out dx);
        TField.Multiply(dy, dx, out var slope);
        TField.Square(slope, out var x);
        TField.Subtract(x, a.X, out x);
        TField.Subtract(x, b.X, out x);
        TField.Subtract(a.X, x, out dx);
        TField.Multiply(slope, dx, out var y);
        TField.Subtract(y, a.Y, out y);
        r = new AffinePoint<TField, TCurve>(x, y);
    }
}
