using System.CommandLine;
using Fragcast.Perf.Precompiles;
using Fragcast.Primitives.Reporting;

namespace Fragcast.Perf;

/// <summary><c>fragcast-perf precompiles</c>: time and gas rate of every precompile, and of Keccak.</summary>
internal static class PrecompilesCommand
{
    public static Command Create()
    {
        Option<string> filter = new("--filter")
        {
            Description = "Only cases whose name contains this.",
            DefaultValueFactory = _ => "",
        };
        Option<bool> quick = new("--quick") { Description = "A tenth of the samples, and rougher figures." };
        Option<FileInfo?> json = ReportFile.CreateOption();
        Command command = new("precompiles", "Time of every precompile and its gas rate by Osaka's prices, so that "
            + "what is too cheap shows. Fails when a result is wrong or a goal is missed.")
        {
            filter, quick, json,
        };
        command.SetAction(arguments => Run(
            arguments.GetValue(filter)!,
            arguments.GetValue(quick) ? PrecompileScenarioOptions.Quick : PrecompileScenarioOptions.Full,
            arguments.GetValue(json),
            arguments.InvocationConfiguration));
        return command;
    }

    private static int Run(
        string filter, PrecompileScenarioOptions options, FileInfo? json, InvocationConfiguration console)
    {
        PrecompileCase[] cases =
            [.. PrecompileCases.All().Where(each => each.Name.Contains(filter, StringComparison.Ordinal))];
        if (cases.Length == 0)
        {
            console.Error.WriteLine($"fragcast-perf: no precompile's case has '{filter}' in its name.");
            return ExitCode.BadInput;
        }

        (Report report, IReadOnlyList<string> failures) = PrecompileScenario.Run(cases, options);
        report.Print(console.Output);
        foreach (string failure in failures)
            console.Error.WriteLine($"fragcast-perf: {failure}");
        if (json is not null && !ReportFile.TrySave(report, json, console.Error))
            return ExitCode.BadInput;
        return failures.Count == 0 && report.Holds ? ExitCode.Good : ExitCode.Failed;
    }
}
