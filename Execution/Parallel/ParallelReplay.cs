using System.Runtime.ExceptionServices;
using Fragcast.Execution.Blocks;
using Fragcast.Execution.Evm;
using Fragcast.Execution.State;
using Fragcast.Primitives;
using Fragcast.Primitives.Transactions;

namespace Fragcast.Execution.Parallel;

/// <summary>Transactions of a frag that follow one another, none of them a deposit, and the frag's list.</summary>
internal readonly record struct Stretch(
    IReadOnlyList<Transaction> Transactions, int Start, int Count, FragAccessList Access);

/// <summary>
/// Executes transactions in parallel by their access list: each one alone, on the values that the list says it reads,
/// when those that write them are done. Each is compared with the list. If all did what it says, their outcome is that
/// of the execution in order, and is given to the state at once; if not, the state is as it was. Owns its threads,
/// which sleep between the frags. One caller at a time, which works with them.
/// </summary>
public sealed class ParallelReplay : IDisposable
{
    /// <summary>Workers there may be: each has a stack for the EVM at its deepest.</summary>
    public const int WorkersMax = 64;

    private readonly ReplayWorker[] _workers;
    private readonly WorkerThreads _threads;
    private readonly ReadyQueue _queue = new();
    private readonly FragSchedule _schedule = new();
    private readonly FeeRecipients _recipients = new();
    private readonly StretchData _stretch;
    private readonly Func<long>? _clock;
    private readonly long[] _counts = new long[Enum.GetValues<ParallelOutcome>().Length];
    private int _failure;
    private ExceptionDispatchInfo? _error;

    /// <summary>Makes the workers and starts their threads.</summary>
    /// <param name="workers">How many transactions are executed at a time, the caller's own included.</param>
    /// <param name="clock">Tells the time in any unit, for <see cref="TicksOf"/>; null when nobody asks.</param>
    public ParallelReplay(int workers, Func<long>? clock = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(workers);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(workers, WorkersMax);
        _clock = clock;
        _stretch = new StretchData { Schedule = _schedule, Recipients = _recipients };
        _workers = new ReplayWorker[workers];
        for (int i = 0; i < workers; i++) _workers[i] = new ReplayWorker();
        _threads = new WorkerThreads(workers - 1, firstIndex: 1, Work);
    }

    /// <summary>Whether also transactions are scheduled that can't gain by it. For tests and measurements.</summary>
    public bool SchedulesAlways { get; init; }

    /// <summary>The schedule of the last stretch; valid until the next.</summary>
    public FragSchedule Schedule => _schedule;

    /// <summary>How many stretches of transactions came out in a certain way.</summary>
    public long CountOf(ParallelOutcome outcome) => _counts[(int)outcome];

    /// <summary>What a transaction of the last stretch took its worker, by the clock.</summary>
    public long TicksOf(int transaction) => _stretch.Ticks[transaction];

    /// <inheritdoc/>
    public void Dispose() => _threads.Dispose();

    /// <summary>Number of transactions from a position on that are no deposits.</summary>
    internal static int StretchFrom(IReadOnlyList<Transaction> transactions, int start)
    {
        int end = start;
        while (end < transactions.Count && !transactions[end].IsDeposit) end++;
        return end - start;
    }

    internal ref readonly TxResult ResultOf(int transaction) => ref _stretch.Results[transaction];

    internal Log[] LogsOf(int transaction) => _stretch.Logs[transaction];

    internal ref readonly Bloom BloomOf(int transaction) => ref _stretch.Blooms[transaction];

    /// <summary>Executes a stretch. On success the state has its outcome, and the results are here.</summary>
    /// <param name="main">The processor of the block, on the state.</param>
    /// <param name="state">The state before the stretch.</param>
    /// <param name="stretch">The transactions.</param>
    /// <param name="tally">What those before took up of the block's limits.</param>
    internal ParallelOutcome Execute(
        TransactionProcessor main, JournaledState state, in Stretch stretch, in BlockTally tally)
    {
        ParallelOutcome outcome = Prepare(main, state, stretch);
        if (outcome == ParallelOutcome.Parallel) outcome = Run(main);
        if (outcome == ParallelOutcome.Parallel) outcome = Settle(main, state, stretch, tally);
        _counts[(int)outcome]++;
        return outcome;
    }

    private ParallelOutcome Prepare(TransactionProcessor main, JournaledState state, in Stretch stretch)
    {
        if (main.Block.Spec.Fork < Fork.Cancun) return ParallelOutcome.UnsupportedRules;
        if (stretch.Access.TransactionCount != stretch.Transactions.Count) return ParallelOutcome.ListOfOtherFrag;

        // Before the schedule is made, which itself takes a tenth of the time of cheap transactions.
        if (!SchedulesAlways && !ReplayCost.Pays(stretch, _workers.Length, depth: 1)) return ParallelOutcome.TooCheap;
        _recipients.Begin(main.Block);
        _schedule.Build(stretch.Access, stretch.Start, stretch.Count, _recipients.Addresses);

        // Below five transactions at a time in four steps, the work beside the execution takes more than is gained.
        bool isTooDeep = _schedule.Depth * 5L > stretch.Count * 4L;
        if (isTooDeep && !SchedulesAlways) return ParallelOutcome.TooDeep;
        if (!SchedulesAlways && !ReplayCost.Pays(stretch, _workers.Length, _schedule.Depth))
            return ParallelOutcome.TooCheap;
        try
        {
            main.LoadFees();
            bool isGood = _stretch.TryPrepare(state, stretch.Transactions);
            return isGood ? ParallelOutcome.Parallel : ParallelOutcome.Exceptional;
        }
        catch (StateUnavailableException)
        {
            return ParallelOutcome.StateUnavailable;
        }
    }

