using FsCheck;
using FsCheck.Fluent;
using Fragcast.Gossip.Broadcast;
using Fragcast.Gossip.Chunks;
using Fragcast.Gossip.Wire;

namespace Fragcast.Gossip.Tests.Chunks;

public sealed class ChunkShapeTests
{
    [Fact]
    public void Segment_AnyPlan_CoversTheMessageWithinTheBounds()
    {
        Gen<(int Length, ChunkPlan Plan)> cases =
            from scale in Gen.Choose(1, 21)
            from bits in Gen.Choose(0, int.MaxValue)
            from datagram in Gen.Choose(ChunkPlan.DatagramBytesMin, ChunkLayout.LengthMax)
            from redundancy in Gen.Choose(100, ChunkPlan.RedundancyPercentMax)
            from data in Gen.Choose(1, 255)
            from copies in Gen.Choose(1, ChunkPlan.CopiesMax)
            select (1 + (bits & ((1 << scale) - 1)), new ChunkPlan(datagram, redundancy, data, copies));
        Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(2000),
            Prop.ForAll(cases.ToArbitrary(), c => IsGood(c.Length, c.Plan)));
    }

    [Fact]
    public void Of_LongestMessage_FitsAFewSegments()
    {
        ChunkShape shape = ChunkShape.Of(EnvelopeLayout.LengthMax, ChunkPlan.Default);
        Assert.Equal(15, shape.Segments);
        Assert.True(IsGood(EnvelopeLayout.LengthMax, ChunkPlan.Default));
        var worst = new ChunkPlan(ChunkPlan.DatagramBytesMin, ChunkPlan.RedundancyPercentMax, 255, 8);
        Assert.Equal(28, ChunkShape.Of(EnvelopeLayout.LengthMax, worst).Segments);
        Assert.True(IsGood(EnvelopeLayout.LengthMax, worst));
    }

    [Fact]
    public void Segment_OneFragOf32Kilobytes_HasTheFewestChunks()
    {
        SegmentShape small = ChunkShape.Of(32768, ChunkPlan.Default with { RedundancyPercent = 175 }).Segment(0);
        Assert.Equal((36, 63, 911), (small.Data, small.Total, small.ChunkLength));
        SegmentShape large = ChunkShape.Of(32768, ChunkPlan.Default with { DatagramBytes = 1444 }).Segment(0);
        Assert.Equal((28, 42, 1171), (large.Data, large.Total, large.ChunkLength));
    }

    [Fact]
    public void Segment_SmallMessage_IsCopiedUnlessMoreChunksAreWanted()
    {
        SegmentShape copied = ChunkShape.Of(900, ChunkPlan.Default with { Copies = 3 }).Segment(0);
        Assert.Equal((1, 3), (copied.Data, copied.Total));
        SegmentShape coded = ChunkShape.Of(1000, ChunkPlan.Default with { DataMin = 8 }).Segment(0);
        Assert.Equal((8, 12, 125), (coded.Data, coded.Total, coded.ChunkLength));
    }

    [Theory]
    [InlineData(0, 1152, 150, 1, 2)]
    [InlineData(EnvelopeLayout.LengthMax + 1, 1152, 150, 1, 2)]
    [InlineData(1, 1023, 150, 1, 2)]
    [InlineData(1, 1445, 150, 1, 2)]
    [InlineData(1, 1152, 99, 1, 2)]
    [InlineData(1, 1152, 251, 1, 2)]
    [InlineData(1, 1152, 150, 0, 2)]
    [InlineData(1, 1152, 150, 256, 2)]
    [InlineData(1, 1152, 150, 1, 0)]
    [InlineData(1, 1152, 150, 1, 9)]
    public void Of_NumberOutOfRange_Throws(int length, int datagram, int redundancy, int data, int copies) =>
        Assert.Throws<ArgumentOutOfRangeException>(
            () => ChunkShape.Of(length, new ChunkPlan(datagram, redundancy, data, copies)));

    private static bool IsGood(int length, ChunkPlan plan)
    {
        ChunkShape shape = ChunkShape.Of(length, plan);
        int covered = 0;
        for (int i = 0; i < shape.Segments; i++)
        {
            SegmentShape segment = shape.Segment(i);
            bool isGood = segment.Start == covered && segment.Length > 0 && segment.Data > 0
                && ChunkLayout.Overhead(segment.Total) + segment.ChunkLength <= plan.DatagramBytes
                && segment.Data * segment.ChunkLength >= segment.Length
                && (segment.Data - 1) * segment.ChunkLength < segment.Length
                && (segment.Data < ItemHeader.ErasureCodedMin
                    ? segment.Total == segment.Data * plan.Copies
                    : segment.Total * 100 >= segment.Data * plan.RedundancyPercent || segment.Total == 255);
            if (!isGood)
            {
                return false;
            }

            covered += segment.Length;
        }

        return covered == length;
    }
}
