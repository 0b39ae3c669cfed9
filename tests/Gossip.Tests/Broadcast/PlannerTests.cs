using System.Numerics;
using Fragcast.Gossip.Broadcast;

namespace Fragcast.Gossip.Tests.Broadcast;

public class PlannerTests
{
    private const int Length = 32_768;

    [Fact]
    public void PlanFor_FewNodesOnFastUplinks_IsDirect()
    {
        BroadcastPlan plan = CoreOf(TestNetwork.MapOf(8), uplinkMbps: 10_000).PlanFor(Length);
        Assert.Equal(PlanKind.Direct, plan.Kind);
        Assert.InRange(plan.Total, plan.Data * 1.25, plan.Data * 2.5);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(15)]
    [InlineData(64)]
    public void PlanFor_ManyNodes_EachRegionIsServedAndNoNodeIsRootTooOften(int regions)
    {
        NetworkMap map = TestNetwork.MapOf(Enumerable.Repeat(30, regions).ToArray());
        BroadcastCore<int, TestNetwork.Link> core = CoreOf(map, uplinkMbps: 200);
        core.OnReception(1, new ReceptionReport(0, Items: 100, Late: 0), nowNs: 1);
        BroadcastPlan plan = core.PlanFor(Length);
        Assert.Equal(PlanKind.Relayed, plan.Kind);
        Assert.Equal(plan.Total, plan.Routes.Length);
        Assert.All(plan.Routes, route => Assert.NotEqual(0UL, route.Regions));
        for (int region = 0; region < regions; region++)
        {
            int lanes = plan.Routes.Count(route => (route.Regions >> region & 1) != 0);
            Assert.InRange(lanes, plan.Data * Redundancy.ServedMin, (plan.Data * Redundancy.ServedMin) + 1);
            int roots = plan.Routes.Count(route => route.RootRegion == region);
            Assert.InRange(roots, 0, Math.Max(60, plan.Total / regions));
        }
    }

    [Fact]
    public void PlanFor_WaysOfDifferentLength_RegionIsServedByTheShortest()
    {
        // Of ten regions in a row the leader is in the first: roots in the second are a detour for it only.
        NetworkMap map = TestNetwork.MapOf(Enumerable.Repeat(30, 10).ToArray());
        BroadcastCore<int, TestNetwork.Link> core = CoreOf(map, uplinkMbps: 200);
        core.OnReception(1, new ReceptionReport(0, Items: 100, Late: 0), nowNs: 1);
        BroadcastPlan plan = core.PlanFor(Length);
        ChunkRoute[] detours = plan.Routes.Where(route => route.RootRegion != 0).ToArray();
        ChunkRoute[] served = plan.Routes.Where(route => (route.Regions & 1) != 0).ToArray();
        Assert.NotEmpty(detours);
        Assert.Equal(
            Math.Min(served.Length, plan.Total - detours.Length), served.Count(route => route.RootRegion == 0));
    }

    [Fact]
    public void PlanFor_BurstsAreLong_ChunksAreShorter()
    {
        int longest = Length / new BroadcastOptions { NetworkId = 1 }.ChunkBytesMax + 1;
        NetworkMap fast = TestNetwork.MapOf(Enumerable.Repeat(66, 15).ToArray());
        MapNode[] nodes = [.. Enumerable.Range(0, fast.Count)
            .Select(node => fast.TryGet(node, out MapNode entry) ? entry with { UplinkMbps = 200 } : entry)];
        var many = new NetworkMap(nodes, fast.Latencies);
        Assert.Equal(longest, CoreOf(TestNetwork.MapOf(8), uplinkMbps: 10_000).PlanFor(Length).Data);
        BroadcastPlan slow = CoreOf(many, uplinkMbps: 200).PlanFor(Length);
        Assert.InRange(slow.Data, longest * 1.2, longest * 2);

        // As many chunks as an index can tell apart stay the bound.
        Assert.InRange(CoreOf(many, uplinkMbps: 200).PlanFor(130_000).Data, 130_000 / 900, Planner.DataMax);
    }

