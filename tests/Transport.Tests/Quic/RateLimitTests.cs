using Fragcast.Transport.Quic;

namespace Fragcast.Transport.Tests.Quic;

public sealed class RateLimitTests
{
    private const ulong StartNs = 5_000_000_000;
    private const ulong IntervalNs = 10_000_000;

    [Fact]
    public void TryTake_AtOnce_GivesTheBurst() => Assert.Equal(8, TakeAll(new RateLimit(100, 8), StartNs));

    [Fact]
    public void TryTake_AfterTheBurst_GivesOnePerInterval()
    {
        RateLimit limit = new(100, 8);
        while (limit.TryTake(StartNs))
        {
        }

        Assert.False(limit.TryTake(StartNs + IntervalNs - 1));
        Assert.True(limit.TryTake(StartNs + IntervalNs));
        Assert.False(limit.TryTake(StartNs + IntervalNs));
    }

    [Fact]
    public void TryTake_AfterALongPause_GivesNoMoreThanTheBurst()
    {
        RateLimit limit = new(100, 8);
        while (limit.TryTake(StartNs))
        {
        }

        Assert.Equal(8, TakeAll(limit, StartNs + (1000 * IntervalNs)));
    }

    private static int TakeAll(RateLimit limit, ulong nowNs)
    {
        int count = 0;
        while (limit.TryTake(nowNs))
            count++;
        return count;
    }
}
