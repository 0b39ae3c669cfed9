namespace Fragcast.Gossip.Broadcast;

/// <summary>A node as plans see it.</summary>
/// <param name="Node">The owner's number for it, from 0 up; numbers are never reused for another node.</param>
/// <param name="Position">Its place on its region's ring: the first four bytes of SHA-256 of its peer id.</param>
/// <param name="Region">Its region, 0 to 63, from the network's list of regions.</param>
/// <param name="UplinkMbps">What it says it can send, in megabits a second.</param>
public readonly record struct MapNode(int Node, uint Position, byte Region, int UplinkMbps);

/// <summary>
/// All nodes that are known at one moment, by region and in the order of their positions: what plans are made from.
/// Every node makes its own from the signed records; small differences between two nodes' maps cost single chunks.
/// Not changed once made, any thread.
/// </summary>
public sealed class NetworkMap
{
    // A relay is drawn in proportion to its uplink, between these bounds, so that neither a boast nor an understatement
    // moves too much traffic.
    private const int WeightUnitMbps = 50;
    private const int WeightMax = 40;

    private readonly RegionMembers[] _regions = new RegionMembers[RegionLatencies.RegionsMax];
    private readonly MapNode[] _byNumber;
    private readonly byte[] _slowestFirst;

    /// <summary>Makes a map.</summary>
    /// <param name="nodes">Every node once, this one included; in any order.</param>
    /// <param name="latencies">Between the regions.</param>
    public NetworkMap(IReadOnlyCollection<MapNode> nodes, RegionLatencies latencies)
    {
        ArgumentNullException.ThrowIfNull(nodes);
        Latencies = latencies;
        Count = nodes.Count;
        _byNumber = new MapNode[nodes.Count == 0 ? 0 : nodes.Max(node => node.Node) + 1];
        Array.Fill(_byNumber, new MapNode(-1, 0, 0, 0));
        foreach (MapNode node in nodes)
        {
            _byNumber[node.Node] = node;
            Present |= 1UL << node.Region;
        }

        for (int region = 0; region < _regions.Length; region++)
        {
            _regions[region] = new RegionMembers(
                nodes.Where(node => node.Region == region).OrderBy(node => node.Position).ThenBy(node => node.Node));
        }

        _slowestFirst = nodes.Select(node => node.Region).Distinct()
            .OrderByDescending(region => latencies.OneWayNs(region, region)).ThenBy(region => region).ToArray();
    }

    /// <summary>Number of nodes.</summary>
    public int Count { get; }

    /// <summary>The regions that have nodes, a bit each.</summary>
    public ulong Present { get; }

    /// <summary>Between the regions.</summary>
    public RegionLatencies Latencies { get; }

    /// <summary>The regions that have nodes, those with the longest way between two nodes of theirs first.</summary>
    public ReadOnlySpan<byte> SlowestFirst => _slowestFirst;

    /// <summary>One past the greatest node number.</summary>
    public int Numbers => _byNumber.Length;

    /// <summary>Whether a node is in the map.</summary>
    public bool TryGet(int node, out MapNode entry)
    {
        entry = (uint)node < (uint)_byNumber.Length ? _byNumber[node] : new MapNode(-1, 0, 0, 0);
        return entry.Node >= 0;
    }

    /// <summary>The members of a region.</summary>
    public RegionMembers Region(int region) => _regions[region];

    /// <summary>How much of the relaying a node with this uplink takes.</summary>
    internal static int Weight(int uplinkMbps) => Math.Clamp(uplinkMbps / WeightUnitMbps, 1, WeightMax);
}
