using Fragcast.Gossip.Broadcast;
using Fragcast.Gossip.Wire;

namespace Fragcast.Gossip.Tests.Broadcast;

public class BroadcastCoreTests
{
    private const long SecondNs = 1_000_000_000;

    private static readonly int[] ThreeRegions = [60, 60, 60];

    [Theory]
    [InlineData(new[] { 2 })]
    [InlineData(new[] { 8 })]
    [InlineData(new[] { 3, 1, 1 })]
    [InlineData(new[] { 67, 67, 67, 66 })]
    [InlineData(new[] { 900 })]
    public void Publish_NothingLost_EverybodyHasItWithoutRepair(int[] regions)
    {
        var network = new TestNetwork(TestNetwork.MapOf(regions));
        ItemHeader small = network.Publish(TestNetwork.Frag(1, 0), 700);
        ItemHeader large = network.Publish(TestNetwork.Frag(1, 1), 32_768, tag: 2);
        network.Run(SecondNs / 5);
        Assert.Equal(network.Map.Count - 1, network.CountWith(small));
        Assert.Equal(network.Map.Count - 1, network.CountWith(large));
        Assert.Empty(network.Misbehaviours);
    }

    [Fact]
    public void Publish_ManyRegions_LeaderSendsAboutTwiceTheFrag()
    {
        var network = new TestNetwork(TestNetwork.MapOf(ThreeRegions));
        ItemHeader item = network.Publish(TestNetwork.Frag(1, 1), 32_768);
        network.Run(SecondNs);
        int sent = network.Chunks.Where(pair => pair.Key.From == 0).Sum(pair => pair.Value);
        Assert.InRange(sent, item.Data, item.Data * 2.2);
    }

    [Fact]
    public void Publish_NextLeaders_GetEverythingFromTheLeaderItself()
    {
        var network = new TestNetwork(TestNetwork.MapOf(ThreeRegions));
        ItemHeader item = network.Publish(TestNetwork.Frag(1, 1), 32_768, tag: 1, 70, 130);
        network.Run(SecondNs);
        Assert.True(network.Chunks[(0, 70)] >= item.Data);
        Assert.True(network.Chunks[(0, 130)] >= item.Data);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(10)]
    [InlineData(30)]
    public void Publish_ChunksAreLost_EverybodyHasItInTheEnd(int percent)
    {
        var network = new TestNetwork(TestNetwork.MapOf(ThreeRegions));
        ulong draw = 1;
        network.Loses = (_, _, _, _) => (draw = Draws.Mix(draw)) % 100 < (ulong)percent;
        var items = new List<ItemHeader>
        {
            network.Publish(new ItemPlace(0, 1, 0, EnvelopeKind.Env), 300, tag: 77),
        };
        for (ulong i = 0; i < 20; i++)
        {
            items.Add(network.Publish(TestNetwork.Frag(1, i), i % 3 == 0 ? 1_500 : 32_768, tag: i + 1));
            network.Run(10_000_000);
        }

        network.Run(5 * SecondNs);
        Assert.All(items, item => Assert.Equal(network.Map.Count - 1, network.CountWith(item)));
    }

    [Fact]
    public void Publish_ATenthOfTheNodesIsDead_TheOthersHaveIt()
    {
        var network = new TestNetwork(TestNetwork.MapOf(ThreeRegions))
        {
            Loses = (_, to, _, _) => to % 10 == 5,
        };
        ItemHeader item = network.Publish(TestNetwork.Frag(1, 0), 32_768);
        network.Run(5 * SecondNs);
        Assert.Equal(180 - 18 - 1, network.CountWith(item));
    }

    [Fact]
    public void OnChunk_AnEarlierFragNeverCame_IsAskedFor()
    {
        var network = new TestNetwork(TestNetwork.MapOf(ThreeRegions))
        {
            // One node gets nothing of the first frag until it asks.
            Loses = (_, to, item, _) => to == 100 && item.Place.Sequence == 0,
        };
        network.Publish(new ItemPlace(0, 1, 0, EnvelopeKind.Env), 300, tag: 77);
        ItemHeader first = network.Publish(TestNetwork.Frag(1, 0), 32_768);
        network.Run(SecondNs / 2);
        network.Loses = (_, _, _, _) => false;
        Assert.DoesNotContain(first, network.Received[100]);
        Assert.Equal(0, network.Requests);
        network.Publish(TestNetwork.Frag(1, 1), 32_768, tag: 2);
        network.Run(SecondNs / 2);
        Assert.Contains(first, network.Received[100]);
    }

