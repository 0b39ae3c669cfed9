using Fragcast.Gossip.Chunks;
using Fragcast.Gossip.Chunks.Proofs;

namespace Fragcast.Gossip.Evidence;

/// <summary>Makes evidence of two whole chunks of one place that lead to different roots.</summary>
public static class ChunkEvidence
{
    /// <summary>Reads both chunks, computes their roots and checks their signatures.</summary>
    /// <param name="networkId">The network.</param>
    /// <param name="one">A whole chunk.</param>
    /// <param name="other">Another; the order does not matter.</param>
    /// <param name="evidence">The evidence, or null when the two prove nothing.</param>
    public static EvidenceError TryMake(
        ulong networkId, ReadOnlySpan<byte> one, ReadOnlySpan<byte> other, out EvidenceRecord? evidence)
    {
        evidence = null;
        if (ChunkHead.TryRead(one, out ChunkHead head) != Refusal.None
            || ChunkHead.TryRead(other, out ChunkHead otherHead) != Refusal.None)
        {
            return EvidenceError.Undecodable;
        }

        return EvidenceRecord.TryMakeOfChunks(
            networkId, head.Place.Kind, Read(networkId, head, one), Read(networkId, otherHead, other), out evidence);
    }

    private static SignedBody Read(ulong networkId, in ChunkHead head, ReadOnlySpan<byte> chunk)
    {
        Span<byte> leaf = stackalloc byte[ChunkLayout.NodeLength];
        Span<byte> root = stackalloc byte[ChunkLayout.NodeLength];
        ChunkMerkle.HashLeaf(head.Content(chunk), leaf);
        ChunkMerkle.ComputeRoot(head.Index, leaf, head.Branch(chunk), root);
        var body = new byte[ChunkSigning.SignedLength];
        ChunkSigning.Write(networkId, head, root, body);
        return new SignedBody(body, ChunkHead.Signature(chunk).ToArray());
    }
}
