using System.Diagnostics;
using System.Text.Json.Nodes;
using Fragcast.Primitives.Metrics;
using Fragcast.Primitives.Reporting;

namespace Fragcast.Perf.Precompiles;

/// <summary>How much the precompile scenario measures.</summary>
/// <param name="Rounds">How often every case is sampled; rounds are interleaved.</param>
/// <param name="SampleUs">The least duration of a sample, which repeats short cases.</param>
/// <param name="SamplesPerRound">Samples of a case in a row.</param>
internal sealed record PrecompileScenarioOptions(int Rounds, int SampleUs, int SamplesPerRound)
{
    public static PrecompileScenarioOptions Full { get; } = new(20, 50, 10);

    public static PrecompileScenarioOptions Quick { get; } = new(4, 50, 5);
}

/// <summary>
/// Each case by itself, round by round, so that what disturbs the machine disturbs all of them. Goals are about the
/// minimum: a precompile does the same work each time, and what comes on top is the machine's.
/// </summary>
internal static class PrecompileScenario
{
    private const int RepeatsMax = 1000;

    /// <summary>Measures the cases.</summary>
    /// <returns>The report, and a line for each case whose output was wrong.</returns>
    public static (Report Report, IReadOnlyList<string> Failures) Run(
        IReadOnlyList<PrecompileCase> cases, PrecompileScenarioOptions options)
    {
        LatencyHistogram[] durations = [.. cases.Select(_ => new LatencyHistogram())];
        HashSet<string> failures = [];
        // One round is thrown away: the first calls are compiled without optimisation.
        for (int round = 0; round <= options.Rounds; round++)
        {
            for (int i = 0; i < cases.Count; i++)
            {
                if (round == 1)
                    durations[i].Reset();
                Sample(cases[i], options, durations[i]);
                if (!cases[i].IsCorrect)
                    failures.Add($"{cases[i].Name}: the output is wrong");
            }
        }

        JsonObject parameters = new()
        {
            ["rounds"] = options.Rounds,
            ["sampleUs"] = options.SampleUs,
            ["samplesPerRound"] = options.SamplesPerRound,
        };
        Figure[] figures = [.. cases.SelectMany((each, i) => Figures(each, durations[i]))];
        return (Report.Create("precompiles", parameters, typeof(PrecompileScenario).Assembly, figures), [.. failures]);
    }

    private static void Sample(PrecompileCase each, PrecompileScenarioOptions options, LatencyHistogram durations)
    {
        long started = Stopwatch.GetTimestamp();
        each.Execute();
        double onceUs = Stopwatch.GetElapsedTime(started).TotalMicroseconds;
        int repeats = (int)Math.Clamp(options.SampleUs / Math.Max(onceUs, 0.01), 1, RepeatsMax);
        for (int sample = 0; sample < options.SamplesPerRound; sample++)
        {
            started = Stopwatch.GetTimestamp();
            for (int i = 0; i < repeats; i++)
                each.Execute();
            durations.Record((long)(Stopwatch.GetElapsedTime(started).TotalNanoseconds / repeats));
        }
    }

    private static IEnumerable<Figure> Figures(PrecompileCase each, LatencyHistogram durations)
    {
        Figure time = Figure.Latency(each.Name, durations);
        yield return each.GoalUs is { } goal ? time.WithAtMost(FigurePart.Min, goal) : time;
        yield return Figure.Single($"{each.Name}, minimum", "us", durations.Min / 1e3);
        if (each.Price is { } price)
            yield return Figure.Single($"{each.Name}, gas rate", "Mgas/s", price * 1e3 / Math.Max(1, durations.Min));
    }
}