    [Fact]
    public void Want_AnItemThatNeverCame_IsAskedFor()
    {
        var network = new TestNetwork(TestNetwork.MapOf(ThreeRegions))
        {
            Loses = (_, to, _, _) => to == 100,
        };
        ItemHeader item = network.Publish(new ItemPlace(0, 1, 3, EnvelopeKind.Seal), 300);
        network.Run(SecondNs / 2);
        network.Loses = (_, _, _, _) => false;
        network[100].Want(item.Place, network.NowNs);
        network.InjectRequest(5, 100, new RepairRequest(item.Place, 0, 1, default));
        network.Run(SecondNs / 2);
        Assert.Contains(item, network.Received[100]);
    }

    [Fact]
    public void OnChunk_Complete_NothingIsAskedFor()
    {
        var network = new TestNetwork(TestNetwork.MapOf(ThreeRegions));
        network.Publish(new ItemPlace(0, 1, 0, EnvelopeKind.Env), 300, tag: 77);
        for (ulong i = 0; i < 10; i++)
        {
            network.Publish(TestNetwork.Frag(1, i), 32_768, tag: i + 1);
            network.Run(10_000_000);
        }

        network.Run(SecondNs);
        Assert.Equal(0, network.Requests);
    }

    [Fact]
    public void OnChunk_DutyThatWasNotDrawnForTheNode_IsNotServedAndCounted()
    {
        var network = new TestNetwork(TestNetwork.MapOf(ThreeRegions));
        var item = new ItemHeader(TestNetwork.Frag(1, 1), 9, 32_768, 28, 44);
        ulong everywhere = network.Map.Present;
        for (int node = 60; node < 120; node++)
        {
            network.Inject(from: 0, to: node, item, index: 0, new Duty(everywhere, 0, 0));
            network.Inject(from: 3, to: node, item, index: 1, new Duty(everywhere, 0, 0));
        }

        network.Run(1_000);
        // Only those near the drawn rank take it for theirs, and only from the leader.
        Assert.InRange(60 - network.Misbehaviours.Count(m => m is { From: 0, Reason: Refusal.BadDuty }), 1, 10);
        Assert.Equal(60, network.Misbehaviours.Count(m => m is { From: 3, Reason: Refusal.BadDuty }));
    }

    [Fact]
    public void OnChunk_SameDutyAgain_IsServedOnce()
    {
        var network = new TestNetwork(TestNetwork.MapOf(ThreeRegions));
        ItemHeader item = network.Publish(TestNetwork.Frag(1, 1), 32_768);
        network.Run(SecondNs);
        int before = network.Chunks.Values.Sum();
        for (int node = 1; node < 180; node++)
        {
            for (byte index = 0; index < item.Total; index++)
            {
                network.Inject(from: 0, to: node, item, index, new Duty(network.Map.Present, 0, 0));
            }
        }

        network.Run(SecondNs);
        int first = network.Chunks.Values.Sum();
        Assert.InRange(first, before, 40 * before);
        for (int node = 1; node < 180; node++)
        {
            for (byte index = 0; index < item.Total; index++)
            {
                network.Inject(from: 0, to: node, item, index, new Duty(network.Map.Present, 0, 0));
            }
        }

        network.Run(SecondNs);
        Assert.Equal(first, network.Chunks.Values.Sum());
    }

    [Fact]
    public void OnChunk_AnswerOvertookTheDuty_DutyIsServed()
    {
        var network = new TestNetwork(TestNetwork.MapOf(60));
        var item = new ItemHeader(TestNetwork.Frag(1, 0), 9, 32_768, 28, 44);
        RegionMembers members = network.Map.Region(0);
        ulong seed = Draws.Seed(TestNetwork.NetworkId, item.Place, 11);
        int root = members[members.Draw(Draws.Root(seed, 0, item.Total), members.RankOf(members[0].Position))].Node;
        network.Inject(from: 3, to: root, item, index: 0, Duty.None, isRepair: true);
        network.Run(1);
        Assert.Empty(network.Chunks);
        network.Inject(from: 0, to: root, item, index: 0, new Duty(1, 0, 0));
        network.Run(SecondNs / 100);
        Assert.NotEmpty(network.Chunks);
    }

