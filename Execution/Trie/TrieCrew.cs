using System.Runtime.ExceptionServices;

namespace Fragcast.Execution.Trie;

/// <summary>Work that is done in order, bit by bit, by whichever thread of a <see cref="TrieCrew"/> is free.</summary>
internal interface ICrewWork
{
    /// <summary>Does all that is there. Never called by two threads at once.</summary>
    void DoWork();
}

/// <summary>
/// Threads that hash while others execute: a few long-lived ones, idle most of the time. They do posted work in the
/// background, and take parts of what a caller forks. Without threads everything is done by the caller.
/// </summary>
public sealed class TrieCrew : IDisposable
{
    /// <summary>A root has sixteen subtrees, and executing takes a core: more threads have nothing to do.</summary>
    public const int ThreadsMax = 15;

    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _wake = new(0);
    private readonly Queue<ICrewWork> _posted = [];
    private readonly List<Fork> _forks = [];
    private readonly Thread[] _threads;
    private bool _isStopped;

    /// <summary>Starts the threads.</summary>
    /// <param name="threads">How many, from 0 to <see cref="ThreadsMax"/>.</param>
    public TrieCrew(int threads)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(threads);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(threads, ThreadsMax);
        _threads = new Thread[threads];
        for (int i = 0; i < threads; i++)
        {
            _threads[i] = new Thread(Serve) { IsBackground = true, Name = $"trie-{i}" };
            _threads[i].Start();
        }
    }

    /// <summary>A crew without threads, for callers that do everything themselves.</summary>
    public static TrieCrew None { get; } = new(0);

    /// <summary>The threads of this crew.</summary>
    public int ThreadCount => _threads.Length;

    /// <summary>The threads that a machine has to spare while one executes: all cores but one, at least one.</summary>
    public static int ThreadsFor(int cores) => Math.Clamp(cores - 1, 1, ThreadsMax);

    /// <summary>Ends the threads; what is posted already is still done.</summary>
    public void Dispose()
    {
        if (_threads.Length == 0) return;
        lock (_gate) _isStopped = true;
        _wake.Release(_threads.Length);
        foreach (Thread thread in _threads) thread.Join();
        _wake.Dispose();
    }

    /// <summary>Has a thread do some work; without threads it is done before this returns.</summary>
    internal void Post(ICrewWork work)
    {
        if (_threads.Length == 0)
        {
            work.DoWork();
            return;
        }

        lock (_gate) _posted.Enqueue(work);
        _wake.Release();
    }

    /// <summary>Does parts that are independent of each other, on this thread and on those that are free.</summary>
    /// <param name="count">How many parts.</param>
    /// <param name="part">Does the part with the given index; called once for each.</param>
    internal void Run(int count, Action<int> part)
    {
        if (_threads.Length == 0 || count <= 1)
        {
            for (int i = 0; i < count; i++) part(i);
            return;
        }

        var fork = new Fork(count, part);
        lock (_gate) _forks.Add(fork);
        _wake.Release(Math.Min(count - 1, _threads.Length));
        fork.DoParts();
        lock (_gate) _forks.Remove(fork);
        fork.Join();
    }

    private void Serve()
    {
        while (true)
        {
            _wake.Wait();
            Fork? fork = null;
            ICrewWork? work = null;
            lock (_gate)
            {
                if (_forks.Count > 0) fork = _forks[0];
                else if (!_posted.TryDequeue(out work) && _isStopped) return;
            }

            fork?.DoParts();
            work?.DoWork();

            // One wake-up may have stood for either: as long as work was found, look again.
            if ((fork is not null || work is not null) && HasPosted()) _wake.Release();
        }
    }

    private bool HasPosted()
    {
        lock (_gate) return _posted.Count > 0 || _isStopped;
    }

    /// <summary>Parts that several threads claim one by one.</summary>
    private sealed class Fork(int count, Action<int> part)
    {
        private readonly object _end = new();
        private int _next = -1;
        private int _done;
        private ExceptionDispatchInfo? _error;

        public void DoParts()
        {
            while (true)
            {
                int index = Interlocked.Increment(ref _next);
                if (index >= count) return;
                try
                {
                    part(index);
                }
                catch (Exception error) when (Keep(error))
                {
                    // The caller gets it from Join.
                }

                // The lock is also the fence behind which the one that joins sees what the part wrote.
                lock (_end)
                {
                    if (++_done == count) Monitor.PulseAll(_end);
                }
            }
        }

        public void Join()
        {
            lock (_end)
            {
                while (_done < count) Monitor.Wait(_end);
            }

            _error?.Throw();
        }

        private bool Keep(Exception error)
        {
            _error ??= ExceptionDispatchInfo.Capture(error);
            return true;
        }
    }
}
