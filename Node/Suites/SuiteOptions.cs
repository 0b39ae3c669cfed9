using Fragcast.Execution.Fixtures;

namespace Fragcast.Node.Suites;

/// <summary>What an operator asked a suite command for.</summary>
internal sealed record SuiteOptions
{
    /// <summary>Files and folders; empty to read names of files from standard input.</summary>
    public required IReadOnlyList<string> Paths { get; init; }

    /// <summary>Print results as a JSON array.</summary>
    public required bool Json { get; init; }

    /// <summary>Write EIP-3155 traces to standard error.</summary>
    public required bool Trace { get; init; }

    /// <summary>Files that are run at the same time.</summary>
    public required int Jobs { get; init; }

    /// <summary>Which cases, and on which tier.</summary>
    public required TestOptions Tests { get; init; }
}
