using Fragcast.Perf.States;
using Fragcast.Primitives.Reporting;

namespace Fragcast.Perf.Tests;

public sealed class StateScenarioTests
{
    [Fact]
    public void Run_Tiny_AllRootsAreTheExpectedOnes()
    {
        (Report report, IReadOnlyList<string> failures) = StateScenario.Run(
            new StateScenarioOptions(Accounts: 2_000, Transactions: 300, Rounds: 1, FragSize: 40));
        Assert.Empty(failures);
        Assert.Equal("state", report.Scenario);
        Assert.All(report.Figures, figure => Assert.True(figure.Value is null or > 0, figure.ToString()));
        Assert.Equal(2 + 2 * 9 + 3, report.Figures.Count);
    }
}
