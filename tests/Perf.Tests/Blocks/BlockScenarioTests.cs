using Fragcast.Perf.Blocks;
using Fragcast.Perf.Evm;
using Fragcast.Primitives.Reporting;

namespace Fragcast.Perf.Tests.Blocks;

public sealed class BlockScenarioTests
{
    [Fact]
    public void Run_DemoBlockWarm_ReportsItsParts()
    {
        string file = SharedData.FindUp(Path.Combine("Node", "DemoBlocks", "op-sepolia-26207960.json.gz"))!;
        BlockScenarioOptions options = new(TierNames.Default, ColdProcesses: 0, WarmRuns: 1);
        Report report = BlockScenario.Run(options, [file]);
        Assert.True(report.Holds);
        Figure total = Assert.Single(
            report.Figures, figure => figure.Name.StartsWith("block wall warm", StringComparison.Ordinal));
        Assert.Equal(1, total.Count);
        Figure execute = Assert.Single(
            report.Figures, figure => figure.Name.StartsWith("block execute warm", StringComparison.Ordinal));
        Assert.InRange(execute.P50!.Value, 0, total.P50!.Value);
        Figure storage = Assert.Single(
            report.Figures, figure => figure.Name.StartsWith("profile storage count", StringComparison.Ordinal));
        Assert.True(storage.Value > 0);
    }
}
