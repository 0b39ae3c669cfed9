using Fragcast.Transport.Rings;

namespace Fragcast.Transport.Tests.Rings;

public sealed class WakeSignalTests
{
    [Fact]
    public void WakeIfArmed_NobodyPrepared_WakesNobody()
    {
        CountingSignal signal = new();
        signal.WakeIfArmed();
        Assert.Equal(0, signal.Wakes);
    }

    [Fact]
    public void WakeIfArmed_Prepared_WakesOnce()
    {
        CountingSignal signal = new();
        signal.Prepare();
        signal.WakeIfArmed();
        signal.WakeIfArmed();
        Assert.Equal(1, signal.Wakes);
    }

    [Fact]
    public void Prepare_TwoWaiters_ShareATicketUntilTheWake()
    {
        CountingSignal signal = new();
        int first = signal.Prepare();
        Assert.Equal(first, signal.Prepare());
        signal.WakeIfArmed();
        Assert.NotEqual(first, signal.Prepare());
    }

    [Fact]
    public void Disarm_OwnTicket_MakesWakesFree()
    {
        CountingSignal signal = new();
        signal.Disarm(signal.Prepare());
        signal.WakeIfArmed();
        Assert.Equal(0, signal.Wakes);
    }

    [Fact]
    public void Disarm_TicketOfAnEarlierRound_LeavesTheNewOneArmed()
    {
        CountingSignal signal = new();
        int old = signal.Prepare();
        signal.WakeIfArmed();
        signal.Prepare();
        signal.Disarm(old);
        signal.WakeIfArmed();
        Assert.Equal(2, signal.Wakes);
    }
}

/// <summary>Both ways of parking; the monitor is the only one outside of Linux.</summary>
public sealed class ParkingSignalTests
{
    public static TheoryData<bool> Ways => Futex.IsSupported ? [true, false] : [false];

    [Theory]
    [MemberData(nameof(Ways))]
    public void Wait_WokenSinceTheTicket_ReturnsAtOnce(bool useFutex)
    {
        ParkingSignal signal = new(useFutex);
        int ticket = signal.Prepare();
        signal.WakeIfArmed();
        TestThread.Start(() => signal.Wait(ticket, WakeSignal.InfiniteNs)).Join();
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void Wait_NobodyWakes_ReturnsAtTheTimeOut(bool useFutex)
    {
        ParkingSignal signal = new(useFutex);
        TestThread.Start(() => signal.Wait(signal.Prepare(), 1_000_000)).Join();
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void WakeIfArmed_SeveralSleepers_WakesAll(bool useFutex)
    {
        ParkingSignal signal = new(useFutex);
        int prepared = 0;
        bool news = false;
        TestThread[] sleepers = [.. Enumerable.Range(0, 3).Select(_ => TestThread.Start(() =>
        {
            while (true)
            {
                int ticket = signal.Prepare();
                if (Volatile.Read(ref news))
                    return;
                Interlocked.Increment(ref prepared);
                signal.Wait(ticket, WakeSignal.InfiniteNs);
            }
        }))];
        TestThread.Until(() => Volatile.Read(ref prepared) >= 3);
        Volatile.Write(ref news, true);
        Interlocked.MemoryBarrier();
        signal.WakeIfArmed();
        foreach (TestThread sleeper in sleepers)
            sleeper.Join();
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void Wait_ThousandsOfRounds_NoWakeIsLost(bool useFutex)
    {
        ParkingSignal[] signals = [new(useFutex), new(useFutex)];
        int turn = 0;
        TestThread[] players = [.. Enumerable.Range(0, 2).Select(me => TestThread.Start(() =>
        {
            for (int round = me; round < 4000; round += 2)
            {
                while (Volatile.Read(ref turn) != round)
                {
                    int ticket = signals[me].Prepare();
                    if (Volatile.Read(ref turn) != round)
                        signals[me].Wait(ticket, WakeSignal.InfiniteNs);
                }

                Interlocked.Exchange(ref turn, round + 1);
                signals[1 - me].WakeIfArmed();
            }
        }))];
        foreach (TestThread player in players)
            player.Join();
        Assert.Equal(4000, turn);
    }
}
