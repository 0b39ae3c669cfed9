using Fragcast.Perf.Simulate.Schemes;
using Fragcast.Primitives.Reporting;

namespace Fragcast.Perf.Simulate;

/// <summary>One run of a scenario.</summary>
/// <param name="Label">What tells it from the others in the report: the scheme's name, and what differs.</param>
/// <param name="Scheme">Which scheme.</param>
/// <param name="Config">What is simulated.</param>
internal sealed record ScenarioRun(string Label, string Scheme, SimConfig Config);

/// <summary>Runs with a question: what is run, from the operator's numbers, and what has to hold.</summary>
internal abstract class Scenario
{
    /// <summary>The scenarios that have names.</summary>
    public static IReadOnlyList<Scenario> All { get; } = [new GoalScenario()];

    /// <summary>Its name on the command line.</summary>
    public abstract string Name { get; }

    /// <summary>Its own numbers; what the operator gives comes on top.</summary>
    public virtual SimConfig Defaults => new();

    /// <summary>The same in a second or two, to see that it works.</summary>
    public virtual SimConfig Quick => Defaults with { Nodes = 100, DurationNs = 200_000_000, TailNs = 1_000_000_000 };

    /// <summary>The schemes that are run unless the operator says which.</summary>
    public virtual IReadOnlyList<string> Schemes => SchemeNames.All;

    /// <summary>What is run.</summary>
    public virtual IEnumerable<ScenarioRun> Runs(SimConfig config, IReadOnlyList<string> schemes) =>
        schemes.Select(scheme => new ScenarioRun(scheme, scheme, SchemeNames.Fit(scheme, config)));

    /// <summary>Puts goals to the figures of all runs, and may add some.</summary>
    /// <param name="results">By label.</param>
    /// <param name="figures">All that was measured, by name.</param>
    public virtual void Judge(IReadOnlyDictionary<string, SchemeResult> results, FigureTable figures)
    {
    }
}

/// <summary>Just the operator's numbers.</summary>
internal sealed class PlainScenario : Scenario
{
    public override string Name => "plain";
}

/// <summary>The network and the traffic that the goals are about.</summary>
internal sealed class GoalScenario : Scenario
{
    public override string Name => "goal";
}

/// <summary>Figures in the order in which they came, to be found by name.</summary>
internal sealed class FigureTable
{
    private readonly List<Figure> _figures = [];

    /// <summary>All of them.</summary>
    public IReadOnlyList<Figure> All => _figures;

    /// <summary>Adds one.</summary>
    public void Add(Figure figure) => _figures.Add(figure);

    /// <summary>Changes one, if it is there.</summary>
    public void Change(string name, Func<Figure, Figure> change)
    {
        int index = _figures.FindIndex(figure => figure.Name == name);
        if (index >= 0) _figures[index] = change(_figures[index]);
    }
}
