using Fragcast.Perf.Simulate.Schemes;
using Fragcast.Primitives.Reporting;

namespace Fragcast.Perf.Simulate;

/// <summary>The network and the traffic that the goals are about, beside the other schemes.</summary>
internal sealed class GoalScenario : Scenario
{
    // The mesh once more with so much time between items that no uplink is busy: what it is capable of at best.
    private const string MeshAtEase = "mesh-at-ease";
    private const int EaseFactor = 20;

    // What a leader reaches depends on where it is, mostly on a hop within its region, so there are several.
    private static readonly string[] LeaderRegions = ["us-east-1", "eu-central-1", "us-west-2"];

    public override string Name => "goal";

    public override IReadOnlyList<string> Schemes => SchemeNames.All;

    public override IEnumerable<ScenarioRun> Runs(SimConfig config, IReadOnlyList<string> schemes)
    {
        foreach (ScenarioRun run in base.Runs(config, schemes)) yield return run;
        if (schemes.Contains(Ours))
        {
            foreach (int region in OtherRegions(config))
            {
                yield return new ScenarioRun(
                    $"{Ours} from {RegionTable.Order[region]}", Ours, config with { FirstRegion = region });
            }
        }

        if (!schemes.Contains("mesh")) yield break;
        long intervalNs = config.IntervalNs * EaseFactor;
        SimConfig atEase = config with
        {
            IntervalNs = intervalNs, DurationNs = Math.Max(intervalNs, config.DurationNs),
        };
        yield return new ScenarioRun(MeshAtEase, "mesh", atEase);
    }

    private static IEnumerable<int> OtherRegions(SimConfig config) => LeaderRegions
        .Select(region => RegionTable.IndexOf(region)!.Value)
        .Where(region => region != config.FirstRegion && region < config.Regions);

    public override void Judge(IReadOnlyDictionary<string, SchemeResult> results, FigureTable figures)
    {
        if (!results.TryGetValue(Ours, out SchemeResult? ours)) return;
        foreach ((string label, SchemeResult result) in results.Where(result => result.Value.Name == Ours))
        {
            JudgeDelivery(label, figures);
            JudgeExcess(label, result, 6, 9, figures);
            figures.AtMost($"leader egress to relays {label}", FigurePart.Value, 2.2);
            figures.AtMost($"redundant bytes {label}", FigurePart.Value, 0.6);
        }

        Compare("mesh", 5);
        Compare(MeshAtEase, 5);
        Compare("star", 20);

        void Compare(string other, double factor)
        {
            if (!results.TryGetValue(other, out SchemeResult? theirs)) return;
            double ratio = theirs.Excess.ValueAtPercentile(99) / (double)Math.Max(1, ours.Excess.ValueAtPercentile(99));
            figures.Add(Figure
                .Single($"excess p99 over that of {Ours} {other}", "ratio", ratio)
                .WithAtLeast(FigurePart.Value, factor));
        }
    }
}

/// <summary>A tenth of the datagrams lost and a tenth of the relays dead, beside the clean network.</summary>
internal sealed class LossScenario : Scenario
{
    private const string Clean = "clean";
    private const string Lossy = "loss10";

    public override string Name => "loss10";

    public override SimConfig Defaults =>
        new() { Loss = 0.1, Dead = 0.1, DurationNs = 20_000_000_000, TailNs = 6_000_000_000 };

    public override IEnumerable<ScenarioRun> Runs(SimConfig config, IReadOnlyList<string> schemes)
    {
        foreach (string scheme in schemes)
        {
            SimConfig clean = config with { Loss = Math.Min(config.Loss, 0.01), Dead = 0, BurstNs = 0 };
            yield return new ScenarioRun($"{scheme} {Clean}", scheme, SchemeNames.Fit(scheme, clean));
            yield return new ScenarioRun($"{scheme} {Lossy}", scheme, SchemeNames.Fit(scheme, config));
        }
    }

    public override void Judge(IReadOnlyDictionary<string, SchemeResult> results, FigureTable figures)
    {
        const string Label = $"{Ours} {Lossy}";
        if (!results.TryGetValue(Label, out SchemeResult? run)) return;
        JudgeDelivery(Label, figures);
        JudgeOneRoundTrip(Label, run, results[$"{Ours} {Clean}"], figures);
    }
}

/// <summary>The same traffic for ever more nodes.</summary>
internal sealed class GrowthScenario : Scenario
{
    // Half a power of ten from each to the next, and to a hundred times as many in all.
    private static readonly double[] Parts = [0.01, 0.0316, 0.1, 0.316, 1];

    public override string Name => "growth";

    public override SimConfig Defaults => new() { Nodes = 10_000, DurationNs = 10_000_000_000 };

    public override IEnumerable<ScenarioRun> Runs(SimConfig config, IReadOnlyList<string> schemes)
    {
        foreach (string scheme in schemes)
        {
            foreach (int nodes in Counts(config))
            {
                SimConfig part = config with { Nodes = nodes };
                yield return new ScenarioRun($"{scheme} {nodes}", scheme, SchemeNames.Fit(scheme, part));
            }
        }
    }

