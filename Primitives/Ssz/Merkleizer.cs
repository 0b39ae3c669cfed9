using System.Diagnostics;
using System.Numerics;
using Fragcast.Primitives.Crypto;

namespace Fragcast.Primitives.Ssz;

/// <summary>
/// Streaming Merkle root of up to 2^depth nodes of 32 bytes: nodes go in one by one, missing ones count as zero
/// subtrees, and only one pair for each level is held. Nothing is allocated: the caller lends the scratch memory.
/// </summary>
/// <remarks>
/// Level i keeps a left node while bit i of the count is set, as in a binary counter: adding a node carries through the
/// levels whose bit is set and rests in the first one that is free.
/// </remarks>
internal ref struct Merkleizer
{
    private readonly Span<byte> _pairs;
    private readonly int _depth;
    private readonly int _zeroDepth;
    private ulong _count;

    /// <summary>Starts a tree.</summary>
    /// <param name="depth">Levels between the nodes that will be added and the root.</param>
    /// <param name="scratch">At least <see cref="ScratchLength"/> bytes, owned by this value until the root is
    /// taken.</param>
    /// <param name="nodeDepth">Depth of the nodes themselves (0 for chunks), which selects the zero subtree that a
    /// missing one is.</param>
    public Merkleizer(int depth, Span<byte> scratch, int nodeDepth = 0)
    {
        Debug.Assert(depth >= 0 && depth + nodeDepth <= ZeroHashes.DepthMax, "The tree is deeper than the zero table.");
        Debug.Assert(scratch.Length >= ScratchLength(depth), "The scratch memory holds one pair for each level.");
        _depth = depth;
        _zeroDepth = nodeDepth;
        _pairs = scratch;
        _count = 0;
    }

    /// <summary>Bytes of scratch memory that a tree of <paramref name="depth"/> levels needs.</summary>
    public static int ScratchLength(int depth) => (depth + 1) * 64;

    /// <summary>Appends one node of 32 bytes; at most 2^depth may be added.</summary>
    public void Add(scoped ReadOnlySpan<byte> node)
    {
        Debug.Assert(_count < 1UL << _depth, "More nodes than the tree has leaves.");
        node.CopyTo(Place(0));
        Carry();
    }

    /// <summary>Appends the hash of two nodes one level below this tree's nodes, 64 bytes in all.</summary>
    public void AddPair(scoped ReadOnlySpan<byte> pair)
    {
        Debug.Assert(_count < 1UL << _depth, "More nodes than the tree has leaves.");
        Sha256.HashPairs(pair, Place(0));
        Carry();
    }

    /// <summary>Writes the 32-byte root. The value must not be used afterwards.</summary>
    public void Finish(scoped Span<byte> root)
    {
        if (_count == 1UL << _depth)
        {
            Pair(_depth)[..32].CopyTo(root);
            return;
        }

        if (_count == 0)
        {
            ZeroHashes.At(_depth + _zeroDepth).CopyTo(root);
            return;
        }

        // The right edge is completed with zero subtrees, from the lowest level that holds a left node upwards.
        var level = BitOperations.TrailingZeroCount(_count);
        ZeroHashes.At(level + _zeroDepth).CopyTo(Pair(level)[32..]);
        for (; level + 1 < _depth; level++)
        {
            Sha256.HashPairs(Pair(level), Place(level + 1));
            if (!LeftWaits(level + 1))
            {
                ZeroHashes.At(level + 1 + _zeroDepth).CopyTo(Pair(level + 1)[32..]);
            }
        }

        Sha256.HashPairs(Pair(level), root);
    }

    /// <summary>Moves the node just placed at level 0 up through every level where a left node waits for it.</summary>
    private void Carry()
    {
        for (var level = 0; LeftWaits(level); level++)
        {
            Sha256.HashPairs(Pair(level), Place(level + 1));
        }

        _count++;
    }

    private readonly bool LeftWaits(int level) => (_count & (1UL << level)) != 0;

    private readonly Span<byte> Place(int level) => Pair(level).Slice(LeftWaits(level) ? 32 : 0, 32);

    private readonly Span<byte> Pair(int level) => _pairs.Slice(level * 64, 64);
}
