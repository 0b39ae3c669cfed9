using System.Buffers.Binary;
using Fragcast.Primitives.Ssz;

namespace Fragcast.Primitives.Messages;

/// <summary>
/// What a leaving leader leaves behind: its last frag and how much work is pending, for the leader that comes. An
/// extension of Fragcast: based-op has no such message.
/// </summary>
public sealed record HandOverV0
{
    /// <summary>Bytes of the encoding.</summary>
    public const int EncodedLength = MessageLayout.HandOverLength;

    /// <summary>Number of the block in progress, or of the next one when none is.</summary>
    public required ulong Number { get; init; }

    /// <summary>Hash of that block's parent.</summary>
    public required Hash256 ParentHash { get; init; }

    /// <summary>Frags of that block that stand: the seq at which the next leader goes on; 0 between blocks.</summary>
    public required ulong LastSeq { get; init; }

    /// <summary>
    /// The hash-tree-root of the last of these frags, zero if there is none. When <see cref="NextLeader"/> itself
    /// signs, so takes the block over: its proof that it has them all.
    /// </summary>
    public required Hash256 LastFragRoot { get; init; }

    /// <summary>Who leads next.</summary>
    public required Address NextLeader { get; init; }

    /// <summary>Transactions that it has and did not include.</summary>
    public required uint PendingCount { get; init; }

    /// <summary>Reads a hand-over. Any input gives a value or an error.</summary>
    /// <param name="ssz">The encoding, all of it; nothing of it is kept.</param>
    /// <param name="handOver">The message, or null on an error.</param>
    public static MessageError TryDecode(ReadOnlyMemory<byte> ssz, out HandOverV0? handOver)
    {
        handOver = null;
        if (ssz.Length != EncodedLength)
        {
            return ssz.Length < EncodedLength ? MessageError.Truncated : MessageError.TrailingBytes;
        }

        var reader = new SszReader(ssz.Span);
        handOver = new HandOverV0
        {
            Number = reader.ReadUInt64(),
            ParentHash = reader.ReadHash(),
            LastSeq = reader.ReadUInt64(),
            LastFragRoot = reader.ReadHash(),
            NextLeader = Address.FromBytes(reader.Take(Address.Size)),
            PendingCount = BinaryPrimitives.ReadUInt32LittleEndian(reader.Take(sizeof(uint))),
        };
        return MessageError.None;
    }

    /// <summary>Writes the encoding and returns its length.</summary>
    /// <param name="destination">At least <see cref="EncodedLength"/> bytes.</param>
    public int Write(Span<byte> destination)
    {
        var writer = new SszWriter(destination);
        writer.Write(Number);
        writer.Write(ParentHash.Bytes);
        writer.Write(LastSeq);
        writer.Write(LastFragRoot.Bytes);
        writer.Write(NextLeader.Bytes);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[writer.Position..], PendingCount);
        return writer.Position + sizeof(uint);
    }

    /// <summary>The SSZ hash-tree-root.</summary>
    public Hash256 HashTreeRoot()
    {
        Span<byte> fields = stackalloc byte[6 * SszRoot.ChunkLength];
        fields.Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(fields, Number);
        ParentHash.CopyTo(fields[32..]);
        BinaryPrimitives.WriteUInt64LittleEndian(fields[64..], LastSeq);
        LastFragRoot.CopyTo(fields[96..]);
        NextLeader.CopyTo(fields[128..]);
        BinaryPrimitives.WriteUInt32LittleEndian(fields[160..], PendingCount);
        Span<byte> root = stackalloc byte[SszRoot.ChunkLength];
        SszRoot.Container(fields, root);
        return Hash256.FromBytes(root);
    }

    /// <summary>The digest that the leader signs.</summary>
    /// <param name="attempt">The block's attempt.</param>
    public Hash256 SigningDigest(byte attempt = 0) =>
        MessageSignature.Digest(MessageKind.HandOver, HashTreeRoot(), attempt);
}