    [Fact]
    public void OnChunk_TwoItemsForOnePlace_AreReportedOnceAndBothKept()
    {
        var network = new TestNetwork(TestNetwork.MapOf(8));
        ItemHeader first = network.Publish(TestNetwork.Frag(1, 0), 32_768);
        network.Run(SecondNs / 10);
        ItemHeader second = first with { Tag = 99 };
        ItemHeader third = first with { Tag = 100 };
        for (byte index = 0; index < first.Total; index++)
        {
            network.Inject(from: 0, to: 5, second, index, Duty.None);
            network.Inject(from: 0, to: 5, third, index, Duty.None);
        }

        network.Run(SecondNs / 10);
        Assert.Equal((5, first, second), Assert.Single(network.Equivocations));
        Assert.Contains(first, network.Received[5]);
        Assert.Contains(second, network.Received[5]);
        Assert.DoesNotContain(third, network.Received[5]);
        Assert.Equal(Refusal.Equivocation, network[5].Screen(first.Place, 0, 0, true));
    }

    [Fact]
    public void Screen_PlacesOutOfReach_AreRefused()
    {
        var network = new TestNetwork(TestNetwork.MapOf(8));
        BroadcastCore<int, TestNetwork.Link> core = network[1];
        core.SetHead(1, 100);
        Assert.Equal(Refusal.Stale, core.Screen(new ItemPlace(0, 101, 0, EnvelopeKind.Frag), 0, 0, true));
        Assert.Equal(Refusal.Stale, core.Screen(new ItemPlace(1, 100, 0, EnvelopeKind.Frag), 0, 0, true));
        Assert.Equal(Refusal.None, core.Screen(new ItemPlace(1, 101, 0, EnvelopeKind.Frag), 0, 0, true));
        Assert.Equal(Refusal.None, core.Screen(new ItemPlace(1, 116, 0, EnvelopeKind.Frag), 0, 0, true));
        Assert.Equal(Refusal.TooFarAhead, core.Screen(new ItemPlace(1, 117, 0, EnvelopeKind.Frag), 0, 0, true));
        Assert.Equal(Refusal.None, core.Screen(new ItemPlace(2, 1, 0, EnvelopeKind.Frag), 0, 0, true));
        Assert.Equal(Refusal.TooFarAhead, core.Screen(new ItemPlace(3, 1, 0, EnvelopeKind.Frag), 0, 0, true));
        Assert.Equal(Refusal.None, core.Screen(new ItemPlace(2, 99, 0, EnvelopeKind.Frag), 0, 0, true));
        Assert.Equal(Refusal.TooFarAhead, core.Screen(new ItemPlace(2, 117, 0, EnvelopeKind.Frag), 0, 0, true));
        Assert.Equal(
            Refusal.TooFarAhead, core.Screen(new ItemPlace(1, 101, 1 << 20, EnvelopeKind.Frag), 0, 0, true));
    }

    [Fact]
    public void OnChunk_ManyPlaces_TheOldestAreGivenBack()
    {
        var network = new TestNetwork(TestNetwork.MapOf(8));
        var item = new ItemHeader(TestNetwork.Frag(1, 0), 1, 32_768, 28, 44);
        for (ulong i = 0; i < 1_000; i++)
        {
            network.Inject(from: 0, to: 5, item with { Place = TestNetwork.Frag(1, i) }, 0, Duty.None);
        }

        Assert.Equal(1_000 - 256, network.Released);
        Assert.Equal(Refusal.Stale, network[5].Screen(TestNetwork.Frag(1, 700), 0, 0, true));
    }

    [Fact]
    public void OnRepairRequest_MoreThanAPeerMay_IsNotAnswered()
    {
        var network = new TestNetwork(TestNetwork.MapOf(8));
        ItemHeader item = network.Publish(TestNetwork.Frag(1, 0), 32_768);
        network.Run(SecondNs / 10);
        int before = network.Chunks.Values.Sum();
        for (int i = 0; i < 10_000; i++)
        {
            network.InjectRequest(3, 5, new RepairRequest(item.Place, item.Tag, 28, default));
        }

        network.Run(10 * SecondNs);
        Assert.InRange(network.Chunks.Values.Sum() - before, 1, 4_000);
        Assert.Contains(network.Misbehaviours, m => m is { At: 5, From: 3, Reason: Refusal.RepairFlood });
    }

