namespace Fragcast.Tests;

/// <summary>
/// What a piece of code allocates on the current thread: the least of several runs. One run proves nothing: a garbage
/// collection meanwhile counts the unused rest of the thread's allocation quantum (up to 8 KiB) as allocated, and the
/// runtime allocates some bytes once, when a lock is contended or a native function called for the first time. What
/// the code itself allocates shows in every run.
/// </summary>
/// <example><code>
/// AllocationGate gate = new();
/// while (gate.NextRun())
///     Work();
/// Assert.Equal(0, gate.LeastBytes);
/// </code></example>
internal sealed class AllocationGate
{
    private const int Runs = 5;

    private int _started;
    private long _before;

    /// <summary>The bytes that the leanest run allocated; meaningful once <see cref="NextRun"/> was false.</summary>
    public long LeastBytes { get; private set; } = long.MaxValue;

    /// <summary>Ends the run before, if any, and begins another.</summary>
    /// <returns>False when there have been enough.</returns>
    public bool NextRun()
    {
        long now = GC.GetAllocatedBytesForCurrentThread();
        if (_started > 0)
            LeastBytes = Math.Min(LeastBytes, now - _before);
        if (_started == Runs)
            return false;
        _started++;
        _before = GC.GetAllocatedBytesForCurrentThread();
        return true;
    }
}
