using Fragcast.Primitives.Metrics;

namespace Fragcast.Primitives.Reporting;

/// <summary>
/// One measured figure of a <see cref="Report"/>: a single value, or a distribution given by its percentiles; with the
/// goal it was measured against, where there is one. Fields that do not apply are absent in JSON.
/// </summary>
public sealed record Figure
{
    private Figure(string name, string unit) => (Name, Unit) = (name, unit);

    /// <summary>What was measured, in words separated by blanks; parts that vary come last.</summary>
    public string Name { get; }

    /// <summary>
    /// The unit of every number here except <see cref="Count"/>: "us", "ops/s", "bytes", "ratio".
    /// </summary>
    public string Unit { get; }

    /// <summary>The value, unless this is a distribution.</summary>
    public double? Value { get; private init; }

    /// <summary>The number of samples of a distribution.</summary>
    public long? Count { get; private init; }

    /// <summary>The least sample.</summary>
    public double? Min { get; private init; }

    /// <summary>The median.</summary>
    public double? P50 { get; private init; }

    /// <summary>The 90th percentile.</summary>
    public double? P90 { get; private init; }

    /// <summary>The 99th percentile.</summary>
    public double? P99 { get; private init; }

    /// <summary>The 99.9th percentile.</summary>
    public double? P999 { get; private init; }

    /// <summary>The greatest sample.</summary>
    public double? Max { get; private init; }

    /// <summary>The goal in words that a program can read: "value &lt;= 0", "p99 &lt;= 50".</summary>
    public string? Goal { get; private init; }

    /// <summary>Whether the goal is met; present exactly when there is a goal.</summary>
    public bool? Holds { get; private init; }

    /// <summary>A figure that is one number.</summary>
    /// <param name="name">What was measured.</param>
    /// <param name="unit">The unit of the value.</param>
    /// <param name="value">The value; must be finite, since JSON has no other numbers.</param>
    public static Figure Single(string name, string unit, double value) => double.IsFinite(value)
        ? new(name, unit) { Value = value }
        : throw new ArgumentOutOfRangeException(nameof(value), value, "A figure must be a finite number.");

    /// <summary>A figure that is the distribution of durations, in microseconds ("us").</summary>
    /// <param name="name">What was measured.</param>
    /// <param name="durations">The samples, in nanoseconds; of an empty histogram only the count is reported.</param>
    public static Figure Latency(string name, LatencyHistogram durations)
    {
        if (durations.Count == 0)
            return new Figure(name, "us") { Count = 0 };
        return new Figure(name, "us")
        {
            Count = durations.Count,
            Min = durations.Min / 1e3,
            P50 = durations.ValueAtPercentile(50) / 1e3,
            P90 = durations.ValueAtPercentile(90) / 1e3,
            P99 = durations.ValueAtPercentile(99) / 1e3,
            P999 = durations.ValueAtPercentile(99.9) / 1e3,
            Max = durations.Max / 1e3,
        };
    }

    /// <summary>The figure with the goal that one of its numbers is at most <paramref name="limit"/>.</summary>
    /// <param name="part">Which number.</param>
    /// <param name="limit">The greatest number that is good, in the figure's unit.</param>
    public Figure WithAtMost(FigurePart part, double limit) => WithGoal(part, "<=", limit, Of(part) <= limit);

    /// <summary>The figure with the goal that one of its numbers is at least <paramref name="limit"/>.</summary>
    /// <param name="part">Which number.</param>
    /// <param name="limit">The least number that is good, in the figure's unit.</param>
    public Figure WithAtLeast(FigurePart part, double limit) => WithGoal(part, ">=", limit, Of(part) >= limit);

    /// <summary>One of the numbers, or null where the figure does not have it.</summary>
    public double? Of(FigurePart part) => part switch
    {
        FigurePart.Value => Value,
        FigurePart.Count => Count,
        FigurePart.Min => Min,
        FigurePart.P50 => P50,
        FigurePart.P90 => P90,
        FigurePart.P99 => P99,
        FigurePart.P999 => P999,
        _ => Max,
    };

    // A number that is absent meets no goal: nothing was measured.
    private Figure WithGoal(FigurePart part, string relation, double limit, bool holds) => this with
    {
        Goal = $"{NameOf(part)} {relation} {limit:0.######}",
        Holds = holds,
    };

    private static string NameOf(FigurePart part) => part switch
    {
        FigurePart.Value => "value",
        FigurePart.Count => "count",
        FigurePart.Min => "min",
        FigurePart.P50 => "p50",
        FigurePart.P90 => "p90",
        FigurePart.P99 => "p99",
        FigurePart.P999 => "p999",
        _ => "max",
    };
}

/// <summary>The numbers of a <see cref="Figure"/> that a goal can be about.</summary>
public enum FigurePart
{
    /// <summary>The value of a figure that is one number.</summary>
    Value,

    /// <summary>The number of samples.</summary>
    Count,

    /// <summary>The least sample.</summary>
    Min,

    /// <summary>The median.</summary>
    P50,

    /// <summary>The 90th percentile.</summary>
    P90,

    /// <summary>The 99th percentile.</summary>
    P99,

    /// <summary>The 99.9th percentile.</summary>
    P999,

    /// <summary>The greatest sample.</summary>
    Max,
}
