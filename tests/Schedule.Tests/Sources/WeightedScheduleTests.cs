using Fragcast.Primitives;
using Fragcast.Schedule.Sources;
using static Fragcast.Schedule.Tests.TestLeaders;

namespace Fragcast.Schedule.Tests.Sources;

/// <summary>The vectors come from an implementation in another language, written after docs/protocol.md.</summary>
public sealed class WeightedScheduleTests
{
    private static readonly Hash256 Root =
        Hash256.Parse("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");

    private static readonly Stake[] Stakes = [new(C, 5), new(A, 1), new(B, 2)];

    [Theory]
    [InlineData(0, "2f00ba4d94b230e5c3e193f6aceafd17da83057ec37f018ab7c6066acc80f7fe")]
    [InlineData(7, "25bb8534f12d0441fb7d0642c078fc4fc6259a0f7931c30bf8df5e28fb264709")]
    public void EpochSeed_Derived_HasVector(ulong epoch, string expected)
    {
        Assert.True(EpochSeeds.Derived(Root).TryGet(epoch, out Hash256 seed));
        Assert.Equal(Hash256.Parse(expected), seed);
    }

    [Theory]
    [InlineData(0, "21222221200221222212212222212212")]
    [InlineData(1, "20221022222022201222222220212220")]
    public void LeaderOf_TurnsOfAnEpoch_HaveVector(ulong epoch, string expected)
    {
        var schedule = new WeightedSchedule(Stakes, EpochSeeds.Derived(Root), new WeightedTurns(1000, 3, 32));
        for (int turn = 0; turn < expected.Length; turn++)
        {
            ulong first = 1000 + (((epoch * 32) + (ulong)turn) * 3);
            Address leader = new[] { A, B, C }[expected[turn] - '0'];
            Assert.Equal([leader, leader, leader], Leaders(schedule, first, 3));
        }
    }

    [Fact]
    public void LeaderOf_SumThatDividesBadly_DrawsAgain()
    {
        // A quarter of all numbers is drawn again here; six of these sixteen turns were, one of them three times.
        var schedule = new WeightedSchedule(
            [new(A, (1UL << 62) + 1), new(B, 1UL << 61)], EpochSeeds.Derived(Root), new WeightedTurns(0, 1, 32));
        Assert.Equal("AAAAAABBAABABABB", string.Concat(Leaders(schedule, 0, 16).Select(l => l == A ? 'A' : 'B')));
    }

    [Fact]
    public void LeaderOf_StakesInAnyOrder_IsTheSame()
    {
        var turns = new WeightedTurns(0, 1, 8);
        var one = new WeightedSchedule(Stakes, EpochSeeds.Derived(Root), turns);
        var other = new WeightedSchedule([.. Stakes.Reverse()], EpochSeeds.Derived(Root), turns);
        Assert.Equal(Leaders(one, 0, 100), Leaders(other, 0, 100));
    }

    [Fact]
    public void LeaderOf_ManyTurns_FollowsTheStakes()
    {
        var schedule = new WeightedSchedule(Stakes, EpochSeeds.Derived(Root), new WeightedTurns(0, 1, 100));
        Address[] leaders = Leaders(schedule, 0, 8000);
        Assert.InRange(leaders.Count(l => l == A), 900, 1100);
        Assert.InRange(leaders.Count(l => l == B), 1850, 2150);
    }

    [Fact]
    public void LeaderOf_EpochWithoutASeed_IsNotYetKnown()
    {
        var seeds = EpochSeeds.Listed(new Dictionary<ulong, Hash256> { [1] = Root });
        var schedule = new WeightedSchedule(Stakes, seeds, new WeightedTurns(10, 1, 4));
        Assert.Equal(LeaderLookup.BeforeSchedule, schedule.LeaderOf(9, out _));
        Assert.Equal(LeaderLookup.NotYetKnown, schedule.LeaderOf(13, out Address leader));
        Assert.Equal(default, leader);
        Assert.Equal(LeaderLookup.Known, schedule.LeaderOf(14, out _));
        Assert.Equal(LeaderLookup.NotYetKnown, schedule.LeaderOf(18, out _));
    }

    [Fact]
    public void Constructor_WrongNumbers_IsRefused()
    {
        EpochSeeds seeds = EpochSeeds.Derived(Root);
        Assert.Throws<ScheduleException>(() => new WeightedSchedule([], seeds, new(0, 1, 1)));
        Assert.Throws<ScheduleException>(() => new WeightedSchedule([new(A, 0)], seeds, new(0, 1, 1)));
        Assert.Throws<ScheduleException>(() => new WeightedSchedule([new(A, 1), new(A, 2)], seeds, new(0, 1, 1)));
        Assert.Throws<ScheduleException>(() => new WeightedSchedule(Stakes, seeds, new(0, 0, 1)));
        Assert.Throws<ScheduleException>(() => new WeightedSchedule(Stakes, seeds, new(0, 1, 0)));
        Assert.Throws<ScheduleException>(() => new WeightedSchedule(Stakes, seeds, new(0, 1UL << 40, 1UL << 40)));
        Assert.Throws<ScheduleException>(
            () => new WeightedSchedule([new(A, long.MaxValue), new(B, 1)], seeds, new(0, 1, 1)));
    }
}
