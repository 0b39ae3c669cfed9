using Fragcast.Primitives.Metrics;
using Fragcast.Primitives.Reporting;

namespace Fragcast.Perf.Evm;

/// <summary>The results as a table for people: a line for each program and tier.</summary>
internal static class EvmTable
{
    private const double NsPerUs = 1e3;

    /// <summary>Prints the table, and below it the goals that are missed.</summary>
    public static void Print(EvmResults results, Report report, TextWriter output)
    {
        output.WriteLine($"{report.Scenario}: {report.Machine}, commit {report.Commit}");
        output.WriteLine($"  thread processor time in us, clock step {ThreadClock.ResolutionNs} ns, one reading "
            + $"{ThreadClock.CostNs} ns (taken off); yardstick {results.YardstickUs:0} us");
        output.WriteLine($"  here: ratio to {results.References.Source} on {results.References.Machine}, yardstick "
            + $"{results.References.YardstickUs:0} us: its times count {results.Scale:0.000}-fold");
        output.WriteLine($"  goal: ratio to {results.References.Stated.Source}; for programs that it lacks, as here");
        output.WriteLine($"  {"program",-42} {"tier",-11} {"warm p10",10} {"p50",10} {"p99",10} {"Mgas/s",8} "
            + $"{"goal",6} {"here",6} {"cold p10",10} {"p50",10} {"p99",10} {"goal",6} {"here",6} {"bytes",6}");
        foreach (ProgramFigures program in results.Programs)
        {
            output.WriteLine($"  {program.Program.FullName,-42} {program.Tier,-11} {Times(program.Warm)} "
                + $"{program.MgasPerSecond,8:0} {Ratio(program.WarmGoalRatio(results.Scale))} "
                + $"{Ratio(program.WarmRatio(results.Scale))} {Times(program.Cold)} "
                + $"{Ratio(program.ColdGoalRatio(results.Scale))} {Ratio(program.ColdRatio(results.Scale))} "
                + $"{program.LeastAllocatedBytes,6}");
        }

        foreach (BlockCaseFigures test in results.BlockCases)
        {
            output.WriteLine($"  {test.Name,-42} {test.Tier,-11} {Times(test.Times)} {test.MgasPerSecond,8:0} "
                + $"({test.Gas / 1e6:0.0} Mgas)");
        }

        foreach (string tier in results.Programs.Select(program => program.Tier).Distinct())
        {
            if (results.GeometricMean(tier) is { } mean && results.GeometricMeanToGoal(tier) is { } goal)
                output.WriteLine($"  geometric mean of {ProgramSuites.Main}, warm, by {tier}: {goal:0.000} to the "
                    + $"times of the goals, {mean:0.000} to those measured here");
        }

        Figure[] goals = [.. report.Figures.Where(figure => figure.Goal is not null)];
        output.WriteLine($"  {goals.Count(figure => figure.Holds == true)} of {goals.Length} goals hold");
        foreach (Figure figure in goals.Where(figure => figure.Holds == false))
            output.WriteLine($"  MISSED {figure.Name}: {figure.Value:0.###} {figure.Unit}, goal {figure.Goal}");
    }

    private static string Times(LatencyHistogram times) => times.Count == 0
        ? $"{"-",10} {"-",10} {"-",10}"
        : $"{Us(ProgramFigures.LowNs(times))} {Us(times.ValueAtPercentile(50))} {Us(times.ValueAtPercentile(99))}";

    private static string Us(long ns) => $"{ns / NsPerUs,10:0.00}";

    private static string Ratio(double? ratio) => ratio is null ? $"{"-",6}" : $"{ratio,6:0.00}";
}
