using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Fragcast.Execution.Fixtures;
using Fragcast.Node.Cli;

namespace Fragcast.Node.Suites;

/// <summary>
/// Prints the outcomes of test cases in the forms that tools around EVMs read: a line for each case, or the JSON array
/// of geth's "evm statetest" with a state root for each case on the error output. Counts them. One thread.
/// </summary>
/// <param name="options">Which form.</param>
/// <param name="output">Results; flushed after each file.</param>
/// <param name="error">State roots, traces and what is wrong with files; flushed after each file.</param>
internal sealed class SuiteReport(SuiteOptions options, TextWriter output, TextWriter error)
{
    private static readonly JsonWriterOptions JsonForm = new()
    {
        Indented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private readonly List<TestOutcome> _results = [];
    private readonly SortedDictionary<string, int> _skipReasons = new(StringComparer.Ordinal);
    private readonly int[] _counts = new int[(int)TestVerdict.Unreadable + 1];
    private string? _lastProblem;

    /// <summary>Number of cases with a verdict so far.</summary>
    public int Count(TestVerdict verdict) => _counts[(int)verdict];

    /// <summary>Whatever could not be run outweighs what failed.</summary>
    public int ExitCode =>
        Count(TestVerdict.Unreadable) > 0 ? CommandLine.ExitOperatorError
        : Count(TestVerdict.Failed) > 0 ? CommandLine.ExitDifference
        : CommandLine.ExitSuccess;

    /// <summary>Takes an outcome.</summary>
    public void Add(TestOutcome outcome)
    {
        _counts[(int)outcome.Verdict]++;
        if (outcome.Verdict == TestVerdict.Skipped)
        {
            _skipReasons[outcome.Problem!] = _skipReasons.GetValueOrDefault(outcome.Problem!) + 1;
            return;
        }

        if (outcome.Verdict == TestVerdict.Unreadable) AddProblem(outcome.Problem!);
        if ((options.Json || options.Trace) && outcome.StateRoot is { } root)
            error.WriteLine($"{{\"stateRoot\": \"{root}\"}}");
        if (options.Json) _results.Add(outcome);
        else if (outcome.Verdict != TestVerdict.Unreadable) output.WriteLine(Line(outcome));
    }

    /// <summary>Takes something that is wrong with a path. What several cases have in common is said once.</summary>
    public void AddUnreadable(string problem)
    {
        _counts[(int)TestVerdict.Unreadable]++;
        AddProblem(problem);
    }

    /// <summary>A file is done: whoever reads along gets what it gave.</summary>
    public void EndFile()
    {
        output.Flush();
        error.Flush();
    }

    /// <summary>Prints the JSON array of what came since the last one, if JSON was asked for.</summary>
    public void PrintJson()
    {
        if (!options.Json) return;
        var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, JsonForm))
        {
            writer.WriteStartArray();
            foreach (TestOutcome result in _results) Write(writer, result);
            writer.WriteEndArray();
        }

        _results.Clear();
        output.WriteLine(Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length));
        output.Flush();
    }

    /// <summary>Prints how many cases passed, unless JSON was asked for.</summary>
    public void PrintSummary()
    {
        if (options.Json) return;
        output.WriteLine(Summary);
        foreach ((string reason, int count) in _skipReasons) output.WriteLine($"{count} skipped: {reason}");
        output.Flush();
    }

    /// <summary>The counts in a line.</summary>
    public string Summary
    {
        get
        {
            string text = $"{Count(TestVerdict.Passed)} passed, {Count(TestVerdict.Failed)} failed, "
                + $"{Count(TestVerdict.Skipped)} skipped";
            return Count(TestVerdict.Unreadable) is var unreadable and > 0 ? $"{text}, {unreadable} unreadable" : text;
        }
    }

    private static string Line(TestOutcome outcome)
    {
        string verdict = outcome.Verdict == TestVerdict.Passed ? "PASS" : "FAIL";
        string root = outcome.StateRoot?.ToString() ?? "-";
        string problem = outcome.Problem is null ? "" : $" {outcome.Problem}";
        return $"{verdict} {outcome.Name} {outcome.Fork}[{outcome.Index}] {root}{problem}";
    }

    private static void Write(Utf8JsonWriter writer, TestOutcome result)
    {
        writer.WriteStartObject();
        writer.WriteString("name", result.Name);
        writer.WriteBoolean("pass", result.Verdict == TestVerdict.Passed);
        if (result.StateRoot is { } root) writer.WriteString("stateRoot", root.ToString());
        writer.WriteString("fork", result.Fork);
        writer.WriteNumber("index", result.Index);
        if (result.Problem is { } problem) writer.WriteString("error", problem);
        writer.WriteEndObject();
    }

    private void AddProblem(string problem)
    {
        if (problem == _lastProblem) return;
        _lastProblem = problem;
        error.WriteLine($"fragcast: {problem.ReplaceLineEndings(" ")}");
    }
}
