using Fragcast.Primitives;
using Fragcast.Schedule.Connect;
using Fragcast.Schedule.Forwarding;
using static Fragcast.Schedule.Tests.TestLeaders;

namespace Fragcast.Schedule.Tests.Forwarding;

public sealed class ForwardPlanTests
{
    private const long Ms = 1_000_000;

    private readonly List<(Hash256 Transaction, Address Leader)> _sent = [];
    private readonly HashSet<Address> _unreachable = [];

    [Fact]
    public void Submit_Transaction_GoesToTheCurrentAndTheNextLeaderAtOnce()
    {
        ForwardPlan<Link> plan = NewPlan(A, B, C);
        Assert.Equal(ForwardResult.Accepted, plan.Submit(Hash(1), 0));
        Assert.Equal([(Hash(1), A), (Hash(1), B)], _sent);
        Assert.False(plan.Tick(Ms));
        Assert.Equal(2, _sent.Count);
    }

    [Fact]
    public void Submit_Twice_IsADuplicate_AlsoAfterInclusion()
    {
        ForwardPlan<Link> plan = NewPlan(A, B);
        plan.Submit(Hash(1), 0);
        Assert.Equal(ForwardResult.Duplicate, plan.Submit(Hash(1), 1));
        plan.OnIncluded(Hash(1));
        Assert.Equal(0, plan.Count);
        Assert.Equal(ForwardResult.Duplicate, plan.Submit(Hash(1), 2));
        Assert.Equal(2, _sent.Count);
    }

    [Fact]
    public void LeadChanges_BeforeInclusion_GoesToTheNewOnesOnly()
    {
        ForwardPlan<Link> plan = NewPlan(A, B);
        plan.Submit(Hash(1), 0);
        plan.Submit(Hash(2), 0);
        plan.OnIncluded(Hash(2));
        _sent.Clear();
        plan.SetLeaders(Upcoming(B, C));
        Assert.False(plan.Tick(1));
        Assert.Equal([(Hash(1), C)], _sent);
        plan.SetLeaders(Upcoming(C, B));
        plan.Tick(2);
        Assert.Single(_sent);
    }

    [Fact]
    public void Submit_NoConnection_IsTriedAgainForThatLeaderOnly()
    {
        ForwardPlan<Link> plan = NewPlan(A, B);
        _unreachable.Add(B);
        plan.Submit(Hash(1), 0);
        Assert.Equal([(Hash(1), A)], _sent);
        plan.Tick(19 * Ms);
        Assert.Single(_sent);
        _unreachable.Clear();
        plan.Tick(20 * Ms);
        Assert.Equal([(Hash(1), A), (Hash(1), B)], _sent);
    }

    [Fact]
    public void Submit_NoLeaderKnown_WaitsForOne()
    {
        ForwardPlan<Link> plan = NewPlan();
        Assert.Equal(ForwardResult.Accepted, plan.Submit(Hash(1), 0));
        plan.Tick(50 * Ms);
        Assert.Empty(_sent);
        plan.SetLeaders(Upcoming(A, B));
        plan.Tick(51 * Ms);
        Assert.Equal(2, _sent.Count);
    }

    [Fact]
    public void Submit_TooMany_IsFullAndFreesWithInclusion()
    {
        var dropped = new List<Hash256>();
        ForwardPlan<Link> plan = NewPlan(new ForwardOptions { PendingMax = 2, IncludedMax = 1 }, A);
        plan.Dropped = dropped.Add;
        plan.Submit(Hash(1), 0);
        plan.Submit(Hash(2), 0);
        Assert.Equal(ForwardResult.Full, plan.Submit(Hash(3), 0));
        plan.OnIncluded(Hash(1));
        Assert.Equal([Hash(1)], dropped);
        Assert.Equal(ForwardResult.Accepted, plan.Submit(Hash(3), 0));
        plan.OnIncluded(Hash(9));
        plan.OnIncluded(Hash(3));
        // Only the last inclusion is remembered.
        Assert.Equal(ForwardResult.Accepted, plan.Submit(Hash(1), 0));
    }

    [Fact]
    public void Tick_AfterTheLifetime_Forgets()
    {
        ForwardPlan<Link> plan = NewPlan(new ForwardOptions { LifetimeNs = 10 }, A);
        plan.Submit(Hash(1), 0);
        plan.Submit(Hash(2), 5);
        plan.Tick(10);
        Assert.Equal((1, 1L), (plan.Count, plan.Expired));
        Assert.Equal(ForwardResult.Accepted, plan.Submit(Hash(1), 11));
    }

    [Fact]
    public void Tick_ManyAtALeadChange_WorksInPieces()
    {
        ForwardPlan<Link> plan = NewPlan(A, B);
        for (int i = 0; i < 3000; i++)
        {
            plan.Submit(Keccak256.Hash(BitConverter.GetBytes(i)), 0);
        }

        _sent.Clear();
        plan.SetLeaders(Upcoming(B, C));
        Assert.True(plan.Tick(1));
        Assert.Equal(1024, _sent.Count);
        Assert.True(plan.Tick(2));
        Assert.False(plan.Tick(3));
        Assert.Equal(3000, _sent.Count);
        Assert.All(_sent, sent => Assert.Equal(C, sent.Leader));
    }

    private static UpcomingLeader[] Upcoming(params Address[] leaders) =>
        [.. leaders.Select((leader, i) => new UpcomingLeader(leader, (ulong)i, 0))];

    private ForwardPlan<Link> NewPlan(params Address[] leaders) => NewPlan(new ForwardOptions(), leaders);

    private ForwardPlan<Link> NewPlan(ForwardOptions options, params Address[] leaders)
    {
        var plan = new ForwardPlan<Link>(new Link(_sent, _unreachable), options);
        plan.SetLeaders(Upcoming(leaders));
        return plan;
    }

    private readonly struct Link(List<(Hash256, Address)> sent, HashSet<Address> unreachable) : IForwardLink
    {
        public bool TrySend(in Hash256 transaction, in Address leader)
        {
            if (unreachable.Contains(leader))
            {
                return false;
            }

            sent.Add((transaction, leader));
            return true;
        }
    }
}
