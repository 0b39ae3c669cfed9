using System.Diagnostics;
using System.Text.Json.Nodes;
using Fragcast.Execution.Fixtures;
using Fragcast.Execution.Parallel;
using Fragcast.Primitives.Reporting;

namespace Fragcast.Perf.Parallel;

/// <summary>How much the scenario measures.</summary>
/// <param name="Rounds">How often every way runs; rounds are interleaved, the fastest counts.</param>
/// <param name="Transactions">Transactions of a generated block.</param>
/// <param name="Files">Block files to replay beside the generated blocks.</param>
internal sealed record ParallelScenarioOptions(int Rounds, int Transactions, IReadOnlyList<string> Files)
{
    public static ParallelScenarioOptions Full { get; } = new(7, 10_000, []);

    public static ParallelScenarioOptions Quick { get; } = new(3, 300, []);
}

/// <summary>
/// Blocks replayed as one frag: in order, with one worker and with two, side by side in one process on a state that
/// is resident; then what the schedule would take with more, from the times of the transactions with one worker and
/// what lies before and after them. Every outcome is compared with the one in order.
/// </summary>
internal sealed class ParallelScenario : IDisposable
{
    private static readonly int[] SimulatedWorkers = [2, 4, 8, 16, 32];

    private readonly ParallelScenarioOptions _options;
    private readonly List<string> _failures = [];
    private readonly List<Figure> _figures = [];
    private readonly ParallelReplay _one = new(1, Stopwatch.GetTimestamp) { SchedulesAlways = true };
    private readonly ParallelReplay _two = new(2) { SchedulesAlways = true };
    private readonly ParallelReplay _chosen = new(2);

    private ParallelScenario(ParallelScenarioOptions options) => _options = options;

    /// <summary>Runs everything.</summary>
    /// <returns>The report, and a line for each outcome that is wrong.</returns>
    /// <exception cref="FixtureException">A block file can't be read.</exception>
    public static (Report Report, IReadOnlyList<string> Failures) Run(ParallelScenarioOptions options)
    {
        using ParallelScenario scenario = new(options);
        foreach (string file in options.Files) scenario.Measure(Workload.Of(BlockFixture.Read(file)));
        var generated = new GeneratedBlocks(options.Transactions);
        scenario.Measure(generated.Transfers());
        scenario.Measure(generated.TokenTransfers());
        scenario.Measure(generated.Swaps());
        JsonObject parameters = new()
        {
            ["rounds"] = options.Rounds,
            ["transactionsPerGeneratedBlock"] = options.Transactions,
            ["blocks"] = string.Join(", ", options.Files.Select(Path.GetFileName)),
        };
        Report report = Report.Create("parallel", parameters, typeof(ParallelScenario).Assembly, scenario._figures);
        return (report, scenario._failures);
    }

    public void Dispose()
    {
        _one.Dispose();
        _two.Dispose();
        _chosen.Dispose();
    }

    private void Measure(Workload work)
    {
        // The first round compiles, loads the state and gives the list and the outcome to compare with.
        byte[] bytes = work.Record();
        if (AccessListCodec.TryDecode(bytes, out FragAccessList? list) != AccessListError.None)
        {
            _failures.Add($"{work.Name}: the access list can't be decoded");
            return;
        }

        Times best = new();
        for (int round = 0; round < _options.Rounds; round++)
        {
            Keep(ref best.InOrder, Time(work, null, null));
            Keep(ref best.Recording, work.TimeRecording());
            Keep(ref best.TwoWorkers, Time(work, list, _two));
            Keep(ref best.Chosen, Time(work, list, _chosen));
            long elapsed = Time(work, list, _one);
            if (elapsed < best.OneWorker) best.Simulation = new ScheduleSimulation(_one, elapsed);
            Keep(ref best.OneWorker, elapsed);
        }

        AddFigures(work, bytes.Length, best);
    }

    /// <summary>What was measured, in ticks.</summary>
    private struct Times()
    {
        public long InOrder = long.MaxValue;
        public long Recording = long.MaxValue;
        public long OneWorker = long.MaxValue;
        public long TwoWorkers = long.MaxValue;

        /// <summary>As a node does it that has two workers: in order where that is expected to be faster.</summary>
        public long Chosen = long.MaxValue;

        public ScheduleSimulation? Simulation;
    }

    private long Time(Workload work, FragAccessList? list, ParallelReplay? replay)
    {
        long before = replay?.CountOf(ParallelOutcome.Parallel) ?? 0;
        long elapsed = work.Time(list, replay, out string? problem);
        if (problem is not null) _failures.Add($"{work.Name}: {problem}");
        if (replay is { SchedulesAlways: true } && replay.CountOf(ParallelOutcome.Parallel) == before)
            _failures.Add($"{work.Name}: was not replayed in parallel");
        return elapsed;
    }

    private static void Keep(ref long best, long elapsed) => best = Math.Min(best, elapsed);

    private void AddFigures(Workload work, int listBytes, in Times best)
    {
        string name = work.Name;
        Add($"{name}, in order", "ms", Milliseconds(best.InOrder));
        Add($"{name}, in order with recording", "ms", Milliseconds(best.Recording));
        Add($"{name}, 1 worker", "ms", Milliseconds(best.OneWorker));
        Add($"{name}, 2 workers", "ms", Milliseconds(best.TwoWorkers));
        Add($"{name}, in order / 1 worker", "ratio", (double)best.InOrder / best.OneWorker);
        Add($"{name}, in order / 2 workers", "ratio", (double)best.InOrder / best.TwoWorkers);
        Add($"{name}, in order / 2 workers where it pays", "ratio", (double)best.InOrder / best.Chosen);
        Add($"{name}, list per transaction", "bytes", (double)listBytes / work.Count);
        ScheduleSimulation simulation = best.Simulation!;
        Add($"{name}, transactions on the longest chain", "ratio", (double)simulation.Depth / work.Count);
        Add($"{name}, before and after the transactions", "ms", Milliseconds(simulation.SerialTicks));
        Add($"{name}, longest chain by time", "ms", Milliseconds(simulation.CriticalPathTicks()));
        foreach (int workers in SimulatedWorkers)
        {
            double simulated = simulation.SerialTicks + simulation.Makespan(workers);
            Add($"{name}, in order / {workers} workers simulated", "ratio", best.InOrder / simulated);
        }
    }

    private void Add(string name, string unit, double value) => _figures.Add(Figure.Single(name, unit, value));

    private static double Milliseconds(long ticks) => ticks * 1e3 / Stopwatch.Frequency;
}
