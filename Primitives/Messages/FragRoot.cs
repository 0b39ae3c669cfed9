using System.Buffers.Binary;
using Fragcast.Primitives.Ssz;

namespace Fragcast.Primitives.Messages;

/// <summary>The hash-tree-root of a frag, taken over its encoding without materialising anything.</summary>
internal static class FragRoot
{
    /// <summary>The root of the layout the frag was decoded in.</summary>
    public static Hash256 Compute(in FragV0 frag)
    {
        Span<byte> fields = stackalloc byte[5 * SszRoot.ChunkLength];
        fields.Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(fields, frag.BlockNumber);
        BinaryPrimitives.WriteUInt64LittleEndian(fields[32..], frag.Seq);
        fields[64] = frag.IsLast ? (byte)1 : (byte)0;
        var last = 96;
        if (frag.Revision == MessageRevision.V0WithBlobGas)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(fields[last..], frag.BlobGasUsed);
            last += SszRoot.ChunkLength;
        }

        ByteListsRoot.Compute(
            frag.Transactions.Serialized.Span,
            frag.Transactions.Count,
            MessageLayout.TransactionDepth,
            MessageLayout.TransactionsDepth,
            fields.Slice(last, SszRoot.ChunkLength));
        Span<byte> root = stackalloc byte[SszRoot.ChunkLength];
        SszRoot.Container(fields[..(last + SszRoot.ChunkLength)], root);
        return Hash256.FromBytes(root);
    }
}
