using Fragcast.Execution.Precompiles.Curves.Lanes;
using Fragcast.Primitives;

namespace Fragcast.Execution.Precompiles.Curves;

/// <summary>
/// Which points of BLS12-381 belong to the groups of order r, and how others are brought there (Scott, "A note on group
/// membership tests for G1, G2 and GT", 2021; RFC 9380, section 8.8 and appendix G.3).
/// </summary>
internal static class BlsGroups
{
    // Eight points at once take as long as this many one by one.
    private const int LanesMin = 4;

    // A primitive cube root of one, the one for which (βx, y) is −x² times the point on the group.
    private static readonly BlsField Beta = FindBeta();

    /// <summary>The group's generator.</summary>
    public static BlsG1 G1Generator { get; } = new(
        Parse("17f1d3a73197d7942695638c4fa9ac0fc3688c4f9774b905a14e3a3f171bac586c55e83ff97a1aeffb3af00adb22c6bb"),
        Parse("08b3f481e3aaa0f1a09e30ed741d8ae4fcf5e095d5d00af600db18cb2c04b3edd03cc744a2888ae40caa232946c5e7e1"));

    /// <summary>The group's generator.</summary>
    public static BlsG2 G2Generator { get; } = new(
        new BlsField2(
            Parse("024aa2b2f08f0a91260805272dc51051c6e47ad4fa403b02b4510b647ae3d1770bac0326a805bbefd48056c8c121bdb8"),
            Parse("13e02b6052719f607dacd3a088274f65596bd0d09920b61ab5da61bbdc7f5049334cf11213945d57e5ac7d055d042b7e")),
        new BlsField2(
            Parse("0ce5d527727d6e118cc9cdc6da2e351aadfd9baa8cbdd3a76d429a695160d12c923ac9cc3baca289e193548608b82801"),
            Parse("0606c4a02ea734cc32acd2b02bc28b99cb3e287e85a763af267492ab572e99ab3f370d275cec1da1aaa9075ff05f79be")));

    /// <summary>The order r of the groups.</summary>
    public static UInt256 Order => new(0xFFFFFFFF00000001, 0x53BDA402FFFE5BFE, 0x3339D80809A1D805, 0x73EDA753299D7D48);

    /// <summary>Whether a point of the curve is in G1: (βx, y) = −x² · P.</summary>
    public static bool IsInGroup(in BlsG1 point) => point.IsInfinity || IsEndomorphism(point, Beta);

    /// <summary>Whether a point of the twist is in G2: ψ(Q) = x · Q.</summary>
    public static bool IsInGroup(in BlsG2 point)
    {
        if (point.IsInfinity)
        {
            return true;
        }

        var (x, y) = (point.X, point.Y);
        BlsPairing.TwistFrobenius(ref x, ref y);
        MultiplyX(new BlsG2Jacobian(point), out var multiple);
        return BlsG2Jacobian.AreEqual(multiple, new BlsG2Jacobian(new BlsG2(x, y)));
    }

    /// <summary>Whether all points of the curve are in G1; eight are checked at once where there are enough.</summary>
    public static bool AreInGroup(ReadOnlySpan<BlsG1> points)
    {
        Span<BlsG1> some = stackalloc BlsG1[BlsLaneGroups.PointsMax];
        var areInGroup = true;
        while (areInGroup && Take(ref points, some) is > 0 and var count)
        {
            if (LaneField<BlsField, BlsLaneShape>.IsSupported && count >= LanesMin)
            {
                areInGroup = BlsLaneGroups.AreInGroup(some[..count], Beta);
                continue;
            }

            foreach (ref readonly var point in some[..count])
            {
                areInGroup &= IsInGroup(point);
            }
        }

        return areInGroup;
    }

    /// <summary>Whether all points of the twist are in G2; eight are checked at once where there are enough.</summary>
    public static bool AreInGroup(ReadOnlySpan<BlsG2> points)
    {
        Span<BlsG2> some = stackalloc BlsG2[BlsLaneGroups.PointsMax];
        var areInGroup = true;
        while (areInGroup && Take(ref points, some) is > 0 and var count)
        {
            if (LaneField<BlsField, BlsLaneShape>.IsSupported && count >= LanesMin)
            {
                areInGroup = BlsLaneGroups.AreInGroup(some[..count]);
                continue;
            }

            foreach (ref readonly var point in some[..count])
            {
                areInGroup &= IsInGroup(point);
            }
        }

        return areInGroup;
    }

    /// <summary>Parts that <see cref="Split(in BlsG1, in UInt256, Span{BlsG1}, Span{UInt256})"/> may give.</summary>
    public const int G1Parts = 2;

    /// <summary>Parts that <see cref="Split(in BlsG2, in UInt256, Span{BlsG2}, Span{UInt256})"/> may give.</summary>
    public const int G2Parts = 4;

