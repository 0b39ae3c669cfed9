using Fragcast.Primitives;
using Fragcast.Primitives.Messages;
using Fragcast.Schedule.Rotation;
using static Fragcast.Schedule.Tests.Rotation.RotationNet;
using static Fragcast.Schedule.Tests.TestLeaders;

namespace Fragcast.Schedule.Tests.Rotation;

/// <summary>Several cores and sequencers with clocks of their own, through what can go wrong at a hand-over.</summary>
public sealed class RotationScenarioTests
{
    // A leads blocks 1, 4, 7; B 2, 5, 8; C 3, 6, 9. Block n begins at (n - 1) × 200 ms.
    private readonly RotationNet _net = new([A, B, C], followers: 2);

    private Node NodeA => _net.Nodes[0];

    private Node NodeB => _net.Nodes[1];

    private Node NodeC => _net.Nodes[2];

    private Node Follower => _net.Nodes[^1];

    [Fact]
    public void Rotation_AllWell_ChangesHandsWithoutTakes()
    {
        _net.RunUntil(3000);
        _net.AssertAgreed(13);
        Assert.All(_net.Nodes, node => Assert.Empty(node.Changes));
        Assert.DoesNotContain(_net.Nodes.SelectMany(n => n.Done), duty => duty.Kind != DutyKind.Open);
    }

    [Fact]
    public void HandOver_BlockDoneEarly_LetsTheNextBeginBeforeItsTime()
    {
        NodeA.FragsMax = 5;
        _net.RunUntil(1000);
        _net.AssertAgreed(3);
        // Sealed after 70 ms, 20 ms on the wire.
        Assert.InRange(NodeB.Published[0].AtMs, 70, 130);

        var rude = new RotationNet([A, B, C], followers: 1);
        rude.Nodes[0].FragsMax = 5;
        rude.Nodes[0].IsRude = true;
        rude.RunUntil(1000);
        rude.AssertAgreed(3);
        Assert.InRange(rude.Nodes[1].Published[0].AtMs, 200, 225);
    }

    [Fact]
    public void HandOver_InTheMiddleOfABlock_GoesOnFromTheNamedFrag()
    {
        NodeA.LeavesAfter = 7;
        _net.RunUntil(1000);
        _net.AssertAgreed(3);
        Duty take = Assert.Single(NodeB.Done, duty => duty.Kind == DutyKind.Take);
        Assert.Equal((1UL, 7UL), (take.Take.Number, take.Take.LastSeq));
        Assert.Equal((1UL, 7UL), (NodeB.Published[0].Block, NodeB.Published[0].Seq));
        Assert.InRange(NodeB.Published[0].AtMs - NodeA.Published[6].AtMs, 0, 50);
        Assert.Empty(Follower.Cancels);
        Assert.Equal(new LeadChange(1, 7, B, WasSealed: false), Assert.Single(Follower.Changes));
    }

    [Fact]
    public void Silence_FromTheStart_PassesTheLeaderOver()
    {
        NodeA.IsDown = true;
        _net.RunUntil(2000);
        _net.AssertAgreed(7);
        Duty take = NodeB.Done.First(duty => duty.Kind == DutyKind.Take);
        Assert.Equal((1UL, 0UL), (take.Take.Number, take.Take.LastSeq));
        Assert.Equal(new LeadChange(1, 0, B, WasSealed: false), Follower.Changes[0]);
        // Nothing was published, so there is nothing to cancel.
        Assert.Empty(Follower.Cancels);
        // C gets its block although A's two blocks cost a grace each.
        Assert.Contains(NodeC.Published, frag => frag.Block == 3);
    }

