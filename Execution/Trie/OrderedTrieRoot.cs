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
/// block. The trie is not built: its nodes are hashed in the order of a walk over the sorted keys. For a list that
/// grows, leaves and full groups of sixteen are hashed ahead, eight side by side, so that little is left for the end.
/// Keeps its buffers from use to use; not thread-safe.
/// </summary>
public sealed class OrderedTrieRoot
{
    /// <summary>The indices whose RLP has at most three bytes: far more than a block has transactions.</summary>
    public const int MaxCount = 1 << 16;

    private const int GroupSize = 16;

    private readonly NodeEncoder _encoder = new();
    private readonly KeccakBatch<int> _batch;
    private NodeReference[] _leaves = new NodeReference[64];
    private NodeReference[] _groups = new NodeReference[4];
    private NodeReference[] _target = [];
    private int _known;

    /// <summary>Makes one for an empty list.</summary>
    public OrderedTrieRoot() => _batch = new KeccakBatch<int>(SetTarget);

    /// <summary>Computes the root of a list that has nothing to do with the last one.</summary>
    public Hash256 Compute<TItems>(in TItems items)
        where TItems : struct, IOrderedItems
    {
        Truncate(0);
        return Finish(items);
    }

    /// <summary>Computes the root of a list of byte strings.</summary>
    public Hash256 Compute(IReadOnlyList<ReadOnlyMemory<byte>> items) => Compute(new MemoryItems(items));

    /// <summary>Hashes ahead the items by which the list has grown.</summary>
    /// <param name="items">The items behind those that are known.</param>
    public void Extend<TItems>(in TItems items)
        where TItems : struct, IOrderedItems => Extend(items, skipped: 0);

    /// <summary>Forgets all but the first items of the list.</summary>
    public void Truncate(int count) => _known = Math.Min(_known, count);

    /// <summary>Computes the root of the list; the items that are known are not hashed again.</summary>
    /// <param name="items">All items.</param>
    public Hash256 Finish<TItems>(in TItems items)
        where TItems : struct, IOrderedItems
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(items.Count, MaxCount, nameof(items));
        if (items.Count == 0) return MerkleTrie.EmptyRoot;
        Extend(items, skipped: _known);
        return Keccak256.Hash(Encode(items, 0, items.Count, 0));
    }

    private void Extend<TItems>(in TItems items, int skipped)
        where TItems : struct, IOrderedItems
    {
        int first = _known - skipped;
        int end = Math.Min(first + items.Count, MaxCount);
        if (end <= _known) return;
        if (_leaves.Length < end)
        {
            Array.Resize(ref _leaves, Math.Max(end, _leaves.Length * 2));
            Array.Resize(ref _groups, _leaves.Length / GroupSize + 1);
        }

        _target = _leaves;
        for (int index = _known; index < end; index++)
            Put(index, _encoder.EncodePath(KeyOf(index), DepthOf(index), items[index - first]));
        _batch.Flush();

        _target = _groups;
        for (int group = Math.Max(1, _known / GroupSize); group < end / GroupSize; group++)
        {
            ReadOnlySpan<NodeReference> leaves = _leaves.AsSpan(group * GroupSize, GroupSize);
            Put(group, _encoder.EncodeBranch(leaves, ushort.MaxValue, default));
        }

        _batch.Flush();
        _known = end;
    }

    private void Put(int index, ReadOnlySpan<byte> rlp)
    {
        if (rlp.Length < Hash256.Size) rlp.CopyTo(_target[index]);
        else _batch.Add(index, rlp);
    }

    private void SetTarget(int index, in Hash256 hash) => _target[index].Set(hash);

    /// <summary>
    /// Encodes the node at which the sorted keys of a range, which share their first <paramref name="depth"/> nibbles,
    /// hang. Recursion is as deep as a key is long: six.
    /// </summary>
    private ReadOnlySpan<byte> Encode<TItems>(in TItems items, int start, int end, int depth)
        where TItems : struct, IOrderedItems
    {
        Nibbles first = KeyOf(IndexAt(start, items.Count));
        if (end - start == 1) return _encoder.EncodePath(first, depth, items[IndexAt(start, items.Count)]);

        int split = Nibbles.CommonPrefix(first, KeyOf(IndexAt(end - 1, items.Count)), depth);
        Span<NodeReference> references = stackalloc NodeReference[16];
        int present = 0;
        for (int groupStart = start; groupStart < end;)
        {
            int nibble = KeyOf(IndexAt(groupStart, items.Count))[split];
            int groupEnd = groupStart + 1;
            while (groupEnd < end && KeyOf(IndexAt(groupEnd, items.Count))[split] == nibble) groupEnd++;
            int index = IndexAt(groupStart, items.Count);
            if (!TryGetKnown(index, groupEnd - groupStart, split + 1, ref references[nibble]))
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

    /// <summary>The reference of a leaf, or of a full group, that was hashed for the depth where it stands.</summary>
    private bool TryGetKnown(int index, int count, int depth, ref NodeReference reference)
    {
        if (count == 1 && depth == DepthOf(index)) reference = _leaves[index];
        else if (count == GroupSize && index % GroupSize == 0 && depth == DepthOf(index) - 1)
            reference = _groups[index / GroupSize];
        else return false;
        return true;
    }

    /// <summary>
    /// Where the leaf of an index stands as soon as it has neighbours; the key of zero has none before index 128.
    /// </summary>
    private static int DepthOf(int index) => index == 0 ? 1 : KeyOf(index).Length;

    /// <summary>
    /// The index whose key comes at a position of the sorted keys: the RLP of zero, 0x80, comes after that of 127.
    /// </summary>
    private static int IndexAt(int position, int count)
    {
        int zero = Math.Min(count, 128) - 1;
        return position < zero ? position + 1 : position == zero ? 0 : position;
    }

    private static Nibbles KeyOf(int index)
    {
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
