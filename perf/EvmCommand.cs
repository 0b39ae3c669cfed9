using System.CommandLine;
using System.Text.Json.Nodes;
using Fragcast.Perf.Evm;
using Fragcast.Primitives.Reporting;

namespace Fragcast.Perf;

/// <summary><c>fragcast-perf evm</c>: programs by each tier of execution, beside evmone's figures.</summary>
internal static class EvmCommand
{
    private const string All = "all";

    public static Command Create()
    {
        Option<string?> data = new("--data")
        {
            Description = "The archive bench.tar.gz, or a folder with it or with its contents. Default: "
                + "../shared/data/evm, else the programs that are part of the project (ipsilon-main, revmc).",
        };
        Option<string[]> suites = new("--suite")
        {
            Description = "ipsilon-main, revmc, ipsilon-micro, revme, eest or all; default the first two, which have "
                + "goals. eest is blocks of up to 150 Mgas: minutes.",
            AllowMultipleArgumentsPerToken = true,
        };
        suites.AcceptOnlyFromAmong([All, .. ProgramSuites.All.Select(suite => suite.Name)]);
        Option<string?> program = new("--program") { Description = "Only programs whose name contains this." };
        Option<string[]> tiers = new("--tier")
        {
            Description = "Only these tiers; default all, side by side.",
            AllowMultipleArgumentsPerToken = true,
        };
        tiers.AcceptOnlyFromAmong([.. TierNames.All]);
        Option<bool> quick = new("--quick") { Description = "A fraction of the runs, and rougher figures." };
        Option<FileInfo?> json = ReportFile.CreateOption();
        Command command = new("evm", "Processor time of EVM programs and whole transactions, warm and with code seen "
            + "for the first time, and ratios to evmone. Fails when a result is wrong or a goal is missed.")
        {
            data, suites, program, tiers, quick, json,
        };
        command.SetAction(arguments =>
        {
            EvmScenarioOptions options = arguments.GetValue(quick) ? EvmScenarioOptions.Quick : EvmScenarioOptions.Full;
            if (arguments.GetValue(tiers) is { Length: > 0 } chosen) options = options with { Tiers = chosen };
            return Run(
                arguments.GetValue(data),
                new ProgramFilter(arguments.GetValue(suites)!, arguments.GetValue(program)),
                options,
                arguments.GetValue(json),
                arguments.InvocationConfiguration);
        });
        return command;
    }

    private static int Run(
        string? dataPath,
        ProgramFilter filter,
        EvmScenarioOptions options,
        FileInfo? json,
        InvocationConfiguration console)
    {
        EvmResults results;
        JsonObject parameters;
        try
        {
            ProgramData data = ProgramData.Open(dataPath);
            results = EvmScenario.Run(options, filter.Select(data), ReferenceTable.Load());
            parameters = new JsonObject
            {
                ["data"] = Path.GetFileName(data.Path),
                ["tiers"] = string.Join(' ', options.Tiers),
                ["rounds"] = options.Rounds,
                ["sliceNs"] = options.SliceNs,
                ["clockStepNs"] = ThreadClock.ResolutionNs,
                ["clockCostNs"] = ThreadClock.CostNs,
                ["yardstickUs"] = results.YardstickUs,
                ["reference"] = $"{results.References.Source}; {results.References.Machine}",
                ["referenceYardstickUs"] = results.References.YardstickUs,
            };
        }
        catch (PerfDataException error)
        {
            console.Error.WriteLine($"fragcast-perf: {error.Message}");
            return ExitCode.BadInput;
        }

        Report report = results.ToReport(parameters);
        EvmTable.Print(results, report, console.Output);
        foreach (string failure in results.Failures)
            console.Error.WriteLine($"fragcast-perf: {failure}");
        if (json is not null && !ReportFile.TrySave(report, json, console.Error))
            return ExitCode.BadInput;
        return results.Failures.Count == 0 && report.Holds ? ExitCode.Good : ExitCode.Failed;
    }
}