    [Fact]
    public void Silence_InTheMiddle_ContinuesWhatWasPublished()
    {
        _net.RunUntil(100);
        ulong published = (ulong)NodeA.Published.Count;
        Assert.InRange(published, 5UL, 10UL);
        NodeA.IsDown = true;
        _net.RunUntil(1000);
        _net.AssertAgreed(2);
        Duty take = NodeB.Done.First(duty => duty.Kind == DutyKind.Take);
        Assert.Equal((1UL, published), (take.Take.Number, take.Take.LastSeq));
        Assert.Equal(published, Follower.Changes[0].FromSeq);
        Assert.Empty(Follower.Cancels);
    }

    [Fact]
    public void Silence_WithFragsTheNextDoesNotHave_CancelsThemExplicitly()
    {
        // From 60 ms on nothing of A comes to B, but everything to the others.
        _net.RunUntil(60);
        _net.MayPass = (from, to) => from != NodeA || to != NodeB;
        _net.RunUntil(100);
        NodeA.IsDown = true;
        _net.RunUntil(330);
        _net.MayPass = (_, _) => true;
        _net.RunUntil(1500);
        _net.AssertAgreed(3);
        Duty take = NodeB.Done.First(duty => duty.Kind == DutyKind.Take);
        Assert.True(take.Take.LastSeq < (ulong)NodeA.Published.Count);
        Assert.Equal(new LeadChange(1, take.Take.LastSeq, B, WasSealed: false), Follower.Changes[0]);
        Cancel cancel = Assert.Single(Follower.Cancels, cancel => cancel.BlockNumber == 1);
        Assert.Equal((1UL, take.Take.LastSeq, CancelReason.LeaderPassedOver),
            (cancel.BlockNumber, cancel.FromSeq, cancel.Reason));
    }

    [Fact]
    public void Silence_OfTwoInARow_GoesToTheThird()
    {
        NodeA.IsDown = true;
        NodeB.IsDown = true;
        _net.RunUntil(1500);
        _net.AssertAgreed(2);
        Assert.Contains(NodeC.Done, duty => duty.Kind == DutyKind.Take && duty.Number == 1);
        Assert.Equal(new LeadChange(1, 0, C, WasSealed: false), Follower.Changes[0]);
    }

    [Fact]
    public void LateSeal_BeforeAnybodyTook_Stands()
    {
        // A's seal takes 40 ms longer than all else: later than the block's end, earlier than the grace.
        _net.ExtraDelayMs = (from, _) => from == NodeA ? 40 : 0;
        _net.RunUntil(2000);
        _net.AssertAgreed(8);
        Assert.All(_net.Nodes, node => Assert.Empty(node.Changes));
    }

    [Fact]
    public void LateSeal_AfterTheNextTook_WinsOverAnUnsealedBlock()
    {
        // B is late with everything of A: it takes block 1 while A's seal is under way to it.
        _net.ExtraDelayMs = (from, to) => from == NodeA && to == NodeB ? 70 : 0;
        NodeB.ClockOffsetMs = 5;
        _net.RunUntil(3000);
        _net.AssertAgreed(10);
        Assert.True(NodeA.Sealed.ContainsKey(1));
        // Nobody undid a block that was committed.
        Assert.All(_net.Nodes.Where(n => n != NodeB), node => Assert.DoesNotContain(node.Changes, c => c.WasSealed));
    }

    [Fact]
    public void TwoLeaders_OneCutOffAndAlive_AgreeAfterwards()
    {
        // A goes on in its own world while the others pass it over.
        _net.RunUntil(100);
        _net.MayPass = (from, to) => (from == NodeA) == (to == NodeA);
        _net.RunUntil(380);
        Assert.Contains(NodeB.Done, duty => duty.Kind == DutyKind.Take);
        _net.MayPass = (_, _) => true;
        _net.RunUntil(2500);
        _net.AssertAgreed(7);
        Assert.NotEmpty(NodeA.Changes);
    }