    public override void Judge(IReadOnlyDictionary<string, SchemeResult> results, FigureTable figures)
    {
        SchemeResult[] ours = [.. results.Values.Where(result => result.Name == Ours)];
        if (ours.Length < 2) return;
        SchemeResult first = ours[0];
        foreach (SchemeResult result in ours[1..])
        {
            // At most logarithmic: no more than the logarithm of the number of nodes grows.
            double limit = Math.Log(result.Config.Nodes) / Math.Log(first.Config.Nodes);
            string step = $"{result.Config.Nodes} over {first.Config.Nodes}";
            Add($"excess p50 of {step}", Ratio(result, first, 50), limit);
            Add($"excess p99 of {step}", Ratio(result, first, 99), limit);
        }

        // Constant from where the leader no longer reaches everybody by itself.
        SchemeResult middle = ours[ours.Length / 2];
        SchemeResult last = ours[^1];
        Add(
            $"leader egress of {last.Config.Nodes} over {middle.Config.Nodes}",
            last.LeaderEgress / Math.Max(middle.LeaderEgress, 1e-9),
            1.1);
        foreach (SchemeResult result in ours) JudgeDelivery($"{Ours} {result.Config.Nodes}", figures);
        figures.AtMost($"took {Ours} {last.Config.Nodes}", FigurePart.Value, 600);

        void Add(string name, double value, double limit) =>
            figures.Add(Figure.Single(name, "ratio", value).WithAtMost(FigurePart.Value, limit));
    }

    private static double Ratio(SchemeResult over, SchemeResult under, double percentile) =>
        over.Excess.ValueAtPercentile(percentile) / (double)Math.Max(1, under.Excess.ValueAtPercentile(percentile));

    private static IEnumerable<int> Counts(SimConfig config) =>
        Parts.Select(part => Math.Max((int)Math.Round(config.Nodes * part), config.Leaders + 2)).Distinct();
}

/// <summary>Leaders take turns, with connections to everybody and without.</summary>
internal sealed class RotationScenario : Scenario
{
    public override string Name => "rotation";

    public override SimConfig Defaults =>
        new() { RotateNs = 2_000_000_000, Leaders = 6, DurationNs = 30_000_000_000 };

    public override IEnumerable<ScenarioRun> Runs(SimConfig config, IReadOnlyList<string> schemes)
    {
        foreach (string scheme in schemes)
        {
            yield return new ScenarioRun(
                $"{scheme} pre-connected", scheme, SchemeNames.Fit(scheme, config with { IsCold = false }));
            yield return new ScenarioRun(
                $"{scheme} cold", scheme, SchemeNames.Fit(scheme, config with { IsCold = true }));
        }
    }

    public override void Judge(IReadOnlyDictionary<string, SchemeResult> results, FigureTable figures)
    {
        const string Label = $"{Ours} pre-connected";
        if (!results.TryGetValue(Label, out SchemeResult? run)) return;
        JudgeDelivery(Label, figures);
        figures.AtMost(
            $"gap over half a round trip of the leaders {Label}", FigurePart.P99, run.Config.IntervalNs / 1e3);
    }
}

/// <summary>A tenth of the followers, or the leader, do what no honest node does.</summary>
internal sealed class ByzantineScenario(Misdeed misdeed) : Scenario
{
    private const string Clean = "clean";

    private readonly string _deed = misdeed switch
    {
        Misdeed.WrongChunks => "wrong",
        Misdeed.FalseDuties => "duties",
        Misdeed.Withhold => "withhold",
        Misdeed.AskAgain => "ask",
        _ => "equivocate",
    };

    public override string Name => $"byzantine-{_deed}";

    public override SimConfig Defaults => new()
    {
        Misdeed = misdeed,
        Byzantine = misdeed == Misdeed.Equivocate ? 0 : 0.1,
        DurationNs = 5_000_000_000,
    };

    public override IEnumerable<ScenarioRun> Runs(SimConfig config, IReadOnlyList<string> schemes)
    {
        SimConfig clean = config with { Byzantine = 0, Misdeed = Misdeed.None };
        yield return new ScenarioRun($"{Ours} {Clean}", Ours, clean);
        yield return new ScenarioRun($"{Ours} {_deed}", Ours, config);
    }

    public override void Judge(IReadOnlyDictionary<string, SchemeResult> results, FigureTable figures)
    {
        string label = $"{Ours} {_deed}";
        SchemeResult run = results[label];
        if (misdeed == Misdeed.Equivocate)
        {
            // Of two items for one place a node may get too little of either; but everybody has to notice.
            figures.AtMost($"of that against honest nodes {label}", FigurePart.Value, 0);
            figures.AtLeast($"equivocation found {label}", FigurePart.Value, run.Pairs * 0.99);
            return;
        }

        JudgeDelivery(label, figures);
        JudgeOneRoundTrip(label, run, results[$"{Ours} {Clean}"], figures);
        if (misdeed != Misdeed.Withhold) figures.AtLeast($"misbehaviour found {label}", FigurePart.Value, 1);
    }
}