    /// <summary>
    /// Writes a multiple of a point of G1 as a sum of multiples by numbers below x², since x² · P = (βx, −y): half the
    /// doublings. Multiples by zero are left out.
    /// </summary>
    /// <returns>The number of parts.</returns>
    public static int Split(in BlsG1 point, in UInt256 scalar, Span<BlsG1> points, Span<UInt256> scalars)
    {
        UInt256 squared = new UInt256(BlsPairingCurve.X) * new UInt256(BlsPairingCurve.X);
        UInt256.DivRem(scalar % Order, squared, out var high, out var low);
        (points[0], scalars[0]) = (point, low);
        var count = low.IsZero ? 0 : 1;
        if (!high.IsZero)
        {
            BlsField.Multiply(point.X, Beta, out var x);
            (points[count], scalars[count]) = (new BlsG1(x, point.Y).Negate(), high);
            count++;
        }

        return count;
    }

    /// <summary>
    /// Writes a multiple of a point of G2 as a sum of multiples by numbers below |x|, since |x| · Q = −ψ(Q): a quarter
    /// of the doublings. Multiples by zero are left out.
    /// </summary>
    /// <returns>The number of parts.</returns>
    public static int Split(in BlsG2 point, in UInt256 scalar, Span<BlsG2> points, Span<UInt256> scalars)
    {
        var part = point;
        var rest = scalar % Order;
        var count = 0;
        while (!rest.IsZero)
        {
            UInt256.DivRem(rest, BlsPairingCurve.X, out rest, out var digit);
            if (!digit.IsZero)
            {
                (points[count], scalars[count]) = (part, digit);
                count++;
            }

            var (x, y) = (part.X, part.Y);
            BlsPairing.TwistFrobenius(ref x, ref y);
            part = new BlsG2(x, y).Negate();
        }

        return count;
    }

    /// <summary>r = (1 − x) · P, which is in G1 for any point of the curve.</summary>
    public static void ClearCofactor(in BlsG1 point, out BlsG1 r)
    {
        new BlsG1Jacobian(point).MultiplySparse(BlsPairingCurve.X, out var multiple);
        BlsG1Jacobian.Add(multiple, point, out multiple);
        multiple.ToAffine(out r);
    }

    /// <summary>r = (x² − x − 1) · Q + (x − 1) · ψ(Q) + ψ²(2Q), which is in G2 for any point of the twist.</summary>
    public static void ClearCofactor(in BlsG2 point, out BlsG2 r)
    {
        if (point.IsInfinity)
        {
            r = point;
            return;
        }

        var p = new BlsG2Jacobian(point);
        MultiplyX(p, out var byX);
        var psi = Psi(point);
        p.Double(out var twice);
        twice.ToAffine(out var affine);
        Psi(affine).ToAffine(out affine);
        var sum = Psi(affine);
        BlsG2Jacobian.Add(sum, psi.Negate(), out sum);
        BlsG2Jacobian.Add(byX, psi, out var inner);
        MultiplyX(inner, out inner);
        BlsG2Jacobian.Add(sum, inner, out sum);
        BlsG2Jacobian.Add(sum, byX.Negate(), out sum);
        BlsG2Jacobian.Add(sum, p.Negate(), out sum);
        sum.ToAffine(out r);
    }

    /// <summary>Reads 96 hex digits of a number below the field's order.</summary>
    public static BlsField Parse(ReadOnlySpan<char> digits)
    {
        var isGood = BlsField.TryRead(Convert.FromHexString(digits), out var value);
        return isGood ? value : throw new FormatException("Not an element of the field.");
    }

    // Moves the next points that are not at infinity, which is in every group.
    private static int Take<TField, TCurve>(
        ref ReadOnlySpan<AffinePoint<TField, TCurve>> points, scoped Span<AffinePoint<TField, TCurve>> some)
        where TField : unmanaged, IField<TField>
        where TCurve : struct, ICurve<TField>
    {
        var count = 0;
        for (; !points.IsEmpty && count < some.Length; points = points[1..])
        {
            if (!points[0].IsInfinity)
            {
                some[count++] = points[0];
            }
        }

        return count;
    }

    // x is negative.
    private static void MultiplyX(in BlsG2Jacobian point, out BlsG2Jacobian r)
    {
        point.MultiplySparse(BlsPairingCurve.X, out var multiple);
        r = multiple.Negate();
    }

    private static BlsG2Jacobian Psi(in BlsG2 point)
    {
        if (point.IsInfinity)
        {
            return default;
        }

        var (x, y) = (point.X, point.Y);
        BlsPairing.TwistFrobenius(ref x, ref y);
        return new BlsG2Jacobian(new BlsG2(x, y));
    }

    private static bool IsEndomorphism(in BlsG1 point, in BlsField beta)
    {
        BlsField.Multiply(point.X, beta, out var x);
        new BlsG1Jacobian(point).MultiplySparse(BlsPairingCurve.X, out var multiple);
        multiple.MultiplySparse(BlsPairingCurve.X, out multiple);
        return BlsG1Jacobian.AreEqual(multiple.Negate(), new BlsG1Jacobian(new BlsG1(x, point.Y)));
    }

    private static BlsField FindBeta()
    {
        // 2 is not a cube, so that its power (p − 1) / 3 is not one.
        var sixth = Frobenius<BlsField, BlsTower>.SixthOfOrder();
        FieldOperations.Power(FieldOperations.FromSmall<BlsField>(2), sixth, out var root);
        var candidates = new BlsField[2];
        BlsField.Square(root, out candidates[0]);
        BlsField.Square(candidates[0], out candidates[1]);
        return Array.Find(candidates, c => IsEndomorphism(G1Generator, c));
    }
}
