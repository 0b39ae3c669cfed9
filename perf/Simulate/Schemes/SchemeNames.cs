namespace Fragcast.Perf.Simulate.Schemes;

/// <summary>The schemes by name.</summary>
internal static class SchemeNames
{
    /// <summary>Stands for all of them.</summary>
    public const string Everything = "all";

    /// <summary>The names, in the order of reports.</summary>
    public static IReadOnlyList<string> All { get; } = ["fragcast", "mesh", "tree", "star"];

    /// <summary>Makes a scheme.</summary>
    public static IScheme Create(string name) => name switch
    {
        "fragcast" => new FragcastScheme(),
        "mesh" => new MeshScheme(),
        "tree" => new TreeScheme(),
        "star" => new StarScheme(),
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, "No such scheme."),
    };

    /// <summary>
    /// The traffic that a scheme is given. A star whose leader cannot send everything in time gets its items one by
    /// one, with time enough between them: its queue would only grow, and it would look worse the longer the run is.
    /// </summary>
    public static SimConfig Fit(string name, SimConfig config)
    {
        if (name != "star") return config;
        long bytes = (long)WholeMessages.OnWire(config.FragBytes) * (config.Nodes - 1);
        long sendsNs = (long)((bytes * 8000.0 / config.LeaderMbps) * (1 + (2 * config.Loss)));
        if (sendsNs <= config.IntervalNs) return config;
        return config with { IntervalNs = sendsNs, DurationNs = Math.Max(sendsNs, config.DurationNs), RotateNs = 0 };
    }
}
