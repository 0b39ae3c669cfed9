using System.Globalization;
using System.Numerics;
using Fragcast.Execution.Precompiles.Curves;
using Fragcast.Execution.Precompiles.Curves.Lanes;

namespace Fragcast.Execution.Tests.Precompiles.Curves;

/// <summary>Miller loops in scalars and in vectors, with second points inside and outside of the group.</summary>
public sealed class PairingTests
{
    private static readonly PairingChecks<
        Mont256<Bn254Modulus>, Bn254Tower, Bn254Pairing, BnLaneShape, Bn254G2> Bn = new(
        Parse("030644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001"),
        Parse("030644e72e131a029b85045b68181585e06ceecda572a2489345f2299c0f9fa8d"),
        [10069]);

    private static readonly PairingChecks<BlsField, BlsTower, BlsPairingCurve, BlsLaneShape, BlsG2Curve> Bls = new(
        Parse("073eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001"),
        Parse("05d543a95414e7f1091d50792876a202cd91de4547085abaa68a205b2e5a7ddfa"
            + "628f1cb4d9e82ef21537e293a6691ae1616ec6e786f0c70cf1c38e31c7238e5"),
        [13, 23, 2713]);

    [Fact]
    public void TryAddMillerLoops_OfAPointOfTheGroup_Holds()
    {
        Bn.CheckPointsOfTheGroup();
        Bls.CheckPointsOfTheGroup();
    }

    [Fact]
    public void TryAddMillerLoops_OfAnyPointOfTheTwist_Fails()
    {
        Bn.CheckPointsOfTheTwist();
        Bls.CheckPointsOfTheTwist();
    }

    // The loop of a point of small order comes through the point at infinity, where the formulas do not hold.
    [Fact]
    public void TryAddMillerLoops_OfAPointOfSmallOrder_Fails()
    {
        Bn.CheckPointsOfSmallOrder();
        Bls.CheckPointsOfSmallOrder();
    }

    private static BigInteger Parse(string digits) =>
        BigInteger.Parse(digits, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}

/// <summary>The checks for one curve.</summary>
/// <param name="order">The order of the group.</param>
/// <param name="cofactor">The order of the twist divided by that of the group.</param>
/// <param name="smallFactors">Small factors of the cofactor.</param>
internal sealed class PairingChecks<TField, TTower, TCurve, TShape, TTwist>(
    BigInteger order, BigInteger cofactor, int[] smallFactors)
    where TField : unmanaged, IPrimeField<TField>
    where TTower : unmanaged, ITower<TField>
    where TCurve : struct, IPairingCurve<TField, TTower>
    where TShape : struct, ILaneShape
    where TTwist : struct, ICurve<Fp2<TField>>
{
    public void CheckPointsOfTheGroup()
    {
        foreach (var point in TwistPoints(3))
        {
            Multiply(point, cofactor).ToAffine(out var q);
            Assert.True(Multiply(q, order).IsInfinity);
            AssertResult(true, q);
        }
    }

    public void CheckPointsOfTheTwist()
    {
        foreach (var point in TwistPoints(10))
        {
            Assert.False(Multiply(point, order).IsInfinity);
            AssertResult(false, point);
        }
    }

    public void CheckPointsOfSmallOrder()
    {
        foreach (var factor in smallFactors)
        {
            var rest = order * cofactor;
            while ((rest % factor).IsZero)
            {
                rest /= factor;
            }

            // Of any point, what is left has an order that the factor's powers divide, and seldom the order 1.
            var points = TwistPoints(5).Select(point => Multiply(point, rest)).Where(static p => !p.IsInfinity);
            Assert.NotEmpty(points);
            foreach (var point in points)
            {
                point.ToAffine(out var q);
                AssertResult(false, q);
            }
        }
    }

    private static void AssertResult(bool expected, in AffinePoint<Fp2<TField>, TTwist> q)
    {
        Assert.True(q.IsOnCurve());

        // Where P lies does not matter to the loop.
        PairingInput<TField>[] pairs = [new() { Px = TField.One, Py = TField.One, Qx = q.X, Qy = q.Y }];
        var product = Fp12<TField, TTower>.One;
        Assert.Equal(expected, Pairing<TField, TTower, TCurve, TShape>
            .TryAddMillerLoops<Fp12<TField, TTower>>(pairs, ref product));
        if (LaneFp12<TField, TTower, TShape>.IsSupported)
        {
            Assert.Equal(expected, Pairing<TField, TTower, TCurve, TShape>
                .TryAddMillerLoops<LaneFp12<TField, TTower, TShape>>(pairs, ref product));
        }
    }

    private static JacobianPoint<Fp2<TField>, TTwist> Multiply(
        in AffinePoint<Fp2<TField>, TTwist> point, BigInteger scalar)
    {
        var result = default(JacobianPoint<Fp2<TField>, TTwist>);
        for (var bit = scalar.GetBitLength() - 1; bit >= 0; bit--)
        {
            result.Double(out result);
            if (!(scalar >> (int)bit).IsEven)
            {
                JacobianPoint<Fp2<TField>, TTwist>.Add(result, point, out result);
            }
        }

        return result;
    }

    // Points with small x, in the group only by rare chance.
    private static IEnumerable<AffinePoint<Fp2<TField>, TTwist>> TwistPoints(int count)
    {
        for (var i = 1; count > 0; i++)
        {
            var x = new Fp2<TField>(FieldOperations.FromSmall<TField>(i), TField.One);
            Fp2<TField>.Square(x, out var right);
            Fp2<TField>.Multiply(right, x, out right);
            Fp2<TField>.Add(right, TTwist.B, out right);
            if (SquareRoots<TField>.TryFind(right, out var y))
            {
                count--;
                yield return new AffinePoint<Fp2<TField>, TTwist>(x, y);
            }
        }
    }
}
