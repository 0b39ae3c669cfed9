using System.CommandLine;
using Fragcast.Execution.Fixtures;
using Fragcast.Perf.Blocks;
using Fragcast.Perf.Evm;
using Fragcast.Primitives.Reporting;

namespace Fragcast.Perf;

/// <summary><c>fragcast-perf block</c>: real blocks from raw bytes to their hash.</summary>
internal static class BlockCommand
{
    public static Command Create()
    {
        Argument<string[]> files = new("FILE")
        {
            Description = "Block files as for fragcast replay. Default: ../shared/data/real-blocks, else the demo's.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        Option<bool> quick = new("--quick") { Description = "A few runs, and rougher figures." };
        Option<string> tier = new("--tier")
        {
            Description = "The tier that executes; default what a node uses.",
            DefaultValueFactory = _ => TierNames.Default,
        };
        tier.AcceptOnlyFromAmong([.. TierNames.All]);
        Option<bool> once = new("--once")
        {
            Description = "One run of one file, its times as JSON: what the command starts new processes for.",
            Hidden = true,
        };
        Option<FileInfo?> json = ReportFile.CreateOption();
        Command command = new("block", "Wall time of real blocks from raw bytes to the compared hash, in new processes "
            + "and warm, and where it goes. Fails when a block differs or a goal is missed.")
        {
            files, tier, quick, once, json,
        };
        command.SetAction(arguments => Run(
            arguments.GetValue(files)!,
            arguments.GetValue(once),
            (arguments.GetValue(quick) ? BlockScenarioOptions.Quick : BlockScenarioOptions.Full) with
            {
                Tier = arguments.GetValue(tier)!,
            },
            arguments.GetValue(json),
            arguments.InvocationConfiguration));
        return command;
    }

    private static int Run(
        string[] files, bool isOnce, BlockScenarioOptions options, FileInfo? json, InvocationConfiguration console)
    {
        try
        {
            if (isOnce)
            {
                foreach (string file in files)
                    BlockScenario.RunOnce(file, options.Tier, console.Output);
                return ExitCode.Good;
            }

            Report report = BlockScenario.Run(options, files.Length > 0 ? files : FindFiles());
            report.Print(console.Output);
            if (json is not null && !ReportFile.TrySave(report, json, console.Error))
                return ExitCode.BadInput;
            return report.Holds ? ExitCode.Good : ExitCode.Failed;
        }
        catch (Exception error) when (error is PerfDataException or FixtureException)
        {
            console.Error.WriteLine($"fragcast-perf: {error.Message}");
            return ExitCode.BadInput;
        }
    }

    private static string[] FindFiles()
    {
        string? folder = SharedData.Find("real-blocks") ?? SharedData.FindUp(Path.Combine("Node", "DemoBlocks"));
        string[] files = folder is null ? [] : Directory.GetFiles(folder, "*.json.gz");
        Array.Sort(files, StringComparer.Ordinal);
        return files.Length > 0 ? files : throw new PerfDataException("no blocks found; name block files");
    }
}
