namespace Fragcast.Transport.Quic;

/// <summary>
/// The statistics of one connection, written by the I/O thread and read by any: a sequence lock. Readers try again
/// while a write is going on, and never hold the writer up.
/// </summary>
internal sealed class PathPublisher
{
    private PathStatistics _statistics;

    // Odd while a write is going on.
    private int _version;

    /// <summary>Replaces the statistics. I/O thread.</summary>
    public void Publish(in PathStatistics statistics)
    {
        int version = _version;
        Volatile.Write(ref _version, version + 1);
        // StoreStore: the odd version is visible before any of the new values.
        Interlocked.MemoryBarrier();
        _statistics = statistics;
        // Release: the new values are visible before the even version.
        Volatile.Write(ref _version, version + 2);
    }

    /// <summary>The last published statistics, whole.</summary>
    public PathStatistics Read()
    {
        SpinWait wait = default;
        while (true)
        {
            // Acquire: the values are read after the version.
            int before = Volatile.Read(ref _version);
            PathStatistics statistics = _statistics;
            // LoadLoad: the values are read before the version is looked at again.
            Interlocked.MemoryBarrier();
            if ((before & 1) == 0 && Volatile.Read(ref _version) == before)
            {
                return statistics;
            }

            wait.SpinOnce();
        }
    }
}
