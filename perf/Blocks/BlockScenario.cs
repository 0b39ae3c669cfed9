using System.Diagnostics;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using Fragcast.Execution.Fixtures;
using Fragcast.Perf.Evm;
using Fragcast.Primitives.Metrics;
using Fragcast.Primitives.Reporting;

namespace Fragcast.Perf.Blocks;

/// <summary>What and how much the scenario measures.</summary>
/// <param name="Tier">How blocks are executed, one of <see cref="TierNames.All"/>.</param>
/// <param name="ColdProcesses">New processes, each of which runs each block once.</param>
/// <param name="WarmRuns">Runs in this process that count; as many before them do not.</param>
internal sealed record BlockScenarioOptions(string Tier, int ColdProcesses, int WarmRuns)
{
    public static BlockScenarioOptions Full { get; } = new(TierNames.Default, 5, 20);

    public static BlockScenarioOptions Quick { get; } = new(TierNames.Default, 1, 3);
}

/// <summary>
/// Real blocks from raw bytes to the compared hash, in wall time, senders recovered by a second thread meanwhile:
/// first in new processes, then again and again in this one, and where the time goes.
/// </summary>
internal static class BlockScenario
{
    private const double RiseGoalUs = 1e6;
    private const int TimeOutMs = 120_000;

    /// <summary>Runs the blocks.</summary>
    /// <exception cref="PerfDataException">A block is not what it is on the real chain.</exception>
    /// <exception cref="FixtureException">A file can't be read.</exception>
    public static Report Run(BlockScenarioOptions options, IReadOnlyList<string> files)
    {
        List<Figure> figures = [];
        using SenderThread senders = new();
        foreach (string file in files)
        {
            BlockInput input = new(BlockFixture.Read(file));
            BlockTimes[] cold =
                [.. Enumerable.Range(0, options.ColdProcesses).Select(_ => RunInNewProcess(file, options.Tier))];
            if (cold.Length > 0) figures.AddRange(FiguresOf(input, "cold", cold));
            BlockRun run = new(input, options.Tier, senders);
            for (int i = 0; i < options.WarmRuns; i++)
                run.Run();
            BlockTimes[] warm = [.. Enumerable.Range(0, options.WarmRuns).Select(_ => run.Run())];
            figures.AddRange(FiguresOf(input, "warm", warm));
            figures.AddRange(ProfileRun.Measure(input).ToFigures($"{input.Name} interpreter"));
        }

        JsonObject parameters = new()
        {
            ["tier"] = options.Tier,
            ["coldProcesses"] = options.ColdProcesses,
            ["warmRuns"] = options.WarmRuns,
            ["files"] = string.Join(' ', files.Select(Path.GetFileName)),
        };
        return Report.Create("block", parameters, typeof(BlockScenario).Assembly, figures);
    }

    /// <summary>What a new process is asked for: one run, its times as a line of JSON.</summary>
    public static void RunOnce(string file, string tier, TextWriter output)
    {
        BlockInput input = new(BlockFixture.Read(file));
        using SenderThread senders = new();
        output.WriteLine(JsonSerializer.Serialize(new BlockRun(input, tier, senders).Run()));
    }

    private static BlockTimes RunInNewProcess(string file, string tier)
    {
        string program = Environment.ProcessPath!;
        string[] prefix = Path.GetFileNameWithoutExtension(program) == "dotnet"
            ? [Assembly.GetExecutingAssembly().Location]
            : [];
        ProcessStartInfo start = new(program, [.. prefix, "block", file, "--once", "--tier", tier])
        {
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        using Process process = Process.Start(start)!;
        string line = process.StandardOutput.ReadToEnd();
        if (!process.WaitForExit(TimeOutMs) || process.ExitCode != 0)
            throw new PerfDataException($"a new process could not run '{file}': exit code {process.ExitCode}");
        return JsonSerializer.Deserialize<BlockTimes>(line);
    }

    private static IEnumerable<Figure> FiguresOf(BlockInput input, string state, BlockTimes[] runs)
    {
        string name = $"{state} {input.Name}";
        Figure total = Distribution($"block wall {name}", runs, run => run.TotalNs);
        yield return input.IsRise ? total.WithAtMost(FigurePart.P50, RiseGoalUs) : total;
        yield return Distribution($"block cpu executing thread {name}", runs, run => run.CpuNs);
        yield return Figure.Single($"block rate {name}", "Ggas/s", runs[0].Gas / (double)runs.Min(run => run.TotalNs));
        yield return Distribution($"block decode {name}", runs, run => run.DecodeNs);
        yield return Distribution($"block execute {name}", runs, run => run.ExecuteNs);
        yield return Distribution($"block execute of that reads {name}", runs, run => run.ReadNs);
        yield return Distribution($"block seal {name}", runs, run => run.SealNs);
        yield return Distribution($"block senders cpu other thread {name}", runs, run => run.SendersCpuNs);
        yield return Figure.Single($"block reads {name}", "values", runs[0].Reads);
    }

    private static Figure Distribution(string name, BlockTimes[] runs, Func<BlockTimes, long> part)
    {
        LatencyHistogram times = new();
        foreach (BlockTimes run in runs)
            times.Record(part(run));
        return Figure.Latency(name, times);
    }
}
