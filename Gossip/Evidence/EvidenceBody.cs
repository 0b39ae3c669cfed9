using System.Buffers.Binary;
using System.Security.Cryptography;
using Fragcast.Gossip.Verification;
using Fragcast.Gossip.Wire;
using Fragcast.Primitives;
using Fragcast.Primitives.Messages;

namespace Fragcast.Gossip.Evidence;

/// <summary>What one side of an evidence says, read from its body.</summary>
/// <param name="Digest">What was signed.</param>
/// <param name="Block">Block number.</param>
/// <param name="Sequence">Place within the block, without the attempt.</param>
/// <param name="Attempt">How often the block was cancelled before.</param>
/// <param name="Epoch">How often the chain was started anew; 0 in messages form, which does not say.</param>
/// <param name="Segment">Which segment of the message; 0 in messages form.</param>
/// <param name="Kind">Kind of message.</param>
internal readonly record struct EvidenceSide(
    Hash256 Digest, ulong Block, ulong Sequence, byte Attempt, uint Epoch, ushort Segment, EnvelopeKind Kind)
{
    /// <summary>Whether a leader may sign only one of the two: an attempt has one Env, one seal and so on.</summary>
    public bool IsSamePlace(in EvidenceSide other) =>
        Block == other.Block && Attempt == other.Attempt && Epoch == other.Epoch && Segment == other.Segment
        && Kind == other.Kind && (Kind != EnvelopeKind.Frag || Sequence == other.Sequence);
}

/// <summary>Reads and writes the bodies of evidence.</summary>
internal static class EvidenceBody
{
    private const int FragHeadLength = 17;

    /// <summary>Writes the body of a verified message and returns its length.</summary>
    /// <param name="message">The message.</param>
    /// <param name="ssz">Its encoding.</param>
    /// <param name="destination">At least <see cref="EvidenceLayout.BodyMax"/> bytes.</param>
    public static int Write(in GossipMessage message, ReadOnlySpan<byte> ssz, Span<byte> destination)
    {
        if (message.Kind != EnvelopeKind.Frag)
        {
            ssz.CopyTo(destination);
            return ssz.Length;
        }

        // The fixed fields stand in front of the offset.
        int length = FragHeadLength + BlobGasLength(message.Revision);
        ssz[..length].CopyTo(destination);
        message.TransactionsRoot.CopyTo(destination[length..]);
        return length + Hash256.Size;
    }

    /// <summary>Reads the body of a message.</summary>
    public static EvidenceError ReadMessage(
        EnvelopeKind kind, ReadOnlyMemory<byte> body, MessageRevision revision, byte attempt, out EvidenceSide side)
    {
        side = default;
        switch (kind)
        {
            case EnvelopeKind.Env:
                if (EnvV0.TryDecode(body, revision, out EnvV0? env) != MessageError.None)
                {
                    return EvidenceError.Undecodable;
                }

                side = Side(kind, env!.SigningDigest(attempt), env.Number, 0, attempt);
                return EvidenceError.None;
            case EnvelopeKind.Frag:
                return ReadFrag(body.Span, revision, attempt, out side);
            case EnvelopeKind.Seal:
                if (SealV0.TryDecode(body, revision, out SealV0? seal) != MessageError.None)
                {
                    return EvidenceError.Undecodable;
                }

                side = Side(kind, seal!.SigningDigest(revision, attempt), seal.BlockNumber, seal.TotalFrags, attempt);
                return EvidenceError.None;
            case EnvelopeKind.Cancel:
                if (CancelV0.TryDecode(body, out CancelV0? cancel) != MessageError.None)
                {
                    return EvidenceError.Undecodable;
                }

                side = Side(kind, cancel!.SigningDigest(attempt), cancel.BlockNumber, cancel.FromSeq, attempt);
                return EvidenceError.None;
            default:
                if (HandOverV0.TryDecode(body, out HandOverV0? handOver) != MessageError.None)
                {
                    return EvidenceError.Undecodable;
                }

                side = Side(kind, handOver!.SigningDigest(attempt), handOver.Number, handOver.LastSeq, attempt);
                return EvidenceError.None;
        }
    }

    /// <summary>Reads the 80 bytes that are signed for chunks.</summary>
    public static EvidenceError ReadChunks(
        EnvelopeKind kind, ReadOnlySpan<byte> body, ulong networkId, out EvidenceSide side)
    {
        side = default;
        if (body.Length != EvidenceLayout.ChunksBodyLength || !body.StartsWith(EvidenceLayout.ChunksDomain)
            || BinaryPrimitives.ReadUInt64LittleEndian(body[16..]) != networkId || body[48] != (byte)kind)
        {
            return EvidenceError.Undecodable;
        }

        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(body, digest);
        ulong sequence = BinaryPrimitives.ReadUInt64LittleEndian(body[40..]);
        side = new EvidenceSide(
            Hash256.FromBytes(digest), BinaryPrimitives.ReadUInt64LittleEndian(body[32..]),
            AttemptSequence.Number(sequence), AttemptSequence.Attempt(sequence),
            BinaryPrimitives.ReadUInt32LittleEndian(body[24..]), BinaryPrimitives.ReadUInt16LittleEndian(body[28..]),
            kind);
        return EvidenceError.None;
    }

    private static EvidenceError ReadFrag(
        ReadOnlySpan<byte> body, MessageRevision revision, byte attempt, out EvidenceSide side)
    {
        side = default;
        int length = FragHeadLength + BlobGasLength(revision);
        if (body.Length != length + Hash256.Size || body[16] > 1)
        {
            return EvidenceError.Undecodable;
        }

        var header = new FragHeader(
            BinaryPrimitives.ReadUInt64LittleEndian(body), BinaryPrimitives.ReadUInt64LittleEndian(body[8..]),
            body[16] == 1,
            length > FragHeadLength ? BinaryPrimitives.ReadUInt64LittleEndian(body[FragHeadLength..]) : 0);
        Hash256 digest = FragDigest.SigningDigest(header, Hash256.FromBytes(body[length..]), revision, attempt);
        side = Side(EnvelopeKind.Frag, digest, header.BlockNumber, header.Seq, attempt);
        return EvidenceError.None;
    }

    private static int BlobGasLength(MessageRevision revision) =>
        revision == MessageRevision.V0WithBlobGas ? sizeof(ulong) : 0;

    private static EvidenceSide Side(EnvelopeKind kind, Hash256 digest, ulong block, ulong sequence, byte attempt) =>
        new(digest, block, sequence, attempt, 0, 0, kind);
}
