using System.Numerics;

namespace Fragcast.Gossip.Broadcast;

/// <summary>What a plan is made for.</summary>
internal readonly record struct PlanInput(
    NetworkMap Map, int Leader, int UplinkMbps, int Data, bool HasRoom, bool IsLossy);

/// <summary>
/// Makes a leader's plans: where each chunk has its root, and which regions it goes to, so that every region gets the
/// chunks whose way to it is short, and no region's uplinks are asked for too much.
/// </summary>
internal sealed class Planner(BroadcastOptions options, Redundancy redundancy)
{
    // The leader sends each chunk once; more chunks than any region gets let each have the best of them.
    private const double EgressMax = 2.15;

    // Roots that one node is, for one item, in the mean.
    private const int RootsPerNode = 2;

    // In the cost of a region: its mean over the best k chunks, and a part of what the k-th of them costs.
    private const double LastWeight = 0.5;
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
        double factor = Redundancy.Min;
        for (ulong left = input.Map.Present; left != 0; left &= left - 1)
        {
            factor = Math.Max(factor, redundancy.Of(BitOperations.TrailingZeroCount(left), hasRoom: false));
        }

        int total = TotalOf(data, factor, input.IsLossy);
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

        int[] shares = new int[ways.Count];
        double most = 0;
        for (int i = 0; i < shares.Length; i++)
        {
            double factor = redundancy.Of(ways.Region(i), input.HasRoom);
            most = Math.Max(most, factor);
            redundancy.NoteSent(ways.Region(i), factor);
            shares[i] = TotalOf(data, factor, input.IsLossy);
        }

        int total = TotalOf(data, most, input.IsLossy);
        if (data >= ItemHeader.ErasureCodedMin && ways.Count > 2)
        {
            total = Math.Min(byte.MaxValue, Math.Max(total, (int)(data * EgressMax)));
        }

        int lanes = data >= ItemHeader.ErasureCodedMin ? total : total / data;
        int needed = data >= ItemHeader.ErasureCodedMin ? data : 1;
        int[] roots = PlaceRoots(ways, lanes, needed, input.Map.Count);
        ChunkRoute[] routes = data >= ItemHeader.ErasureCodedMin
            ? Share(ways, roots, shares)
            : Copies(ways, roots, data);
        return new BroadcastPlan(
            PlanKind.Relayed, (byte)data, (byte)total, routes,
            Expected(input, ways, roots, needed));
    }

    private static int TotalOf(int data, double factor, bool isLossy) =>
        data >= ItemHeader.ErasureCodedMin
            ? Math.Min(byte.MaxValue, (int)Math.Ceiling(data * factor))
            : data * (isLossy || factor > Redundancy.ForSpeed ? 3 : 2);

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

    // To each region as many chunks as it is due, those that have the shortest way to it.
    private static ChunkRoute[] Share(Ways ways, int[] roots, int[] shares)
    {
        ulong[] regions = new ulong[roots.Length];
        int[] order = new int[roots.Length];
        for (int region = 0; region < ways.Count; region++)
        {
            for (int lane = 0; lane < order.Length; lane++)
            {
                order[lane] = lane;
            }

            int here = region;
            int turn = region * order.Length / ways.Count;
            Array.Sort(order, (left, right) =>
            {
                int byWay = ways.DetourNs(here, roots[left]).CompareTo(ways.DetourNs(here, roots[right]));
                return byWay != 0
                    ? byWay
                    : ((left + turn) % order.Length).CompareTo((right + turn) % order.Length);
            });
            for (int i = 0; i < Math.Min(shares[region], order.Length); i++)
            {
                regions[order[i]] |= 1UL << ways.Region(region);
            }
        }

        var routes = new ChunkRoute[roots.Length];
        for (int lane = 0; lane < routes.Length; lane++)
        {
            routes[lane] = new ChunkRoute((byte)ways.Region(roots[lane]), regions[lane]);
        }

        return routes;
    }

    private static ChunkRoute[] Copies(Ways ways, int[] roots, int data)
    {
        ulong all = 0;
        for (int i = 0; i < ways.Count; i++)
        {
            all |= 1UL << ways.Region(i);
        }

        var routes = new ChunkRoute[roots.Length * data];
        for (int index = 0; index < routes.Length; index++)
        {
            routes[index] = new ChunkRoute((byte)ways.Region(roots[index / data]), all);
        }

        return routes;
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
