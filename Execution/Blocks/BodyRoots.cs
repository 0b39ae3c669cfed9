using Fragcast.Execution.Trie;
using Fragcast.Primitives;
using Fragcast.Primitives.Transactions;

namespace Fragcast.Execution.Blocks;

/// <summary>
/// Roots of a block's transactions and receipts, hashed ahead frag by frag where there is a pipeline. One thread at a
/// time.
/// </summary>
internal sealed class BodyRoots
{
    private readonly OrderedTrieRoot _transactions = new();
    private readonly OrderedTrieRoot _receipts = new();

    /// <summary>Hashes a frag ahead.</summary>
    public void Extend(FragJob job)
    {
        _transactions.Extend(job.Transactions);
        _receipts.Extend(job.Receipts);
    }

    /// <summary>Forgets all but the block's first transactions.</summary>
    public void Truncate(int count)
    {
        _transactions.Truncate(count);
        _receipts.Truncate(count);
    }

    /// <summary>Root of all transactions.</summary>
    public Hash256 OfTransactions(List<Transaction> transactions) =>
        _transactions.Finish(new TransactionItems(transactions));

    /// <summary>Root of all receipts.</summary>
    public Hash256 OfReceipts(ReceiptArena.ItemList receipts) => _receipts.Finish(receipts);

    private readonly struct TransactionItems(List<Transaction> transactions) : IOrderedItems
    {
        public int Count => transactions.Count;

        public ReadOnlySpan<byte> this[int index] => transactions[index].Raw.Span;
    }
}
