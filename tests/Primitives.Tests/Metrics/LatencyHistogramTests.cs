using Fragcast.Primitives.Metrics;

namespace Fragcast.Primitives.Tests.Metrics;

public sealed class LatencyHistogramTests
{
    private static readonly double[] Percentiles = [0, 0.1, 1, 10, 25, 50, 75, 90, 99, 99.9, 99.99, 100];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(1000)]
    [InlineData(100_000)]
    public void ValueAtPercentile_RandomDurations_IsWithinATenthPercentOfTheSorted(int count)
    {
        Random random = new(count);
        LatencyHistogram histogram = new();
        long[] durations = new long[count];
        for (int i = 0; i < count; i++)
        {
            // From 1 ns to about 9 minutes, as many in each doubling.
            durations[i] = (long)Math.Pow(2, random.NextDouble() * 39);
            histogram.Record(durations[i]);
        }

        Array.Sort(durations);
        Assert.Equal(count, histogram.Count);
        Assert.Equal(durations[0], histogram.Min);
        Assert.Equal(durations[^1], histogram.Max);
        foreach (double percentile in Percentiles)
        {
            long exact = durations[(int)LatencyHistogram.RankOf(percentile, count) - 1];
            long measured = histogram.ValueAtPercentile(percentile);
            Assert.InRange(measured, exact, exact + (exact / 1000));
        }
    }

    [Fact]
    public void ValueAtPercentile_AllBelow2048_IsExact()
    {
        LatencyHistogram histogram = new();
        for (int ns = 0; ns < 2048; ns++) histogram.Record(ns);
        for (int rank = 1; rank <= 2048; rank++)
            Assert.Equal(rank - 1, histogram.ValueAtPercentile(rank * 100.0 / 2048));
    }

    [Fact]
    public void ValueAtPercentile_BucketEdges_StaysInBucket()
    {
        for (int bit = 11; bit < 39; bit++)
        {
            foreach (long ns in (long[])[(1L << bit) - 1, 1L << bit, (1L << bit) + 1])
            {
                LatencyHistogram histogram = new();
                histogram.Record(0);
                histogram.Record(ns);
                histogram.Record(long.MaxValue);
                Assert.InRange(histogram.ValueAtPercentile(50), ns, ns + (ns / 1000));
            }
        }
    }

    [Fact]
    public void ValueAtPercentile_Empty_IsZero()
    {
        LatencyHistogram histogram = new();
        Assert.Equal((0L, 0L, 0L), (histogram.Count, histogram.Min, histogram.Max));
        Assert.Equal(0, histogram.ValueAtPercentile(99));
    }

    [Theory]
    [InlineData(99.9, 1000, 999)]
    [InlineData(99.99, 10_000, 9999)]
    [InlineData(50, 3, 2)]
    [InlineData(0, 10, 1)]
    [InlineData(100, 10, 10)]
    [InlineData(101, 10, 10)]
    public void RankOf_Percentile_IsSmallestRankThatCoversIt(double percentile, long count, long rank) =>
        Assert.Equal(rank, LatencyHistogram.RankOf(percentile, count));

    [Fact]
    public void Record_BeyondHighest_KeepsMaxExact()
    {
        LatencyHistogram histogram = new(highestNs: 10_000);
        histogram.Record(5);
        histogram.Record(1_000_000_007);
        histogram.Record(-3);
        Assert.Equal(0, histogram.Min);
        Assert.Equal(1_000_000_007, histogram.Max);
        Assert.Equal(1_000_000_007, histogram.ValueAtPercentile(100));
        Assert.Equal(5, histogram.ValueAtPercentile(50));
    }

    [Fact]
    public void Merge_TwoParts_EqualsRecordingAll()
    {
        Random random = new(7);
        LatencyHistogram all = new();
        LatencyHistogram first = new();
        LatencyHistogram second = new();
        for (int i = 0; i < 5000; i++)
        {
            long ns = random.NextInt64(1_000_000);
            all.Record(ns);
            ((i & 1) == 0 ? first : second).Record(ns);
        }

        first.Merge(second);
        first.Merge(new LatencyHistogram());
        Assert.Equal((all.Count, all.Min, all.Max), (first.Count, first.Min, first.Max));
        foreach (double percentile in Percentiles)
            Assert.Equal(all.ValueAtPercentile(percentile), first.ValueAtPercentile(percentile));
    }

    [Fact]
    public void Merge_IntoASmallerOne_CountsTheLongOnesTogether()
    {
        LatencyHistogram large = new();
        large.Record(400_000_000_000);
        LatencyHistogram small = new(highestNs: 1000);
        small.Record(10);
        small.Merge(large);
        Assert.Equal(2, small.Count);
        Assert.Equal(10, small.ValueAtPercentile(50));
        Assert.Equal(400_000_000_000, small.ValueAtPercentile(99));
    }

    [Fact]
    public void Reset_AfterRecords_IsEmpty()
    {
        LatencyHistogram histogram = new();
        histogram.Record(77);
        histogram.Reset();
        histogram.Record(99);
        Assert.Equal((1L, 99L, 99L), (histogram.Count, histogram.Min, histogram.Max));
        Assert.Equal(99, histogram.ValueAtPercentile(50));
    }

    [Fact]
    public void Record_Steady_AllocatesNothing()
    {
        LatencyHistogram histogram = new();
        histogram.Record(1);
        AllocationGate gate = new();
        while (gate.NextRun())
        {
            for (int i = 0; i < 1000; i++) histogram.Record(i * 1000L);
        }

        Assert.Equal(0, gate.LeastBytes);
    }
}
