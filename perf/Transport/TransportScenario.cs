using System.Text.Json.Nodes;
using Fragcast.Primitives.Reporting;

namespace Fragcast.Perf.Transport;

/// <summary>How much the transport scenario measures.</summary>
internal sealed record TransportScenarioOptions
{
    /// <summary>How often every pair runs; rounds are interleaved, medians of ratios are reported.</summary>
    public int Rounds { get; init; } = 5;

    /// <summary>Round trips of a run.</summary>
    public int Exchanges { get; init; } = 2000;

    /// <summary>Messages one way of a run.</summary>
    public int OneWays { get; init; } = 500;

    /// <summary>Bytes of a throughput run.</summary>
    public long StreamBytes { get; init; } = 256 << 20;

    /// <summary>Peers that one endpoint sends to.</summary>
    public IReadOnlyList<int> Peers { get; init; } = [1, 8, 64, 256];

    /// <summary>Datagrams to all peers in a run.</summary>
    public int Bursts { get; init; } = 200;

    /// <summary>Connects that are timed.</summary>
    public int Connects { get; init; } = 300;

    /// <summary>Connections held idle.</summary>
    public int Idle { get; init; } = 1000;

    /// <summary>Connects and closes of the memory gate.</summary>
    public int Churn { get; init; } = 3000;

    /// <summary>Streams of the memory gate.</summary>
    public int Streams { get; init; } = 200_000;

    /// <summary>Spoofed Initials per second.</summary>
    public int FloodRate { get; init; } = 50_000;

    /// <summary>Whether round trips and one way are measured with spinning threads too.</summary>
    public bool Spins { get; init; }

    /// <summary>Only engines whose names start so.</summary>
    public string Engine { get; init; } = "";

    /// <summary>The parts to run, of <see cref="TransportScenario.Parts"/>.</summary>
    public IReadOnlyList<string> Only { get; init; } = TransportScenario.Parts;

    public static TransportScenarioOptions Full { get; } = new();

    public static TransportScenarioOptions Quick { get; } = new()
    {
        Rounds = 3, Exchanges = 1000, OneWays = 200, StreamBytes = 64 << 20, Bursts = 50, Connects = 50, Idle = 200,
        Churn = 300, Streams = 20_000,
    };
}

/// <summary>What a part measures with, and where it puts the results.</summary>
internal sealed class Bench(TransportScenarioOptions options, IReadOnlyList<EngineChoice> engines)
{
    public TransportScenarioOptions Options => options;

    public IReadOnlyList<EngineChoice> Engines => engines;

    public List<Figure> Figures { get; } = [];

    public List<string> Failures { get; } = [];

    public static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted.Length == 0 ? 0 : (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    /// <summary>Notes in a line what did not arrive as it was sent, unless all is well.</summary>
    public bool Check(bool isGood, string what)
    {
        if (!isGood)
            Failures.Add($"{what}: what arrived is not what was sent, or nothing did");
        return isGood;
    }
}

/// <summary>The engines beside raw UDP, in one process and run.</summary>
internal static class TransportScenario
{
    private static readonly Dictionary<string, Action<Bench>> RunByPart = new()
    {
        ["roundtrip"] = ExchangeRuns.RoundTrips,
        ["processes"] = ExchangeRuns.TwoProcesses,
        ["oneway"] = ExchangeRuns.OneWay,
        ["throughput"] = ThroughputRuns.Run,
        ["fanout"] = FanOutRuns.Run,
        ["connect"] = ConnectRuns.Run,
        ["memory"] = MemoryRuns.Idle,
        ["churn"] = MemoryRuns.Churn,
        ["flood"] = FloodRuns.Run,
    };

    /// <summary>The names of the parts, in the order in which they run.</summary>
    public static IReadOnlyList<string> Parts { get; } = [.. RunByPart.Keys];

    /// <summary>Runs the parts that are wanted.</summary>
    /// <returns>The report, and a line for each run in which something was lost or changed.</returns>
    public static (Report Report, IReadOnlyList<string> Failures) Run(TransportScenarioOptions options)
    {
        Bench bench = new(options, EngineChoice.Find(options.Engine));
        foreach (string part in Parts.Where(part => options.Only.Contains(part)))
            RunByPart[part](bench);
        JsonObject parameters = new()
        {
            ["engines"] = string.Join(", ", bench.Engines.Select(engine => engine.Name)),
            ["parts"] = string.Join(", ", options.Only),
            ["spins"] = options.Spins,
            ["rounds"] = options.Rounds,
            ["exchangesPerRun"] = options.Exchanges,
            ["oneWaysPerRun"] = options.OneWays,
            ["streamBytes"] = options.StreamBytes,
            ["burstsPerRun"] = options.Bursts,
            ["connects"] = options.Connects,
            ["idleConnections"] = options.Idle,
            ["churn"] = options.Churn,
            ["streams"] = options.Streams,
            ["floodPerSecond"] = options.FloodRate,
        };
        Report report = Report.Create("transport", parameters, typeof(TransportScenario).Assembly, bench.Figures);
        return (report, bench.Failures);
    }
}
