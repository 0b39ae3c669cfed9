using System.CommandLine;
using Fragcast.Perf.Transport;
using Fragcast.Primitives.Reporting;

namespace Fragcast.Perf;

/// <summary><c>fragcast-perf transport</c>: the QUIC engines against raw UDP.</summary>
internal static class TransportCommand
{
    public static Command Create()
    {
        Option<FileInfo?> json = ReportFile.CreateOption();
        Option<bool> quick = new("--quick") { Description = "A tenth or less of everything: rougher figures." };
        Option<bool> spin = new("--spin")
        {
            Description = "Round trips and one way also with two spinning threads: needs two idle cores.",
        };
        Option<string?> engine = new("--engine")
        {
            Description = "Only the engines whose names start so: ngtcp2-1, ngtcp2-0, system.",
        };
        Option<string[]> only = new("--only")
        {
            Description = $"Only these parts: {string.Join(", ", TransportScenario.Parts)}.",
            AllowMultipleArgumentsPerToken = true,
        };
        only.Validators.Add(result =>
        {
            if (result.Tokens.FirstOrDefault(token => !TransportScenario.Parts.Contains(token.Value)) is { } unknown)
                result.AddError($"--only: no part is called '{unknown.Value}'.");
        });
        Command command = new("transport", "Round trips, one way, throughput, fan-out, connects, memory and a flood of "
            + "Initials for every engine, beside raw UDP. Fails when what arrives is not what was sent.")
        {
            json, quick, spin, engine, only,
        };
        command.SetAction(arguments =>
        {
            TransportScenarioOptions options = arguments.GetValue(quick)
                ? TransportScenarioOptions.Quick
                : TransportScenarioOptions.Full;
            options = options with
            {
                Spins = arguments.GetValue(spin),
                Engine = arguments.GetValue(engine) ?? "",
                Only = arguments.GetValue(only) is { Length: > 0 } parts ? parts : TransportScenario.Parts,
            };
            return Run(options, arguments.GetValue(json), arguments.InvocationConfiguration);
        });
        return command;
    }

    private static int Run(TransportScenarioOptions options, FileInfo? json, InvocationConfiguration console)
    {
        if (EngineChoice.Find(options.Engine).Count == 0)
        {
            console.Error.WriteLine(
                $"fragcast-perf: no engine '{options.Engine}' here. Install libngtcp2 or libmsquic, or name another.");
            return ExitCode.BadInput;
        }

        (Report report, IReadOnlyList<string> failures) = TransportScenario.Run(options);
        report.Print(console.Output);
        foreach (string failure in failures) console.Error.WriteLine($"fragcast-perf: {failure}");
        if (json is not null && !ReportFile.TrySave(report, json, console.Error)) return ExitCode.BadInput;
        return failures.Count == 0 && report.Holds ? ExitCode.Good : ExitCode.Failed;
    }
}
