using System.CommandLine;
using Fragcast.Execution.Fixtures;
using Fragcast.Perf.Parallel;
using Fragcast.Primitives.Reporting;

namespace Fragcast.Perf;

/// <summary><c>fragcast-perf parallel</c>: replay from access lists against execution in order.</summary>
internal static class ParallelCommand
{
    private const string DefaultFolder = "shared/data/real-blocks";

    public static Command Create()
    {
        Argument<FileInfo[]> blocks = new("blocks")
        {
            Description = "Block files as for fragcast replay. Default: those of ../shared/data/real-blocks, if any.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        Option<FileInfo?> json = ReportFile.CreateOption();
        Option<bool> quick = new("--quick")
        {
            Description = "Small generated blocks, no others unless named, 3 rounds.",
        };
        Command command = new("parallel", "Time to replay a block in order and with 1 and 2 workers from its access "
            + "list, and by simulation with up to 32. Fails when an outcome is another than in order.")
        {
            blocks, json, quick,
        };
        command.SetAction(arguments =>
        {
            bool isQuick = arguments.GetValue(quick);
            string[] files = [.. (arguments.GetValue(blocks) ?? []).Select(file => file.FullName)];
            if (files.Length == 0 && !isQuick) files = DefaultFiles();
            ParallelScenarioOptions options =
                (isQuick ? ParallelScenarioOptions.Quick : ParallelScenarioOptions.Full) with { Files = files };
            return Run(options, arguments.GetValue(json), arguments.InvocationConfiguration);
        });
        return command;
    }

    private static int Run(ParallelScenarioOptions options, FileInfo? json, InvocationConfiguration console)
    {
        try
        {
            (Report report, IReadOnlyList<string> failures) = ParallelScenario.Run(options);
            report.Print(console.Output);
            foreach (string failure in failures) console.Error.WriteLine($"fragcast-perf: {failure}");
            if (json is not null && !ReportFile.TrySave(report, json, console.Error)) return ExitCode.BadInput;
            return failures.Count == 0 && report.Holds ? ExitCode.Good : ExitCode.Failed;
        }
        catch (FixtureException e)
        {
            console.Error.WriteLine($"fragcast-perf: {e.Message}");
            return ExitCode.BadInput;
        }
    }

    private static string[] DefaultFiles()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string found = Path.Combine(folder.FullName, DefaultFolder);
            if (Directory.Exists(found)) return [.. Directory.GetFiles(found, "*.json.gz").Order()];
        }

        return [];
    }
}
