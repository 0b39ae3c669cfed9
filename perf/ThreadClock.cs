using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Fragcast.Perf;

/// <summary>
/// The processor time of the calling thread: what other threads, the compiler's and the collector's among them, take
/// away does not count. What shares a core by hyper-threading still shows.
/// </summary>
internal static partial class ThreadClock
{
    private const int ThreadCpuTime = 3;
    private const long NsPerSecond = 1_000_000_000;

    /// <summary>The step of the clock in nanoseconds, as the system states it.</summary>
    public static long ResolutionNs { get; } = ReadResolution();

    /// <summary>What one reading costs, in nanoseconds: the least distance of two readings in a row.</summary>
    public static long CostNs { get; } = MeasureCost();

    /// <summary>Processor time of the calling thread so far, in nanoseconds.</summary>
    public static long NowNs()
    {
        Check(GetTime(ThreadCpuTime, out TimeSpec time));
        return time.Seconds * NsPerSecond + time.Nanoseconds;
    }

    /// <summary>Time since an earlier reading without what the reading itself costs, in nanoseconds.</summary>
    public static long Since(long startNs) => Math.Max(NowNs() - startNs - CostNs, 0);

    private static long ReadResolution()
    {
        Check(GetResolution(ThreadCpuTime, out TimeSpec step));
        return step.Seconds * NsPerSecond + step.Nanoseconds;
    }

    private static long MeasureCost()
    {
        long least = long.MaxValue;
        for (int i = 0; i < 1000; i++)
        {
            long start = NowNs();
            least = Math.Min(least, NowNs() - start);
        }

        return least;
    }

    private static void Check(int result)
    {
        if (result != 0) throw new Win32Exception(Marshal.GetLastPInvokeError(), "The thread's clock can't be read");
    }

    [LibraryImport("libc", EntryPoint = "clock_gettime", SetLastError = true)]
    private static partial int GetTime(int clock, out TimeSpec time);

    [LibraryImport("libc", EntryPoint = "clock_getres", SetLastError = true)]
    private static partial int GetResolution(int clock, out TimeSpec step);

    [StructLayout(LayoutKind.Sequential)]
    private struct TimeSpec
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
