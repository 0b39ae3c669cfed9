using System.Diagnostics;
using Fragcast.Primitives.Metrics;

namespace Fragcast.Perf.Simulate;

/// <summary>What a run of one scheme gave: distributions over all nodes and items that count.</summary>
internal sealed class SchemeResult
{
    private SchemeResult(Simulation simulation, TimeSpan took)
    {
        Config = simulation.Config;
        Name = simulation.Scheme.Name;
        Counters = simulation.Total();
        simulation.Scheme.Finish(Counters);
        Took = took;
        Items = simulation.Traffic.Count;
        Digest = Counters.Digest;
        Regions = new RegionResult[Config.Regions];
        for (int i = 0; i < Regions.Length; i++) Regions[i] = new RegionResult(RegionTable.Order[i]);
        for (int node = 0; node < simulation.Nodes.Length; node++) AddNode(simulation, node);
        AddEgress(simulation);
        long[] roundTrips =
        [
            .. simulation.RegionOf.Skip(Config.Leaders)
                .Select(region => simulation.RoundTripNs(simulation.RegionOf[0], region))
                .Order(),
        ];
        MedianRoundTripNs = roundTrips[roundTrips.Length / 2];
        if (Config.RotateNs != 0) AddGaps(simulation);
    }

    /// <summary>What was simulated.</summary>
    public SimConfig Config { get; }

    /// <summary>The scheme's name.</summary>
    public string Name { get; }

    /// <summary>Sums of all that was counted.</summary>
    public LaneCounters Counters { get; }

    /// <summary>How long the run took.</summary>
    public TimeSpan Took { get; }

    /// <summary>Number of items.</summary>
    public int Items { get; }

    /// <summary>Publication to the first of an item.</summary>
    public LatencyHistogram First { get; } = new();

    /// <summary>Publication to an item that can be put together.</summary>
    public LatencyHistogram Decodable { get; } = new();

    /// <summary>Publication to an item replayed, after all before it.</summary>
    public LatencyHistogram Replayable { get; } = new();

    /// <summary><see cref="Decodable"/> less the shortest way from the leader; below it counts as 0.</summary>
    public LatencyHistogram Excess { get; } = new();

    /// <summary>
    /// From the last item of a leader to the first of the next, at a node, as time between both being decodable.
    /// </summary>
    public LatencyHistogram Gap { get; } = new();

    /// <summary>
    /// <see cref="Gap"/> less what the next leader is farther from the node than the last one: what it would be if the
    /// node were equally far from both.
    /// </summary>
    public LatencyHistogram LevelGap { get; } = new();

    /// <summary>How much <see cref="LevelGap"/> exceeds half the round trip between the two leaders.</summary>
    public LatencyHistogram GapExcess { get; } = new();

    /// <summary>Pairs of node and item that count.</summary>
    public long Pairs { get; private set; }

    /// <summary>Of these, where the item never was decodable.</summary>
    public long Undelivered { get; private set; }

    /// <summary>Share of the pairs that were decodable before the shortest way from the leader was over.</summary>
    public long BelowFloor { get; private set; }

    /// <summary>Mean and greatest share of their uplink that followers used while items were published.</summary>
    public double EgressMean { get; private set; }

    /// <summary>The greatest of these shares.</summary>
    public double EgressMax { get; private set; }

    /// <summary>Bytes that followers took for every byte of the items.</summary>
    public double BytesIn { get; private set; }

    /// <summary>
    /// Message bytes that leaders sent to relays, for each byte of their items: n over k where every chunk is sent
    /// once.
    /// </summary>
    public double LeaderEgress => (Counters.LeaderToRelays - Counters.LeaderOverhead) / (double)PublishedBytes;

    /// <summary>The median over all followers of the round trip to the first leader, without jitter.</summary>
    public long MedianRoundTripNs { get; private set; }

    /// <summary>The sum of a hash of all that was delivered.</summary>
    public ulong Digest { get; private set; }

    /// <summary>Bytes of all published items.</summary>
    public long PublishedBytes => (long)Items * Config.FragBytes;

    /// <summary>Bytes that came and were not needed, for each byte that was.</summary>
    public double Redundant => Counters.NeededBytes == 0
        ? 0
        : (Counters.ItemBytes - Counters.NeededBytes) / (double)Counters.NeededBytes;

    /// <summary>The same by region of the receivers.</summary>
    public RegionResult[] Regions { get; }

