using System.CommandLine;
using Fragcast.Perf.Rings;
using Fragcast.Primitives.Reporting;

namespace Fragcast.Perf;

/// <summary><c>fragcast-perf ring</c>: the ring against channels and the raw limit.</summary>
internal static class RingCommand
{
    public static Command Create()
    {
        Option<FileInfo?> json = ReportFile.CreateOption();
        Option<bool> quick = new("--quick") { Description = "A tenth of the messages: seconds, and rougher figures." };
        Command command = new("ring", "Throughput, latency and allocations of the ring, of Channels and of a bounced "
            + "cache line, side by side. Fails when a message is lost or the ring allocates.")
        {
            json, quick,
        };
        command.SetAction(arguments => Run(
            arguments.GetValue(quick) ? RingScenarioOptions.Quick : RingScenarioOptions.Full,
            arguments.GetValue(json),
            arguments.InvocationConfiguration));
        return command;
    }

    private static int Run(RingScenarioOptions options, FileInfo? json, InvocationConfiguration console)
    {
        (Report report, IReadOnlyList<string> failures) = RingScenario.Run(options);
        return ReportFile.Finish(report, failures, json, console);
    }
}
