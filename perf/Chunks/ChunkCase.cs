using Fragcast.Primitives.Metrics;
using Fragcast.Primitives.Reporting;

namespace Fragcast.Perf.Chunks;

/// <summary>One thing that is measured by itself.</summary>
/// <param name="Name">Its name in the report.</param>
/// <param name="Execute">Does it once.</param>
/// <param name="IsCorrect">Whether the last execution did what it should.</param>
internal sealed record ChunkCase(string Name, Action Execute, Func<bool> IsCorrect)
{
    /// <summary>How many operations an execution is: the figures are of one.</summary>
    public int Operations { get; init; } = 1;

    /// <summary>Bytes that an operation multiplies and adds; 0 where that is not the point.</summary>
    public long Products { get; init; }

    /// <summary>The goal for the median time of an operation.</summary>
    public double? GoalUs { get; init; }

    /// <summary>The goal for the rate of multiplying and adding.</summary>
    public double? GoalGigabytes { get; init; }

    /// <summary>Processor time of one operation in nanoseconds, a value per sample.</summary>
    public LatencyHistogram Durations { get; } = new();

    /// <summary>The greatest rate of executions in a sample, as bytes in a nanosecond.</summary>
    public double BestRate { get; set; }

    /// <summary>Bytes that the leanest sample allocated in all its executions.</summary>
    public long LeastAllocated { get; set; } = long.MaxValue;

    /// <summary>What was measured.</summary>
    public Figure ToFigure()
    {
        if (Products == 0)
        {
            Figure time = Figure.Latency(Name, Durations);
            return GoalUs is { } most ? time.WithAtMost(FigurePart.P50, most) : time;
        }

        Figure rate = Figure.Single(Name, "GB/s", BestRate);
        return GoalGigabytes is { } least ? rate.WithAtLeast(FigurePart.Value, least) : rate;
    }
}
