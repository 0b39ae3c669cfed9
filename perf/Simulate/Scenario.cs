using Fragcast.Perf.Simulate.Schemes;
using Fragcast.Primitives.Reporting;

namespace Fragcast.Perf.Simulate;

/// <summary>One run of a scenario.</summary>
/// <param name="Label">What tells it from the others in the report.</param>
/// <param name="Scheme">Which scheme.</param>
/// <param name="Config">What is simulated.</param>
internal sealed record ScenarioRun(string Label, string Scheme, SimConfig Config);

/// <summary>Runs with a question: what is run, from the operator's numbers, and what has to hold.</summary>
internal abstract class Scenario
{
    /// <summary>The production code's name among the schemes.</summary>
    protected const string Ours = "fragcast";

    /// <summary>The scenarios that have names.</summary>
    public static IReadOnlyList<Scenario> All { get; } =
    [
        new GoalScenario(), new LossScenario(), new GrowthScenario(), new RotationScenario(),
        .. Enum.GetValues<Misdeed>()
            .Where(misdeed => misdeed != Misdeed.None)
            .Select(misdeed => new ByzantineScenario(misdeed)),
    ];

    /// <summary>Its name on the command line.</summary>
    public abstract string Name { get; }

    /// <summary>Its own numbers; what the operator gives comes on top.</summary>
    public virtual SimConfig Defaults => new();

    /// <summary>The same in a moment, to see that it works; no goals then.</summary>
    public SimConfig Quick => Defaults with
    {
        Nodes = 100,
        DurationNs = 200_000_000,
        TailNs = 2_000_000_000,
        RotateNs = Defaults.RotateNs == 0 ? 0 : 50_000_000,
    };

    /// <summary>The schemes that are run unless the operator says which.</summary>
    public virtual IReadOnlyList<string> Schemes => [Ours];

    /// <summary>What is run.</summary>
    public virtual IEnumerable<ScenarioRun> Runs(SimConfig config, IReadOnlyList<string> schemes) =>
        schemes.Select(scheme => new ScenarioRun(scheme, scheme, SchemeNames.Fit(scheme, config)));

    /// <summary>Puts goals to the figures of all runs, and may add some.</summary>
    /// <param name="results">By label.</param>
    /// <param name="figures">All that was measured, by name.</param>
    public virtual void Judge(IReadOnlyDictionary<string, SchemeResult> results, FigureTable figures)
    {
    }

    /// <summary>Everything has to arrive, and no honest node may be accused.</summary>
    protected static void JudgeDelivery(string label, FigureTable figures)
    {
        figures.AtMost($"undelivered {label}", FigurePart.Value, 0);
        figures.AtMost($"of that against honest nodes {label}", FigurePart.Value, 0);
    }

    /// <summary>Two numbers of one distribution have goals: each becomes a figure of its own.</summary>
    protected static void JudgeExcess(
        string label, SchemeResult result, double p50Ms, double p99Ms, FigureTable figures)
    {
        Add("p50", 50, p50Ms);
        Add("p99", 99, p99Ms);

        void Add(string name, double percentile, double limit) => figures.Add(Figure
            .Single($"excess {name} {label}", "ms", result.Excess.ValueAtPercentile(percentile) / 1e6)
            .WithAtMost(FigurePart.Value, limit));
    }

    /// <summary>
    /// A run's 99th percentile may be above another's by one round trip to the leader, the median one.
    /// </summary>
    protected static void JudgeOneRoundTrip(
        string label, SchemeResult run, SchemeResult clean, FigureTable figures)
    {
        double aboveNs = run.Excess.ValueAtPercentile(99) - clean.Excess.ValueAtPercentile(99);
        figures.Add(Figure
            .Single($"excess p99 above the clean run {label}", "round trips", aboveNs / clean.MedianRoundTripNs)
            .WithAtMost(FigurePart.Value, 1));
    }
}

/// <summary>Just the operator's numbers.</summary>
internal sealed class PlainScenario : Scenario
{
    public override string Name => "plain";

    public override IReadOnlyList<string> Schemes => SchemeNames.All;
}

/// <summary>Figures in the order in which they came, to be found by name.</summary>
internal sealed class FigureTable
{
    private readonly List<Figure> _figures = [];

    /// <summary>All of them.</summary>
    public IReadOnlyList<Figure> All => _figures;

    /// <summary>Adds one.</summary>
    public void Add(Figure figure) => _figures.Add(figure);

    /// <summary>Puts a goal to a figure, if it is there.</summary>
    public void AtMost(string name, FigurePart part, double limit) =>
        Change(name, figure => figure.WithAtMost(part, limit));

    /// <summary>Puts a goal to a figure, if it is there.</summary>
    public void AtLeast(string name, FigurePart part, double limit) =>
        Change(name, figure => figure.WithAtLeast(part, limit));

    private void Change(string name, Func<Figure, Figure> change)
    {
        int index = _figures.FindIndex(figure => figure.Name == name);
        if (index >= 0) _figures[index] = change(_figures[index]);
    }
}
