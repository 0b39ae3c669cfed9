using Fragcast.Primitives;
using Fragcast.Schedule.Sources;
using static Fragcast.Schedule.Tests.TestLeaders;

namespace Fragcast.Schedule.Tests.Sources;

public sealed class TableScheduleTests
{
    [Theory]
    [InlineData(9, LeaderLookup.BeforeSchedule)]
    [InlineData(10, LeaderLookup.Known)]
    [InlineData(19, LeaderLookup.Known)]
    [InlineData(20, LeaderLookup.NotYetKnown)]
    [InlineData(30, LeaderLookup.Known)]
    [InlineData(31, LeaderLookup.NotYetKnown)]
    public void LeaderOf_InAndBesideRanges_SaysWhatIsKnown(ulong block, LeaderLookup expected)
    {
        var schedule = new TableSchedule([new LeaderRange(30, 30, B), new LeaderRange(10, 19, A)]);
        Assert.Equal(expected, schedule.LeaderOf(block, out Address leader));
        Assert.Equal(expected == LeaderLookup.Known ? (block == 30 ? B : A) : default, leader);
    }

    [Fact]
    public void LeaderOf_EmptyTable_IsNotYetKnown() =>
        Assert.Equal(LeaderLookup.NotYetKnown, new TableSchedule([]).LeaderOf(0, out _));

    [Fact]
    public void Constructor_OverlapOrEmptyRange_IsRefused()
    {
        Assert.Contains("two leaders for block 5", Assert.Throws<ScheduleException>(
            () => new TableSchedule([new LeaderRange(1, 5, A), new LeaderRange(5, 6, B)])).Message);
        Assert.Throws<ScheduleException>(() => new TableSchedule([new LeaderRange(2, 1, A)]));
    }

    [Fact]
    public void Live_Replaced_AnswersAnewAndMovesItsVersion()
    {
        var live = new LiveSchedule(new TableSchedule([]));
        int changes = 0;
        live.Changed = () => changes++;
        Assert.Equal(LeaderLookup.NotYetKnown, live.LeaderOf(1, out _));
        long version = live.Version;
        live.Replace(new RoundRobinSchedule([A], 0));
        Assert.Equal(LeaderLookup.Known, live.LeaderOf(1, out _));
        Assert.NotEqual(version, live.Version);
        Assert.Equal(1, changes);
    }
}
