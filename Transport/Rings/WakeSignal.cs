using System.Runtime.CompilerServices;

namespace Fragcast.Transport.Rings;

/// <summary>
/// How a thread that sleeps is told that a sequence it waits for has moved. The waiter calls <see cref="Prepare"/>,
/// looks at its condition once more, and sleeps in <see cref="Wait"/> with the ticket it got; a ticket is void as soon
/// as anybody woke the signal since, so no wake-up is lost. Writers pay one fence and one read when nobody sleeps.
/// </summary>
/// <remarks>
/// States of the word: even: nobody waits. Odd: armed, somebody waits or is about to.
/// Transitions: even -> odd by <see cref="Prepare"/>; odd -> next even by a wake or by <see cref="Disarm"/>.
/// The upper bits thus count the wakes, which is what makes a ticket of an earlier round recognisable.
/// </remarks>
public abstract unsafe class WakeSignal
{
    /// <summary>The time-out of <see cref="Wait"/> that never ends.</summary>
    public const long InfiniteNs = -1;

    // The word is in the middle of a pinned array, so that its address can be given to the kernel and nothing else
    // is within a cache line of it.
    private readonly int[] _cell;
    private readonly int* _word;

    /// <summary>Creates a signal that nobody waits for.</summary>
    protected WakeSignal()
    {
        const int Padding = CacheLine.Size / sizeof(int);
        _cell = GC.AllocateArray<int>((2 * Padding) + 1, pinned: true);
        _word = (int*)Unsafe.AsPointer(ref _cell[Padding]);
    }

    /// <summary>The address of the word that <see cref="Wait"/> compares with the ticket; it never changes.</summary>
    protected int* Word => _word;

    /// <summary>
    /// Announces that the caller is about to sleep. It must look at its condition again after this call, and then
    /// either call <see cref="Wait"/> or forget the ticket.
    /// </summary>
    /// <returns>The ticket for <see cref="Wait"/> and <see cref="Disarm"/>.</returns>
    public int Prepare()
    {
        while (true)
        {
            int seen = Volatile.Read(ref *_word);
            if ((seen & 1) != 0)
            {
                // StoreLoad, as below: another waiter has armed the word, our look at the condition still comes later.
                Interlocked.MemoryBarrier();
                return seen;
            }

            // Full fence: the armed word is visible before the caller reads its condition (StoreLoad), so a writer
            // that has not seen the word armed has a value that the caller sees.
            if (Interlocked.CompareExchange(ref *_word, seen | 1, seen) == seen)
                return seen | 1;
        }
    }

    /// <summary>
    /// Takes back a <see cref="Prepare"/> so that writers need not wake anybody. Only for a signal with a single
    /// waiter: a second one that shares the ticket would sleep on.
    /// </summary>
    /// <param name="ticket">What <see cref="Prepare"/> returned.</param>
    public void Disarm(int ticket) => Interlocked.CompareExchange(ref *_word, ticket + 1, ticket);

    /// <summary>Sleeps until somebody wakes the signal; returns at once when that happened since the ticket was given.
    /// May return early for no reason: the caller looks at its condition again.</summary>
    /// <param name="ticket">What <see cref="Prepare"/> returned.</param>
    /// <param name="timeoutNs">The longest sleep in nanoseconds, or <see cref="InfiniteNs"/>.</param>
    public abstract void Wait(int ticket, long timeoutNs);

    /// <summary>
    /// Wakes the waiters if there are any. The caller has made its news visible first: with a full fence between the
    /// news and this call, or by any interlocked operation.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void WakeIfArmed()
    {
        int seen = Volatile.Read(ref *_word);
        if ((seen & 1) != 0)
            WakeArmed(seen);
    }

    /// <summary>Gets the threads that sleep on <see cref="Word"/> going; its value has changed already.</summary>
    protected abstract void WakeSleepers();

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void WakeArmed(int seen)
    {
        // Full fence of its own: only the thread that turns the word over pays for the system call. When the exchange
        // fails, somebody else has woken (or disarmed) this round, and the waiter looks again in any case.
        if (Interlocked.CompareExchange(ref *_word, seen + 1, seen) == seen)
            WakeSleepers();
    }
}
