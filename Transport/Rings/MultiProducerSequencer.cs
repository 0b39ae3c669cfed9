using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Fragcast.Transport.Rings;

/// <summary>
/// Claims and publishes for any number of producer threads. A claim moves the cursor by compare-and-swap once there is
/// room, so a producer that is released by the end of the ring leaves no hole. A publication writes, for each slot, the
/// number of the lap around the ring; consumers read those numbers and never touch the contended cursor.
/// </summary>
internal sealed class MultiProducerSequencer : Sequencer
{
    private const int Padding = CacheLine.Size / sizeof(int);

    // Lap in which a slot was last published; -1: never. Laps wrap after 2^32 rounds, which is harmless: consumers
    // compare for equality with the lap they wait for, and a slot is at most one lap behind it.
    private readonly int[] _laps;
    private readonly int _mask;
    private readonly int _lapShift;

    // The slowest gate as some producer last saw it. A late write of an older value only makes the next claim look
    // again.
    private PaddedInt64 _limit = new() { Value = Sequence.Initial };

    public MultiProducerSequencer(int size)
        : base(size)
    {
        _laps = new int[size + (2 * Padding)];
        _laps.AsSpan().Fill(-1);
        _mask = size - 1;
        _lapShift = BitOperations.Log2((uint)size);
    }

    /// <summary>Claims <paramref name="count"/> slots, waiting for room.</summary>
    /// <returns>The highest claimed sequence.</returns>
    public long Next<TWait>(int count)
        where TWait : struct, IWaitStrategy
    {
        CheckCount(count);
        while (true)
        {
            long seen = Cursor.Value;
            long high = seen + count;
            if (high - Size > Volatile.Read(ref _limit.Value) || IsClosed)
                MakeRoom<TWait>(high - Size);
            if (Cursor.TryClaim(seen, high))
                return high;
        }
    }

    /// <summary>Claims <paramref name="count"/> slots if there is room now and the ring is open.</summary>
    public bool TryNext(int count, out long high)
    {
        CheckCount(count);
        while (true)
        {
            long seen = Cursor.Value;
            high = seen + count;
            if ((high - Size > Volatile.Read(ref _limit.Value) && !HasRoom(high - Size)) || IsClosed)
                return false;
            if (Cursor.TryClaim(seen, high))
                return true;
        }
    }

    /// <summary>Hands the slots from <paramref name="low"/> to <paramref name="high"/> to the consumers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Publish(long low, long high)
    {
        for (long sequence = low; sequence <= high; sequence++)
        {
            // Release: the writes to the slot stay before the store that hands it over.
            Volatile.Write(ref Lap(sequence), (int)(sequence >> _lapShift));
        }

        Cursor.NotifyPublished();
    }

    /// <summary>
    /// The highest sequence such that it and all from <paramref name="from"/> on are published; from - 1 when
    /// <paramref name="from"/> is not. The caller has consumed everything before <paramref name="from"/>, and gates.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public long HighestPublished(long from)
    {
        // Ends by itself: the slot of from + Size is the slot of from, which shows the lap before.
        // Acquire: reads of the slot stay behind the read that shows it published.
        long sequence = from;
        while (Volatile.Read(ref Lap(sequence)) == (int)(sequence >> _lapShift))
            sequence++;
        return sequence - 1;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ref int Lap(long sequence) =>
        ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_laps), Padding + ((int)sequence & _mask));

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void MakeRoom<TWait>(long wrapPoint)
        where TWait : struct, IWaitStrategy
    {
        // Release and acquire on the limit pair up: who claims by a limit that another producer found is behind that
        // producer's acquire of the gates, so its writes to the slot cannot overtake the consumer's reads.
        Volatile.Write(ref _limit.Value, WaitForRoom<TWait>(wrapPoint));
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool HasRoom(long wrapPoint)
    {
        long gate = SlowestGate();
        Volatile.Write(ref _limit.Value, gate);
        return gate >= wrapPoint;
    }
}
