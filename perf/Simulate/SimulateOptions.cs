namespace Fragcast.Perf.Simulate;

/// <summary>What the operator asked for.</summary>
internal sealed record SimulateOptions
{
    /// <summary>The network and its traffic.</summary>
    public required SimConfig Config { get; init; }

    /// <summary>Names of schemes, in order.</summary>
    public required IReadOnlyList<string> Schemes { get; init; }

    /// <summary>The scenario's name; null for a run of just these numbers.</summary>
    public Scenario? Scenario { get; init; }

    /// <summary>Whether it is only to see that it works: no goals then.</summary>
    public bool IsQuick { get; init; }

    /// <summary>Whether figures are also given for each region.</summary>
    public bool IsByRegion { get; init; }

    /// <summary>Called with what runs and how far it is, from 0 to 1.</summary>
    public Action<string, double>? Progress { get; init; }

    /// <summary>What is wrong with a configuration, in one line; null if it can be run.</summary>
    public static string? Problem(SimConfig config)
    {
        const long PairsMax = 200_000_000;
        const int FragBytesMax = 240_000;
        return config switch
        {
            { Nodes: < 2 or > 100_000 } => "--nodes: 2 to 100000.",
            { Regions: < 1 or > RegionTable.CountMax } => $"--regions: 1 to {RegionTable.CountMax}.",
            _ when config.FirstRegion >= config.Regions =>
                $"--leader-region: one of the first {config.Regions} regions, or more --regions.",
            { FragBytes: < 1 or > FragBytesMax } => $"--frag-bytes: 1 to {FragBytesMax}.",
            { IntervalNs: < 100_000 } => "--interval: 0.1 ms at least.",
            { Loss: not (>= 0 and < 0.45) } => "--loss: 0 to less than 45 percent.",
            { BurstNs: < 0 } => "--burst: a time in milliseconds, 0 for none.",
            { BurstNs: > 0, Loss: 0 } => "--burst needs --loss above 0: a burst is where the losses are.",
            { Dead: not (>= 0 and < 1) } => "--dead: 0 to less than 100 percent.",
            { Slow: not (>= 0 and <= 1) } => "--slow: 0 to 100 percent.",
            { Churn: not (>= 0 and <= 1) } => "--churn: 0 to 100 percent.",
            { Leaders: < 1 } => "--leaders: at least 1.",
            { LeaderMbps: < 1 or > 100_000 } => "--leader-uplink: 1 to 100000 Mb/s.",
            { UplinkMbps: < 1 or > 100_000 } => "--uplink: 1 to 100000 Mb/s.",
            { DownlinkMbps: < 1 or > 100_000 } => "--downlink: 1 to 100000 Mb/s.",
            { Threads: < 1 or > 64 } => "--threads: 1 to 64.",
            _ when config.DurationNs < config.IntervalNs =>
                "--duration is shorter than --interval: nothing would be sent.",
            _ when config.DurationNs / config.IntervalNs * config.Nodes > PairsMax =>
                $"--duration over --interval, times --nodes: at most {PairsMax:#,0}, or memory does not last.",
            _ when config.Leaders >= config.Nodes => "--leaders: fewer than --nodes, somebody has to follow.",
            { RotateNs: > 0, Leaders: 1 } => "--rotate needs --leaders 2 or more.",
            _ when config.RotateNs != 0 && config.RotateNs < config.IntervalNs =>
                "--rotate is shorter than --interval.",
            _ when config.RotateNs >= config.DurationNs => "--rotate has to be shorter than --duration.",
            { RotateNs: 0, IsCold: true } => "--cold needs --rotate: only a new leader has to shake hands.",
            _ => null,
        };
    }
}
