using Fragcast.Perf.Chunks;
using Fragcast.Primitives.Reporting;

namespace Fragcast.Perf.Tests;

public sealed class ChunkScenarioTests
{
    [Fact]
    public void Run_Tiny_EveryResultIsRightAndNothingAllocates()
    {
        (Report report, IReadOnlyList<string> failures) =
            ChunkScenario.Run(new ChunkScenarioOptions(Rounds: 2, SampleUs: 1, SamplesPerRound: 2));
        Assert.Empty(failures);
        Assert.Equal("chunks", report.Scenario);
        Figure allocated =
            Assert.Single(report.Figures, figure => figure.Name == ChunkScenario.AllocatedName);
        Assert.True(allocated.Holds, allocated.ToString());
        string[] goals = [.. report.Figures.Where(figure => figure.Goal is not null).Select(figure => figure.Unit)];
        Assert.Equal(["GB/s", "us", "bytes"], goals.Distinct());
    }
}
