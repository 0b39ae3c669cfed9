using Fragcast.Execution.Trie;
using Fragcast.Primitives.Rlp;

namespace Fragcast.Execution.Blocks;

/// <summary>
/// The encoded receipts of a block, one behind the other in one buffer that is reused from block to block: each is
/// encoded once, when its transaction was executed, so that sealing only hashes.
/// </summary>
internal sealed class ReceiptArena
{
    // A receipt without logs has some 270 bytes; longer ones are encoded in a rented buffer first.
    private const int StackBufferLength = 1024;

    private readonly List<int> _ends = [];
    private byte[] _bytes = new byte[64 * 1024];

    /// <summary>The receipts as items of a trie; valid until the next change.</summary>
    public ItemList Items => new(this);

    private int Length => _ends.Count == 0 ? 0 : _ends[^1];

    /// <summary>Encodes a receipt behind the last one.</summary>
    public void Add(Receipt receipt)
    {
        var writer = new RlpWriter(stackalloc byte[StackBufferLength]);
        receipt.WriteTo(ref writer);
        int start = Length;
        if (_bytes.Length - start < writer.Length)
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, start + writer.Length));
        writer.Written.CopyTo(_bytes.AsSpan(start));
        _ends.Add(start + writer.Length);
        writer.Dispose();
    }

    /// <summary>Drops all but the first receipts.</summary>
    public void Truncate(int count) => _ends.RemoveRange(count, _ends.Count - count);

    /// <summary>The receipts in order.</summary>
    public readonly struct ItemList(ReceiptArena arena) : IOrderedItems
    {
        public int Count => arena._ends.Count;

        public ReadOnlySpan<byte> this[int index]
        {
            get
            {
                int start = index == 0 ? 0 : arena._ends[index - 1];
                return arena._bytes.AsSpan(start, arena._ends[index] - start);
            }
        }
    }
}
