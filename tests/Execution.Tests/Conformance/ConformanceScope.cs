namespace Fragcast.Execution.Tests.Conformance;

/// <summary>How much of the public suites a test run covers.</summary>
internal static class ConformanceScope
{
    /// <summary>
    /// Whether the environment variable FRAGCAST_CONFORMANCE=all asks for every case, which takes minutes. By default a
    /// sample runs.
    /// </summary>
    public static bool RunsAll { get; } = Environment.GetEnvironmentVariable("FRAGCAST_CONFORMANCE") == "all";
}
