using Fragcast.Primitives.Crypto;

namespace Fragcast.Primitives.Ssz;

/// <summary>
/// Roots of all-zero Merkle trees: depth 0 is the zero chunk, depth d + 1 is the hash of two trees of depth d.
/// They stand for the part of a list that is not there (SSZ specification, merkleization).
/// </summary>
internal static class ZeroHashes
{
    /// <summary>The deepest tree: 2^40 chunks, more than any list of this project may hold.</summary>
    public const int DepthMax = 40;

    private static readonly byte[] Table = Compute();

    /// <summary>
    /// The 32-byte root of the all-zero tree of <paramref name="depth"/> levels (0 to <see cref="DepthMax"/>).
    /// </summary>
    public static ReadOnlySpan<byte> At(int depth) => Table.AsSpan(depth * 32, 32);

    private static byte[] Compute()
    {
        var table = new byte[(DepthMax + 1) * 32];
        for (var depth = 0; depth < DepthMax; depth++)
        {
            var node = table.AsSpan(depth * 32, 32);
            Sha256.HashPair(node, node, table.AsSpan((depth + 1) * 32, 32));
        }

        return table;
    }
}
