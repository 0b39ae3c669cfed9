namespace Fragcast.Gossip.Chunks.Proofs;

/// <summary>
/// All nodes of a Merkle tree over the chunks of a segment. Numbered as in a heap: the root is 1, the children of i are
/// 2i and 2i + 1, leaf i is 2^depth + i. Reused from tree to tree; one thread.
/// </summary>
internal sealed class ChunkTree
{
    private readonly byte[] _nodes = new byte[(2 << ChunkLayout.DepthMax) * ChunkLayout.NodeLength];
    private int _total;
    private int _depth;

    /// <summary>The root, once the tree is built.</summary>
    public ReadOnlySpan<byte> Root => Node(1);

    /// <summary>Begins a tree.</summary>
    /// <param name="total">Its leaves.</param>
    public void Start(int total)
    {
        _total = total;
        _depth = ChunkLayout.Depth(total);
    }

    /// <summary>The place of a leaf, to be filled before <see cref="Build()"/>.</summary>
    public Span<byte> Leaf(int index) => Node((1 << _depth) + index);

    /// <summary>Computes every inner node.</summary>
    public void Build() => Build(0, _total, _depth);

    /// <summary>Computes the subtree above 2^<paramref name="levels"/> leaves from their hashes.</summary>
    /// <param name="first">Its first leaf, a multiple of their number.</param>
    /// <param name="end">One past the last leaf that is there, at least <paramref name="first"/> + 1.</param>
    /// <param name="levels">Its height.</param>
    /// <returns>Its top node.</returns>
    public ReadOnlySpan<byte> Build(int first, int end, int levels)
    {
        int left = (1 << _depth) + first;
        int right = (1 << _depth) + end - 1;
        for (int level = 0; level < levels; level++, left >>= 1, right >>= 1)
        {
            if ((right & 1) == 0)
            {
                Node(right + 1).Clear();
            }

            for (int node = left; node <= right; node += 2)
            {
                ChunkMerkle.HashInner(Node(node), Node(node + 1), Node(node >> 1));
            }
        }

        return Node(left);
    }

    /// <summary>Writes the siblings on the way from a leaf to the root.</summary>
    /// <param name="index">The leaf's place.</param>
    /// <param name="branch">Takes 20 bytes for each level.</param>
    public void WriteBranch(int index, Span<byte> branch)
    {
        int at = 0;
        for (int node = (1 << _depth) + index; node > 1; node >>= 1, at += ChunkLayout.NodeLength)
        {
            int sibling = node ^ 1;
            int level = at / ChunkLayout.NodeLength;
            if ((sibling << level) - (1 << _depth) >= _total)
            {
                branch.Slice(at, ChunkLayout.NodeLength).Clear();
            }
            else
            {
                Node(sibling).CopyTo(branch[at..]);
            }
        }
    }

    private Span<byte> Node(int node) => _nodes.AsSpan(node * ChunkLayout.NodeLength, ChunkLayout.NodeLength);
}
