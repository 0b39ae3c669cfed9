using Fragcast.Perf.Precompiles;
using Fragcast.Primitives.Reporting;

namespace Fragcast.Perf.Tests;

public sealed class PrecompileScenarioTests
{
    private static readonly PrecompileScenarioOptions Tiny = new(Rounds: 1, SampleUs: 1, SamplesPerRound: 1);

    [Fact]
    public void Run_Tiny_ReportsEveryCaseAndEveryOutputIsRight()
    {
        PrecompileCase[] cases = [.. PrecompileCases.All()];
        (Report report, IReadOnlyList<string> failures) = PrecompileScenario.Run(cases, Tiny);
        Assert.Empty(failures);
        Assert.Equal("precompiles", report.Scenario);
        Assert.All(cases, each => Assert.Contains(report.Figures, figure => figure.Name == each.Name));
        Assert.Equal(5, report.Figures.Count(figure => figure.Goal is not null));
        Assert.Equal(cases.Count(each => each.Price is not null), report.Figures.Count(f => f.Unit == "Mgas/s"));
    }

    [Fact]
    public void Run_CaseWithAWrongOutput_Fails()
    {
        PrecompileCase good = PrecompileCases.All().First();
        PrecompileCase bad = new(good.Name, good.Address, null, good.Input, [1]);
        (_, IReadOnlyList<string> failures) = PrecompileScenario.Run([bad], Tiny);
        Assert.Single(failures);
    }
}