    private ParallelOutcome Run(TransactionProcessor main)
    {
        foreach (ReplayWorker worker in _workers) worker.Begin(main);
        _failure = (int)ParallelOutcome.Parallel;
        _queue.Reset(_schedule.Count);
        for (int i = 0; i < _schedule.Count; i++)
        {
            if (_schedule.WaitsFor(i) == 0) _queue.Put(i);
        }

        _threads.Start();
        Work(0);
        _threads.Join();
        ExceptionDispatchInfo? error = _error;
        _error = null;
        error?.Throw();
        return (ParallelOutcome)_failure;
    }

    /// <summary>What each worker does until nothing is left.</summary>
    private void Work(int index)
    {
        try
        {
            ReplayWorker worker = _workers[index];
            for (int i = _queue.Take(); i != ReadyQueue.End; i = GoOn(i))
            {
                long start = _clock?.Invoke() ?? 0;
                ParallelOutcome outcome = worker.Execute(_stretch, i);
                if (outcome != ParallelOutcome.Parallel)
                {
                    Interlocked.CompareExchange(ref _failure, (int)outcome, (int)ParallelOutcome.Parallel);
                    _queue.Stop();
                    return;
                }

                if (_clock is not null) _stretch.Ticks[i] = _clock() - start;
            }
        }
        catch (Exception e)
        {
            // Whatever it is, it is the caller's: thrown again there when all workers have stopped.
            _error = ExceptionDispatchInfo.Capture(e);
            _queue.Stop();
        }
    }

    /// <summary>Lets go those that waited for a transaction; the one to go on with.</summary>
    private int GoOn(int done)
    {
        int next = ReadyQueue.End;
        foreach (int waiting in _schedule.WaitingFor(done))
        {
            // Orders the versions that were written before the count that says that they are there.
            if (Interlocked.Decrement(ref _stretch.Waits[waiting]) != 0) continue;
            if (next == ReadyQueue.End) next = waiting;
            else _queue.Put(waiting);
        }

        _queue.Complete();
        return next != ReadyQueue.End && !_queue.IsEnded ? next : _queue.Take();
    }

    /// <summary>Checks the block's limits in order, and gives the state what came out.</summary>
    private ParallelOutcome Settle(
        TransactionProcessor main, JournaledState state, in Stretch stretch, BlockTally tally)
    {
        for (int i = 0; i < stretch.Count; i++)
        {
            ref readonly TxResult result = ref _stretch.Results[i];
            if (!main.HasRoom(stretch.Transactions[stretch.Start + i], result, tally))
                return ParallelOutcome.InvalidTransaction;
            tally.Add(result);
        }

        int watermark = state.FragWatermark();
        if (TryApply(state)) return ParallelOutcome.Parallel;
        state.RevertToFrag(watermark);
        return ParallelOutcome.Exceptional;
    }

    private bool TryApply(JournaledState state)
    {
        FragAccessList list = _schedule.List;
        for (int i = 0; i < list.Accounts.Length; i++)
        {
            ref readonly FragSchedule.AccountOutcome outcome = ref _schedule.OutcomeOf(i);
            if (!outcome.IsWritten && !_schedule.IsRecipient(i)) continue;
            int account = _stretch.BaseAccountOf(i);
            if (!_stretch.TryGetFinalBalance(i, out UInt256 balance)) return false;
            ulong nonce = outcome.Nonce == FragSchedule.FromBase
                ? state.Nonce(account)
                : _stretch.Nonces[outcome.Nonce];
            CodeEntry? code = outcome.Code == FragSchedule.FromBase ? null : _stretch.Codes[outcome.Code];
            state.Apply(account, balance, nonce, code);
        }

        for (int i = 0; i < list.Slots.Length; i++)
        {
            int use = _schedule.OutcomeOfSlot(i);
            if (use != FragSchedule.FromBase) state.ApplySlot(_stretch.BaseSlotOf(i), _stretch.Values[use]);
        }

        foreach (ref readonly Address recipient in _recipients.Addresses)
        {
            if (!_schedule.IsListed(recipient) && !TryPay(state, recipient)) return false;
        }

        return true;
    }

    private bool TryPay(JournaledState state, in Address recipient)
    {
        int account = state.Account(recipient);
        UInt256 balance = state.Balance(account);
        bool overflow = false;
        for (int i = 0; i < _schedule.Count; i++)
        {
            UInt256 fee = _recipients.FeeOf(recipient, _stretch.Results[i]);
            overflow |= UInt256.AddOverflow(balance, fee, out balance);
        }

        state.Apply(account, balance, state.Nonce(account), code: null);
        return !overflow;
    }
}
