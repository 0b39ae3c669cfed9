using System.CommandLine;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using Fragcast.Perf.Micro;

namespace Fragcast.Perf;

/// <summary><c>fragcast-perf micro</c>: the micro-benchmarks of BenchmarkDotNet.</summary>
internal static class MicroCommand
{
    public static Command Create()
    {
        Argument<string> filter = new("filter")
        {
            Description = "Which benchmarks, as a pattern for their full names, for example '*Ring*'.",
            DefaultValueFactory = _ => "*",
        };
        Option<bool> list = new("--list") { Description = "Only list the benchmarks." };
        Option<bool> dry = new("--dry") { Description = "Run each once: does it work?" };
        Command command = new("micro", "Micro-benchmarks by BenchmarkDotNet.") { filter, list, dry };
        command.SetAction(arguments => Run(
            arguments.GetValue(filter)!,
            arguments.GetValue(list),
            arguments.GetValue(dry),
            arguments.InvocationConfiguration));
        return command;
    }

    private static int Run(string filter, bool isList, bool isDry, InvocationConfiguration console)
    {
        string[] arguments = isList ? ["--filter", filter, "--list", "flat"] : ["--filter", filter];
        BenchmarkSwitcher switcher = BenchmarkSwitcher.FromAssembly(typeof(MicroCommand).Assembly);
        Summary[] summaries = [.. switcher.Run(arguments, MicroConfig.Create(isDry, ConsoleLogger.Default))];
        if (isList)
            return ExitCode.Good;
        if (summaries.Length == 0)
        {
            console.Error.WriteLine($"fragcast-perf: no benchmark matches '{filter}'; see fragcast-perf micro --list.");
            return ExitCode.BadInput;
        }

        bool isGood = summaries.All(summary =>
            !summary.HasCriticalValidationErrors && summary.Reports.All(report => report.Success));
        return isGood ? ExitCode.Good : ExitCode.Failed;
    }
}
