using System.CommandLine;
using Fragcast.Primitives.Reporting;

namespace Fragcast.Perf;

/// <summary>What the process returns.</summary>
internal static class ExitCode
{
    /// <summary>Everything was measured and every goal holds.</summary>
    public const int Good = 0;

    /// <summary>A check failed or a goal was missed.</summary>
    public const int Failed = 1;

    /// <summary>A flag or a file given by the operator cannot be used.</summary>
    public const int BadInput = 2;
}

/// <summary>Writes reports where the operator wants them.</summary>
internal static class ReportFile
{
    /// <summary>
    /// The flag <c>--json FILE</c>. A folder that does not exist is refused before anything is measured.
    /// </summary>
    public static Option<FileInfo?> CreateOption()
    {
        Option<FileInfo?> option = new("--json") { Description = "Also write the report to this file, as JSON." };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<FileInfo?>() is { Directory: { Exists: false } folder })
                result.AddError($"--json: the folder '{folder.FullName}' does not exist.");
        });
        return option;
    }

    /// <summary>Prints the report and what failed, and saves it where that was asked for.</summary>
    /// <returns>The exit code.</returns>
    public static int Finish(
        Report report, IReadOnlyList<string> failures, FileInfo? json, InvocationConfiguration console)
    {
        report.Print(console.Output);
        foreach (string failure in failures) console.Error.WriteLine($"fragcast-perf: {failure}");
        if (json is not null && !TrySave(report, json, console.Error)) return ExitCode.BadInput;
        return failures.Count == 0 && report.Holds ? ExitCode.Good : ExitCode.Failed;
    }

    /// <summary>Saves the report, or says in one line why that is impossible.</summary>
    public static bool TrySave(Report report, FileInfo file, TextWriter errors)
    {
        try
        {
            report.Save(file.FullName);
            return true;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            errors.WriteLine($"fragcast-perf: cannot write the report: {error.Message} Give --json another path.");
            return false;
        }
    }
}
