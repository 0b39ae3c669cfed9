using System.Diagnostics;

namespace Fragcast.Node;

/// <summary>
/// The system's monotonic clock. On one machine all processes read the same one, so times taken in different nodes
/// of a devnet can be subtracted.
/// </summary>
internal static class MonotonicClock
{
    /// <summary>Nanoseconds since an arbitrary start, the same for all processes of a machine.</summary>
    public static long NowNs() =>
        Stopwatch.Frequency == 1_000_000_000
            ? Stopwatch.GetTimestamp()
            : (long)((Int128)Stopwatch.GetTimestamp() * 1_000_000_000 / Stopwatch.Frequency);
}
