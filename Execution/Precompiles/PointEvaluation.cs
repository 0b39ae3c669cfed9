using System.Security.Cryptography;
using Fragcast.Execution.Precompiles.Curves;
using Fragcast.Primitives;

namespace Fragcast.Execution.Precompiles;

/// <summary>
/// 0x0a: whether the polynomial behind a blob has a value at a point (EIP-4844). Checks the KZG proof by one product of
/// two pairings with fixed second arguments: e(C − y·G + z·π, −H) · e(π, τ·H) = 1.
/// </summary>
internal static class PointEvaluation
{
    private const int InputLength = 192;
    private const byte HashVersion = 1;
    private const int FieldElementsPerBlob = 4096;

    private const string SetupX0 =
        "185cbfee53492714734429b7b38608e23926c911cceceac9a36851477ba4c60b087041de621000edc98edada20c1def2";

    private const string SetupX1 =
        "15bfd7dd8cdeb128843bc287230af38926187075cbfbefa81009a2ce615ac53d2914e5870cb452d2afaaab24f3499f72";

    private const string SetupY0 =
        "014353bdb96b626dd7d5ee8599d1fca2131569490e28de18e82451a496a9c9794ce26d105941f383ee689bfbbb832a99";

    private const string SetupY1 =
        "1666c54b0a32529503432fcae0181b4bef79de09fc63671fda5ed1ba9bfa07899495346f3d7ac9cd23048ef30d0a154f";

    // Of the group's generator H, and of τ·H of the trusted setup of the KZG ceremony.
    private static readonly TwistLine<BlsField>[] GeneratorLines =
        BlsPairing.Prepare(BlsGroups.G2Generator.X, BlsGroups.G2Generator.Y);

    private static readonly TwistLine<BlsField>[] SetupLines = BlsPairing.Prepare(
        new BlsField2(BlsGroups.Parse(SetupX0), BlsGroups.Parse(SetupX1)),
        new BlsField2(BlsGroups.Parse(SetupY0), BlsGroups.Parse(SetupY1)));

    public static long Price(ReadOnlySpan<byte> input) => 50000;

    /// <summary>
    /// Input: versioned hash, z, y (32 bytes each), commitment, proof (48 bytes each). Output: the number of elements
    /// in a blob and the field's order, two words.
    /// </summary>
    public static bool Run(ReadOnlySpan<byte> input, PrecompileOutput output)
    {
        if (input.Length != InputLength
            || !IsHashOf(input[..32], input[96..144])
            || !Verify(input[96..144], input[32..64], input[64..96], input[144..]))
        {
            return false;
        }

        var words = output.Resize(64);
        new UInt256(FieldElementsPerBlob).WriteBigEndian(words);
        BlsGroups.Order.WriteBigEndian(words[32..]);
        return true;
    }

    /// <summary>
    /// Whether the proof shows that the committed polynomial has the value y at z; false also for input that is not of
    /// the right form.
    /// </summary>
    internal static bool Verify(
        ReadOnlySpan<byte> commitment, ReadOnlySpan<byte> z, ReadOnlySpan<byte> y, ReadOnlySpan<byte> proof)
    {
        var point = UInt256.FromBigEndian(z);
        var value = UInt256.FromBigEndian(y);
        if (point >= BlsGroups.Order
            || value >= BlsGroups.Order
            || !CompressedG1.TryRead(commitment, out var c)
            || !CompressedG1.TryRead(proof, out var pi))
        {
            return false;
        }

        // −C + y·G − z·π is paired with H, as its negative would be with −H.
        var sum = new BlsG1Jacobian(c.Negate());
        MultiScalar<BlsField, BlsG1Curve>.Add([BlsGroups.G1Generator, pi.Negate()], [value, point], ref sum);
        sum.ToAffine(out var left);
        var product = BlsField12.One;
        BlsPairing.AddMillerLoops([Pair(left, GeneratorLines), Pair(pi, SetupLines)], ref product);
        return BlsPairing.IsOne(product);
    }

    // Where the point is at infinity, (0, 0), every line comes to its constant, which disappears as it lies in Fp2.
    private static PreparedPair<BlsField> Pair(in BlsG1 p, TwistLine<BlsField>[] lines) =>
        new() { Px = p.X, Py = p.Y, Lines = lines };

    private static bool IsHashOf(ReadOnlySpan<byte> versionedHash, ReadOnlySpan<byte> commitment)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(commitment, hash);
        hash[0] = HashVersion;
        return hash.SequenceEqual(versionedHash);
    }
}
