using System.Runtime.CompilerServices;

namespace Fragcast.Transport.Rings;

/// <summary>Claims and publishes for one producer thread: no interlocked instruction on its path.</summary>
internal sealed class SingleProducerSequencer(int size) : Sequencer(size)
{
    // Position: the last claimed sequence. Limit: the slowest gate when it was last looked up.
    private LocalPosition _producer = new() { Position = Sequence.Initial, Limit = Sequence.Initial };

    /// <summary>Claims <paramref name="count"/> slots, waiting for room.</summary>
    /// <returns>The highest claimed sequence.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public long Next<TWait>(int count)
        where TWait : struct, IWaitStrategy
    {
        CheckCount(count);
        long high = _producer.Position + count;
        if (high - Size > _producer.Limit || IsClosed)
            MakeRoom<TWait>(high - Size);
        _producer.Position = high;
        return high;
    }

    /// <summary>Claims <paramref name="count"/> slots if there is room now and the ring is open.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryNext(int count, out long high)
    {
        CheckCount(count);
        high = _producer.Position + count;
        if ((high - Size > _producer.Limit && !HasRoom(high - Size)) || IsClosed)
            return false;
        _producer.Position = high;
        return true;
    }

    /// <summary>Hands everything up to <paramref name="high"/> to the consumers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Publish(long high) => Cursor.Advance(high);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void MakeRoom<TWait>(long wrapPoint)
        where TWait : struct, IWaitStrategy =>
        _producer.Limit = WaitForRoom<TWait>(wrapPoint);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool HasRoom(long wrapPoint)
    {
        _producer.Limit = SlowestGate();
        return _producer.Limit >= wrapPoint;
    }
}
