using Fragcast.Primitives;

namespace Fragcast.Schedule.Tests;

public sealed class RoundRobinScheduleTests
{
    private static readonly Address A = Address.FromUInt256(new UInt256(0xA));
    private static readonly Address B = Address.FromUInt256(new UInt256(0xB));
    private static readonly Address C = Address.FromUInt256(new UInt256(0xC));

    [Fact]
    public void LeaderOf_ConsecutiveBlocks_Alternates()
    {
        var schedule = new RoundRobinSchedule([A, B], firstBlock: 100);
        Assert.Equal([A, B, A, B], Leaders(schedule, 100, 4));
    }

    [Fact]
    public void LeaderOf_LongerTurns_KeepsTheLeaderForTheTurn()
    {
        var schedule = new RoundRobinSchedule([A, B, C], firstBlock: 7, blocksPerTurn: 2);
        Assert.Equal([A, A, B, B, C, C, A], Leaders(schedule, 7, 7));
    }

    [Fact]
    public void LeaderOf_BeforeTheFirstBlock_IsUnknown()
    {
        var schedule = new RoundRobinSchedule([A], firstBlock: 5);
        Assert.Equal(LeaderLookup.BeforeSchedule, schedule.LeaderOf(4, out Address leader));
        Assert.Equal(default, leader);
    }

    [Fact]
    public void LeaderOf_LastPossibleBlock_DoesNotOverflow()
    {
        var schedule = new RoundRobinSchedule([A, B], firstBlock: 0);
        Assert.Equal(LeaderLookup.Known, schedule.LeaderOf(ulong.MaxValue, out Address leader));
        Assert.Equal(B, leader);
    }

    [Fact]
    public void Constructor_NoSequencers_SaysSo() =>
        Assert.Contains("no sequencer", Assert.Throws<ScheduleException>(() => new RoundRobinSchedule([], 0)).Message);

    [Fact]
    public void Constructor_SameSequencerTwice_SaysWhich() =>
        Assert.Contains(A.ToString(),
            Assert.Throws<ScheduleException>(() => new RoundRobinSchedule([A, B, A], 0)).Message);

    [Fact]
    public void Constructor_EmptyTurn_IsRefused() =>
        Assert.Throws<ScheduleException>(() => new RoundRobinSchedule([A], 0, blocksPerTurn: 0));

    private static Address[] Leaders(RoundRobinSchedule schedule, ulong first, int count) =>
        Enumerable.Range(0, count).Select(i =>
        {
            Assert.Equal(LeaderLookup.Known, schedule.LeaderOf(first + (ulong)i, out Address leader));
            return leader;
        }).ToArray();
}
