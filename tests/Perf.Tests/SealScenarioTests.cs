using Fragcast.Perf.Seals;
using Fragcast.Primitives.Reporting;

namespace Fragcast.Perf.Tests;

public sealed class SealScenarioTests
{
    [Fact]
    public void Run_Tiny_SealsEveryBlockInEveryWay()
    {
        IReadOnlyList<string> files = BlockFiles.Default();
        Assert.True(files.Count >= 3);
        (Report report, IReadOnlyList<string> failures) =
            SealScenario.Run(new SealScenarioOptions(Rounds: 2, WarmUp: 1, Frags: 4), BlockFiles.Read(files.Take(3)));
        Assert.Empty(failures);
        Assert.Equal("seal", report.Scenario);
        Figure[] seals = [.. report.Figures.Where(figure => figure.Name.StartsWith("seal ", StringComparison.Ordinal))];
        Assert.Equal(3, seals.Length);
        Assert.All(seals, figure => Assert.Equal(6, figure.Count));
        Assert.Equal(5, report.Figures.Count);
    }

    [Fact]
    public void Run_BlockWithAnotherHash_Fails()
    {
        var block = BlockFiles.Read(BlockFiles.Default().Take(1))[0];
        var other = new Execution.Fixtures.RealBlock
        {
            File = block.File,
            Chain = block.Chain,
            Parent = block.Parent,
            Environment = block.Environment,
            Transactions = block.Transactions,
            ExpectedHash = block.Environment.ParentHash,
            Witness = block.Witness,
        };
        (_, IReadOnlyList<string> failures) = SealScenario.Run(new SealScenarioOptions(1, 0, 4), [other]);
        Assert.Equal(3, failures.Count);
    }
}
