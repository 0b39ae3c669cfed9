using System.Diagnostics;

namespace Fragcast.Transport.Quic;

/// <summary>The monotonic clock of the I/O threads.</summary>
internal static class TransportClock
{
    private static readonly double NsPerTick = 1e9 / Stopwatch.Frequency;

    // Retry tokens and the library's sums need room on both sides of now.
    private const ulong Base = 1_000_000_000;

#pragma warning disable RS0030 // The I/O loop owns its clock; everything above gets time handed in.
    private static readonly long Start = Stopwatch.GetTimestamp();

    /// <summary>Nanoseconds since some moment before the process started.</summary>
    public static ulong NowNs
    {
        get
        {
            long ticks = Stopwatch.GetTimestamp() - Start;
            return Base + (ulong)(Stopwatch.Frequency == 1_000_000_000 ? ticks : (long)(ticks * NsPerTick));
        }
    }
#pragma warning restore RS0030
}
