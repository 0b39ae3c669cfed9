using System.Security.Cryptography;

namespace Fragcast.Primitives.Tests.Ssz;

/// <summary>Merkleization as the SSZ specification words it, recursive and slow, to compare with.</summary>
internal static class NaiveSsz
{
    /// <summary>Root of a tree with 2^depth leaves of which the first are given.</summary>
    public static byte[] Merkleize(IReadOnlyList<byte[]> chunks, int depth) => Subtree(chunks, 0, depth);

    public static byte[] ByteList(byte[] bytes, int limitDepth) =>
        Hash(Merkleize(Chunks(bytes), limitDepth), Number((ulong)bytes.Length));

    public static byte[] List(IReadOnlyList<byte[]> roots, int limitDepth) =>
        Hash(Merkleize(roots, limitDepth), Number((ulong)roots.Count));

    public static byte[] Number(ulong value)
    {
        var chunk = new byte[32];
        BitConverter.TryWriteBytes(chunk, value);
        return chunk;
    }

    public static byte[] Padded(byte[] bytes) => [.. bytes, .. new byte[32 - bytes.Length]];

    public static byte[] Hash(byte[] left, byte[] right) => SHA256.HashData([.. left, .. right]);

    private static byte[] Subtree(IReadOnlyList<byte[]> chunks, long start, int depth)
    {
        if (start >= chunks.Count)
        {
            return Zero(depth);
        }

        return depth == 0
            ? chunks[(int)start]
            : Hash(Subtree(chunks, start, depth - 1), Subtree(chunks, start + (1L << (depth - 1)), depth - 1));
    }

    private static byte[] Zero(int depth)
    {
        var node = new byte[32];
        for (var i = 0; i < depth; i++)
        {
            node = Hash(node, node);
        }

        return node;
    }

    private static List<byte[]> Chunks(byte[] bytes) => [.. bytes.Chunk(32).Select(Padded)];
}
