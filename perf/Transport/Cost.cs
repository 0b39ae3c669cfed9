using System.Diagnostics;

namespace Fragcast.Perf.Transport;

/// <summary>What a run took of the whole process.</summary>
/// <param name="ElapsedNs">Wall-clock time.</param>
/// <param name="CpuNs">Processor time of all threads, user and kernel.</param>
/// <param name="AllocatedBytes">Managed bytes allocated by all threads.</param>
internal readonly record struct Cost(long ElapsedNs, long CpuNs, long AllocatedBytes)
{
    /// <summary>The present moment on the clock of every measurement here, in nanoseconds.</summary>
    public static long NowNs => (long)(Stopwatch.GetTimestamp() * (1e9 / Stopwatch.Frequency));

    /// <summary>The totals so far; subtract an earlier reading.</summary>
    public static Cost Read()
    {
        long allocated = GC.GetTotalAllocatedBytes(precise: true);
        return new Cost(NowNs, Environment.CpuUsage.TotalTime.Ticks * 100, allocated);
    }

    public static Cost operator -(Cost later, Cost earlier) => new(
        later.ElapsedNs - earlier.ElapsedNs,
        later.CpuNs - earlier.CpuNs,
        later.AllocatedBytes - earlier.AllocatedBytes);
}

/// <summary>Memory of this process after a full collection.</summary>
/// <param name="ResidentBytes">Pages in memory, native and managed; 0 where the system does not tell.</param>
/// <param name="ManagedBytes">Live managed objects.</param>
internal readonly record struct MemoryUse(long ResidentBytes, long ManagedBytes)
{
    private const string StatusFile = "/proc/self/statm";

    public static MemoryUse Read()
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        GC.WaitForPendingFinalizers();
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        long pages = File.Exists(StatusFile)
            ? long.Parse(File.ReadAllText(StatusFile).Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture)
            : 0;
        return new MemoryUse(pages * Environment.SystemPageSize, GC.GetTotalMemory(forceFullCollection: false));
    }

    public static MemoryUse operator -(MemoryUse later, MemoryUse earlier) => new(
        later.ResidentBytes - earlier.ResidentBytes, later.ManagedBytes - earlier.ManagedBytes);
}
