using System.Text.Json.Nodes;
using Fragcast.Primitives.Metrics;
using Fragcast.Primitives.Reporting;

namespace Fragcast.Perf.Rings;

/// <summary>How much the ring scenario measures.</summary>
/// <param name="Rounds">How often every subject runs; rounds are interleaved, medians are reported.</param>
/// <param name="Count">Numbers sent per throughput run, a multiple of 16.</param>
/// <param name="LatencyCount">Numbers sent per latency run.</param>
/// <param name="GapNs">The pause before each number of a latency run; long enough that a blocking reader parks.</param>
internal sealed record RingScenarioOptions(int Rounds, int Count, int LatencyCount, long GapNs)
{
    public static RingScenarioOptions Full { get; } = new(7, 2_000_000, 20_000, 20_000);

    public static RingScenarioOptions Quick { get; } = new(3, 200_000, 2_000, 20_000);
}

/// <summary>
/// The ring against System.Threading.Channels and against the raw limit, two threads that bounce one cache line: side
/// by side in one process, round by round, so that what disturbs the machine disturbs all of them.
/// </summary>
internal sealed class RingScenario
{
    private static readonly int[] Batches = [1, 16];

    private readonly RingScenarioOptions _options;
    private readonly List<string> _failures = [];
    private readonly Dictionary<(string Subject, int Batch), List<RunResult>> _runs = [];
    private readonly Dictionary<string, LatencyHistogram> _ages = [];
    private readonly Dictionary<string, List<RunResult>> _latencyRuns = [];

    private RingScenario(RingScenarioOptions options)
    {
        _options = options;
        foreach (ThroughputSubject subject in Subjects.Throughput)
        {
            foreach (int batch in Batches)
                _runs[(subject.Name, batch)] = [];
        }

        foreach (LatencySubject subject in Subjects.Latency)
        {
            _ages[subject.Name] = new LatencyHistogram();
            _latencyRuns[subject.Name] = [];
        }
    }

    /// <summary>Runs everything.</summary>
    /// <returns>The report, and a line for each run that lost or changed a number.</returns>
    public static (Report Report, IReadOnlyList<string> Failures) Run(RingScenarioOptions options)
    {
        RingScenario scenario = new(options);
        // One round is thrown away: the first calls are compiled without optimisation.
        scenario.RunRound();
        scenario.Forget();
        for (int i = 0; i < options.Rounds; i++)
            scenario.RunRound();

        JsonObject parameters = new()
        {
            ["rounds"] = options.Rounds,
            ["messagesPerRun"] = options.Count,
            ["latencyMessagesPerRun"] = options.LatencyCount,
            ["latencyGapNs"] = options.GapNs,
            ["queueSize"] = Subjects.QueueSize,
        };
        Figure[] figures = [.. scenario.ThroughputFigures(), .. scenario.LatencyFigures()];
        return (Report.Create("ring", parameters, typeof(RingScenario).Assembly, figures), scenario._failures);
    }

    private void RunRound()
    {
        foreach (int batch in Batches)
        {
            foreach (ThroughputSubject subject in Subjects.Throughput)
            {
                RunResult result = subject.Run(_options.Count, batch);
                if (!result.IsCorrect)
                    _failures.Add($"{subject.Name}, batch {batch}: what arrived is not what was sent");
                _runs[(subject.Name, batch)].Add(result);
            }
        }

        foreach (LatencySubject subject in Subjects.Latency)
        {
            RunResult result = subject.Run(_options.LatencyCount, _options.GapNs, _ages[subject.Name]);
            if (!result.IsCorrect)
                _failures.Add($"{subject.Name}, latency: messages are missing");
            _latencyRuns[subject.Name].Add(result);
        }
    }

    private void Forget()
    {
        foreach (List<RunResult> runs in _runs.Values.Concat(_latencyRuns.Values))
            runs.Clear();
        foreach (LatencyHistogram ages in _ages.Values)
            ages.Reset();
    }

    private IEnumerable<Figure> ThroughputFigures()
    {
        foreach (int batch in Batches)
        {
            foreach (ThroughputSubject subject in Subjects.Throughput)
            {
                double rate = Median(_runs[(subject.Name, batch)].Select(run => _options.Count * 1e9 / run.ElapsedNs));
                yield return Figure.Single($"throughput, batch {batch}, {subject.Name}", "ops/s", rate);
            }

            foreach (string other in (string[])[Subjects.ChannelAsync, Subjects.ChannelPolled, Subjects.Bounce])
            {
                yield return Figure.Single(
                    $"throughput, batch {batch}, {Subjects.RingYield} / {other}", "ratio", RateRatio(other, batch));
            }

            foreach (ThroughputSubject subject in Subjects.Throughput)
            {
                List<RunResult> runs = _runs[(subject.Name, batch)];
                yield return Allocated(
                    $"batch {batch}, {subject.Name}", runs, _options.Count, subject.MustNotAllocate);
            }
        }
    }

    private IEnumerable<Figure> LatencyFigures()
    {
        foreach (LatencySubject subject in Subjects.Latency)
            yield return Figure.Latency(LatencyName(subject), _ages[subject.Name]);

        double ring = _ages[Subjects.RingSpin].ValueAtPercentile(50);
        foreach (string other in (string[])[Subjects.ChannelAsync, Subjects.ChannelPolled, Subjects.Bounce])
        {
            double ratio = ring / Math.Max(1, _ages[other].ValueAtPercentile(50));
            yield return Figure.Single($"latency p50, {Subjects.RingSpin} / {other}", "ratio", ratio);
        }

        foreach (LatencySubject subject in Subjects.Latency)
        {
            List<RunResult> runs = _latencyRuns[subject.Name];
            yield return Allocated(
                $"with pauses, {subject.Name}", runs, _options.LatencyCount, subject.MustNotAllocate);
        }
    }

    /// <summary>The name of a subject's latency figure.</summary>
    public static string LatencyName(LatencySubject subject) => $"latency one way, {subject.Name}";

    // The leanest run counts: what a message costs is in all of them, but a collection meanwhile counts the unused rest
    // of a thread's allocation quantum as allocated.
    private static Figure Allocated(string what, List<RunResult> runs, int count, bool mustBeZero)
    {
        double bytes = runs.Min(run => run.AllocatedBytes) / (double)count;
        Figure figure = Figure.Single($"allocated per message, {what}", "bytes", bytes);
        return mustBeZero ? figure.WithAtMost(FigurePart.Value, 0) : figure;
    }

    // Of the two runs of the same round, so that a slow stretch of the machine is in both.
    private double RateRatio(string other, int batch) => Median(
        _runs[(Subjects.RingYield, batch)].Zip(_runs[(other, batch)], (ring, run) => run.ElapsedNs / ring.ElapsedNs));

    private static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
