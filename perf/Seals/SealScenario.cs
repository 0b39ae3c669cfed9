using System.Diagnostics;
using System.Text.Json.Nodes;
using Fragcast.Execution.Blocks;
using Fragcast.Execution.Fixtures;
using Fragcast.Execution.Trie;
using Fragcast.Primitives.Metrics;
using Fragcast.Primitives.Reporting;
using Fragcast.Primitives.Transactions;

namespace Fragcast.Perf.Seals;

/// <summary>How much the seal scenario measures.</summary>
/// <param name="Rounds">How often every block is replayed and sealed in each way.</param>
/// <param name="WarmUp">Rounds before that.</param>
/// <param name="Frags">Frags a block is cut into, at most one per transaction.</param>
internal sealed record SealScenarioOptions(int Rounds, int WarmUp, int Frags)
{
    public static SealScenarioOptions Full { get; } = new(1000, 300, 8);

    public static SealScenarioOptions Quick { get; } = new(100, 60, 8);
}

/// <summary>
/// From the seal to the commit: real blocks are replayed frag by frag; then the rest is done that is left for the seal,
/// and the result compared with the real chain's hash. The ways are interleaved block by block.
/// </summary>
internal sealed class SealScenario
{
    // On the path from "seal received" to "committed" of a replica.
    private const double GoalUs = 2000;

    private readonly SealScenarioOptions _options;
    private readonly IReadOnlyList<RealBlock> _blocks;
    private readonly List<string> _failures = [];
    private readonly Way[] _ways;

    private SealScenario(SealScenarioOptions options, IReadOnlyList<RealBlock> blocks, TrieCrew crew)
    {
        _options = options;
        _blocks = blocks;
        _ways =
        [
            new Way("seal to committed, at once behind the last frag", crew, Rests: false),
            new Way("seal to committed, after a pause", crew, Rests: true),
            new Way("seal to committed, nothing done ahead", null, Rests: false),
        ];
    }

    /// <summary>A way to come to the seal, and what was measured of it.</summary>
    /// <param name="Name">Name of its figure.</param>
    /// <param name="Crew">Threads that work ahead, or null.</param>
    /// <param name="Rests">Whether the work in the background is done when the seal comes.</param>
    private sealed record Way(string Name, TrieCrew? Crew, bool Rests)
    {
        public LatencyHistogram Seals { get; } = new();

        public LatencyHistogram Frags { get; } = new();
    }

    /// <summary>Runs everything.</summary>
    /// <param name="options">How much.</param>
    /// <param name="blocks">The blocks; one whose parent comes before it continues on its state.</param>
    /// <returns>The report, and a line for each block that came out otherwise than on its chain.</returns>
    public static (Report Report, IReadOnlyList<string> Failures) Run(
        SealScenarioOptions options, IReadOnlyList<RealBlock> blocks)
    {
        using var crew = new TrieCrew(TrieCrew.ThreadsFor(Environment.ProcessorCount));
        SealScenario scenario = new(options, blocks, crew);
        for (int i = 0; i < options.WarmUp + options.Rounds; i++)
        {
            if (i == options.WarmUp) scenario.Forget();
            foreach (Way way in scenario._ways) scenario.RunRound(way);
        }

        JsonObject parameters = new()
        {
            ["rounds"] = options.Rounds,
            ["warmUp"] = options.WarmUp,
            ["fragsPerBlock"] = options.Frags,
            ["blocks"] = blocks.Count,
            ["crewThreads"] = crew.ThreadCount,
        };
        return (Report.Create("seal", parameters, typeof(SealScenario).Assembly, scenario.Figures()),
            scenario._failures);
    }

    private void Forget()
    {
        foreach (Way way in _ways)
        {
            way.Seals.Reset();
            way.Frags.Reset();
        }
    }

    private void RunRound(Way way)
    {
        BlockExecutor? executor = null;
        WitnessStore witness = new();
        SealedBlock? last = null;
        foreach (RealBlock block in _blocks)
        {
            if (executor is null || last is null || last.Hash != block.Environment.ParentHash)
            {
                witness = new WitnessStore();
                executor = BlockExecutor.OverWitness(block.Chain, witness, block.Parent.StateRoot, way.Crew);
                last = null;
            }

            witness.Merge(block.Witness);
            last = RunBlock(way, executor, block, last);
            if (last is null) return;
        }
    }

    private SealedBlock? RunBlock(Way way, BlockExecutor executor, RealBlock block, SealedBlock? parent)
    {
        BlockError error = executor.Begin(parent?.Header ?? block.Parent, block.Environment);
        if (error != BlockError.None) return Fail(executor, block, $"begin: {error}");
        int size = (block.Transactions.Count + _options.Frags - 1) / _options.Frags;
        foreach (Transaction[] frag in block.Transactions.Chunk(Math.Max(1, size)))
        {
            // Frags come at intervals: what the one before left to do is done.
            _ = executor.LastPoint?.Commitment;
            long fragStart = Stopwatch.GetTimestamp();
            FragResult result = executor.ExecuteFrag(frag);
            way.Frags.Record(Elapsed(fragStart));
            if (!result.IsGood) return Fail(executor, block, $"transaction: {result.Error}");
        }

        if (way.Rests) _ = executor.LastPoint?.StateRoot;
        long start = Stopwatch.GetTimestamp();
        error = executor.Seal(out SealedBlock? done);
        bool isEqual = done is not null && done.Hash == block.ExpectedHash;
        if (isEqual) executor.Commit();
        long elapsed = Elapsed(start);
        if (!isEqual) return Fail(executor, block, $"seal: {error}, hash {done?.Hash}");
        way.Seals.Record(elapsed);
        return done;
    }

    private SealedBlock? Fail(BlockExecutor executor, RealBlock block, string what)
    {
        executor.Discard();
        _failures.Add($"block {block.Environment.Number}: {what}");
        return null;
    }

    private List<Figure> Figures()
    {
        List<Figure> figures = [];
        foreach (Way way in _ways)
        {
            Figure figure = Figure.Latency(way.Name, way.Seals);
            figures.Add(way.Crew is null ? figure : figure.WithAtMost(FigurePart.P99, GoalUs));
        }

        figures.Add(Figure.Latency("frag replayed, with work in the background", _ways[0].Frags));
        figures.Add(Figure.Latency("frag replayed, nothing done ahead", _ways[2].Frags));
        return figures;
    }

    private static long Elapsed(long start) => (long)Stopwatch.GetElapsedTime(start).TotalNanoseconds;
}
