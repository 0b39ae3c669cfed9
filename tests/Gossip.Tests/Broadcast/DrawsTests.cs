using Fragcast.Gossip.Broadcast;

namespace Fragcast.Gossip.Tests.Broadcast;

public class DrawsTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 1)]
    [InlineData(66, 2)]
    [InlineData(119, 2)]
    [InlineData(255, 8)]
    public void Head_AllPartsOfAllLanes_ShareOutTheRangeEqually(int lanes, int parts)
    {
        uint[] draws = [.. Enumerable.Range(0, lanes * parts)
            .Select(i => Draws.Head(seed: 7, i / parts, lanes, region: 3, i % parts, parts))
            .Order()];
        double apart = Math.Pow(2, 32) / draws.Length;
        for (int i = 1; i < draws.Length; i++)
        {
            Assert.InRange(draws[i] - draws[i - 1], apart - parts - 1, apart + parts + 1);
        }
    }

    [Fact]
    public void Root_EveryNumberOfLanes_NoTwoHaveTheSame()
    {
        for (int lanes = 1; lanes <= byte.MaxValue; lanes++)
        {
            int count = lanes;
            IEnumerable<uint> roots = Enumerable.Range(0, lanes).Select(lane => Draws.Root(1, lane, count));
            Assert.Equal(lanes, roots.Distinct().Count());
        }
    }

    [Fact]
    public void First_LanesInARow_AreSpread()
    {
        const int Receivers = 33;
        int[] first = [.. Enumerable.Range(0, 8).Select(lane => Draws.First(5, lane, 119, Receivers))];
        Assert.Equal(first.Length, first.Distinct().Count());
        Assert.All(first, turn => Assert.InRange(turn, 0, Receivers - 1));
    }
}
