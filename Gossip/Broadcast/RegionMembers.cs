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

    /// <summary>
    /// Draws a rank from <paramref name="first"/> on, among <paramref name="count"/> ranks modulo the number of nodes,
    /// in proportion to the uplinks.
    /// </summary>
    /// <param name="first">The first rank.</param>
    /// <param name="count">At least 1, at most <see cref="Count"/>.</param>
    /// <param name="draw">Any 32 bits, equally likely.</param>
    public int Draw(int first, int count, uint draw)
    {
        int end = first + count;
        int before = first == 0 ? 0 : _weights[first - 1];
        int head = _weights[Math.Min(end, Count) - 1] - before;
        int tail = end > Count ? _weights[end - Count - 1] : 0;
        int target = (int)(((ulong)draw * (ulong)(head + tail)) >> 32);
        return target < head ? FirstAbove(before + target) : FirstAbove(target - head);
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
