using Fragcast.Primitives;
using Fragcast.Schedule.Sources;
using static Fragcast.Schedule.Tests.TestLeaders;

namespace Fragcast.Schedule.Tests.Sources;

public sealed class TimeSlotScheduleTests
{
    private const long Ms = 1_000_000;

    [Fact]
    public void LeaderOf_SlotsLongerThanBlocks_KeepTheLeader()
    {
        // Blocks of 2 s, slots of 5 s: blocks begin at 0 2 4 | 6 8 | 10 12 14 | 16 18.
        var schedule = new TimeSlotSchedule([A, B, C], new SlotClock(77 * Ms, 100, 2000 * Ms), 5000 * Ms);
        Assert.Equal([A, A, A, B, B, C, C, C, A, A], Leaders(schedule, 100, 10));
    }

    [Fact]
    public void LeaderOf_SlotsShorterThanBlocks_PassesSlotsOver()
    {
        // Blocks of 2 s, slots of 1.5 s: the blocks begin in slots 0 1 2 4 5 6 8.
        var schedule = new TimeSlotSchedule([A, B, C], new SlotClock(0, 0, 2000 * Ms), 1500 * Ms);
        Assert.Equal([A, B, C, B, C, A, C], Leaders(schedule, 0, 7));
    }

    [Fact]
    public void LeaderOf_Extremes_DoNotOverflow()
    {
        var schedule = new TimeSlotSchedule([A, B], new SlotClock(0, 5, long.MaxValue), 1);
        Assert.Equal(LeaderLookup.BeforeSchedule, schedule.LeaderOf(4, out Address leader));
        Assert.Equal(default, leader);
        Assert.Equal(LeaderLookup.Known, schedule.LeaderOf(ulong.MaxValue, out _));
    }

    [Fact]
    public void Constructor_NoClockOrNoLength_IsRefused()
    {
        Assert.Throws<ScheduleException>(() => new TimeSlotSchedule([A], default, 1));
        Assert.Throws<ScheduleException>(() => new TimeSlotSchedule([A], new SlotClock(0, 0, 1), 0));
        Assert.Throws<ScheduleException>(() => new TimeSlotSchedule([A, A], new SlotClock(0, 0, 1), 1));
    }
}
