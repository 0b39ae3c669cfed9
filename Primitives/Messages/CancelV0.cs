using System.Buffers.Binary;
using Fragcast.Primitives.Ssz;

namespace Fragcast.Primitives.Messages;

/// <summary>Why a block in progress was cancelled. A receiver takes any value; these are the ones in use.</summary>
public enum CancelReason : byte
{
    /// <summary>Not said.</summary>
    Unspecified = 0,

    /// <summary>The chain below moved: the block's parent is no longer the head.</summary>
    Reorg = 1,

    /// <summary>The builder was restarted in mid block and knows nothing of what it had published.</summary>
    BuilderRestart = 2,

    /// <summary>The leader went silent and was passed over; its successor does not continue the block.</summary>
    LeaderPassedOver = 3,

    /// <summary>The leader gives the block up; the next in line may take it at once.</summary>
    LeaderWithdrawn = 4,
}

/// <summary>
/// Voids a block in progress from one frag on. What is published for the block after it belongs to the next attempt,
/// see <see cref="MessageSignature.Digest"/>. An extension of Fragcast: based-op has no such message.
/// </summary>
public sealed record CancelV0
{
    /// <summary>Bytes of the encoding.</summary>
    public const int EncodedLength = MessageLayout.CancelLength;

    /// <summary>The block's number.</summary>
    public required ulong BlockNumber { get; init; }

    /// <summary>Hash of the block's parent.</summary>
    public required Hash256 ParentHash { get; init; }

    /// <summary>The first frag that is void, or 0 for the whole block, its Env included.</summary>
    public required ulong FromSeq { get; init; }

    /// <summary>Why.</summary>
    public CancelReason Reason { get; init; }

    /// <summary>Reads a cancel. Any input gives a value or an error.</summary>
    /// <param name="ssz">The encoding, all of it; nothing of it is kept.</param>
    /// <param name="cancel">The message, or null on an error.</param>
    public static MessageError TryDecode(ReadOnlyMemory<byte> ssz, out CancelV0? cancel)
    {
        cancel = null;
        if (ssz.Length != EncodedLength)
        {
            return ssz.Length < EncodedLength ? MessageError.Truncated : MessageError.TrailingBytes;
        }

        var reader = new SszReader(ssz.Span);
        cancel = new CancelV0
        {
            BlockNumber = reader.ReadUInt64(),
            ParentHash = reader.ReadHash(),
            FromSeq = reader.ReadUInt64(),
            Reason = (CancelReason)reader.ReadByte(),
        };
        return MessageError.None;
    }

    /// <summary>Writes the encoding and returns its length.</summary>
    /// <param name="destination">At least <see cref="EncodedLength"/> bytes.</param>
    public int Write(Span<byte> destination)
    {
        var writer = new SszWriter(destination);
        writer.Write(BlockNumber);
        writer.Write(ParentHash.Bytes);
        writer.Write(FromSeq);
        writer.Write((byte)Reason);
        return writer.Position;
    }

    /// <summary>The SSZ hash-tree-root.</summary>
    public Hash256 HashTreeRoot()
    {
        Span<byte> fields = stackalloc byte[4 * SszRoot.ChunkLength];
        fields.Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(fields, BlockNumber);
        ParentHash.CopyTo(fields[32..]);
        BinaryPrimitives.WriteUInt64LittleEndian(fields[64..], FromSeq);
        fields[96] = (byte)Reason;
        Span<byte> root = stackalloc byte[SszRoot.ChunkLength];
        SszRoot.Container(fields, root);
        return Hash256.FromBytes(root);
    }

    /// <summary>The digest that the leader signs.</summary>
    /// <param name="attempt">The attempt that it voids.</param>
    public Hash256 SigningDigest(byte attempt = 0) =>
        MessageSignature.Digest(MessageKind.Cancel, HashTreeRoot(), attempt);
}