    /// <summary>Runs a scheme.</summary>
    public static SchemeResult Run(SimConfig config, IScheme scheme, Action<double>? progress = null)
    {
        Simulation simulation = new(config, scheme);
        long began = Stopwatch.GetTimestamp();
        simulation.Run(progress is null ? null : ns => progress(ns / (double)simulation.EndNs));
        return new SchemeResult(simulation, Stopwatch.GetElapsedTime(began));
    }

    private void AddNode(Simulation simulation, int node)
    {
        long replayedNs = 0;
        long replayNs = (long)Config.FragBytes * Config.ReplayNsPerByte;
        if (simulation.Nodes[node].Is(NodeFlags.Slow)) replayNs *= Simulation.SlowFactor;
        for (int item = 0; item < Items; item++)
        {
            if (!simulation.IsCounted(node, item)) continue;
            Pairs++;
            long firstNs = simulation.Recorder.FirstNs(node, item);
            if (firstNs >= 0) First.Record(firstNs);
            long decodableNs = simulation.Recorder.DecodableNs(node, item);
            if (decodableNs < 0)
            {
                Undelivered++;
                continue;
            }

            Decodable.Record(decodableNs);
            ref SimItem published = ref simulation.Traffic[item];
            long floorNs = simulation.Regions.FloorNs(
                simulation.RegionOf[published.Leader], simulation.RegionOf[node]);
            if (decodableNs < floorNs) BelowFloor++;
            Excess.Record(decodableNs - floorNs);
            Regions[simulation.RegionOf[node]].Excess.Record(decodableNs - floorNs);
            replayedNs = Math.Max(replayedNs, published.PublishedNs + decodableNs) + replayNs;
            Replayable.Record(replayedNs - published.PublishedNs);
        }
    }

    private void AddEgress(Simulation simulation)
    {
        double sum = 0;
        long bytesIn = 0;
        int count = 0;
        foreach (ref SimNode node in simulation.Nodes.AsSpan(Config.Leaders))
        {
            if (node.Is(NodeFlags.Dead)) continue;
            double sendsNs = node.BytesOut * (double)node.UpCost / (1 << SimNode.CostBits);
            double share = sendsNs / (Items * (double)Config.IntervalNs);
            sum += share;
            EgressMax = Math.Max(EgressMax, share);
            Regions[node.Region].AddEgress(share);
            bytesIn += node.BytesIn;
            count++;
        }

        if (count == 0) return;
        EgressMean = sum / count;
        BytesIn = bytesIn / (double)count / PublishedBytes;
    }

    private void AddGaps(Simulation simulation)
    {
        for (int item = 1; item < Items; item++)
        {
            ref SimItem next = ref simulation.Traffic[item];
            if (!next.IsFirst) continue;
            ref SimItem last = ref simulation.Traffic[item - 1];
            int from = simulation.RegionOf[last.Leader];
            int to = simulation.RegionOf[next.Leader];
            for (int node = Config.Leaders; node < simulation.Nodes.Length; node++)
            {
                long lastNs = simulation.Recorder.DecodableNs(node, item - 1);
                long nextNs = simulation.Recorder.DecodableNs(node, item);
                if (lastNs < 0 || nextNs < 0) continue;
                long gapNs = next.PublishedNs + nextNs - last.PublishedNs - lastNs;
                int region = simulation.RegionOf[node];
                long fartherNs = simulation.Regions.FloorNs(to, region) - simulation.Regions.FloorNs(from, region);
                Gap.Record(gapNs);
                LevelGap.Record(gapNs - fartherNs);
                GapExcess.Record(gapNs - fartherNs - (simulation.RoundTripNs(from, to) / 2));
            }
        }
    }
}

/// <summary>What a run gave in one region.</summary>
internal sealed class RegionResult(string name)
{
    private double _egressSum;
    private int _nodes;

    /// <summary>The region's name.</summary>
    public string Name => name;

    /// <summary>As <see cref="SchemeResult.Excess"/>.</summary>
    public LatencyHistogram Excess { get; } = new();

    /// <summary>Mean share of their uplinks that its followers used.</summary>
    public double EgressMean => _nodes == 0 ? 0 : _egressSum / _nodes;

    /// <summary>The greatest of these shares.</summary>
    public double EgressMax { get; private set; }

    /// <summary>Adds a follower's share.</summary>
    public void AddEgress(double share)
    {
        _egressSum += share;
        EgressMax = Math.Max(EgressMax, share);
        _nodes++;
    }
}
