using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;
using Fragcast.Primitives.Crypto;

namespace Fragcast.Primitives.Ssz;

/// <summary>
/// Root of a list of byte lists, such as a frag's transactions, over the serialized list in place. The trees of up to
/// 32 byte lists are hashed together, level by level: above each list stands a chain of zero subtrees, which is most of
/// the work for small lists, and the processor overlaps the pairs of several chains but not those of one.
/// </summary>
/// <remarks>
/// At each level the nodes of every list, one list after the other, are paired in one half of the scratch memory, an
/// odd last node with a zero subtree; hashing gives the nodes of the next level in the other half. A list of more than
/// <see cref="SmallMax"/> bytes has pairs enough of its own: it is reduced alone and joins at the level of its one
/// node.
/// </remarks>
internal readonly ref struct ByteListsRoot
{
    private const int ChunkLength = SszRoot.ChunkLength;
    private const int PairLength = Sha256.PairSize;

    // 32 lists of 16 pairs are 512 pairs: 32 KB, and 16 KB of nodes.
    private const int GroupDepth = 5;
    private const int GroupMax = 1 << GroupDepth;
    private const int SmallMax = 16 * PairLength;
    private const int PairsLength = GroupMax * SmallMax;
    private const int NodesLength = PairsLength / 2;

    // A large list is reduced in windows of as many pairs; each is a subtree of this depth.
    private const int WindowDepth = 10;

    private readonly ReadOnlySpan<byte> _list;
    private readonly int _count;
    private readonly int _itemDepth;
    private readonly Span<byte> _pairs;
    private readonly Span<byte> _nodes;

    private ByteListsRoot(ReadOnlySpan<byte> list, int count, int itemDepth, Span<byte> scratch)
    {
        _list = list;
        _count = count;
        _itemDepth = itemDepth;
        _pairs = scratch[..PairsLength];
        _nodes = scratch.Slice(PairsLength, NodesLength);
    }

    /// <summary>Writes the root of a list, the number of its elements mixed in.</summary>
    /// <param name="list">The serialized list, whose offset table has been validated.</param>
    /// <param name="count">The number of elements the validation found.</param>
    /// <param name="itemDepth">An element's limit is 32 * 2^itemDepth bytes; at least
    /// <see cref="WindowDepth"/>.</param>
    /// <param name="listDepth">The list's limit is 2^listDepth elements; at least <see cref="GroupDepth"/>.</param>
    /// <param name="root">Takes 32 bytes.</param>
    public static void Compute(ReadOnlySpan<byte> list, int count, int itemDepth, int listDepth, Span<byte> root)
    {
        var rented = ArrayPool<byte>.Shared.Rent(PairsLength + NodesLength);
        var work = new ByteListsRoot(list, count, itemDepth, rented);
        Span<byte> scratch = stackalloc byte[Merkleizer.ScratchLength(listDepth - GroupDepth)];
        var tree = new Merkleizer(listDepth - GroupDepth, scratch, nodeDepth: GroupDepth);
        for (var first = 0; first < count; first += GroupMax)
        {
            var items = Math.Min(GroupMax, count - first);
            work.ReduceGroup(first, items);
            tree.Add(work._nodes[..ChunkLength]);
        }

        ArrayPool<byte>.Shared.Return(rented);
        tree.Finish(root);
        SszRoot.MixInLength(root, (uint)count);
    }

    /// <summary>Leaves the node that is the root of a group of lists at the start of the nodes.</summary>
    private void ReduceGroup(int first, int items)
    {
        Span<byte> large = stackalloc byte[GroupMax * ChunkLength];
        Span<ushort> nodeCounts = stackalloc ushort[GroupMax];
        Span<byte> startLevels = stackalloc byte[GroupMax];
        for (var i = 0; i < items; i++)
        {
            var bytes = Item(first + i);
            startLevels[i] = 0;
            if (bytes.Length > SmallMax)
            {
                startLevels[i] = (byte)ReduceLarge(bytes);
                _nodes[..ChunkLength].CopyTo(large[(i * ChunkLength)..]);
            }
        }

        Sha256.HashPairs(PairChunks(first, startLevels[..items], nodeCounts), _nodes);
        for (var level = 1; level < _itemDepth; level++)
        {
            Sha256.HashPairs(PairNodes(level, startLevels[..items], nodeCounts, large), _nodes);
        }

        for (var i = 0; i < items; i++)
        {
            var pair = _pairs.Slice(i * PairLength, PairLength);
            pair.Clear();
            _nodes.Slice(i * ChunkLength, ChunkLength).CopyTo(pair);
            BinaryPrimitives.WriteInt32LittleEndian(pair[ChunkLength..], Item(first + i).Length);
        }

        Sha256.HashPairs(_pairs[..(items * PairLength)], _nodes);
        Reduce(items, 0, GroupDepth);
    }

    /// <summary>
    /// Pairs the chunks of the small lists; an empty list counts as one zero chunk, which is the same.
    /// </summary>
    private ReadOnlySpan<byte> PairChunks(int first, ReadOnlySpan<byte> startLevels, Span<ushort> nodeCounts)
    {
        var used = 0;
        for (var i = 0; i < startLevels.Length; i++)
        {
            nodeCounts[i] = 0;
            if (startLevels[i] == 0)
            {
                var bytes = Item(first + i);
                var pairs = Math.Max(1, (bytes.Length + PairLength - 1) / PairLength);
                var target = _pairs.Slice(used, pairs * PairLength);
                target[^PairLength..].Clear();
                bytes.CopyTo(target);
                nodeCounts[i] = (ushort)pairs;
                used += target.Length;
            }
        }

        return _pairs[..used];
    }

    /// <summary>Pairs the nodes of a level, completes odd ones, and lets the large lists of this level join.</summary>
    private ReadOnlySpan<byte> PairNodes(
        int level, ReadOnlySpan<byte> startLevels, Span<ushort> nodeCounts, ReadOnlySpan<byte> large)
    {
        var (used, read) = (0, 0);
        for (var i = 0; i < startLevels.Length; i++)
        {
            if (startLevels[i] > level)
            {
                continue;
            }

            ReadOnlySpan<byte> nodes;
            if (startLevels[i] == level)
            {
                nodes = large.Slice(i * ChunkLength, ChunkLength);
                nodeCounts[i] = 1;
            }
            else
            {
                nodes = _nodes.Slice(read, nodeCounts[i] * ChunkLength);
                read += nodes.Length;
            }

            nodes.CopyTo(_pairs[used..]);
            used += nodes.Length;
            if ((nodeCounts[i] & 1) != 0)
            {
                ZeroHashes.At(level).CopyTo(_pairs[used..]);
                used += ChunkLength;
            }

            nodeCounts[i] = (ushort)((nodeCounts[i] + 1) / 2);
        }

        return _pairs[..used];
    }

    /// <summary>Leaves the root of the smallest tree over a large list at the start of the nodes.</summary>
    /// <returns>The depth of that tree.</returns>
    private int ReduceLarge(ReadOnlySpan<byte> bytes)
    {
        var chunks = (bytes.Length + ChunkLength - 1) / ChunkLength;
        var depth = BitOperations.Log2((uint)chunks - 1) + 1;
        if (depth <= WindowDepth)
        {
            ReduceWindow(bytes, depth);
            return depth;
        }

        Span<byte> scratch = stackalloc byte[Merkleizer.ScratchLength(depth - WindowDepth)];
        var tree = new Merkleizer(depth - WindowDepth, scratch, nodeDepth: WindowDepth);
        for (; !bytes.IsEmpty; bytes = bytes[Math.Min(PairsLength, bytes.Length)..])
        {
            ReduceWindow(bytes[..Math.Min(PairsLength, bytes.Length)], WindowDepth);
            tree.Add(_nodes[..ChunkLength]);
        }

        tree.Finish(_nodes);
        return depth;
    }

    private void ReduceWindow(ReadOnlySpan<byte> bytes, int depth)
    {
        var whole = bytes.Length / PairLength * PairLength;
        Sha256.HashPairs(bytes[..whole], _nodes);
        var nodes = whole / PairLength;
        if (whole < bytes.Length)
        {
            Span<byte> last = stackalloc byte[PairLength];
            last.Clear();
            bytes[whole..].CopyTo(last);
            Sha256.HashPairs(last, _nodes[(nodes * ChunkLength)..]);
            nodes++;
        }

        Reduce(nodes, 1, depth);
    }

    /// <summary>Hashes nodes of one level in place until one node of a higher level is left.</summary>
    private void Reduce(int nodes, int level, int toLevel)
    {
        for (; level < toLevel; level++)
        {
            if ((nodes & 1) != 0)
            {
                ZeroHashes.At(level).CopyTo(_nodes[(nodes * ChunkLength)..]);
                nodes++;
            }

            Sha256.HashPairs(_nodes[..(nodes * ChunkLength)], _nodes);
            nodes /= 2;
        }
    }

    private ReadOnlySpan<byte> Item(int index)
    {
        var (start, end) = SszOffsets.Range(_list, _count, index);
        return _list[start..end];
    }
}
