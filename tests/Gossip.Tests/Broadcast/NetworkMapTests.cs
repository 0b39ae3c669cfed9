using Fragcast.Gossip.Broadcast;

namespace Fragcast.Gossip.Tests.Broadcast;

public class NetworkMapTests
{
    [Fact]
    public void Draw_EqualUplinks_PicksEachNodeEquallyOften()
    {
        RegionMembers members = TestNetwork.MapOf(10).Region(0);
        int[] counts = new int[10];
        for (uint i = 0; i < 10_000; i++)
        {
            counts[members.Draw(i * (uint.MaxValue / 10_000), -1)]++;
        }

        Assert.All(counts, count => Assert.InRange(count, 990, 1_010));
    }

    [Fact]
    public void Draw_LargerUplink_IsPickedInProportion()
    {
        var nodes = new List<MapNode>
        {
            new(0, 10, 0, 100), new(1, 20, 0, 100), new(2, 30, 0, 1_000), new(3, 40, 0, 1),
        };
        RegionMembers members = new NetworkMap(nodes, new RegionLatencies(new long[1, 1])).Region(0);
        int[] counts = new int[4];
        for (uint i = 0; i < 25_000; i++)
        {
            counts[members.Draw(i * (uint.MaxValue / 25_000), -1)]++;
        }

        Assert.InRange(counts[0], 1_990, 2_010);
        Assert.InRange(counts[2], 19_900, 20_100);
        Assert.InRange(counts[3], 990, 1_010);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    [InlineData(9)]
    public void Draw_ExceptOne_TheOthersShareItsPartEqually(int except)
    {
        RegionMembers members = TestNetwork.MapOf(10).Region(0);
        int[] counts = new int[10];
        for (uint i = 0; i < 9_000; i++)
        {
            counts[members.Draw(i * (uint.MaxValue / 9_000), except)]++;
        }

        Assert.Equal(0, counts[except]);
        Assert.All(counts.Where((_, rank) => rank != except), count => Assert.InRange(count, 990, 1_010));
    }

    [Fact]
    public void RankOf_Positions_AreInOrder()
    {
        RegionMembers members = TestNetwork.MapOf(50).Region(0);
        for (int rank = 0; rank < 50; rank++)
        {
            Assert.Equal(rank, members.RankOf(members[rank].Position));
            Assert.Equal(rank + 1, members.RankOf(members[rank].Position + 1));
        }
    }

    [Fact]
    public void TryGet_NumbersWithGaps_AreFound()
    {
        var map = new NetworkMap(
            [new MapNode(2, 10, 5, 100), new MapNode(7, 20, 63, 100)], new RegionLatencies(new long[0, 0]));
        Assert.Equal(2, map.Count);
        Assert.Equal(8, map.Numbers);
        Assert.Equal((1UL << 5) | (1UL << 63), map.Present);
        Assert.False(map.TryGet(0, out _));
        Assert.False(map.TryGet(-1, out _));
        Assert.False(map.TryGet(8, out _));
        Assert.True(map.TryGet(7, out MapNode node));
        Assert.Equal(63, node.Region);
        Assert.Equal(RegionLatencies.UnknownNs, map.Latencies.OneWayNs(5, 63));
        Assert.Equal(RegionLatencies.UnknownNs / 50, map.Latencies.OneWayNs(5, 5));
    }
}
