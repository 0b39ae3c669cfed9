using Fragcast.Gossip.Broadcast;

namespace Fragcast.Gossip.Membership;

/// <summary>
/// Makes the latencies between regions from what the nodes say that they measured: the median for each pair of regions,
/// from both sides, one voice for each node. Where enough nodes that this one shook hands with have a voice, theirs
/// alone count; so neither single liars nor made-up identities move a median.
/// </summary>
internal static class LatencySurvey
{
    /// <summary>With so many voices of proven nodes, others are not heard for a pair of regions.</summary>
    public const int ProvenVoicesMin = 5;

    private const long TenthMsNs = 100_000;

    /// <summary>Takes the medians.</summary>
    /// <param name="nodes">Nodes with a record.</param>
    public static RegionLatencies Aggregate(IReadOnlyList<BookNode> nodes)
    {
        int regions = 0;
        foreach (BookNode node in nodes)
        {
            regions = Math.Max(regions, Math.Max(node.Record!.Region + 1, node.Record.RoundTripCount));
        }

        var all = new List<ushort>?[regions * regions];
        var proven = new List<ushort>?[regions * regions];
        foreach (BookNode node in nodes)
        {
            NodeRecord record = node.Record!;
            for (int other = 0; other < record.RoundTripCount; other++)
            {
                if (record.RoundTripTenthsMs(other) is > 0 and ushort roundTrip)
                {
                    int pair = (Math.Min(record.Region, other) * regions) + Math.Max(record.Region, other);
                    (all[pair] ??= []).Add(roundTrip);
                    if (node.Standing >= NodeStanding.Proven)
                    {
                        (proven[pair] ??= []).Add(roundTrip);
                    }
                }
            }
        }

        var oneWayNs = new long[regions, regions];
        for (int a = 0; a < regions; a++)
        {
            for (int b = a; b < regions; b++)
            {
                int pair = (a * regions) + b;
                List<ushort>? voices = proven[pair] is { Count: >= ProvenVoicesMin } firm ? firm : all[pair];
                oneWayNs[a, b] = oneWayNs[b, a] = voices is null ? 0 : Median(voices) * TenthMsNs / 2;
            }
        }

        return new RegionLatencies(oneWayNs);
    }

    private static long Median(List<ushort> voices)
    {
        voices.Sort();
        return voices[(voices.Count - 1) / 2];
    }
}
