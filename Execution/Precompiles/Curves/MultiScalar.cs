using System.Buffers;
using Fragcast.Primitives;

namespace Fragcast.Execution.Precompiles.Curves;

/// <summary>
/// Sums of multiples of points of a group of large prime order. The doublings are shared (Straus); scalars are written
/// with odd digits up to 15 in magnitude, of which one in six is not zero, and the digits' multiples of the points are
/// brought to affine form together, which makes additions cheaper.
/// </summary>
internal static class MultiScalar<TField, TCurve>
    where TField : unmanaged, IField<TField>
    where TCurve : struct, ICurve<TField>
{
    // 1, 3, 5, … 15 times a point.
    private const int Multiples = 8;

    // Points that share doublings: bounds memory, and eight doublings a point are a tenth of the work.
    private const int PointsAtOnce = 32;

    /// <summary>Adds the sum of scalar · point to <paramref name="sum"/>.</summary>
    public static void Add(
        ReadOnlySpan<AffinePoint<TField, TCurve>> points,
        ReadOnlySpan<UInt256> scalars,
        ref JacobianPoint<TField, TCurve> sum)
    {
        var table = ArrayPool<AffinePoint<TField, TCurve>>.Shared.Rent(PointsAtOnce * Multiples);
        while (!points.IsEmpty)
        {
            var count = Math.Min(points.Length, PointsAtOnce);
            AddSome(points[..count], scalars[..count], table, ref sum);
            points = points[count..];
            scalars = scalars[count..];
        }

        ArrayPool<AffinePoint<TField, TCurve>>.Shared.Return(table);
    }

    private static void AddSome(
        ReadOnlySpan<AffinePoint<TField, TCurve>> points,
        ReadOnlySpan<UInt256> scalars,
        Span<AffinePoint<TField, TCurve>> table,
        ref JacobianPoint<TField, TCurve> sum)
    {
        FillTable(points, table);
        Span<sbyte> digits = stackalloc sbyte[PointsAtOnce * SignedDigits.WindowedMax];
        var length = 0;
        for (var i = 0; i < points.Length; i++)
        {
            var row = digits.Slice(i * SignedDigits.WindowedMax, SignedDigits.WindowedMax);
            length = Math.Max(length, SignedDigits.Windowed(scalars[i], row));
        }

        var result = default(JacobianPoint<TField, TCurve>);
        for (var place = length - 1; place >= 0; place--)
        {
            result.Double(out result);
            for (var i = 0; i < points.Length; i++)
            {
                var digit = digits[(i * SignedDigits.WindowedMax) + place];
                if (digit > 0)
                {
                    JacobianPoint<TField, TCurve>.Add(result, table[(i * Multiples) + (digit >> 1)], out result);
                }
                else if (digit < 0)
                {
                    var negative = table[(i * Multiples) + (-digit >> 1)].Negate();
                    JacobianPoint<TField, TCurve>.Add(result, negative, out result);
                }
            }
        }

        JacobianPoint<TField, TCurve>.Add(sum, result, out sum);
    }

    private static void FillTable(
        ReadOnlySpan<AffinePoint<TField, TCurve>> points, Span<AffinePoint<TField, TCurve>> table)
    {
        var multiples = ArrayPool<JacobianPoint<TField, TCurve>>.Shared.Rent(PointsAtOnce * Multiples);
        for (var i = 0; i < points.Length; i++)
        {
            var row = multiples.AsSpan(i * Multiples, Multiples);
            row[0] = new JacobianPoint<TField, TCurve>(points[i]);
            row[0].Double(out var twice);
            for (var k = 1; k < Multiples; k++)
            {
                JacobianPoint<TField, TCurve>.Add(row[k - 1], twice, out row[k]);
            }
        }

        JacobianPoint<TField, TCurve>.ToAffine(multiples.AsSpan(0, points.Length * Multiples), table);
        ArrayPool<JacobianPoint<TField, TCurve>>.Shared.Return(multiples);
    }
}
