using System.Buffers.Binary;
using Fragcast.Primitives.Ssz;

namespace Fragcast.Primitives.Messages;

/// <summary>The hash-tree-root of a frag, taken over its encoding without materialising anything.</summary>
internal static class FragRoot
{
    /// <summary>The root of the layout the frag was decoded in.</summary>
    public static Hash256 Compute(in FragV0 frag) => Combine(frag.Header, TransactionsRoot(frag), frag.Revision);

    /// <summary>The root of the list of transactions.</summary>
    public static Hash256 TransactionsRoot(in FragV0 frag)
    {
        Span<byte> root = stackalloc byte[SszRoot.ChunkLength];
        ByteListsRoot.Compute(
            frag.Transactions.Serialized.Span,
            frag.Transactions.Count,
            MessageLayout.TransactionDepth,
            MessageLayout.TransactionsDepth,
            root);
        return Hash256.FromBytes(root);
    }

    /// <summary>The root of a frag of which the root of the transactions is known.</summary>
    public static Hash256 Combine(in FragHeader header, in Hash256 transactionsRoot, MessageRevision revision)
    {
        Span<byte> fields = stackalloc byte[5 * SszRoot.ChunkLength];
        fields.Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(fields, header.BlockNumber);
        BinaryPrimitives.WriteUInt64LittleEndian(fields[32..], header.Seq);
        fields[64] = header.IsLast ? (byte)1 : (byte)0;
        var last = 96;
        if (revision == MessageRevision.V0WithBlobGas)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(fields[last..], header.BlobGasUsed);
            last += SszRoot.ChunkLength;
        }

        transactionsRoot.CopyTo(fields[last..]);
        Span<byte> root = stackalloc byte[SszRoot.ChunkLength];
        SszRoot.Container(fields[..(last + SszRoot.ChunkLength)], root);
        return Hash256.FromBytes(root);
    }
}
