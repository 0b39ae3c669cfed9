using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace Fragcast.Execution.Evm.Compilation;

/// <summary>
/// The thread that compiles regions while others execute. What it is asked for beyond the length of its queue it
/// refuses; hot code asks again.
/// </summary>
internal sealed partial class BackgroundCompiler
{
    private const int QueueMax = 256;

    // A quarter of a processor's time beside a busy thread. Less would hold up others: a collection waits until every
    // thread has come to a safe point, and for that it must run.
    private const int Nice = 5;

    private readonly Queue<(CompiledCode Code, int Block)> _queue = new(QueueMax);
    private readonly RegionCache _cache;

    [RequiresDynamicCode("Emits IL.")]
    private BackgroundCompiler(RegionCache cache)
    {
        _cache = cache;
        new Thread(Work)
        {
            Name = "evm-compile",
            IsBackground = true,
            Priority = ThreadPriority.Lowest,
        }.Start();
    }

    /// <summary>The one of the process; starts when it is first used.</summary>
    public static BackgroundCompiler Shared
    {
        [RequiresDynamicCode("Emits IL.")]
        get => Instance.Value;
    }

    /// <summary>Asks for a region; false when the queue is full. Does not wait. Any thread.</summary>
    public bool TryRequest(CompiledCode code, int block)
    {
        lock (_queue)
        {
            if (_queue.Count == QueueMax)
            {
                return false;
            }

            _queue.Enqueue((code, block));
            Monitor.Pulse(_queue);
            return true;
        }
    }

    // Linux has no thread priorities below normal but niceness, which belongs to the thread that calls.
    [LibraryImport("libc", EntryPoint = "setpriority")]
    private static partial int SetPriority(int which, int who, int nice);

    [RequiresDynamicCode("Emits IL.")]
    private void Work()
    {
        if (OperatingSystem.IsLinux())
        {
            _ = SetPriority(0, 0, Nice);
        }

        while (true)
        {
            var (code, block) = Take();
            code.Compile(block, _cache);
        }
    }

    private (CompiledCode Code, int Block) Take()
    {
        lock (_queue)
        {
            while (_queue.Count == 0)
            {
                Monitor.Wait(_queue);
            }

            return _queue.Dequeue();
        }
    }

    private static class Instance
    {
        [UnconditionalSuppressMessage(
            "AOT", "IL3050", Justification = "Reached through Shared only, which requires it.")]
        public static readonly BackgroundCompiler Value = new(RegionCache.Shared);
    }
}
