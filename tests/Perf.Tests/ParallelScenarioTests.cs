using System.CommandLine;
using Fragcast.Perf.Parallel;
using Fragcast.Primitives.Reporting;

namespace Fragcast.Perf.Tests;

/// <summary>The parallel scenario runs and verifies, and its simulation lays out what it is given.</summary>
public sealed class ParallelScenarioTests
{
    [Fact]
    public void Run_Tiny_MeasuresAndVerifies()
    {
        ParallelScenarioOptions options = new(Rounds: 1, Transactions: 40, Files: []);
        (Report report, IReadOnlyList<string> failures) = ParallelScenario.Run(options);
        Assert.Empty(failures);
        Assert.Equal(3, report.Figures.Count(figure => figure.Name.EndsWith(", 2 workers", StringComparison.Ordinal)
            && figure.Unit == "ms"));
    }

    [Fact]
    public void Invoke_FileThatIsNoBlock_FailsWithALine()
    {
        string file = Path.GetTempFileName();
        try
        {
            StringWriter errors = new();
            InvocationConfiguration console = new() { Output = TextWriter.Null, Error = errors };
            Assert.Equal(ExitCode.BadInput, Cli.Run(["parallel", "--quick", file], console));
            Assert.Single(errors.ToString().TrimEnd().Split('\n'));
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Theory]
    [InlineData(1, 60)]
    [InlineData(2, 40)]
    [InlineData(3, 30)]
    [InlineData(32, 30)]
    public void Makespan_Diamond_IsWhatTheChainsLeave(int workers, long expected)
    {
        // 10 lets 10, 10 and 20 go; the first two let a last 10 go: 10 + 10 + 10, beside 10 + 20.
        var simulation = new ScheduleSimulation([10, 10, 10, 20, 10], [[1, 2, 3], [4], [4], [], []]);
        Assert.Equal(expected, simulation.Makespan(workers));
        Assert.Equal(30, simulation.CriticalPathTicks());
    }
}
