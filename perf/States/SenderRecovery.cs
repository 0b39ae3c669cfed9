using Fragcast.Primitives.Transactions;

namespace Fragcast.Perf.States;

/// <summary>
/// Decodes transactions and recovers their senders in groups, on threads of its own and on the one that executes
/// whenever the group that it needs next is not there: so that no core is idle.
/// </summary>
internal sealed class SenderRecovery
{
    private const int GroupSize = 50;

    private readonly byte[][] _raw;
    private readonly Transaction[] _transactions;
    private readonly ManualResetEventSlim[] _ready;
    private readonly Thread[] _threads;
    private int _next = -1;

    /// <summary>Starts the threads.</summary>
    /// <param name="raw">The transactions.</param>
    /// <param name="threads">How many.</param>
    public SenderRecovery(byte[][] raw, int threads)
    {
        _raw = raw;
        _transactions = new Transaction[raw.Length];
        _ready = new ManualResetEventSlim[(raw.Length + GroupSize - 1) / GroupSize];
        for (int i = 0; i < _ready.Length; i++) _ready[i] = new ManualResetEventSlim();
        _threads = new Thread[threads];
        for (int i = 0; i < threads; i++)
        {
            _threads[i] = new Thread(() =>
            {
                while (RecoverNext())
                {
                    // Group after group, until none is left.
                }
            });
            _threads[i].Start();
        }
    }

    /// <summary>The transactions from <paramref name="start"/> on, in order; returns when they are there.</summary>
    public ArraySegment<Transaction> Take(int start, int count)
    {
        for (int group = start / GroupSize; group <= (start + count - 1) / GroupSize; group++)
        {
            while (!_ready[group].IsSet && RecoverNext())
            {
                // Whoever would wait works.
            }

            _ready[group].Wait();
        }

        return new ArraySegment<Transaction>(_transactions, start, count);
    }

    /// <summary>Waits for the threads, which have nothing left to do.</summary>
    public void Join()
    {
        foreach (Thread thread in _threads) thread.Join();
    }

    private bool RecoverNext()
    {
        int group = Interlocked.Increment(ref _next);
        if (group >= _ready.Length) return false;
        int end = Math.Min((group + 1) * GroupSize, _raw.Length);
        for (int i = group * GroupSize; i < end; i++)
        {
            if (Transaction.TryDecode(_raw[i], out Transaction? transaction) != TxDecodeError.None
                || !transaction!.TryRecoverSender(out _))
            {
                throw new InvalidOperationException($"transaction {i} is bad");
            }

            _transactions[i] = transaction;
        }

        _ready[group].Set();
        return true;
    }
}
