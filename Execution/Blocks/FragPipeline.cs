using System.Runtime.ExceptionServices;
using Fragcast.Execution.State;
using Fragcast.Execution.Trie;
using Fragcast.Primitives;
using Fragcast.Primitives.Transactions;

namespace Fragcast.Execution.Blocks;

/// <summary>
/// Works on a frag's outcome while the next one is executed: commitment, state root, leaves of the transactions' and
/// receipts' tries. The executing thread hands copies over and waits only at the end of a block, for a rollback, or
/// when <see cref="DepthMax"/> frags are waiting.
/// </summary>
/// <param name="trie">The trie of the state, or null.</param>
/// <param name="roots">The lists of the block.</param>
/// <param name="crew">The threads.</param>
internal sealed class FragPipeline(StateTrie? trie, BodyRoots roots, TrieCrew crew) : ICrewWork, IBackgroundUpdates
{
    /// <summary>Frags that may wait: more than a block has when frags come every 5 ms.</summary>
    public const int DepthMax = 512;

    private readonly object _gate = new();
    private readonly Queue<FragJob> _queue = [];
    private readonly Stack<FragJob> _free = [];
    private readonly StateCommitment _commitment = new();
    private bool _isBusy;
    private int _waiters;
    private ExceptionDispatchInfo? _fault;

    /// <summary>As <see cref="BlockExecutor.WantsRoots"/>.</summary>
    public bool WantsRoots { get; set; }

    /// <summary>Hands the block's opening over.</summary>
    public FragPoint SubmitOpening(JournaledState state, in Hash256 parentHash, ulong number)
    {
        FragJob job = Rent();
        state.TakeDelta(job.Delta);
        job.Start = StateCommitment.Start(parentHash, number);
        return Submit(job);
    }

    /// <summary>Hands a frag over.</summary>
    /// <param name="state">The state after it.</param>
    /// <param name="previous">The point before it.</param>
    /// <param name="transactions">All transactions of the block.</param>
    /// <param name="receipts">Their receipts, encoded.</param>
    /// <param name="first">The frag's first transaction.</param>
    public FragPoint SubmitFrag(
        JournaledState state, FragPoint previous, List<Transaction> transactions, ReceiptArena.ItemList receipts,
        int first)
    {
        FragJob job = Rent();
        state.TakeDelta(job.Delta);
        job.Previous = previous;
        job.TakeBody(transactions, receipts, first);
        return Submit(job);
    }

    /// <summary>Hands over what a revert did to the state, which no commitment has in it.</summary>
    /// <param name="state">The state after the revert.</param>
    /// <param name="count">Transactions that are left.</param>
    public void SubmitRevert(JournaledState state, int count)
    {
        WaitIdle();
        roots.Truncate(count);
        FragJob job = Rent();
        state.TakeDelta(job.Delta);
        Enqueue(job);
    }

    /// <inheritdoc/>
    /// <remarks>
    /// The thread that waits does what is left itself, so that the crew's threads are free to take parts of it.
    /// </remarks>
    public void WaitIdle()
    {
        lock (_gate)
        {
            _waiters++;
            while (_isBusy || _queue.Count > 0)
            {
                if (_isBusy) Monitor.Wait(_gate);
                else DrainLocked(isWaiter: true);
            }

            _waiters--;
            _fault?.Throw();
        }
    }

    /// <summary>Returns when a point is worked out.</summary>
    public void WaitFor(FragPoint point)
    {
        lock (_gate)
        {
            while (!point.IsReady && _fault is null) Monitor.Wait(_gate);
            _fault?.Throw();
        }
    }

    /// <inheritdoc/>
    public void DoWork()
    {
        lock (_gate)
        {
            if (!_isBusy) DrainLocked(isWaiter: false);
        }
    }

    private FragPoint Submit(FragJob job)
    {
        var point = new FragPoint(this);
        job.Point = point;
        Enqueue(job);
        return point;
    }

    private void Enqueue(FragJob job)
    {
        trie?.KeepCodes(job.Delta);
        bool isFirst;
        lock (_gate)
        {
            while (_queue.Count >= DepthMax) Monitor.Wait(_gate);
            _queue.Enqueue(job);
            isFirst = !_isBusy && _queue.Count == 1;
        }

        if (isFirst) crew.Post(this);
    }

