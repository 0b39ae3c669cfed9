using System.Diagnostics;
using System.Text.Json.Nodes;
using Fragcast.Primitives.Reporting;

namespace Fragcast.Perf.Chunks;

/// <summary>How much the chunk scenario measures.</summary>
/// <param name="Rounds">How often every case is sampled; rounds are interleaved.</param>
/// <param name="SampleUs">The least duration of a sample, which repeats short cases.</param>
/// <param name="SamplesPerRound">Samples of a case in a row.</param>
internal sealed record ChunkScenarioOptions(int Rounds, int SampleUs, int SamplesPerRound)
{
    public static ChunkScenarioOptions Full { get; } = new(40, 200, 10);

    public static ChunkScenarioOptions Quick { get; } = new(6, 100, 5);
}

/// <summary>
/// Coding, proving, checking and putting together the chunks of a frag of 32 KiB, each by itself, round by round, in
/// processor time of the thread. Goals for times are about the median.
/// </summary>
internal static class ChunkScenario
{
    /// <summary>Name of the figure for what the case that allocates most allocates in its leanest sample.</summary>
    public const string AllocatedName = "allocated by any of these";

    private const int RepeatsMax = 1000;

    /// <summary>Measures all cases.</summary>
    /// <returns>The report, and a line for each case whose result was wrong.</returns>
    public static (Report Report, IReadOnlyList<string> Failures) Run(ChunkScenarioOptions options)
    {
        using var cases = new ChunkCases();
        HashSet<string> failures = [];
        // One round is thrown away: code is still being compiled.
        for (int round = 0; round <= options.Rounds; round++)
        {
            foreach (ChunkCase each in cases.All)
            {
                if (round == 1)
                {
                    each.Durations.Reset();
                    each.BestRate = 0;
                }

                Sample(each, options);
                if (!each.IsCorrect())
                    failures.Add($"{each.Name}: the result is wrong");
            }
        }

        JsonObject parameters = new()
        {
            ["rounds"] = options.Rounds,
            ["sampleUs"] = options.SampleUs,
            ["samplesPerRound"] = options.SamplesPerRound,
            ["messageBytes"] = ChunkCases.MessageLength,
            ["dataChunks"] = cases.Shape.Data,
            ["chunks"] = cases.Shape.Total,
            ["chunkBytes"] = cases.Shape.ChunkLength,
        };
        long allocated = cases.All.Max(each => each.LeastAllocated);
        Figure[] figures =
        [
            .. cases.All.Select(each => each.ToFigure()),
            Figure.Single(AllocatedName, "bytes", allocated).WithAtMost(FigurePart.Value, 0),
        ];
        return (Report.Create("chunks", parameters, typeof(ChunkScenario).Assembly, figures), [.. failures]);
    }

    private static void Sample(ChunkCase each, ChunkScenarioOptions options)
    {
        long started = Stopwatch.GetTimestamp();
        each.Execute();
        double onceUs = Stopwatch.GetElapsedTime(started).TotalMicroseconds;
        int repeats = (int)Math.Clamp(options.SampleUs / Math.Max(onceUs, 0.01), 1, RepeatsMax);
        for (int sample = 0; sample < options.SamplesPerRound; sample++)
        {
            long allocated = GC.GetAllocatedBytesForCurrentThread();
            long startNs = ThreadClock.NowNs();
            for (int i = 0; i < repeats; i++)
                each.Execute();
            long elapsedNs = Math.Max(ThreadClock.Since(startNs), 1);
            allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
            each.LeastAllocated = Math.Min(each.LeastAllocated, allocated);
            double operations = (double)repeats * each.Operations;
            each.Durations.Record((long)(elapsedNs / operations));
            each.BestRate = Math.Max(each.BestRate, each.Products * operations / elapsedNs);
        }
    }
}