    [Fact]
    public void TwoLeaders_ASealThatNobodyHeardOf_LosesToTheBlockThatWasBuiltOn()
    {
        // A seals block 1 unheard; B takes it, seals it, and opens block 2 on its own.
        _net.RunUntil(100);
        _net.MayPass = (from, to) => (from == NodeA) == (to == NodeA);
        _net.RunUntil(395);
        Assert.True(NodeB.Core.Open.Number >= 2);
        Hash256 own = NodeA.Sealed[1];
        Hash256 theirs = Follower.Sealed[1];
        Assert.NotEqual(own, theirs);
        _net.MayPass = (_, _) => true;
        _net.RunUntil(2500);
        _net.AssertAgreed(7);
        Assert.Equal(theirs, NodeA.Sealed[1]);
        Assert.Contains(NodeA.Changes, change => change is { Number: 1, WasSealed: true });
        Assert.DoesNotContain(Follower.Changes, change => change.WasSealed);
    }

    [Theory]
    [InlineData(-5, 5, 0)]
    [InlineData(5, -5, 0)]
    [InlineData(0, 5, -5)]
    public void Skew_WithinTheBound_ChangesNothing(long ofA, long ofB, long ofC)
    {
        (NodeA.ClockOffsetMs, NodeB.ClockOffsetMs, NodeC.ClockOffsetMs) = (ofA, ofB, ofC);
        _net.RunUntil(3000);
        _net.AssertAgreed(12);
        Assert.All(_net.Nodes, node => Assert.Empty(node.Changes));
    }

    [Theory]
    [InlineData(200)]
    [InlineData(-200)]
    public void Skew_FarBeyondTheBound_CostsTheOneWithTheWrongClock(long offset)
    {
        NodeB.ClockOffsetMs = offset;
        _net.RunUntil(3000);
        _net.AssertAgreed(8);
        // What A sealed in time stands with everybody else.
        Assert.All(_net.Nodes.Where(n => n != NodeB), node => Assert.DoesNotContain(node.Changes, c => c.WasSealed));
        Assert.Contains(NodeA.Published, frag => frag.Block > 1);
    }

    [Fact]
    public void Restart_OfASequencer_ComesBackAtItsNextTurn()
    {
        NodeA.IsDown = true;
        _net.RunUntil(500);
        NodeA.IsDown = false;
        _net.RunUntil(3500);
        _net.AssertAgreed(13);
        Assert.Contains(NodeA.Published, frag => frag.Block >= 4);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(106)]
    public void Anything_WithinTheBounds_EndsInOneChain(int seed)
    {
        // Sequencers that come and go, ways that are cut for a while, clocks and delays within what the rules assume.
        var random = new Random(seed);
        var net = new RotationNet([A, B, C, D], followers: 2);
        foreach (Node node in net.Nodes)
        {
            node.ClockOffsetMs = random.Next(-4, 5);
            node.FragsMax = random.Next(4) == 0 ? random.Next(1, 12) : int.MaxValue;
        }

        net.ExtraDelayMs = (_, _) => random.Next(0, 6);
        for (long time = 150; time < 4000; time += 150)
        {
            Node faulty = net.Nodes[random.Next(4)];
            Node deaf = net.Nodes[random.Next(4)];
            faulty.IsDown = random.Next(3) == 0;
            // Only to one other sequencer: a split of the whole network for longer than a block is another case.
            bool isCut = random.Next(4) == 0;
            net.MayPass = (from, to) => !isCut || from != faulty || to != deaf;
            net.Nodes[random.Next(4)].LeavesAfter = random.Next(5) == 0 ? random.Next(1, 10) : int.MaxValue;
            net.RunUntil(time);
        }

        foreach (Node node in net.Nodes)
        {
            node.IsDown = false;
            node.LeavesAfter = int.MaxValue;
        }

        net.MayPass = (_, _) => true;
        net.RunUntil(6500);
        net.AssertAgreed(15);
        // The chain goes on: the last blocks are those of the last second.
        Assert.All(net.Nodes, node => Assert.True(
            node.Core.Open.Number > 24, $"seed {seed}: a node is at {node.Core.Open.Number}"));
    }
}