    [Fact]
    public void PlanFor_RootsElsewhereWouldBeADetour_AreNearTheLeader()
    {
        // Regions stand in a row, the leader at its end: what a root far away sends back is late. It serves its own.
        NetworkMap map = TestNetwork.MapOf(60, 60, 60);
        BroadcastCore<int, TestNetwork.Link> core = CoreOf(map, uplinkMbps: 200);
        core.OnReception(1, new ReceptionReport(0, Items: 100, Late: 0), nowNs: 1);
        Assert.All(
            core.PlanFor(Length).Routes,
            route => Assert.True(route.RootRegion == 0 || route.Regions == 1UL << route.RootRegion));
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(900, 1)]
    [InlineData(901, 2)]
    [InlineData(2_700, 3)]
    public void PlanFor_UnderFourChunks_GoesAsWholeCopies(int length, int data)
    {
        BroadcastPlan plan = CoreOf(TestNetwork.MapOf(30, 30, 30), uplinkMbps: 200).PlanFor(length);
        Assert.Equal(data, plan.Data);
        Assert.InRange(plan.Total / data, 2, 3);
        Assert.Equal(0, plan.Total % data);
        for (int i = 0; i < plan.Total; i++)
        {
            Assert.Equal(plan.Routes[i / data * data], plan.Routes[i]);
            Assert.Equal(3, BitOperations.PopCount(plan.Routes[i].Regions));
        }
    }

    [Fact]
    public void PlanFor_UplinksAreBusy_SpendsLess()
    {
        NetworkMap map = TestNetwork.MapOf(30, 30, 30);
        BroadcastCore<int, TestNetwork.Link> core = CoreOf(map, uplinkMbps: 200);
        byte before = core.PlanFor(Length).Total;
        var network = new TestNetwork(map) { Loses = (_, _, _, _) => true };
        for (ulong i = 0; i < 3_000; i++)
        {
            // Half a gigabit a second for uplinks of one.
            network.Publish(TestNetwork.Frag(1, i), Length, tag: i + 1);
            network.Run(500_000);
        }

        byte after = network[0].PlanFor(Length).Total;
        Assert.True(after < before * 0.75, $"{after} after {before}");
    }

    [Fact]
    public void PlanFor_LongerThanAnItem_IsRefused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => CoreOf(TestNetwork.MapOf(8), 200).PlanFor(1_000_000));

    [Fact]
    public void Heads_MoreReceivers_NeverServesTooManyItself()
    {
        const long ChunkNs = 47_000;
        const long HopNs = 1_600_000;
        for (int members = 1; members < 20_000; members += 1 + (members / 10))
        {
            int subHeads = CostModel.SubHeads(members, ChunkNs, HopNs);
            Assert.True(subHeads > 0 || members <= CostModel.FanOutMax);
            Assert.InRange(subHeads, 0, CostModel.FanOutMax);
            int heads = CostModel.Heads(15, members, ChunkNs, ChunkNs, HopNs);
            Assert.True(heads > 0 || members <= CostModel.FanOutMax);
            Assert.InRange(heads * 15, 0, CostModel.FanOutMax);
        }

        // Slow uplinks are spared, fast ones used.
        Assert.Equal(0, CostModel.SubHeads(30, ChunkNs, HopNs));
        Assert.NotEqual(0, CostModel.SubHeads(30, 20 * ChunkNs, HopNs));
        Assert.Equal(0, CostModel.SubHeads(200, ChunkNs / 100, HopNs));
    }

    private static BroadcastCore<int, TestNetwork.Link> CoreOf(NetworkMap map, int uplinkMbps) =>
        new TestNetwork(map, new BroadcastOptions { NetworkId = 1, UplinkMbps = uplinkMbps })[0];
}
