using System.Numerics;

namespace Fragcast.Gossip.Broadcast;

/// <summary>The ways from a leader to the regions, each by way of a root in any of them.</summary>
internal sealed class Ways
{
    private readonly int[] _regions;
    private readonly int[] _members;
    private readonly int[] _relays;
    private readonly long[] _detourNs;
    private readonly int[][] _nearest;

    public Ways(in PlanInput input)
    {
        NetworkMap map = input.Map;
        map.TryGet(input.Leader, out MapNode leader);
        var regions = new List<int>();
        for (ulong left = map.Present; left != 0; left &= left - 1)
        {
            int region = BitOperations.TrailingZeroCount(left);
            if (map.Region(region).Count > (region == leader.Region ? 1 : 0))
            {
                regions.Add(region);
            }
        }

        _regions = regions.ToArray();
        _members = new int[_regions.Length];
        _relays = new int[_regions.Length];
        _detourNs = new long[_regions.Length * _regions.Length];
        _nearest = new int[_regions.Length][];
        for (int to = 0; to < _regions.Length; to++)
        {
            _members[to] = map.Region(_regions[to]).Count - (_regions[to] == leader.Region ? 1 : 0);
            _relays[to] = _members[to];
            for (int root = 0; root < _regions.Length; root++)
            {
                _detourNs[(to * _regions.Length) + root] =
                    Detour(map.Latencies, leader.Region, _regions[root], _regions[to]);
            }

            int here = to;
            _nearest[to] = Enumerable.Range(0, _regions.Length).OrderBy(root => DetourNs(here, root)).ToArray();
        }
    }

    /// <summary>Number of regions that have receivers.</summary>
    public int Count => _regions.Length;

    /// <summary>The region's number in the map.</summary>
    public int Region(int i) => _regions[i];

    /// <summary>Receivers in it.</summary>
    public int Members(int i) => _members[i];

    /// <summary>Nodes in it that can be roots.</summary>
    public int Relays(int i) => _relays[i];

    /// <summary>What the way by a root takes longer than the direct one, in nanoseconds; may be negative.</summary>
    public long DetourNs(int to, int root) => _detourNs[(to * _regions.Length) + root];

    /// <summary>The roots' regions for a region, the shortest way first.</summary>
    public ReadOnlySpan<int> Nearest(int to) => _nearest[to];

    // A root in the region itself is one of its heads; the others are a hop away.
    private static long Detour(RegionLatencies latencies, int leader, int root, int to) =>
        latencies.OneWayNs(leader, root) - latencies.OneWayNs(leader, to)
        + (root == to ? latencies.OneWayNs(to, to) / 2 : latencies.OneWayNs(root, to));
}
