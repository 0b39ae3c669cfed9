namespace Fragcast.Transport.Rings;

/// <summary>
/// A signal on which a thread parks in the kernel: a futex on Linux, a monitor elsewhere. Any number of threads may
/// wait; a wake wakes all of them.
/// </summary>
public sealed unsafe class ParkingSignal : WakeSignal
{
    private readonly object? _monitor;

    /// <summary>Creates a signal that nobody waits for.</summary>
    public ParkingSignal()
        : this(Futex.IsSupported)
    {
    }

    internal ParkingSignal(bool useFutex) => _monitor = useFutex ? null : new object();

    /// <summary>Bound of the next <see cref="Wait"/>, in nanoseconds; set by a single waiter.</summary>
    public long NextTimeoutNs { get; set; } = InfiniteNs;

    /// <inheritdoc/>
    public override void Wait(int ticket, long timeoutNs)
    {
        if (NextTimeoutNs >= 0)
            timeoutNs = timeoutNs < 0 ? NextTimeoutNs : Math.Min(timeoutNs, NextTimeoutNs);

        if (_monitor is null)
            Futex.Wait(Word, ticket, timeoutNs);
        else
            WaitOnMonitor(ticket, timeoutNs);
        // The kernel knows the word by its address only: it must not be collected while somebody sleeps on it.
        GC.KeepAlive(this);
    }

    /// <inheritdoc/>
    protected override void WakeSleepers()
    {
        if (_monitor is null)
        {
            Futex.WakeAll(Word);
            GC.KeepAlive(this);
            return;
        }

        lock (_monitor)
            Monitor.PulseAll(_monitor);
    }

    private void WaitOnMonitor(int ticket, long timeoutNs)
    {
        // The waker changes the word before it takes the monitor, so the comparison under the monitor misses nothing.
        lock (_monitor!)
        {
            if (Volatile.Read(ref *Word) == ticket)
                Monitor.Wait(_monitor, ToMilliseconds(timeoutNs));
        }
    }

    // Rounded up: a wait that ends before its deadline would make the caller spin through the rest.
    private static int ToMilliseconds(long timeoutNs) =>
        timeoutNs < 0 ? Timeout.Infinite : (int)Math.Min((timeoutNs + 999_999) / 1_000_000, int.MaxValue);
}
