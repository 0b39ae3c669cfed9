using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Fragcast.Transport.Rings;

/// <summary>
/// A consumer of a ring that is driven by hand: look what is there, use the slots, release them. For one thread, or for
/// a stage that polls several rings. <see cref="BatchConsumer{T, THandler}"/> is built on it.
/// </summary>
/// <typeparam name="T">The slot of the ring.</typeparam>
public sealed class RingReader<T>
{
    private readonly RingBuffer<T> _ring;
    private readonly SequenceBarrier _barrier;

    // Position: the next sequence to read. Limit: the highest that was readable when last looked.
    private LocalPosition _local = new() { Position = 0, Limit = Sequence.Initial };

    internal RingReader(RingBuffer<T> ring, ReadOnlySpan<Sequence> after)
    {
        _ring = ring;
        _barrier = new SequenceBarrier(ring.Sequencer, after);
        ring.Sequencer.AddGate(Sequence, after);
    }

    /// <summary>How far this consumer has got; consumers that come after it are wired with it.</summary>
    public Sequence Sequence { get; } = new();

    /// <summary>Whether nothing will ever be read any more: drained, or <see cref="Complete"/> was called.</summary>
    public bool IsEnded =>
        Sequence.IsCompleted || (_local.Position > _local.Limit && _barrier.HasEnded(_local.Position));

    /// <summary>The events that can be read, without waiting. They stay readable until released.</summary>
    /// <param name="countMax">The most events to return.</param>
    /// <param name="low">The first sequence.</param>
    /// <param name="high">The last sequence; low - 1 when there is nothing.</param>
    /// <returns>Whether there is at least one.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryRead(int countMax, out long low, out long high)
    {
        Debug.Assert(countMax > 0, "A read of no events makes no progress.");
        low = _local.Position;
        if (_local.Limit < low)
            _local.Limit = _barrier.Available(low);
        high = Math.Min(_local.Limit, low + countMax - 1);
        return high >= low;
    }

    /// <summary>As <see cref="TryRead"/>, but waits for at least one event.</summary>
    /// <typeparam name="TWait">How to wait.</typeparam>
    /// <returns>False when the ring, or a consumer before this one, has ended and nothing is left.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool WaitRead<TWait>(int countMax, out long low, out long high)
        where TWait : struct, IWaitStrategy
    {
        if (_local.Limit < _local.Position)
            _local.Limit = _barrier.WaitFor<TWait>(_local.Position);
        return TryRead(countMax, out low, out high);
    }

    /// <summary>
    /// Gives back every slot up to <paramref name="high"/>: the consumers after this one, or the producers, have them
    /// now.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Release(long high)
    {
        Debug.Assert(high >= _local.Position - 1 && high <= _local.Limit, "Only what was read can be released.");
        _local.Position = high + 1;
        Sequence.Advance(high);
    }

    /// <summary>
    /// Ends this consumer for good, drained or not, and closes the ring, whose producers would wait for it for ever.
    /// The owner of a reader calls this when it stops, whatever the reason.
    /// </summary>
    public void Complete()
    {
        Sequence.Complete();
        _ring.Close();
    }

    /// <summary>
    /// Wakes <paramref name="signal"/>, when it is armed, at every event that becomes readable and at the end: for a
    /// stage that sleeps on several rings, or on a socket.
    /// </summary>
    public void WakeOn(WakeSignal signal) => _barrier.WakeOn(signal);
}
