using Fragcast.Execution.Precompiles.Curves;
using Fragcast.Primitives;
using BlsField2 = Fragcast.Execution.Precompiles.Curves.Fp2<Fragcast.Execution.Precompiles.Curves.BlsField>;
using BlsG1 = Fragcast.Execution.Precompiles.Curves.AffinePoint<
    Fragcast.Execution.Precompiles.Curves.BlsField, Fragcast.Execution.Precompiles.Curves.BlsG1Curve>;
using BlsG2 = Fragcast.Execution.Precompiles.Curves.AffinePoint<
    Fragcast.Execution.Precompiles.Curves.Fp2<Fragcast.Execution.Precompiles.Curves.BlsField>,
    Fragcast.Execution.Precompiles.Curves.BlsG2Curve>;

namespace Fragcast.Execution.Tests.Precompiles.Curves;

public sealed class BlsGroupsTests
{
    [Fact]
    public void Split_MultipleOfAPoint_AddsUpToIt()
    {
        Random random = new(3);
        foreach (UInt256 scalar in Scalars(random))
        {
            BlsG1 point1 = Multiple<BlsField, BlsG1Curve>([BlsGroups.G1Generator], [RandomScalar(random)]);
            BlsG1[] parts1 = new BlsG1[BlsGroups.G1Parts];
            UInt256[] scalars1 = new UInt256[BlsGroups.G1Parts];
            int count = BlsGroups.Split(point1, scalar, parts1, scalars1);
            BlsG1 sum1 = Multiple<BlsField, BlsG1Curve>(parts1.AsSpan(0, count), scalars1.AsSpan(0, count));
            BlsG1 whole1 = Multiple<BlsField, BlsG1Curve>([point1], [scalar]);
            Assert.True(BlsField.AreEqual(whole1.X, sum1.X) && BlsField.AreEqual(whole1.Y, sum1.Y));
            Assert.All(scalars1[..count], part => Assert.True(part.BitLength <= 128));

            BlsG2 point2 = Multiple<BlsField2, BlsG2Curve>([BlsGroups.G2Generator], [RandomScalar(random)]);
            BlsG2[] parts2 = new BlsG2[BlsGroups.G2Parts];
            UInt256[] scalars2 = new UInt256[BlsGroups.G2Parts];
            count = BlsGroups.Split(point2, scalar, parts2, scalars2);
            BlsG2 sum2 = Multiple<BlsField2, BlsG2Curve>(parts2.AsSpan(0, count), scalars2.AsSpan(0, count));
            BlsG2 whole2 = Multiple<BlsField2, BlsG2Curve>([point2], [scalar]);
            Assert.True(BlsField2.AreEqual(whole2.X, sum2.X) && BlsField2.AreEqual(whole2.Y, sum2.Y));
            Assert.All(scalars2[..count], part => Assert.True(part.BitLength <= 64));
        }
    }

    [Fact]
    public void Split_PointAtInfinity_StaysThere()
    {
        BlsG2[] parts = new BlsG2[BlsGroups.G2Parts];
        UInt256[] scalars = new UInt256[BlsGroups.G2Parts];
        int count = BlsGroups.Split(default(BlsG2), UInt256.MaxValue, parts, scalars);
        Assert.True(Multiple<BlsField2, BlsG2Curve>(parts.AsSpan(0, count), scalars.AsSpan(0, count)).IsInfinity);
    }

    private static IEnumerable<UInt256> Scalars(Random random)
    {
        UInt256 x = BlsPairingCurve.X;
        UInt256[] fixedOnes =
        [
            0, 1, x - 1, x, x + 1, x * x - 1, x * x, x * x * x, BlsGroups.Order - 1, BlsGroups.Order,
            BlsGroups.Order + 1, UInt256.MaxValue,
        ];
        return [.. fixedOnes, .. Enumerable.Range(0, 12).Select(_ => RandomScalar(random))];
    }

    private static UInt256 RandomScalar(Random random)
    {
        byte[] bytes = new byte[32];
        random.NextBytes(bytes);
        return UInt256.FromBigEndian(bytes);
    }

    private static AffinePoint<TField, TCurve> Multiple<TField, TCurve>(
        ReadOnlySpan<AffinePoint<TField, TCurve>> points, ReadOnlySpan<UInt256> scalars)
        where TField : unmanaged, IField<TField>
        where TCurve : struct, ICurve<TField>
    {
        JacobianPoint<TField, TCurve> sum = default;
        MultiScalar<TField, TCurve>.Add(points, scalars, ref sum);
        sum.ToAffine(out AffinePoint<TField, TCurve> result);
        return result;
    }
}
