namespace Fragcast.Execution.Parallel;

/// <summary>
/// Threads that run one piece of work together whenever they are told to, and sleep in between. Start and join belong
/// to one thread.
/// </summary>
internal sealed class WorkerThreads : IDisposable
{
    // System.Threading.Lock has no wait and pulse.
    private readonly object _gate = new();
    private readonly Action<int> _work;
    private readonly Thread[] _threads;
    private int _round;
    private int _running;
    private bool _isDisposed;

    /// <summary>Starts the threads, which sleep.</summary>
    /// <param name="count">How many.</param>
    /// <param name="firstIndex">What the first one is told that it is; the others follow.</param>
    /// <param name="work">The work; gets the index. It does not throw.</param>
    public WorkerThreads(int count, int firstIndex, Action<int> work)
    {
        _work = work;
        _threads = new Thread[count];
        for (int i = 0; i < count; i++)
        {
            int index = firstIndex + i;
            _threads[i] = new Thread(() => Run(index)) { IsBackground = true, Name = $"replay-{index}" };
            _threads[i].Start();
        }
    }

    /// <summary>Has all threads run the work once.</summary>
    public void Start()
    {
        if (_threads.Length == 0) return;
        lock (_gate)
        {
            _running = _threads.Length;
            _round++;
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Waits until all of them are done. What they wrote is visible then.</summary>
    public void Join()
    {
        if (_threads.Length == 0) return;
        lock (_gate)
        {
            while (_running > 0) Monitor.Wait(_gate);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            _isDisposed = true;
            Monitor.PulseAll(_gate);
        }

        foreach (Thread thread in _threads) thread.Join();
    }

    private void Run(int index)
    {
        for (int round = 1; WaitFor(round); round++)
        {
            _work(index);
            lock (_gate)
            {
                if (--_running == 0) Monitor.PulseAll(_gate);
            }
        }
    }

    private bool WaitFor(int round)
    {
        lock (_gate)
        {
            while (_round < round && !_isDisposed) Monitor.Wait(_gate);
            return !_isDisposed;
        }
    }
}
