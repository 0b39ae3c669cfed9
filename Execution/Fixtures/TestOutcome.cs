using System.Text.RegularExpressions;
using Fragcast.Execution.Evm;
using Fragcast.Primitives;

namespace Fragcast.Execution.Fixtures;

/// <summary>What became of a case of a test suite.</summary>
public enum TestVerdict
{
    /// <summary>All that the case states came out.</summary>
    Passed,

    /// <summary>Something came out otherwise.</summary>
    Failed,

    /// <summary>It was not run: it was not chosen, or is about something that is left out here.</summary>
    Skipped,

    /// <summary>It could not be run, because the file can't be read or says nothing that can be run.</summary>
    Unreadable,
}

/// <summary>What became of a case of a test suite.</summary>
/// <param name="Verdict">In a word.</param>
/// <param name="Name">Name of the test; the file's when it could not be read.</param>
/// <param name="Fork">Name of the upgrade or of the transition.</param>
/// <param name="Index">Number of the case among those of the same name and upgrade, from 0.</param>
/// <param name="StateRoot">Root of the state at the end; null when it did not get that far.</param>
/// <param name="Problem">One line that says what is wrong, or why it was skipped; null when it passed.</param>
public sealed record TestOutcome(
    TestVerdict Verdict, string Name, string Fork, int Index, Hash256? StateRoot, string? Problem)
{
    /// <summary>A file, or a part of it, that can't be run.</summary>
    public static TestOutcome Unreadable(FixtureException error) =>
        new(TestVerdict.Unreadable, "", "", 0, null, error.Message);
}

/// <summary>Which cases to run, and how.</summary>
public sealed record TestOptions
{
    /// <summary>Only tests whose name it matches; null for all.</summary>
    public Regex? Names { get; init; }

    /// <summary>Only cases of this upgrade or transition, by its name in the suite; null for all.</summary>
    public string? Fork { get; init; }

    /// <summary>Only the case with this number of each name and upgrade; null for all.</summary>
    public int? Index { get; init; }

    /// <summary>How code is run.</summary>
    public ExecutionTier Tier { get; init; }

    /// <summary>Where EIP-3155 traces go; null for none.</summary>
    public TextWriter? Trace { get; init; }

    internal bool Chooses(string name, string fork, int index) =>
        (Names?.IsMatch(name) ?? true)
        && (Fork is null || Fork.Equals(fork, StringComparison.OrdinalIgnoreCase))
        && (Index ?? index) == index;
}

/// <summary>Runs the files of a kind of test suite, one case after the other. Not thread-safe.</summary>
public interface ITestRunner
{
    /// <summary>
    /// Runs the cases of a file of JSON, plain or compressed by gzip. Whatever is wrong with the file is an outcome.
    /// </summary>
    IEnumerable<TestOutcome> RunFile(string path);
}
