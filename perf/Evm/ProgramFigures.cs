using Fragcast.Primitives.Metrics;
using Fragcast.Primitives.Reporting;

namespace Fragcast.Perf.Evm;

/// <summary>What was measured of one program by one tier.</summary>
internal sealed class ProgramFigures(
    EvmProgram program, string tier, ReferenceRun? reference, double? statedUs, ulong gas)
{
    private const double NsPerUs = 1e3;

    public EvmProgram Program => program;

    public string Tier => tier;

    /// <summary>Processor times with code and state known from runs before, in nanoseconds.</summary>
    public LatencyHistogram Warm { get; } = new(highestNs: 10_000_000_000);

    /// <summary>Processor times of runs that see code and state for the first time, in nanoseconds.</summary>
    public LatencyHistogram Cold { get; } = new(highestNs: 10_000_000_000);

    /// <summary>The fewest bytes that a warm run allocated.</summary>
    public long LeastAllocatedBytes { get; set; } = long.MaxValue;

    /// <summary>Gas of a run.</summary>
    public ulong Gas => gas;

    /// <summary>The record to compare with, or null.</summary>
    public ReferenceRun? Reference => reference;

    /// <summary>Warm gas per microsecond, that is Mgas/s, at the low time.</summary>
    public double MgasPerSecond => gas * NsPerUs / Math.Max(LowNs(Warm), 1);

    /// <summary>
    /// The time that stands for a program: what nine of ten runs exceed. Less than that is no better measure: where the
    /// system takes stolen time off a thread's clock it does so in lumps, and a few readings are far too short.
    /// </summary>
    public static long LowNs(LatencyHistogram times) => times.ValueAtPercentile(10);

    /// <summary>Low warm time over the reference's transaction as it was measured here; null without one.</summary>
    public double? WarmRatio(double referenceScale) => Ratio(Warm, MeasuredUs(referenceScale));

    /// <summary>Low cold time over the reference's transaction as it was measured here; null without one.</summary>
    public double? ColdRatio(double referenceScale) => Ratio(Cold, MeasuredUs(referenceScale));

    /// <summary>
    /// As <see cref="WarmRatio"/>, to the time that the goal is stated in; where none is stated, to the measured one.
    /// </summary>
    public double? WarmGoalRatio(double referenceScale) => Ratio(Warm, statedUs ?? MeasuredUs(referenceScale));

    /// <summary>As <see cref="WarmGoalRatio"/>, cold.</summary>
    public double? ColdGoalRatio(double referenceScale) => Ratio(Cold, statedUs ?? MeasuredUs(referenceScale));

    /// <summary>The figures of the report.</summary>
    /// <param name="referenceScale">How much slower this machine is than the reference's.</param>
    /// <param name="hasGoals">Whether this is the tier that a node uses, whose figures have goals.</param>
    public IEnumerable<Figure> ToFigures(double referenceScale, bool hasGoals)
    {
        string name = $"{program.FullName} {tier}";
        yield return Figure.Latency($"cpu warm {name}", Warm);
        yield return Figure.Single($"cpu warm low {name}", "us", LowNs(Warm) / NsPerUs);
        yield return Figure.Single($"rate {name}", "Mgas/s", MgasPerSecond);
        yield return Figure.Single($"allocated per warm run {name}", "bytes", LeastAllocatedBytes)
            .WithAtMost(FigurePart.Value, 0);
        if (WarmRatio(referenceScale) is { } warm)
            yield return Figure.Single($"ratio to evmone measured here warm {name}", "ratio", warm);
        if (WarmGoalRatio(referenceScale) is { } warmGoal)
            yield return RatioFigure($"warm {name}", warmGoal, hasGoals && program.Suite == ProgramSuites.Main);
        if (Cold.Count == 0) yield break;
        yield return Figure.Latency($"cpu cold {name}", Cold);
        yield return Figure.Single($"cpu cold low {name}", "us", LowNs(Cold) / NsPerUs);
        if (ColdRatio(referenceScale) is { } cold)
            yield return Figure.Single($"ratio to evmone measured here cold {name}", "ratio", cold);
        if (ColdGoalRatio(referenceScale) is { } coldGoal)
            yield return RatioFigure($"cold {name}", coldGoal, hasGoals && program.Suite == ProgramSuites.Revmc);
    }

    private static Figure RatioFigure(string name, double ratio, bool hasGoal)
    {
        Figure figure = Figure.Single($"ratio to evmone {name}", "ratio", ratio);
        return hasGoal ? figure.WithAtMost(FigurePart.Value, 1) : figure;
    }

    private static double? Ratio(LatencyHistogram times, double? us) =>
        times.Count > 0 ? LowNs(times) / NsPerUs / us : null;

    private double? MeasuredUs(double scale) => reference?.TransactionUs * scale;
}
