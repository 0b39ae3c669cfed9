using Fragcast.Primitives.Transactions;

namespace Fragcast.Perf.Blocks;

/// <summary>
/// Recovers senders on a thread of its own while another one executes: in order, ahead of the executor. Whoever comes
/// first to a transaction recovers it; one that both hit at once is recovered twice, with the same result.
/// </summary>
internal sealed class SenderThread : IDisposable
{
    private readonly Thread _thread;
    private readonly SemaphoreSlim _work = new(0);
    private readonly SemaphoreSlim _done = new(0);
    private Transaction[] _transactions = [];
    private bool _isStopping;

    /// <summary>Starts the thread.</summary>
    public SenderThread()
    {
        _thread = new Thread(Loop) { Name = "senders", IsBackground = true };
        _thread.Start();
    }

    /// <summary>Processor time that the last job took, in nanoseconds; valid after <see cref="Wait"/>.</summary>
    public long ElapsedNs { get; private set; }

    /// <summary>Begins to recover the senders of a block.</summary>
    public void Start(Transaction[] transactions)
    {
        _transactions = transactions;
        _work.Release();
    }

    /// <summary>Waits until all are recovered.</summary>
    public void Wait() => _done.Wait();

    public void Dispose()
    {
        _isStopping = true;
        _work.Release();
        _thread.Join();
        _work.Dispose();
        _done.Dispose();
    }

    private void Loop()
    {
        while (true)
        {
            _work.Wait();
            if (_isStopping) return;
            long start = ThreadClock.NowNs();
            foreach (Transaction transaction in _transactions)
                transaction.TryRecoverSender(out _);
            ElapsedNs = ThreadClock.Since(start);
            _done.Release();
        }
    }
}
