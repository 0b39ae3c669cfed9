namespace Fragcast.Gossip.Broadcast;

/// <summary>What a plan is made for.</summary>
internal readonly record struct PlanInput(
    NetworkMap Map, int Leader, int UplinkMbps, int Data, double Factor, bool HasRoom);

/// <summary>
/// Makes a leader's plans: where each chunk has its root, so that the ways to all regions are short, and no region's
/// uplinks are asked for too much.
/// </summary>
internal sealed class Planner(BroadcastOptions options)
{
    // Roots that one node is, for one item, in the mean.
    private const int RootsPerNode = 2;

    // In the cost of a region: the mean over the lanes that it counts on, and a part of what the last of them costs.
    private const double LastWeight = 0.5;

    // It counts on more than it needs: any of them may be lost or late.
    private const double CountedOn = 1.6;
    private const long MissingNs = 1_000_000_000;

    /// <summary>Data chunks of one item at most: n, with parity, is at most 255.</summary>
    public const int DataMax = 160;

    /// <summary>Makes a plan.</summary>
    public BroadcastPlan Make(in PlanInput input)
    {
        BroadcastPlan relayed = Relayed(input, input.Data);
        BroadcastPlan direct = Direct(input, input.Data);
        return direct.ExpectedNs <= relayed.ExpectedNs || relayed.Routes.Length == 0 ? direct : relayed;
    }

    private BroadcastPlan Direct(in PlanInput input, int data)
    {
        int receivers = Math.Max(input.Map.Count - 1, 1);
        int total = TotalOf(data, input.Factor);
        long chunkNs = CostModel.SerialiseNs(options.ChunkBytesMax + options.OverheadBytes, input.UplinkMbps);
        return new BroadcastPlan(
            PlanKind.Direct, (byte)data, (byte)total, [],
            receivers > CostModel.FanOutMax ? long.MaxValue : data * receivers * chunkNs);
    }

    private BroadcastPlan Relayed(in PlanInput input, int data)
    {
        var ways = new Ways(input);
        if (ways.Count == 0)
        {
            return new BroadcastPlan(PlanKind.Relayed, (byte)data, (byte)data, [], long.MaxValue);
        }

        bool isCoded = data >= ItemHeader.ErasureCodedMin;
        double factor = isCoded && input.HasRoom ? Math.Max(input.Factor, Redundancy.ForSpeed) : input.Factor;
        int total = TotalOf(data, factor);
        int lanes = isCoded ? total : total / data;
        int needed = isCoded ? Math.Min(total, (int)Math.Ceiling(data * CountedOn)) : lanes;
        int[] roots = PlaceRoots(ways, lanes, needed, input.Map.Count);
        var routes = new ChunkRoute[total];
        for (int index = 0; index < total; index++)
        {
            int lane = isCoded ? index : index / data;
            routes[index] = new ChunkRoute((byte)ways.Region(roots[lane]), input.Map.Present);
        }

        return new BroadcastPlan(
            PlanKind.Relayed, (byte)data, (byte)total, routes,
            Expected(input, ways, roots, needed));
    }

    private static int TotalOf(int data, double factor) => data >= ItemHeader.ErasureCodedMin
        ? Math.Min(byte.MaxValue, (int)Math.Ceiling(data * factor))
        : data * (factor > Redundancy.Min ? 3 : 2);

    // One root after the other where it helps most.
    private static int[] PlaceRoots(Ways ways, int lanes, int needed, int nodes)
    {
        int[] counts = new int[ways.Count];
        int[] roots = new int[lanes];
        for (int lane = 0; lane < lanes; lane++)
        {
            int best = -1;
            double bestCost = double.MaxValue;
            for (int candidate = 0; candidate < counts.Length; candidate++)
            {
                int members = ways.Relays(candidate);
                int bound = Math.Max(RootsPerNode * members, ((lanes * members) + nodes - 1) / nodes);
                if (members == 0 || counts[candidate] >= bound)
                {
                    continue;
                }

                counts[candidate]++;
                double cost = Cost(ways, counts, needed);
                counts[candidate]--;
                if (cost < bestCost)
                {
                    bestCost = cost;
                    best = candidate;
                }
            }

            roots[lane] = best < 0 ? lane % counts.Length : best;
            counts[roots[lane]]++;
        }

        // Regions in turn along the lanes, so that the first chunks of an item do not all go one way.
        return Interleave(counts, lanes);
    }

    private static int[] Interleave(int[] counts, int lanes)
    {
        int[] roots = new int[lanes];
        double[] done = new double[counts.Length];
        for (int lane = 0; lane < lanes; lane++)
        {
            int next = 0;
            double nextLag = double.MinValue;
            for (int i = 0; i < counts.Length; i++)
            {
                double lag = ((lane + 1) * (double)counts[i] / lanes) - done[i];
                if (lag > nextLag)
                {
                    nextLag = lag;
                    next = i;
                }
            }

            done[next]++;
            roots[lane] = next;
        }

        return roots;
    }

    private static double Cost(Ways ways, int[] counts, int needed)
    {
        double cost = 0;
        for (int region = 0; region < ways.Count; region++)
        {
            int left = needed;
            double sum = 0;
            double last = 0;
            foreach (int root in ways.Nearest(region))
            {
                int take = Math.Min(left, counts[root]);
                if (take > 0)
                {
                    last = ways.DetourNs(region, root);
                    sum += take * last;
                    left -= take;
                }
            }

            if (left > 0)
            {
                sum += left * (double)MissingNs;
                last = MissingNs;
            }

            cost += ways.Members(region) * ((sum / needed) + (LastWeight * last));
        }

        return cost;
    }

    private long Expected(in PlanInput input, Ways ways, int[] roots, int needed)
    {
        int bytes = options.ChunkBytesMax + options.OverheadBytes;
        int members = 0;
        long hopNs = 0;
        long uplink = 0;
        for (int i = 0; i < ways.Count; i++)
        {
            members += ways.Members(i);
            hopNs += input.Map.Latencies.OneWayNs(ways.Region(i), ways.Region(i));
            uplink += input.Map.Region(ways.Region(i)).TotalUplinkMbps;
        }

        hopNs /= ways.Count;
        long relayNs = CostModel.SerialiseNs(bytes, (int)(uplink / input.Map.Count));
        int[] counts = new int[ways.Count];
        foreach (int root in roots)
        {
            counts[root]++;
        }

        int heads = CostModel.Heads(ways.Count, members, relayNs, relayNs, hopNs);
        long relay = heads == 0
            ? CostModel.Burst(members, relayNs)
            : CostModel.Burst(ways.Count * heads, relayNs) + hopNs
                + CostModel.CoverNs(members / ways.Count / heads, relayNs, hopNs);
        return CostModel.Burst(roots.Length, CostModel.SerialiseNs(bytes, input.UplinkMbps))
            + (long)(Cost(ways, counts, needed) / Math.Max(members, 1)) + relay;
    }
}
