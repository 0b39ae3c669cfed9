using System.Diagnostics;
using System.Runtime.InteropServices;
using Fragcast.Primitives;

namespace Fragcast.Execution.Trie;

/// <summary>
/// The items of an ordered list. Implemented by structs, so that items can lie in whatever form their owner keeps them.
/// </summary>
public interface IOrderedItems
{
    /// <summary>Number of items, at most <see cref="OrderedTrieRoot.MaxCount"/>.</summary>
    int Count { get; }

    /// <summary>The bytes of an item; not empty.</summary>
    ReadOnlySpan<byte> this[int index] { get; }
}

/// <summary>
/// Root of the trie that maps the RLP of each index to the item at it: transactions, receipts and withdrawals of a
/// block. The trie is not built: its nodes are hashed in the order of a walk over the sorted keys, and forgotten.
/// Keeps a buffer from use to use; not thread-safe.
/// </summary>
public sealed class OrderedTrieRoot
{
    /// <summary>The indices whose RLP has at most three bytes: far more than a block has transactions.</summary>
    public const int MaxCount = 1 << 16;

    private readonly NodeEncoder _encoder = new();

    /// <summary>Computes the root.</summary>
    public Hash256 Compute<TItems>(in TItems items)
        where TItems : struct, IOrderedItems
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(items.Count, MaxCount, nameof(items));
        return items.Count == 0 ? MerkleTrie.EmptyRoot : Keccak256.Hash(Encode(items, 0, items.Count, 0));
    }

    /// <summary>Computes the root of a list of byte strings.</summary>
    public Hash256 Compute(IReadOnlyList<ReadOnlyMemory<byte>> items) => Compute(new MemoryItems(items));

    /// <summary>
    /// Encodes the node at which the sorted keys of a range, which share their first <paramref name="depth"/> nibbles,
    /// hang. Recursion is as deep as a key is long: six.
    /// </summary>
    private ReadOnlySpan<byte> Encode<TItems>(in TItems items, int start, int end, int depth)
        where TItems : struct, IOrderedItems
    {
        Nibbles first = KeyAt(start, items.Count);
        if (end - start == 1) return _encoder.EncodePath(first, depth, items[IndexAt(start, items.Count)]);

        int split = Nibbles.CommonPrefix(first, KeyAt(end - 1, items.Count), depth);
        Span<NodeReference> references = stackalloc NodeReference[16];
        int present = 0;
        for (int groupStart = start; groupStart < end;)
        {
            int nibble = KeyAt(groupStart, items.Count)[split];
            int groupEnd = groupStart + 1;
            while (groupEnd < end && KeyAt(groupEnd, items.Count)[split] == nibble) groupEnd++;
            references[nibble].Set(Encode(items, groupStart, groupEnd, split + 1));
            present |= 1 << nibble;
            groupStart = groupEnd;
        }

        ReadOnlySpan<byte> branch = _encoder.EncodeBranch(references, present, default);
        if (split == depth) return branch;
        NodeReference child = default;
        child.Set(branch);
        return _encoder.EncodePath(first.Prefix(split), depth, child);
    }

    /// <summary>
    /// The index whose key comes at a position of the sorted keys: the RLP of zero, 0x80, comes after that of 127.
    /// </summary>
    private static int IndexAt(int position, int count)
    {
        int zero = Math.Min(count, 128) - 1;
        return position < zero ? position + 1 : position == zero ? 0 : position;
    }

    private static Nibbles KeyAt(int position, int count)
    {
        int index = IndexAt(position, count);
        Debug.Assert(index < MaxCount, "An index has at most two bytes.");
        return index switch
        {
            0 => new Nibbles([0x80]),
            < 0x80 => new Nibbles([(byte)index]),
            < 0x100 => new Nibbles([0x81, (byte)index]),
            _ => new Nibbles([0x82, (byte)(index >> 8), (byte)index]),
        };
    }

    [StructLayout(LayoutKind.Auto)]
    private readonly struct MemoryItems(IReadOnlyList<ReadOnlyMemory<byte>> items) : IOrderedItems
    {
        public int Count => items.Count;

        public ReadOnlySpan<byte> this[int index] => items[index].Span;
    }
}
