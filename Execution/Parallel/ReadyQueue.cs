using System.Diagnostics;

namespace Fragcast.Execution.Parallel;

/// <summary>
/// The transactions that wait for nothing any more, for workers to take in the order in which they became ready. A
/// worker draws a number and gets what is put at this place; it spins a little and then sleeps. Transactions that
/// their worker goes on with itself do not pass through here, so that places may stay empty: the end is told.
/// </summary>
internal sealed class ReadyQueue
{
    /// <summary>What <see cref="Take"/> gives at the end.</summary>
    public const int End = -1;

    // Some microseconds: about what a plain transfer takes.
    private const int SpinsMax = 20;

    // Guards sleeping; System.Threading.Lock has no wait and pulse.
    private readonly object _gate = new();

    // Transaction + 1 by place; 0 while it is empty.
    private int[] _places = [];
    private int _count;
    private int _put;
    private int _taken;
    private int _left;
    private int _sleepers;
    private bool _isEnded;

    /// <summary>Whether there is nothing more to do.</summary>
    public bool IsEnded => Volatile.Read(ref _isEnded);

    /// <summary>Starts anew, for a number of transactions. No worker may be in the queue.</summary>
    public void Reset(int count)
    {
        Debug.Assert(_sleepers == 0, "no worker is in the queue");
        FragSchedule.Reserve(ref _places, count);
        Array.Clear(_places, 0, count);
        _count = _left = count;
        _put = _taken = 0;
        _isEnded = false;
    }

    /// <summary>Puts a transaction that waits for nothing.</summary>
    public void Put(int transaction)
    {
        int place = Interlocked.Increment(ref _put) - 1;
        Volatile.Write(ref _places[place], transaction + 1);

        // The place is written before the sleepers are read: who goes to sleep does it in the opposite order.
        Interlocked.MemoryBarrier();
        if (Volatile.Read(ref _sleepers) > 0) WakeAll();
    }

    /// <summary>A transaction is done; with the last one the queue ends.</summary>
    public void Complete()
    {
        if (Interlocked.Decrement(ref _left) == 0) Stop();
    }

    /// <summary>Ends the queue: whoever takes from it gets the end.</summary>
    public void Stop()
    {
        Volatile.Write(ref _isEnded, true);

        // As in Put: the end is written before the sleepers are read.
        Interlocked.MemoryBarrier();
        if (Volatile.Read(ref _sleepers) > 0) WakeAll();
    }

    /// <summary>Takes a transaction, or <see cref="End"/>. Waits until there is one or the other.</summary>
    public int Take()
    {
        int place = Interlocked.Increment(ref _taken) - 1;
        SpinWait spin = default;
        for (int i = 0; i < SpinsMax; i++)
        {
            if (TryTake(place, out int transaction)) return transaction;
            spin.SpinOnce(sleep1Threshold: -1);
        }

        lock (_gate)
        {
            Interlocked.Increment(ref _sleepers);
            int transaction;
            while (!TryTake(place, out transaction)) Monitor.Wait(_gate);
            Interlocked.Decrement(ref _sleepers);
            return transaction;
        }
    }

    private bool TryTake(int place, out int transaction)
    {
        // Acquires what the one who put it had written: the versions that the transaction reads.
        transaction = IsEnded || place >= _count ? End : Volatile.Read(ref _places[place]) - 1;
        return transaction != End || IsEnded || place >= _count;
    }

    private void WakeAll()
    {
        lock (_gate) Monitor.PulseAll(_gate);
    }
}
