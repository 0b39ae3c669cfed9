using System.CommandLine;
using Fragcast.Perf.Chunks;
using Fragcast.Primitives.Reporting;

namespace Fragcast.Perf;

/// <summary><c>fragcast-perf chunks</c>: a frag's chunks, made, checked and put together.</summary>
internal static class ChunksCommand
{
    public static Command Create()
    {
        Option<FileInfo?> json = ReportFile.CreateOption();
        Option<bool> quick = new("--quick") { Description = "A tenth of the samples: seconds, and rougher figures." };
        Command command = new("chunks", "Reed-Solomon by every kind of instruction, and the chunks of a frag of 32 KiB "
            + "encoded, verified, decoded and repaired. Fails when a result is wrong or something allocates.")
        {
            json, quick,
        };
        command.SetAction(arguments => Run(
            arguments.GetValue(quick) ? ChunkScenarioOptions.Quick : ChunkScenarioOptions.Full,
            arguments.GetValue(json),
            arguments.InvocationConfiguration));
        return command;
    }

    private static int Run(ChunkScenarioOptions options, FileInfo? json, InvocationConfiguration console)
    {
        (Report report, IReadOnlyList<string> failures) = ChunkScenario.Run(options);
        return ReportFile.Finish(report, failures, json, console);
    }
}
