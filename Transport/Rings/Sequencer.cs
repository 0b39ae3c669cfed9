using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Fragcast.Transport.Rings;

/// <summary>
/// What both kinds of sequencer share: the cursor, the consumers that gate the producers, the wait for room, the end.
/// The claim and the publication are in the two sealed classes; <see cref="RingBuffer{T}"/> calls them directly.
/// </summary>
internal abstract class Sequencer
{
    // Guards the wiring of consumers and the creation of the signal; never taken by claims and publications.
    private readonly Lock _wiring = new();
    private Sequence[] _gates = [];

    // Where producers park when the ring is full. Created early, so that nothing is allocated later, but registered
    // with the gates by the first producer that parks: as long as none does, the consumers pay no fence.
    private readonly ParkingSignal _room = new();
    private SignalNode[] _roomNodes = [];
    private bool _isRoomRegistered;

    private protected Sequencer(int size)
    {
        if (size < 1 || (size & (size - 1)) != 0)
            throw new ArgumentOutOfRangeException(nameof(size), size, "The size of a ring must be a power of two.");
        Size = size;
    }

    /// <summary>The number of slots, a power of two.</summary>
    public int Size { get; }

    /// <summary>Single producer: the last published sequence. Several: the last claimed one.</summary>
    public Sequence Cursor { get; } = new();

    /// <summary>Whether claims are refused from now on.</summary>
    public bool IsClosed
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Cursor.IsCompleted;
    }

    /// <summary>
    /// Makes the producers wait for <paramref name="gate"/>. The consumers it comes after need not gate any longer,
    /// since it is never ahead of them.
    /// </summary>
    public void AddGate(Sequence gate, ReadOnlySpan<Sequence> after)
    {
        lock (_wiring)
        {
            if (Cursor.Value != Sequence.Initial)
                throw new InvalidOperationException("Consumers are wired before the first event is claimed.");
            List<Sequence> gates = [.. _gates, gate];
            foreach (Sequence upstream in after)
                gates.Remove(upstream);
            _roomNodes = [.. gates.Select(_ => new SignalNode(_room))];
            // Release: a producer that finds the list finds its elements.
            Volatile.Write(ref _gates, [.. gates]);
        }
    }

    /// <summary>
    /// The slowest gating consumer; a slot is free when its sequence is at or below this. Without any consumer nothing
    /// becomes free: a ring that nobody reads fills up.
    /// </summary>
    public long SlowestGate()
    {
        Sequence[] gates = _gates;
        if (gates.Length == 0)
            return Sequence.Initial;
        long slowest = gates[0].Value;
        for (int i = 1; i < gates.Length; i++)
            slowest = Math.Min(slowest, gates[i].Value);
        return slowest;
    }

    /// <summary>Refuses claims, releases the producers that wait for room, lets the consumers drain and end.</summary>
    public void Close()
    {
        Cursor.Complete();
        // StoreLoad: the completed flag is visible before we look whether a producer is armed; one that is about to
        // park arms the signal (full fence) and looks at the flag after that.
        Interlocked.MemoryBarrier();
        _room.WakeIfArmed();
    }

    /// <summary>Waits until <see cref="SlowestGate"/> has reached <paramref name="wrapPoint"/>.</summary>
    /// <returns>The slowest gate, which is at least <paramref name="wrapPoint"/>.</returns>
    /// <exception cref="RingClosedException">The ring is closed.</exception>
    private protected long WaitForRoom<TWait>(long wrapPoint)
        where TWait : struct, IWaitStrategy
    {
        for (int attempt = 0; ; attempt++)
        {
            if (IsClosed)
                ThrowClosed();
            long gate = SlowestGate();
            if (gate >= wrapPoint)
                return gate;
            if (!TWait.Relax(attempt))
                Park(wrapPoint);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private protected void CheckCount(int count)
    {
        if ((uint)(count - 1) >= (uint)Size)
            ThrowCount(count);
    }

    [DoesNotReturn]
    private protected static void ThrowClosed() => throw new RingClosedException();

    [DoesNotReturn]
    private void ThrowCount(int count) => throw new ArgumentOutOfRangeException(
        nameof(count), count, $"Between 1 and {Size} slots can be claimed at once.");

    private void Park(long wrapPoint)
    {
        // Acquire: the signal is registered everywhere before the flag can be seen.
        if (!Volatile.Read(ref _isRoomRegistered))
            RegisterRoom();
        int ticket = _room.Prepare();
        if (!IsClosed && SlowestGate() < wrapPoint)
            _room.Wait(ticket, WakeSignal.InfiniteNs);
    }

    private void RegisterRoom()
    {
        lock (_wiring)
        {
            if (_isRoomRegistered)
                return;
            for (int i = 0; i < _gates.Length; i++)
                _gates[i].AddSignal(_roomNodes[i]);
            // Release: pairs with the acquire in Park.
            Volatile.Write(ref _isRoomRegistered, true);
        }
    }
}
