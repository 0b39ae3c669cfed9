using System.Buffers.Binary;
using Fragcast.Primitives.Ssz;

namespace Fragcast.Primitives.Messages;

/// <summary>
/// The end of a block: how many frags it had and everything it must come out as. Source: based-op, <c>SealV0</c>.
/// </summary>
public sealed record SealV0
{
    /// <summary>Number of frags of the block.</summary>
    public required ulong TotalFrags { get; init; }

    /// <summary>The block's number.</summary>
    public required ulong BlockNumber { get; init; }

    /// <summary>Gas used by the whole block.</summary>
    public required ulong GasUsed { get; init; }

    /// <summary>The block's gas limit.</summary>
    public required ulong GasLimit { get; init; }

    /// <summary>Hash of the parent block.</summary>
    public required Hash256 ParentHash { get; init; }

    /// <summary>Root of the transactions trie.</summary>
    public required Hash256 TransactionsRoot { get; init; }

    /// <summary>Root of the receipts trie.</summary>
    public required Hash256 ReceiptsRoot { get; init; }

    /// <summary>Root of the state after the block.</summary>
    public required Hash256 StateRoot { get; init; }

    /// <summary>Hash of the block's header.</summary>
    public required Hash256 BlockHash { get; init; }

    /// <summary>Blob gas used; not carried by revision <see cref="MessageRevision.V0"/>.</summary>
    public ulong BlobGasUsed { get; init; }

    /// <summary>Bytes of the encoding.</summary>
    public static int EncodedLength(MessageRevision revision) => MessageLayout.SealLength(revision);

    /// <summary>Reads a seal. Any input gives a value or an error.</summary>
    /// <param name="ssz">The encoding, all of it; nothing of it is kept.</param>
    /// <param name="revision">The layout the network uses.</param>
    /// <param name="seal">The message, or null on an error.</param>
    public static MessageError TryDecode(ReadOnlyMemory<byte> ssz, MessageRevision revision, out SealV0? seal)
    {
        seal = null;
        var reader = new SszReader(ssz.Span);
        var decoded = new SealV0
        {
            TotalFrags = reader.ReadUInt64(),
            BlockNumber = reader.ReadUInt64(),
            GasUsed = reader.ReadUInt64(),
            GasLimit = reader.ReadUInt64(),
            ParentHash = reader.ReadHash(),
            TransactionsRoot = reader.ReadHash(),
            ReceiptsRoot = reader.ReadHash(),
            StateRoot = reader.ReadHash(),
            BlockHash = reader.ReadHash(),
            BlobGasUsed = revision == MessageRevision.V0WithBlobGas ? reader.ReadUInt64() : 0,
        };
        if (reader.Failed)
        {
            return MessageError.Truncated;
        }

        if (reader.Position != ssz.Length)
        {
            return MessageError.TrailingBytes;
        }

        seal = decoded;
        return MessageError.None;
    }

    /// <summary>Writes the encoding and returns its length.</summary>
    /// <param name="destination">At least <see cref="EncodedLength"/> bytes.</param>
    /// <param name="revision">The layout; without blob gas, <see cref="BlobGasUsed"/> is left out.</param>
    public int Write(Span<byte> destination, MessageRevision revision = MessageRevision.V0WithBlobGas)
    {
        var writer = new SszWriter(destination);
        writer.Write(TotalFrags);
        writer.Write(BlockNumber);
        writer.Write(GasUsed);
        writer.Write(GasLimit);
        writer.Write(ParentHash.Bytes);
        writer.Write(TransactionsRoot.Bytes);
        writer.Write(ReceiptsRoot.Bytes);
        writer.Write(StateRoot.Bytes);
        writer.Write(BlockHash.Bytes);
        if (revision == MessageRevision.V0WithBlobGas)
        {
            writer.Write(BlobGasUsed);
        }

        return writer.Position;
    }

    /// <summary>The SSZ hash-tree-root.</summary>
    public Hash256 HashTreeRoot(MessageRevision revision = MessageRevision.V0WithBlobGas)
    {
        Span<byte> fields = stackalloc byte[10 * SszRoot.ChunkLength];
        fields.Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(fields, TotalFrags);
        BinaryPrimitives.WriteUInt64LittleEndian(fields[32..], BlockNumber);
        BinaryPrimitives.WriteUInt64LittleEndian(fields[64..], GasUsed);
        BinaryPrimitives.WriteUInt64LittleEndian(fields[96..], GasLimit);
        ParentHash.CopyTo(fields[128..]);
        TransactionsRoot.CopyTo(fields[160..]);
        ReceiptsRoot.CopyTo(fields[192..]);
        StateRoot.CopyTo(fields[224..]);
        BlockHash.CopyTo(fields[256..]);
        var count = 9;
        if (revision == MessageRevision.V0WithBlobGas)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(fields[288..], BlobGasUsed);
            count++;
        }

        Span<byte> root = stackalloc byte[SszRoot.ChunkLength];
        SszRoot.Container(fields[..(count * SszRoot.ChunkLength)], root);
        return Hash256.FromBytes(root);
    }

    /// <summary>The digest that the leader signs.</summary>
    /// <param name="revision">The layout the network uses.</param>
    /// <param name="attempt">How often the block was cancelled before.</param>
    public Hash256 SigningDigest(
        MessageRevision revision = MessageRevision.V0WithBlobGas, byte attempt = 0) =>
        MessageSignature.Digest(MessageKind.Seal, HashTreeRoot(revision), attempt);
}
