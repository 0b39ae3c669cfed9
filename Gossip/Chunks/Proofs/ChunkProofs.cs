using System.Runtime.CompilerServices;

namespace Fragcast.Gossip.Chunks.Proofs;

/// <summary>
/// The nodes of one tree that are known to lead to its root, so that a chunk is hashed up to the first of them only:
/// the half of the chunks whose sibling came before cost their leaf and nothing else. Numbered as in
/// <see cref="ChunkTree"/>. Reused from tree to tree; one thread.
/// </summary>
/// <remarks>
/// Whenever a node is known, so are its sibling, its parent and all above. So what is left of a branch above the first
/// known node is compared with known nodes, and no part of an accepted chunk is unproven.
/// </remarks>
internal sealed class ChunkProofs
{
    private readonly byte[] _nodes = new byte[(2 << ChunkLayout.DepthMax) * ChunkLayout.NodeLength];
    private readonly ulong[] _known = new ulong[(2 << ChunkLayout.DepthMax) / 64];
    private int _depth;

    /// <summary>The root.</summary>
    public ReadOnlySpan<byte> Root => Node(1);

    /// <summary>Begins a tree of which the root is known.</summary>
    public void Start(int total, ReadOnlySpan<byte> root)
    {
        _depth = ChunkLayout.Depth(total);
        _known.AsSpan().Clear();
        Learn(1, root);
    }

    /// <summary>Whether a leaf and its branch lead to the root; if so, both are known from then on.</summary>
    [SkipLocalsInit]
    public bool Check(int index, ReadOnlySpan<byte> leaf, ReadOnlySpan<byte> branch)
    {
        // The nodes on the way up, from the leaf to the first that is known.
        Span<byte> path = stackalloc byte[(ChunkLayout.DepthMax + 1) * ChunkLayout.NodeLength];
        leaf[..ChunkLayout.NodeLength].CopyTo(path);
        int first = (1 << _depth) + index;
        int node = first;
        int at = 0;
        for (; !IsKnown(node); node >>= 1, at += ChunkLayout.NodeLength)
        {
            Span<byte> above = path.Slice(at + ChunkLayout.NodeLength, ChunkLayout.NodeLength);
            path.Slice(at, ChunkLayout.NodeLength).CopyTo(above);
            ChunkMerkle.Climb(above, branch[at..], (node & 1) != 0);
        }

        if (!path.Slice(at, ChunkLayout.NodeLength).SequenceEqual(Node(node)) || !AreSiblings(node, branch[at..]))
        {
            return false;
        }

        node = first;
        for (int learned = 0; learned < at; learned += ChunkLayout.NodeLength, node >>= 1)
        {
            Learn(node, path[learned..]);
            Learn(node ^ 1, branch[learned..]);
        }

        return true;
    }

    private bool AreSiblings(int node, ReadOnlySpan<byte> branch)
    {
        for (; node > 1; node >>= 1, branch = branch[ChunkLayout.NodeLength..])
        {
            if (!branch[..ChunkLayout.NodeLength].SequenceEqual(Node(node ^ 1)))
            {
                return false;
            }
        }

        return true;
    }

    private bool IsKnown(int node) => (_known[node >> 6] >> (node & 63) & 1) != 0;

    private void Learn(int node, ReadOnlySpan<byte> value)
    {
        value[..ChunkLayout.NodeLength].CopyTo(Node(node));
        _known[node >> 6] |= 1UL << (node & 63);
    }

    private Span<byte> Node(int node) => _nodes.AsSpan(node * ChunkLayout.NodeLength, ChunkLayout.NodeLength);
}
