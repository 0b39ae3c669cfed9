using Fragcast.Schedule.Connect;
using Fragcast.Schedule.Sources;
using static Fragcast.Schedule.Tests.TestLeaders;

namespace Fragcast.Schedule.Tests.Connect;

public sealed class LookaheadTests
{
    [Fact]
    public void Update_Head_ListsEachLeaderOnceInOrderOfTurns()
    {
        var lookahead = new Lookahead(
            new RoundRobinSchedule([A, B, C, D], 0, blocksPerTurn: 2), new SlotClock(0, 0, 10), ahead: 2);
        Assert.True(lookahead.Update(4));
        Assert.Equal(
            [new UpcomingLeader(C, 5, 50), new UpcomingLeader(D, 6, 60), new UpcomingLeader(A, 8, 80)],
            lookahead.Leaders);
        Assert.False(lookahead.Update(4));
        Assert.True(lookahead.Update(5));
        Assert.Equal([D, A, B], lookahead.Leaders.Select(l => l.Leader));
    }

    [Fact]
    public void Update_FewerSequencersThanAsked_ListsAll()
    {
        var lookahead = new Lookahead(new RoundRobinSchedule([A, B], 0), default);
        lookahead.Update(0);
        Assert.Equal([B, A], lookahead.Leaders.Select(l => l.Leader));
        Assert.All(lookahead.Leaders, leader => Assert.Equal(SlotClock.NeverNs, leader.StartUnixNs));
    }

    [Fact]
    public void Update_ScheduleLearnsMore_ListsAnew()
    {
        var live = new LiveSchedule(new TableSchedule([]));
        var lookahead = new Lookahead(live, default);
        lookahead.Update(0);
        Assert.Empty(lookahead.Leaders);
        live.Replace(new TableSchedule([new LeaderRange(1, 1, A), new LeaderRange(4, 4, B)]));
        Assert.True(lookahead.Update(0));
        Assert.Equal([A, B], lookahead.Leaders.Select(l => l.Leader));
    }
}
