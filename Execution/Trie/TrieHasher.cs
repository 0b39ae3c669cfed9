using System.Numerics;
using System.Runtime.InteropServices;
using Fragcast.Primitives;

namespace Fragcast.Execution.Trie;

/// <summary>
/// Brings the references of changed nodes up to date, of many subtrees and tries together: level by level from the
/// deepest, since nodes of one level do not depend on each other and so are hashed side by side. Keeps its buffers;
/// instances on disjoint subtrees may run in parallel.
/// </summary>
internal sealed class TrieHasher
{
    // Changed children from which on a subtree counts as large: each then fills the places of a batch by itself.
    private const int LargeMin = 12;

    private readonly List<Place>[] _levels = new List<Place>[Nibbles.MaxLength + 1];
    private readonly NodeEncoder _encoder = new();
    private readonly KeccakBatch<Place> _batch = new(SetHash);
    private int _deepest;

    /// <summary>Makes a hasher.</summary>
    public TrieHasher()
    {
        for (int i = 0; i < _levels.Length; i++) _levels[i] = [];
    }

    /// <summary>Where a reference stands that is out of date: in a branch at a nibble, or in an extension.</summary>
    private readonly record struct Place(TrieNode Parent, int Nibble)
    {
        public TrieNode Child =>
            Parent is BranchNode branch ? branch.Children[Nibble]! : ((ExtensionNode)Parent).Child!;
    }

    /// <summary>
    /// Notes everything below a node that is out of date. Recursion is as deep as the trie: at most 64.
    /// </summary>
    public void Add(TrieNode node, int depth)
    {
        if (node is BranchNode branch)
        {
            for (int dirty = branch.Dirty; dirty != 0; dirty &= dirty - 1)
            {
                int nibble = BitOperations.TrailingZeroCount(dirty);
                Note(new Place(branch, nibble), depth + 1);
                if (branch.Children[nibble] is { } child and not LeafNode) Add(child, depth + 1);
            }
        }
        else if (node is ExtensionNode { IsDirty: true } extension)
        {
            Note(new Place(extension, 0), extension.Path.Length);
            Add(extension.Child!, extension.Path.Length);
        }
    }

    /// <summary>Recomputes, from the bottom up, the references that were noted.</summary>
    public void Run()
    {
        for (; _deepest > 0; _deepest--)
        {
            List<Place> level = _levels[_deepest];
            foreach (ref readonly Place place in CollectionsMarshal.AsSpan(level))
            {
                ReadOnlySpan<byte> rlp = _encoder.Encode(place.Child, _deepest);
                if (rlp.Length < Hash256.Size) SetEmbedded(place, rlp);
                else _batch.Add(place, rlp);
            }

            _batch.Flush();
            level.Clear();
        }
    }

    /// <summary>
    /// Brings everything below a node up to date. A large subtree is done child by child, so that its nodes are still
    /// in the cache when they are encoded.
    /// </summary>
    public void Refresh(TrieNode node, int depth)
    {
        if (node is BranchNode branch && BitOperations.PopCount(branch.Dirty) >= LargeMin)
        {
            for (int dirty = branch.Dirty; dirty != 0; dirty &= dirty - 1)
            {
                if (branch.Children[BitOperations.TrailingZeroCount(dirty)] is not BranchNode child) continue;
                Add(child, depth + 1);
                Run();
            }
        }

        Add(node, depth);
        Run();
    }

    /// <summary>The hash of a root below which everything is up to date.</summary>
    public Hash256 HashRoot(TrieNode root) => Keccak256.Hash(_encoder.Encode(root, 0));

    private void Note(in Place place, int depth)
    {
        _levels[depth].Add(place);
        _deepest = Math.Max(_deepest, depth);
    }

    private static void SetEmbedded(in Place place, ReadOnlySpan<byte> rlp)
    {
        if (place.Parent is BranchNode branch)
        {
            rlp.CopyTo(branch.References[place.Nibble]);
            branch.Dirty &= (ushort)~(1 << place.Nibble);
        }
        else
        {
            var extension = (ExtensionNode)place.Parent;
            rlp.CopyTo(extension.Reference);
            extension.IsDirty = false;
        }
    }

    private static void SetHash(Place place, in Hash256 hash)
    {
        if (place.Parent is BranchNode branch)
        {
            branch.References[place.Nibble].Set(hash);
            branch.Dirty &= (ushort)~(1 << place.Nibble);
        }
        else
        {
            var extension = (ExtensionNode)place.Parent;
            extension.Reference.Set(hash);
            extension.IsDirty = false;
        }
    }
}

/// <summary>Hashers for whoever needs one at the moment; thread-safe. Bounded by the threads of a crew.</summary>
internal sealed class TrieHasherPool
{
    private readonly Lock _gate = new();
    private readonly Stack<TrieHasher> _free = [];

    public TrieHasher Rent()
    {
        lock (_gate)
        {
            if (_free.TryPop(out TrieHasher? hasher)) return hasher;
        }

        return new TrieHasher();
    }

    public void Return(TrieHasher hasher)
    {
        lock (_gate) _free.Push(hasher);
    }
}
