using System.Numerics;
using BlsLanes = Fragcast.Execution.Precompiles.Curves.Lanes.LaneField<
    Fragcast.Execution.Precompiles.Curves.BlsField, Fragcast.Execution.Precompiles.Curves.Lanes.BlsLaneShape>;

namespace Fragcast.Execution.Precompiles.Curves.Lanes;

/// <summary>
/// Which points of BLS12-381 belong to the groups of order r, for eight at once: the checks of
/// <see cref="BlsGroups"/>. Points of the group never meet a case for which the formulas of addition do not hold: no
/// multiple on the way is at infinity. Others may, and then z stays zero.
/// </summary>
internal static class BlsLaneGroups
{
    /// <summary>Most points that are checked at once.</summary>
    public const int PointsMax = BlsLanes.Count;

    /// <summary>Whether all points, one to eight and none at infinity, are in G1: (βx, y) = −x² · P.</summary>
    public static bool AreInGroup(ReadOnlySpan<BlsG1> points, in BlsField beta)
    {
        var (x, y) = (default(BlsLanes), default(BlsLanes));
        for (var lane = 0; lane < PointsMax; lane++)
        {
            // Lanes that are left repeat the first point.
            ref readonly var point = ref points[lane < points.Length ? lane : 0];
            x.Write(lane, point.X);
            y.Write(lane, point.Y);
        }

        x.Enter();
        y.Enter();
        MultiplyX(new JacobianPoint<BlsLanes, G1>(x, y, BlsLanes.One), out var multiple);
        MultiplyX(multiple, out multiple);
        BlsLanes.Multiply(x, BlsLanes.Repeat(beta), out x);
        return multiple.Z.ZeroLanes == 0 && IsInverse<BlsLanes, G1>(multiple, x, y);
    }

    /// <summary>Whether all points, one to eight and none at infinity, are in G2: ψ(Q) = x · Q.</summary>
    public static bool AreInGroup(ReadOnlySpan<BlsG2> points)
    {
        var (x, y) = (new Row(), new Row());
        var (psiX, psiY) = (new Row(), new Row());
        for (var lane = 0; lane < PointsMax; lane++)
        {
            ref readonly var point = ref points[lane < points.Length ? lane : 0];
            var (px, py) = (point.X, point.Y);
            x.Write(lane, px);
            y.Write(lane, py);
            BlsPairing.TwistFrobenius(ref px, ref py);
            psiX.Write(lane, px);
            psiY.Write(lane, py);
        }

        MultiplyX(
            new JacobianPoint<Fp2<BlsLanes>, G2>(x.Enter(), y.Enter(), Fp2<BlsLanes>.One), out var multiple);
        return (multiple.Z.C0.ZeroLanes & multiple.Z.C1.ZeroLanes) == 0
            && IsInverse<Fp2<BlsLanes>, G2>(multiple, psiX.Enter(), psiY.Enter());
    }

    // r = |x| · point; x is the curves' parameter, which is negative.
    private static void MultiplyX<TField, TCurve>(
        in JacobianPoint<TField, TCurve> point, out JacobianPoint<TField, TCurve> r)
        where TField : unmanaged, IField<TField>
        where TCurve : struct, ICurve<TField>
    {
        var result = point;
        for (var bit = 62 - BitOperations.LeadingZeroCount(BlsPairingCurve.X); bit >= 0; bit--)
        {
            result.Double(out result);
            if (((BlsPairingCurve.X >> bit) & 1) != 0)
            {
                JacobianPoint<TField, TCurve>.AddUnequal(result, point, out result);
            }
        }

        r = result;
    }

    // Whether a point is the inverse of (x, y).
    private static bool IsInverse<TField, TCurve>(in JacobianPoint<TField, TCurve> point, in TField x, in TField y)
        where TField : unmanaged, IField<TField>
        where TCurve : struct, ICurve<TField>
    {
        TField.Square(point.Z, out var power);
        TField.Multiply(x, power, out var xz);
        TField.Multiply(power, point.Z, out power);
        TField.Multiply(y, power, out var yz);
        TField.Add(yz, point.Y, out var sum);
        return TField.AreEqual(xz, point.X) && sum.IsZero;
    }

    private struct Row
    {
        private BlsLanes _c0;
        private BlsLanes _c1;

        public void Write(int lane, in BlsField2 value)
        {
            _c0.Write(lane, value.C0);
            _c1.Write(lane, value.C1);
        }

        public Fp2<BlsLanes> Enter()
        {
            _c0.Enter();
            _c1.Enter();
            return new Fp2<BlsLanes>(_c0, _c1);
        }
    }

    private readonly struct G1 : ICurve<BlsLanes>
    {
        public static BlsLanes B => BlsLanes.Repeat(BlsG1Curve.B);
    }

    private readonly struct G2 : ICurve<Fp2<BlsLanes>>
    {
        public static Fp2<BlsLanes> B => new(BlsLanes.Repeat(BlsG2Curve.B.C0), BlsLanes.Repeat(BlsG2Curve.B.C1));
    }
}