    [Fact]
    public void SetHead_NextEpoch_StartsOver()
    {
        var network = new TestNetwork(TestNetwork.MapOf(8));
        ItemHeader item = network.Publish(TestNetwork.Frag(5, 0), 32_768);
        network.Run(SecondNs / 10);
        network[1].SetHead(1, 0);
        Assert.InRange(network.Released, item.Data, item.Total);
        Assert.Equal(Refusal.Stale, network[1].Screen(item.Place, item.Tag, 0, true));
        Assert.Equal(Refusal.None, network[1].Screen(item.Place with { Epoch = 1, Block = 1 }, 0, 0, true));
    }

    [Fact]
    public void Tick_EverythingIsMissing_PeersAreNotAskedForMoreThanTheyAllow()
    {
        // One of four nodes gets nothing for a while: what it asks for then is more than three peers allow in a second.
        var options = new BroadcastOptions { NetworkId = 1, UplinkMbps = 1000, RepairChunksPerSecond = 400 };
        var network = new TestNetwork(TestNetwork.MapOf(4), options) { Loses = (_, to, _, _) => to == 3 };
        for (ulong i = 0; i < 60; i++)
        {
            network.Publish(TestNetwork.Frag(1, i), 32_768, tag: i + 1);
            network.Run(SecondNs / 100);
        }

        network.Loses = (_, _, _, _) => false;
        network.Publish(TestNetwork.Frag(1, 60), 32_768, tag: 61);
        network.Run(8 * SecondNs);
        Assert.NotEqual(0, network.Requests);
        Assert.Empty(network.Misbehaviours);
    }

    [Fact]
    public void PlanFor_RateIsMoreThanTheUplinkBears_IsNotDirect()
    {
        NetworkMap map = TestNetwork.MapOf(8);
        var options = new BroadcastOptions { NetworkId = 1, UplinkMbps = 1000 };
        var network = new TestNetwork(map, options) { Loses = (_, _, _, _) => true };
        Assert.Equal(PlanKind.Direct, network[0].PlanFor(3_000).Kind);
        for (ulong i = 0; i < 4_000; i++)
        {
            network.Publish(TestNetwork.Frag(1, i), 3_000, tag: i + 1);
            network.Run(SecondNs / 4_000);
        }

        Assert.Equal(PlanKind.Relayed, network[0].PlanFor(3_000).Kind);
    }

    [Fact]
    public void OnReception_MostItemsAreLate_ParityIsTheMostAtOnce()
    {
        BroadcastCore<int, TestNetwork.Link> leader = new TestNetwork(TestNetwork.MapOf(ThreeRegions))[0];
        leader.OnReception(60, new ReceptionReport(1, Items: 100, Late: 50), SecondNs);
        BroadcastPlan plan = leader.PlanFor(32_768);
        Assert.InRange(plan.Total / (double)plan.Data, Redundancy.Max - 0.05, Redundancy.Max + 0.05);
        Assert.All(plan.Routes, route => Assert.Equal(7UL, route.Regions));
    }

    [Fact]
    public void OnReception_ManyChunksLost_PlansHaveMoreParity()
    {
        var network = new TestNetwork(TestNetwork.MapOf(ThreeRegions));
        BroadcastCore<int, TestNetwork.Link> leader = network[0];
        double before = Parity(leader.PlanFor(32_768));
        for (int second = 0; second < 10; second++)
        {
            for (int node = 60; node < 80; node++)
            {
                leader.OnReception(node, new ReceptionReport(1, Items: 100, Late: 5), second * SecondNs);
            }
        }

        double after = Parity(leader.PlanFor(32_768));
        Assert.True(after > before, $"{after} after {before}");

        // Few liars among many move nothing, nor does one who speaks for another region.
        for (int second = 10; second < 40; second++)
        {
            for (int node = 60; node < 80; node++)
            {
                leader.OnReception(
                    node, new ReceptionReport(1, 100, node < 62 ? 100u : 0), second * SecondNs);
            }

            leader.OnReception(3, new ReceptionReport(2, 100, 100), second * SecondNs);
        }

        Assert.True(Parity(leader.PlanFor(32_768)) < after);

        static double Parity(BroadcastPlan plan) => plan.Total / (double)plan.Data;
    }
}
