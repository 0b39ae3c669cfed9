namespace Fragcast.Gossip.Broadcast;

/// <summary>What a plan is made for.</summary>
/// <param name="Map">The nodes.</param>
/// <param name="Leader">Who publishes.</param>
/// <param name="UplinkMbps">What he can send.</param>
/// <param name="Data">Chunks that carry the message if they are as long as they may be.</param>
/// <param name="Factor">Chunks made for each that is needed, because of losses.</param>
/// <param name="Served">Of these, what a region gets if there is room.</param>
/// <param name="HasRoom">Whether the uplinks bear more than that.</param>
/// <param name="MayBeDirect">Whether the leader's own uplink bears to send all to everybody.</param>
internal readonly record struct PlanInput(
    NetworkMap Map, int Leader, int UplinkMbps, int Data, double Factor, double Served, bool HasRoom,
    bool MayBeDirect = true);

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

    // Sizes of chunks that are weighed against each other, down from the longest by so much each, in percent.
    private const int SizeStep = 25;
    private const int SizeSteps = 4;
    private const long MissingNs = 1_000_000_000;

    /// <summary>Data chunks of one item at most: n, with parity, is at most 255.</summary>
    public const int DataMax = 160;

    /// <summary>Makes a plan.</summary>
    public BroadcastPlan Make(in PlanInput input)
    {
        BroadcastPlan relayed = Relayed(input);
        if (!input.MayBeDirect && relayed.Routes.Length > 0)
        {
            return relayed;
        }

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

    private BroadcastPlan Relayed(in PlanInput input)
    {
        var ways = new Ways(input);
        if (ways.Count == 0)
        {
            return new BroadcastPlan(
                PlanKind.Relayed, (byte)input.Data, (byte)input.Data, [], long.MaxValue);
        }

        bool isCoded = input.Data >= ItemHeader.ErasureCodedMin;
        double factor = isCoded && input.HasRoom ? Math.Max(input.Factor, Redundancy.ForSpeed) : input.Factor;
        RelayWork work = Work(input, ways);
        int data = isCoded && input.HasRoom ? DataOf(input, work, factor) : input.Data;
        int total = TotalOf(data, factor);
        int lanes = isCoded ? total : total / data;

        // It counts on more than a node needs: any of them may be lost or late.
        double countedOn = Math.Max(input.Factor, Redundancy.ServedMin);
        int needed = isCoded ? Math.Min(total, (int)Math.Ceiling(data * countedOn)) : lanes;
        int most = isCoded ? Math.Min(total, (int)Math.Ceiling(data * input.Served)) : lanes;
        int[] roots = PlaceRoots(ways, lanes, needed, input.Map.Count);
        ulong[] regions = Served(ways, roots, most);
        if (isCoded)
        {
            // A chunk that no region waits for is not made.
            roots = roots.Where((_, lane) => regions[lane] != 0).ToArray();
            regions = regions.Where(set => set != 0).ToArray();
            total = roots.Length;
        }

        var routes = new ChunkRoute[total];
        for (int index = 0; index < total; index++)
        {
            int lane = isCoded ? index : index / data;
            routes[index] = new ChunkRoute((byte)ways.Region(roots[lane]), regions[lane]);
        }

        return new BroadcastPlan(
            PlanKind.Relayed, (byte)data, (byte)total, routes,
            Expected(input, ways, work, roots, needed, BytesOf(input.Data, data)));
    }

    // Shorter chunks make shorter bursts, of more roots and heads, and more overhead in all. There have to be roots for
    // them near the leader: a detour costs more than bursts do.
    private int DataOf(in PlanInput input, in RelayWork work, double factor)
    {
        int best = input.Data;
        long bestNs = long.MaxValue;
        int near = input.Map.TryGet(input.Leader, out MapNode leader) ? input.Map.Region(leader.Region).Count - 1 : 0;
        int most = Math.Min(byte.MaxValue, RootsPerNode * near);
        for (int step = 0; step <= SizeSteps; step++)
        {
            int data = input.Data * (100 + (step * SizeStep)) / 100;
            int total = (int)Math.Ceiling(data * factor);
            if (step > 0 && (total > most || data > DataMax))
            {
                break;
            }

            int bytes = BytesOf(input.Data, data);
            long chunkNs = CostModel.SerialiseNs(bytes, work.MeanUplinkMbps);

            // What a node needs, another one has to send: beside the bursts there is the whole of that.
            long timeNs = CostModel.Burst(total, CostModel.SerialiseNs(bytes, input.UplinkMbps))
                + work.RelayNs(chunkNs) + (data * chunkNs);
            if (timeNs < bestNs)
            {
                bestNs = timeNs;
                best = data;
            }
        }

        return best;
    }

    private int BytesOf(int leastData, int data) => (options.ChunkBytesMax * leastData / data) + options.OverheadBytes;

    // Each region is served by those lanes only whose roots are on the shortest ways to it; where these are equal, by
    // some that are spread over all of them, other ones for each region.
    private static ulong[] Served(Ways ways, int[] roots, int most)
    {
        ulong[] regions = new ulong[roots.Length];
        for (int i = 0; i < ways.Count; i++)
        {
            int to = i;
            IEnumerable<int> lanes = Enumerable.Range(0, roots.Length)
                .OrderBy(lane => ways.DetourNs(to, roots[lane]))
                .ThenBy(lane => Draws.Mix((ulong)(lane + (to * roots.Length))));
            foreach (int lane in lanes.Take(most))
            {
                regions[lane] |= 1UL << ways.Region(to);
            }
        }

        return regions;
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

    private static RelayWork Work(in PlanInput input, Ways ways)
    {
        int members = 0;
        long hopNs = 0;
        long uplink = 0;
        for (int i = 0; i < ways.Count; i++)
        {
            members += ways.Members(i);
            hopNs += input.Map.Latencies.OneWayNs(ways.Region(i), ways.Region(i));
            uplink += input.Map.Region(ways.Region(i)).TotalUplinkMbps;
        }

        return new RelayWork(ways.Count, members, hopNs / ways.Count, (int)(uplink / input.Map.Count));
    }

    private static long Expected(
        in PlanInput input, Ways ways, in RelayWork work, int[] roots, int needed, int bytes)
    {
        int[] counts = new int[ways.Count];
        foreach (int root in roots)
        {
            counts[root]++;
        }

        return CostModel.Burst(roots.Length, CostModel.SerialiseNs(bytes, input.UplinkMbps))
            + (long)(Cost(ways, counts, needed) / Math.Max(work.Members, 1))
            + work.RelayNs(CostModel.SerialiseNs(bytes, work.MeanUplinkMbps));
    }

    // What relays have to do, whatever the leader does.
    private readonly record struct RelayWork(int Regions, int Members, long HopNs, int MeanUplinkMbps)
    {
        // Time that a root's and a head's burst cost, and the hop between them where there is one.
        public long RelayNs(long chunkNs)
        {
            int heads = CostModel.Heads(Regions, Members, chunkNs, chunkNs, HopNs);
            return heads == 0
                ? CostModel.Burst(Members, chunkNs)
                : CostModel.Burst(Regions * heads, chunkNs) + HopNs
                    + CostModel.CoverNs(Members / Regions / heads, chunkNs, HopNs);
        }
    }
}
