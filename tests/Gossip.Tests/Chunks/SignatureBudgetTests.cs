using Fragcast.Gossip.Chunks;

namespace Fragcast.Gossip.Tests.Chunks;

public sealed class SignatureBudgetTests
{
    [Fact]
    public void MayCheck_AfterABurst_WaitsForTheRefill()
    {
        var budget = new SignatureBudget(4);
        const long Start = 1_000_000_000_000;
        for (int i = 0; i < SignatureBudget.Burst; i++)
        {
            Assert.True(budget.MayCheck(2, Start));
            budget.Charge(2, Start);
        }

        Assert.False(budget.MayCheck(2, Start));
        Assert.True(budget.MayCheck(1, Start));
        Assert.False(budget.MayCheck(2, Start + SignatureBudget.RefillNs - 1));
        Assert.True(budget.MayCheck(2, Start + SignatureBudget.RefillNs));
        budget.Charge(2, Start + SignatureBudget.RefillNs);
        Assert.False(budget.MayCheck(2, Start + SignatureBudget.RefillNs));
        budget.Forget(2);
        Assert.True(budget.MayCheck(2, Start));
    }

    [Fact]
    public void Charge_Flood_IsBoundedByTime()
    {
        var budget = new SignatureBudget(1);
        int checks = 0;
        for (long nowNs = 0; nowNs < 1_000_000_000; nowNs += 100_000)
        {
            if (budget.MayCheck(0, nowNs))
            {
                checks++;
                budget.Charge(0, nowNs);
            }
        }

        Assert.Equal(SignatureBudget.Burst + (1_000_000_000 / SignatureBudget.RefillNs) - 1, checks, tolerance: 1.0);
    }

    [Fact]
    public void MayCheck_PeerAboveTheBound_SharesThePlaceOfTheLast()
    {
        var budget = new SignatureBudget(2);
        for (int i = 0; i < SignatureBudget.Burst; i++)
        {
            budget.Charge(100, 0);
        }

        Assert.False(budget.MayCheck(1, 0));
        Assert.True(budget.MayCheck(-1, 0));
    }
}
