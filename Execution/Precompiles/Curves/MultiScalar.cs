using System.Buffers;
using Fragcast.Primitives;

namespace Fragcast.Execution.Precompiles.Curves;

/// <summary>
/// Sums of multiples of points, four bits of all scalars at a time, which share the doublings (Straus).
/// </summary>
internal static class MultiScalar<TField, TCurve>
    where TField : unmanaged, IField<TField>
    where TCurve : struct, ICurve<TField>
{
    private const int WindowBits = 4;
    private const int Multiples = 1 << WindowBits;

    // Points that share doublings: bounds memory, and eight doublings a point are a tenth of the work.
    private const int PointsAtOnce = 32;

    /// <summary>Adds the sum of scalar · point to <paramref name="sum"/>.</summary>
    public static void Add(
        ReadOnlySpan<AffinePoint<TField, TCurve>> points,
        ReadOnlySpan<UInt256> scalars,
        ref JacobianPoint<TField, TCurve> sum)
    {
        var table = ArrayPool<JacobianPoint<TField, TCurve>>.Shared.Rent(PointsAtOnce * Multiples);
        while (!points.IsEmpty)
        {
            var count = Math.Min(points.Length, PointsAtOnce);
            AddSome(points[..count], scalars[..count], table, ref sum);
            points = points[count..];
            scalars = scalars[count..];
        }

        ArrayPool<JacobianPoint<TField, TCurve>>.Shared.Return(table);
    }

    private static void AddSome(
        ReadOnlySpan<AffinePoint<TField, TCurve>> points,
        ReadOnlySpan<UInt256> scalars,
        Span<JacobianPoint<TField, TCurve>> table,
        ref JacobianPoint<TField, TCurve> sum)
    {
        var bits = 0;
        for (var i = 0; i < points.Length; i++)
        {
            FillMultiples(points[i], table.Slice(i * Multiples, Multiples));
            bits = Math.Max(bits, scalars[i].BitLength);
        }

        var result = default(JacobianPoint<TField, TCurve>);
        for (var shift = (bits - 1) / WindowBits * WindowBits; shift >= 0 && bits > 0; shift -= WindowBits)
        {
            for (var i = 0; i < WindowBits; i++)
            {
                result.Double(out result);
            }

            for (var i = 0; i < points.Length; i++)
            {
                var digit = (int)((scalars[i] >> shift).U0 & (Multiples - 1));
                if (digit != 0)
                {
                    JacobianPoint<TField, TCurve>.Add(result, table[(i * Multiples) + digit], out result);
                }
            }
        }

        JacobianPoint<TField, TCurve>.Add(sum, result, out sum);
    }

    private static void FillMultiples(
        in AffinePoint<TField, TCurve> point, Span<JacobianPoint<TField, TCurve>> multiples)
    {
        multiples[0] = default;
        multiples[1] = new JacobianPoint<TField, TCurve>(point);
        for (var i = 2; i < multiples.Length; i += 2)
        {
            multiples[i / 2].Double(out multiples[i]);
            JacobianPoint<TField, TCurve>.Add(multiples[i], point, out multiples[i + 1]);
        }
    }
}
