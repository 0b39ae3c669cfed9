namespace Fragcast.Gossip.Broadcast;

/// <summary>The nodes of one region in the order of their positions on the ring. Not changed once made.</summary>
public sealed class RegionMembers
{
    private readonly MapNode[] _nodes;

    // Weights of the nodes up to and including each.
    private readonly int[] _weights;

    /// <summary>Takes nodes that are in order.</summary>
    internal RegionMembers(IEnumerable<MapNode> ordered)
    {
        _nodes = ordered.ToArray();
        _weights = new int[_nodes.Length];
        int sum = 0;
        for (int i = 0; i < _nodes.Length; i++)
        {
            sum += NetworkMap.Weight(_nodes[i].UplinkMbps);
            _weights[i] = sum;
        }

        TotalUplinkMbps = _nodes.Sum(node => (long)node.UplinkMbps);
    }

    /// <summary>Number of nodes.</summary>
    public int Count => _nodes.Length;

    /// <summary>What all of them together say that they can send, in megabits a second.</summary>
    public long TotalUplinkMbps { get; }

    /// <summary>A node by its rank.</summary>
    public ref readonly MapNode this[int rank] => ref _nodes[rank];

    /// <summary>The first rank whose position is at or after one; <see cref="Count"/> if there is none.</summary>
    public int RankOf(uint position)
    {
        int low = 0;
        int high = _nodes.Length;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (_nodes[middle].Position < position)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }

    /// <summary>Draws a rank in proportion to the uplinks.</summary>
    /// <param name="draw">Any 32 bits, equally likely.</param>
    /// <param name="except">
    /// A rank that is not to be drawn, -1 for none. It has no part in the proportions: its share falls to all others,
    /// not to its neighbour.
    /// </param>
    public int Draw(uint draw, int except)
    {
        int total = _weights[^1];
        if ((uint)except >= (uint)Count || Count == 1)
        {
            return FirstAbove((int)(((ulong)draw * (ulong)total) >> 32));
        }

        int before = except == 0 ? 0 : _weights[except - 1];
        int width = _weights[except] - before;
        int target = (int)(((ulong)draw * (ulong)(total - width)) >> 32);
        return FirstAbove(target < before ? target : target + width);
    }

    private int FirstAbove(int weight)
    {
        int low = 0;
        int high = _weights.Length - 1;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (_weights[middle] <= weight)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }
}
