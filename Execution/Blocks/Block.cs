using System.Diagnostics.CodeAnalysis;
using Fragcast.Primitives.Blocks;
using Fragcast.Primitives.Rlp;
using Fragcast.Primitives.Transactions;

namespace Fragcast.Execution.Blocks;

/// <summary>A whole block as it is stored and sent: header and body, not executed.</summary>
/// <param name="Header">The header.</param>
/// <param name="Transactions">The transactions in order; each keeps a slice of the bytes that were decoded.</param>
/// <param name="HasOmmers">Whether the list of ommers is not empty.</param>
/// <param name="Withdrawals">The withdrawals; null before Shanghai.</param>
/// <param name="RlpLength">Bytes of the block's RLP.</param>
public sealed record Block(
    BlockHeader Header,
    IReadOnlyList<Transaction> Transactions,
    bool HasOmmers,
    IReadOnlyList<Withdrawal>? Withdrawals,
    int RlpLength)
{
    /// <summary>
    /// Decodes a block. Any input gives a block or false; what is allocated is bounded by its length.
    /// </summary>
    /// <param name="rlp">rlp([header, transactions, ommers, withdrawals]); the transactions keep slices of it.</param>
    /// <param name="block">The block, or null.</param>
    public static bool TryDecode(ReadOnlyMemory<byte> rlp, [NotNullWhen(true)] out Block? block)
    {
        block = null;
        var outer = new RlpReader(rlp.Span);
        if (!outer.TryReadList(out RlpReader parts) || !outer.TryFinish()) return false;
        if (!parts.TryReadItem(out ReadOnlySpan<byte> headerRlp)) return false;
        if (BlockHeader.TryDecode(headerRlp, out BlockHeader? header) != BlockDecodeError.None) return false;
        if (!parts.TryReadList(out RlpReader items) || !TryReadTransactions(rlp, ref items, out var transactions))
            return false;
        if (!parts.TryReadList(out RlpReader ommers) || !ommers.TryCountItems(out int ommerCount)) return false;
        List<Withdrawal>? withdrawals = null;
        if (!parts.IsAtEnd && !TryReadWithdrawals(ref parts, out withdrawals)) return false;
        if (!parts.TryFinish()) return false;
        block = new Block(header!, transactions, ommerCount > 0, withdrawals, rlp.Length);
        return true;
    }

    /// <summary>A legacy transaction stands as the list that it is, a typed one as a string.</summary>
    private static bool TryReadTransactions(
        ReadOnlyMemory<byte> rlp, ref RlpReader items, out List<Transaction> transactions)
    {
        transactions = [];
        while (!items.IsAtEnd)
        {
            bool isLegacy = items.IsNextList;
            bool isRead = isLegacy
                ? items.TryReadItem(out ReadOnlySpan<byte> bytes)
                : items.TryReadBytes(out bytes);
            if (!isRead || bytes.IsEmpty || (!isLegacy && bytes[0] >= 0xc0)) return false;
            ReadOnlyMemory<byte> raw = rlp.Slice(items.Position - bytes.Length, bytes.Length);
            if (Transaction.TryDecode(raw, out Transaction? transaction) != TxDecodeError.None) return false;
            transactions.Add(transaction!);
        }

        return true;
    }

    private static bool TryReadWithdrawals(ref RlpReader parts, out List<Withdrawal> withdrawals)
    {
        withdrawals = [];
        if (!parts.TryReadList(out RlpReader items)) return false;
        while (!items.IsAtEnd)
        {
            if (!items.TryReadItem(out ReadOnlySpan<byte> item)) return false;
            if (Withdrawal.TryDecode(item, out Withdrawal withdrawal) != BlockDecodeError.None) return false;
            withdrawals.Add(withdrawal);
        }

        return true;
    }
}
