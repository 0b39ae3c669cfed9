using System.Text.Json.Nodes;
using Fragcast.Primitives.Reporting;

namespace Fragcast.Perf.Simulate;

/// <summary><c>fragcast-perf simulate</c>: runs schemes over the modelled network and compares them.</summary>
internal static class SimulateScenario
{
    /// <summary>Runs what was asked for.</summary>
    public static SimulateOutcome Run(SimulateOptions options)
    {
        Scenario scenario = options.Scenario ?? new PlainScenario();
        Dictionary<string, SchemeResult> results = [];
        FigureTable figures = new();
        foreach (ScenarioRun run in scenario.Runs(options.Config, options.Schemes))
        {
            Action<double>? progress =
                options.Progress is { } report ? share => report(run.Label, share) : null;
            SchemeResult result = SchemeResult.Run(run.Config, Schemes.SchemeNames.Create(run.Scheme), progress);
            results.Add(run.Label, result);
            AddFigures(run.Label, result, figures);
            if (options.IsByRegion) AddRegions(run.Label, result, figures);
        }

        if (!options.IsQuick) scenario.Judge(results, figures);
        Report report2 = Report.Create(
            "simulate", Parameters(scenario, options.Config), typeof(SimulateScenario).Assembly, figures.All);
        return new SimulateOutcome(report2, results);
    }

    private static void AddFigures(string label, SchemeResult result, FigureTable figures)
    {
        LaneCounters counters = result.Counters;
        figures.Add(Figure.Latency($"first of an item {label}", result.First));
        figures.Add(Figure.Latency($"decodable {label}", result.Decodable));
        figures.Add(Figure.Latency($"replayable {label}", result.Replayable));
        figures.Add(Figure.Latency($"excess over the floor {label}", result.Excess));
        if (result.Config.RotateNs != 0)
        {
            figures.Add(Figure.Latency($"gap between leaders {label}", result.Gap));
            figures.Add(Figure.Latency($"gap between leaders at equal distance {label}", result.LevelGap));
            figures.Add(Figure.Latency($"gap over half a round trip of the leaders {label}", result.GapExcess));
        }

        double published = Math.Max(1, result.PublishedBytes);
        Add("undelivered", "items", result.Undelivered);
        Add("pairs of node and item", "items", result.Pairs);
        Add("below the floor", "items", result.BelowFloor);
        Add("leader egress to relays", "x item", result.LeaderEgress);
        Add("leader egress on the wire", "x item", counters.LeaderToRelays / published);
        if (result.Config.RotateNs != 0)
            Add("leader egress to next leaders on the wire", "x item", counters.LeaderToLeaders / published);
        Add("redundant bytes", "ratio", result.Redundant);
        Add("bytes a follower takes", "x item", result.BytesIn);
        Add("uplink used mean", "ratio", result.EgressMean);
        Add("uplink used max", "ratio", result.EgressMax);
        Add("repair requests", "messages", counters.RepairRequests);
        Add("repairs", "messages", counters.Repairs);
        Add("relays given up", "messages", counters.RelaysGivenUp);
        Add("repairs given up", "items", counters.RepairsGivenUp);
        Add("lost", "messages", counters.Lost);
        Add("dropped by full uplinks", "messages", counters.UplinkDrops);
        Add("dropped by full downlinks", "messages", counters.DownlinkDrops);
        Add("misbehaviour found", "times", counters.Misbehaviours);
        Add("of that against honest nodes", "times", counters.FalseAccusations);
        Add("equivocation found", "times", counters.Equivocations);
        Add("interval of items", "ms", result.Config.IntervalNs / 1e6);
        Add("deliveries", "messages", counters.Delivered);
        Add("deliveries simulated", "1/s", counters.Delivered / Math.Max(1e-3, result.Took.TotalSeconds));
        Add("took", "s", result.Took.TotalSeconds);

        void Add(string name, string unit, double value) => figures.Add(Figure.Single($"{name} {label}", unit, value));
    }

    private static void AddRegions(string label, SchemeResult result, FigureTable figures)
    {
        foreach (RegionResult region in result.Regions)
        {
            figures.Add(Figure.Latency($"excess over the floor {label} {region.Name}", region.Excess));
            figures.Add(Figure.Single($"uplink used mean {label} {region.Name}", "ratio", region.EgressMean));
            figures.Add(Figure.Single($"uplink used max {label} {region.Name}", "ratio", region.EgressMax));
        }
    }

    private static JsonObject Parameters(Scenario scenario, SimConfig config) => new()
    {
        ["scenario"] = scenario.Name,
        ["seed"] = config.Seed,
        ["nodes"] = config.Nodes,
        ["regions"] = config.Regions,
        ["fragBytes"] = config.FragBytes,
        ["intervalMs"] = config.IntervalNs / 1e6,
        ["durationS"] = config.DurationNs / 1e9,
        ["loss"] = config.Loss,
        ["burstMs"] = config.BurstNs / 1e6,
        ["dead"] = config.Dead,
        ["slow"] = config.Slow,
        ["churn"] = config.Churn,
        ["leaders"] = config.Leaders,
        ["rotateMs"] = config.RotateNs / 1e6,
        ["leaderRegion"] = RegionTable.Order[config.FirstRegion],
        ["leaderMbps"] = config.LeaderMbps,
        ["uplinkMbps"] = config.UplinkMbps,
        ["downlinkMbps"] = config.DownlinkMbps,
        ["queueMs"] = config.QueueNs / 1e6,
        ["priority"] = config.HasPriority,
        ["replayNsPerByte"] = config.ReplayNsPerByte,
        ["threads"] = config.Threads,
    };
}

/// <summary>What came of it.</summary>
/// <param name="Report">The figures.</param>
/// <param name="Results">The runs by label.</param>
internal sealed record SimulateOutcome(Report Report, IReadOnlyDictionary<string, SchemeResult> Results);