    private FragJob Rent()
    {
        lock (_gate) return _free.TryPop(out FragJob? job) ? job : new FragJob();
    }

    /// <summary>
    /// Does what is in the queue, or what is until somebody waits; the lock is given back while a job is worked on.
    /// </summary>
    private void DrainLocked(bool isWaiter)
    {
        _isBusy = true;
        while ((isWaiter || _waiters == 0) && _queue.TryDequeue(out FragJob? job))
        {
            bool isLast = _queue.Count == 0;
            Monitor.PulseAll(_gate);
            Monitor.Exit(_gate);
            try
            {
                Do(job, isLast);
            }
            catch (Exception error) when (Keep(error))
            {
                // Whoever waits gets it.
            }
            finally
            {
                Monitor.Enter(_gate);
            }

            job.Clear();
            _free.Push(job);
        }

        _isBusy = false;
        Monitor.PulseAll(_gate);
    }

    private bool Keep(Exception error)
    {
        _fault ??= ExceptionDispatchInfo.Capture(error);
        return true;
    }

    private void Do(FragJob job, bool isLast)
    {
        roots.Extend(job);
        Hash256 commitment = default;
        if (job.Point is not null)
            commitment = _commitment.Next(job.Previous?.Commitment ?? job.Start, job.Delta);
        Hash256? root = trie is null ? null : UpdateTrie(trie, job.Delta, isLast || WantsRoots);
        job.Point?.Set(commitment, root);
    }

    /// <summary>Brings the trie up to a frag; when more are waiting, it is taken together with them.</summary>
    private static Hash256? UpdateTrie(StateTrie trie, StateDelta delta, bool isNow)
    {
        if (!isNow)
        {
            trie.Defer(delta);
            return null;
        }

        try
        {
            return trie.Apply(delta);
        }
        catch (StateUnavailableException)
        {
            // A witness has what the whole block needs; the trie tries again with the next frag's changes.
            return null;
        }
    }
}

/// <summary>A frag's outcome on its way to another thread. Reused.</summary>
internal sealed class FragJob
{
    private readonly List<ReadOnlyMemory<byte>> _transactions = [];
    private readonly List<int> _receiptEnds = [];
    private byte[] _receipts = new byte[4096];

    /// <summary>What the frag did to the state.</summary>
    public StateDelta Delta { get; } = new();

    /// <summary>What is worked out; null for a revert.</summary>
    public FragPoint? Point { get; set; }

    /// <summary>The point before; null at the opening of a block.</summary>
    public FragPoint? Previous { get; set; }

    /// <summary>What the commitments of a block start from, at its opening.</summary>
    public Hash256 Start { get; set; }

    /// <summary>The frag's transactions.</summary>
    public TransactionList Transactions => new(_transactions);

    /// <summary>Their receipts.</summary>
    public ReceiptList Receipts => new(this);

    /// <summary>Copies what the executing thread goes on to change.</summary>
    public void TakeBody(List<Transaction> transactions, ReceiptArena.ItemList receipts, int first)
    {
        for (int i = first; i < transactions.Count; i++)
        {
            _transactions.Add(transactions[i].Raw);
            ReadOnlySpan<byte> receipt = receipts[i];
            int start = _receiptEnds.Count == 0 ? 0 : _receiptEnds[^1];
            if (_receipts.Length - start < receipt.Length)
                Array.Resize(ref _receipts, Math.Max(_receipts.Length * 2, start + receipt.Length));
            receipt.CopyTo(_receipts.AsSpan(start));
            _receiptEnds.Add(start + receipt.Length);
        }
    }

    public void Clear()
    {
        Delta.Clear();
        Point = Previous = null;
        _transactions.Clear();
        _receiptEnds.Clear();
    }

    public readonly struct TransactionList(List<ReadOnlyMemory<byte>> transactions) : IOrderedItems
    {
        public int Count => transactions.Count;

        public ReadOnlySpan<byte> this[int index] => transactions[index].Span;
    }

    public readonly struct ReceiptList(FragJob job) : IOrderedItems
    {
        public int Count => job._receiptEnds.Count;

        public ReadOnlySpan<byte> this[int index]
        {
            get
            {
                int start = index == 0 ? 0 : job._receiptEnds[index - 1];
                return job._receipts.AsSpan(start, job._receiptEnds[index] - start);
            }
        }
    }
}
