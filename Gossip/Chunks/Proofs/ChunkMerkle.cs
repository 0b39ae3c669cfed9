using System.Runtime.CompilerServices;
using Fragcast.Primitives.Crypto;

namespace Fragcast.Gossip.Chunks.Proofs;

/// <summary>
/// Hashes of the Merkle tree over the chunks of a segment: SHA-256 cut to 20 bytes. A leaf is the hash of 0x00 and the
/// chunk's data, an inner node that of 0x01 and its two children (the separation of RFC 6962). The tree is as deep as n
/// leaves need; where it has no leaves its nodes are 20 zero bytes, and so is a node without any leaf below it.
/// </summary>
internal static class ChunkMerkle
{
    private const byte InnerPrefix = 1;

    private static ReadOnlySpan<byte> LeafPrefix => [0];

    /// <summary>Hashes a chunk's data.</summary>
    /// <param name="data">The data, padding included.</param>
    /// <param name="node">Takes 20 bytes.</param>
    [SkipLocalsInit]
    public static void HashLeaf(ReadOnlySpan<byte> data, Span<byte> node)
    {
        Span<byte> digest = stackalloc byte[Sha256.DigestSize];
        Sha256.Hash(LeafPrefix, data, digest);
        digest[..ChunkLayout.NodeLength].CopyTo(node);
    }

    /// <summary>Hashes two children.</summary>
    /// <param name="left">20 bytes.</param>
    /// <param name="right">20 bytes.</param>
    /// <param name="node">Takes 20 bytes; may be the memory of a child.</param>
    [SkipLocalsInit]
    public static void HashInner(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right, Span<byte> node)
    {
        Span<byte> message = stackalloc byte[1 + (2 * ChunkLayout.NodeLength)];
        message[0] = InnerPrefix;
        left[..ChunkLayout.NodeLength].CopyTo(message[1..]);
        right[..ChunkLayout.NodeLength].CopyTo(message[(1 + ChunkLayout.NodeLength)..]);
        Span<byte> digest = stackalloc byte[Sha256.DigestSize];
        Sha256.HashBlock(message, digest);
        digest[..ChunkLayout.NodeLength].CopyTo(node);
    }

    /// <summary>Computes the parent of a node on the way from a leaf to the root.</summary>
    /// <param name="node">20 bytes; replaced by the parent.</param>
    /// <param name="sibling">20 bytes.</param>
    /// <param name="isRight">Whether the node is the right child.</param>
    public static void Climb(Span<byte> node, ReadOnlySpan<byte> sibling, bool isRight)
    {
        if (isRight)
        {
            HashInner(sibling, node, node);
        }
        else
        {
            HashInner(node, sibling, node);
        }
    }

    /// <summary>Computes the root to which a leaf and its branch lead.</summary>
    /// <param name="index">The leaf's place.</param>
    /// <param name="leaf">20 bytes.</param>
    /// <param name="branch">20 bytes for each level.</param>
    /// <param name="root">Takes 20 bytes.</param>
    public static void ComputeRoot(int index, ReadOnlySpan<byte> leaf, ReadOnlySpan<byte> branch, Span<byte> root)
    {
        leaf.CopyTo(root);
        for (; branch.Length > 0; index >>= 1, branch = branch[ChunkLayout.NodeLength..])
        {
            Climb(root[..ChunkLayout.NodeLength], branch, (index & 1) != 0);
        }
    }
}
