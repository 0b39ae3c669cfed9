namespace Fragcast.Schedule.Tests;

public sealed class SlotClockTests
{
    [Fact]
    public void StartNs_BlocksAfterTheFirst_AreABlockTimeApart()
    {
        var clock = new SlotClock(1_000, 10, 200);
        Assert.Equal(1_000, clock.StartNs(10));
        Assert.Equal(1_600, clock.StartNs(13));
        Assert.Equal(800, clock.StartNs(9));
    }

    [Fact]
    public void StartNs_FarFuture_DoesNotOverflow() =>
        Assert.Equal(SlotClock.NeverNs, new SlotClock(long.MaxValue, 0, long.MaxValue).StartNs(ulong.MaxValue));

    [Fact]
    public void StartNs_NoClock_IsNever()
    {
        Assert.False(default(SlotClock).IsSet);
        Assert.Equal(SlotClock.NeverNs, default(SlotClock).StartNs(5));
    }
}
