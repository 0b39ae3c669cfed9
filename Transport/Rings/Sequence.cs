using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Fragcast.Transport.Rings;

/// <summary>
/// A position in the endless stream of a ring's events: the cursor of the producers, or how far a consumer has got.
/// It has one writer (the cursor of a multi-producer ring: compare-and-swap), only grows, and is complete once it will
/// never grow again. Threads that wait for it to grow register a <see cref="WakeSignal"/>.
/// </summary>
/// <remarks>
/// Layout: <see cref="CacheLine.Size"/> bytes of nothing, the fields that rarely change, and, alone on its lines, the
/// value. Neighbours on the heap can thus not slow it down, and readers of the flags do not fight with its writer.
/// </remarks>
[StructLayout(LayoutKind.Explicit, Size = 3 * CacheLine.Size)]
public sealed class Sequence
{
    /// <summary>The value before the first event; the first event has sequence 0.</summary>
    public const long Initial = -1;

    [FieldOffset(CacheLine.Size)]
    private SignalNode? _signals;

    [FieldOffset(CacheLine.Size + 8)]
    private bool _completed;

    [FieldOffset(2 * CacheLine.Size)]
    private long _value = Initial;

    internal Sequence()
    {
    }

    /// <summary>
    /// The last sequence reached. The read is an acquire: what the writer did before it advanced (filling or emptying
    /// a slot) is visible, because no later read of ours moves up before this one.
    /// </summary>
    public long Value
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Volatile.Read(ref _value);
    }

    /// <summary>
    /// Whether the value is final. The read is an acquire: a <see cref="Value"/> read after it has returned true is the
    /// last one.
    /// </summary>
    public bool IsCompleted
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Volatile.Read(ref _completed);
    }

    /// <summary>Moves to <paramref name="value"/> and wakes who waits for it. Only the owner calls this.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Advance(long value)
    {
        // Release: our accesses to the slots stay before the store that hands them over.
        Volatile.Write(ref _value, value);
        if (_signals is not null)
            WakeWaiters();
    }

    /// <summary>
    /// Moves from <paramref name="expected"/> to <paramref name="value"/> unless another producer was faster. A full
    /// fence: the writes to the claimed slots stay behind the claim.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool TryClaim(long expected, long value) =>
        Interlocked.CompareExchange(ref _value, value, expected) == expected;

    /// <summary>Declares the value final and wakes every waiter. May be called by any thread, repeatedly.</summary>
    internal void Complete()
    {
        // Release: whoever sees the flag sees the last value too.
        Volatile.Write(ref _completed, true);
        if (_signals is not null)
            WakeWaiters();
    }

    /// <summary>Wakes the waiters if there can be any; for publications that do not move this value.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void NotifyPublished()
    {
        if (_signals is not null)
            WakeWaiters();
    }

    /// <summary>
    /// From now on every advance wakes the signal of <paramref name="node"/> when it is armed. A node is added to one
    /// sequence, once; it comes from outside so that a thread that parks for the first time allocates nothing.
    /// </summary>
    internal void AddSignal(SignalNode node)
    {
        SignalNode? head = Volatile.Read(ref _signals);
        while (true)
        {
            node.Next = head;
            // Full fence: the node is complete before a writer finds it.
            SignalNode? found = Interlocked.CompareExchange(ref _signals, node, head);
            if (found == head)
                break;
            head = found;
        }

        // A writer that has just read the old list issued no fence between its store of the value and that read, so
        // the read may have gone first (StoreLoad). This barrier makes every thread of the process drain its stores
        // now: whoever missed the new list has a value that the caller, which looks again after this, will see.
        Interlocked.MemoryBarrierProcessWide();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void WakeWaiters()
    {
        // StoreLoad: the store of the value must be visible before we read whether somebody is armed; the waiter does
        // the mirror image (arms, full fence, reads the value), so that one of the two always sees the other.
        Interlocked.MemoryBarrier();
        for (SignalNode? node = _signals; node is not null; node = node.Next)
            node.Signal.WakeIfArmed();
    }
}

/// <summary>The entry of a signal in the list of one sequence.</summary>
internal sealed class SignalNode(WakeSignal signal)
{
    public WakeSignal Signal { get; } = signal;

    public SignalNode? Next { get; set; }
}
