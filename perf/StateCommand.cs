using System.CommandLine;
using Fragcast.Perf.States;
using Fragcast.Primitives.Reporting;

namespace Fragcast.Perf;

/// <summary><c>fragcast-perf state</c>: blocks of transfers on a large state.</summary>
internal static class StateCommand
{
    public static Command Create()
    {
        Option<FileInfo?> json = ReportFile.CreateOption();
        Option<bool> quick = new("--quick")
        {
            Description = "100,000 accounts and 2,000 transactions instead of 1,000,000 and 10,000.",
        };
        Command command = new("state", "Blocks of plain and of ERC-20 transfers on a state of many accounts: "
            + "transactions per second with and without the root, cost of the root. Fails when a root is wrong.")
        {
            json, quick,
        };
        command.SetAction(arguments =>
        {
            (Report report, IReadOnlyList<string> failures) = StateScenario.Run(
                arguments.GetValue(quick) ? StateScenarioOptions.Quick : StateScenarioOptions.Full);
            return ReportFile.Finish(
                report, failures, arguments.GetValue(json), arguments.InvocationConfiguration);
        });
        return command;
    }
}
