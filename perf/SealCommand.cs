using System.CommandLine;
using Fragcast.Execution.Fixtures;
using Fragcast.Perf.Seals;
using Fragcast.Primitives.Reporting;

namespace Fragcast.Perf;

/// <summary><c>fragcast-perf seal</c>: from the seal to the commit of real blocks.</summary>
internal static class SealCommand
{
    public static Command Create()
    {
        Option<FileInfo?> json = ReportFile.CreateOption();
        Option<bool> quick = new("--quick") { Description = "A tenth of the rounds: seconds, and rougher figures." };
        Argument<FileInfo[]> blocks = new("BLOCK")
        {
            Arity = ArgumentArity.ZeroOrMore,
            Description = "Real blocks with witnesses, in order. Without any: those of OP Sepolia that are at hand.",
        };
        Command command = new("seal", "Time from the seal to the commit of real blocks replayed frag by frag, with and "
            + "without work in the background. Fails when a hash is not that of the chain.")
        {
            json, quick, blocks,
        };
        command.SetAction(arguments => Run(
            arguments.GetValue(quick) ? SealScenarioOptions.Quick : SealScenarioOptions.Full,
            arguments.GetValue(blocks) ?? [],
            arguments.GetValue(json),
            arguments.InvocationConfiguration));
        return command;
    }

    private static int Run(
        SealScenarioOptions options, FileInfo[] files, FileInfo? json, InvocationConfiguration console)
    {
        IReadOnlyList<RealBlock> blocks;
        try
        {
            blocks = BlockFiles.Read(files.Length > 0 ? files.Select(file => file.FullName) : BlockFiles.Default());
        }
        catch (FixtureException error)
        {
            console.Error.WriteLine($"fragcast-perf: {error.Message}");
            return ExitCode.BadInput;
        }

        if (blocks.Count == 0)
        {
            console.Error.WriteLine("fragcast-perf: no real blocks are at hand: name files of them.");
            return ExitCode.BadInput;
        }

        (Report report, IReadOnlyList<string> failures) = SealScenario.Run(options, blocks);
        return ReportFile.Finish(report, failures, json, console);
    }
}
