using Fragcast.Primitives;
using Fragcast.Primitives.Blocks;
using Fragcast.Primitives.Transactions;

namespace Fragcast.Execution.Blocks;

/// <summary>A finished block.</summary>
/// <param name="Header">Its header, with all roots.</param>
/// <param name="Hash">Hash of the header.</param>
/// <param name="Transactions">Its transactions in order.</param>
/// <param name="Receipts">Their receipts.</param>
/// <param name="Withdrawals">Its withdrawals; null before Shanghai.</param>
public sealed record SealedBlock(
    BlockHeader Header,
    Hash256 Hash,
    IReadOnlyList<Transaction> Transactions,
    IReadOnlyList<Receipt> Receipts,
    IReadOnlyList<Withdrawal>? Withdrawals);

/// <summary>Outcome of a frag.</summary>
/// <param name="Error">Why one of its transactions is invalid, in which case nothing of the frag is left.</param>
/// <param name="FailedIndex">Position in the frag of the invalid transaction; -1 when there is none.</param>
/// <param name="GasUsed">Gas that its transactions used; of no meaning on an error.</param>
public readonly record struct FragResult(TxError Error, int FailedIndex, ulong GasUsed)
{
    /// <summary>Whether the frag is part of the block.</summary>
    public bool IsGood => Error == TxError.None;
}
