using Fragcast.Perf.Simulate;

namespace Fragcast.Perf.Tests.Simulate;

public sealed class ModelTests
{
    [Fact]
    public void ExponentialOf_ManyDraws_HasMeanAndTail()
    {
        ulong random = 7;
        const int Draws = 200_000;
        double sum = 0;
        int aboveP90 = 0;
        long max = 0;
        for (int i = 0; i < Draws; i++)
        {
            long value = Draw.ExponentialOf((uint)(Draw.Next(ref random) >> 33), 1_000_000);
            sum += value;
            if (value > 2_302_585) aboveP90++;
            max = Math.Max(max, value);
        }

        Assert.InRange(sum / Draws, 990_000, 1_010_000);
        Assert.InRange(aboveP90, Draws * 0.098, Draws * 0.102);
        Assert.InRange(max, 9_000_000, 25_000_000);
    }

    [Fact]
    public void ExponentialOf_GreatestBits_Ends() =>
        Assert.InRange(Draw.ExponentialOf(int.MaxValue, 1_000_000), 10_000_000, 30_000_000);

    [Fact]
    public void Load_AllRegions_MedianAndP90OfTheWayAreHalfTheRoundTrips()
    {
        RegionTable table = RegionTable.Load(15);
        Assert.Equal(15, RegionTable.Order.Take(15).Distinct().Count());

        // us-east-1 to eu-central-1 and back.
        Assert.InRange(table.FloorNs(0, 1), 40_000_000, 60_000_000);
        Assert.InRange(table.LeastNs, 1_000_000, 3_000_000);
        Assert.Equal(RegionTable.CountMax, RegionTable.Order.Distinct().Count());
        RegionTable all = RegionTable.Load(RegionTable.CountMax);
        for (int from = 0; from < all.Count; from++)
        {
            for (int to = 0; to < all.Count; to++)
            {
                Assert.True(all.FloorNs(from, to) >= all.LeastNs);
                Assert.True(all.JitterNs(from, to) > 0);
            }
        }
    }

    [Fact]
    public void IsLost_Bursts_LoseTheirShareInRuns()
    {
        LossBursts line = new(0.05, 20_000_000, 3);
        int lost = 0;
        int again = 0;
        bool was = false;
        const int Count = 400_000;
        for (int i = 0; i < Count; i++)
        {
            bool isLost = line.IsLost(i * 500_000L);
            if (isLost) lost++;
            if (isLost && was) again++;
            was = isLost;
        }

        Assert.InRange(lost, Count * 0.04, Count * 0.06);
        Assert.InRange(again / (double)lost, 0.4, 0.55);
    }

    [Fact]
    public void Wheel_MoreThanABlock_GivesAllBackOnce()
    {
        BlockPool pool = new();
        Wheel wheel = new(pool, 2);
        for (int i = 0; i < 1000; i++) wheel.Add(5, 1, new SimMessage { To = i });

        Assert.Null(wheel.Read(5, 0));
        List<int> read = [];
        for (Block? block = wheel.Read(5, 1); block is not null; block = block.Next)
            read.AddRange(block.Messages.Take(block.Count).Select(message => message.To));
        Assert.Equal(Enumerable.Range(0, 1000), read.Order());
        wheel.Clear(5, 1);
        Assert.Null(wheel.Read(5, 1));
    }

    [Fact]
    public void SimMessage_IsHalfACacheLine() =>
        Assert.Equal(32, System.Runtime.CompilerServices.Unsafe.SizeOf<SimMessage>());

    [Fact]
    public void SimNode_IsACacheLine() =>
        Assert.Equal(64, System.Runtime.CompilerServices.Unsafe.SizeOf<SimNode>());

    [Fact]
    public void Take_ControlBeforeBulk_InOrder()
    {
        EgressQueue queue = new();
        for (int i = 0; i < 40; i++) queue.AddBulk(new SimMessage { Item = i });
        for (int i = 100; i < 120; i++) queue.AddControl(new SimMessage { Item = i, Bytes = 80 });

        Assert.Equal(1600, queue.ControlBytes);
        List<int> taken = [];
        while (!queue.IsEmpty) taken.Add(queue.Take().Item);
        Assert.Equal(Enumerable.Range(100, 20).Concat(Enumerable.Range(0, 40)), taken);
        Assert.Equal(0, queue.ControlBytes);
    }
}
