using System.Diagnostics;
using Fragcast.Primitives.Ssz;

namespace Fragcast.Primitives.Messages;

/// <summary>Writes frags in SSZ from raw transactions, in one pass, into memory of the caller.</summary>
public static class FragEncoder
{
    /// <summary>
    /// Bytes of a frag of <paramref name="count"/> transactions that are <paramref name="totalLength"/> bytes together.
    /// </summary>
    public static long Length(int count, long totalLength, MessageRevision revision) =>
        MessageLayout.FragFixedLength(revision) + ((long)count * SszOffsets.Length) + totalLength;

    /// <summary>Bytes of the frag of these transactions.</summary>
    /// <exception cref="ArgumentException">More transactions or bytes than a frag can carry.</exception>
    public static int Length(ReadOnlySpan<ReadOnlyMemory<byte>> transactions, MessageRevision revision)
    {
        long total = 0;
        foreach (var transaction in transactions)
        {
            total += transaction.Length;
        }

        var length = Length(transactions.Length, total, revision);
        return transactions.Length <= MessageLayout.TransactionsMax && length <= Array.MaxLength
            ? (int)length
            : throw new ArgumentException("The transactions do not fit into a frag.", nameof(transactions));
    }

    /// <summary>Writes a frag and returns its length.</summary>
    /// <param name="header">All fields but the transactions.</param>
    /// <param name="transactions">Raw EIP-2718 transactions.</param>
    /// <param name="revision">The layout; without blob gas, the header's is left out.</param>
    /// <param name="destination">At least <see cref="Length(ReadOnlySpan{ReadOnlyMemory{byte}}, MessageRevision)"/>
    /// bytes.</param>
    public static int Write(
        in FragHeader header,
        ReadOnlySpan<ReadOnlyMemory<byte>> transactions,
        MessageRevision revision,
        Span<byte> destination)
    {
        var writer = new SszWriter(destination);
        writer.Write(header.BlockNumber);
        writer.Write(header.Seq);
        writer.Write(header.IsLast ? (byte)1 : (byte)0);
        if (revision == MessageRevision.V0WithBlobGas)
        {
            writer.Write(header.BlobGasUsed);
        }

        writer.WriteOffset(MessageLayout.FragFixedLength(revision));
        Debug.Assert(writer.Position == MessageLayout.FragFixedLength(revision), "The fixed part has its length.");
        var offset = transactions.Length * SszOffsets.Length;
        foreach (var transaction in transactions)
        {
            writer.WriteOffset(offset);
            offset += transaction.Length;
        }

        foreach (var transaction in transactions)
        {
            writer.Write(transaction.Span);
        }

        return writer.Position;
    }
}
