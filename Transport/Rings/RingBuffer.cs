using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Fragcast.Transport.Rings;

/// <summary>Who may claim and publish.</summary>
public enum ProducerKind
{
    /// <summary>One thread at a time. The cheapest: no interlocked instruction.</summary>
    Single,

    /// <summary>Any number of threads.</summary>
    Multi,
}

/// <summary>Keeps what precedes a ring on the heap off the lines of its fields.</summary>
/// <remarks>Base classes are laid out first, which is what holds the padding in its place.</remarks>
public abstract class RingPadding
{
#pragma warning disable CA1823, CS0169, IDE0051 // The padding is there to be there.
    private readonly CacheLinePadding _before;
#pragma warning restore CA1823, CS0169, IDE0051

    private protected RingPadding()
    {
    }
}

/// <summary>
/// A ring of preallocated slots between threads (the Disruptor of LMAX, https://lmax-exchange.github.io/disruptor/):
/// producers claim slots, fill them in place and publish them; each consumer sees every event in order; a slot is
/// reused once the slowest consumer has passed it. Nothing is allocated after construction.
/// </summary>
/// <typeparam name="T">
/// The slot: a struct, or a class whose instances the constructor creates once. Slots keep their content from lap to
/// lap; producers overwrite it, consumers may change it (and consumers after them see that).
/// </typeparam>
/// <remarks>
/// <para>Wiring comes first: all consumers are created before the first claim.</para>
/// <para>
/// End: <see cref="Close"/> refuses further claims, releases the producers that wait for room with a
/// <see cref="RingClosedException"/>, lets the consumers handle what is published, and ends them. A consumer that ends
/// earlier or fails closes the ring too: no ring lives without one of its consumers. What is claimed must be published;
/// a claim that is published only after the consumers have drained is not delivered.
/// </para>
/// </remarks>
public sealed class RingBuffer<T> : RingPadding
{
    private readonly T[] _slots;
    private readonly int _mask;
    private readonly int _slotPadding;

    // Exactly one of the two is set; a branch that always goes the same way is cheaper than a virtual call.
    private readonly SingleProducerSequencer? _single;
    private readonly MultiProducerSequencer? _multi;
    private readonly Sequencer _sequencer;

    /// <summary>Creates a ring.</summary>
    /// <param name="size">The number of slots, a power of two: the bound of this queue.</param>
    /// <param name="producers">Who may publish.</param>
    /// <param name="factory">Makes the object of each slot; null leaves the slots at their default.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="size"/> is no power of two.</exception>
    public RingBuffer(int size, ProducerKind producers, Func<T>? factory = null)
    {
        if (producers == ProducerKind.Single)
            _sequencer = _single = new SingleProducerSequencer(size);
        else
            _sequencer = _multi = new MultiProducerSequencer(size);

        // The first and last slots are written as often as the others: keep the heap's neighbours away from them.
        _slotPadding = (CacheLine.Size + Unsafe.SizeOf<T>() - 1) / Unsafe.SizeOf<T>();
        _slots = new T[size + (2 * _slotPadding)];
        _mask = size - 1;
        for (int i = 0; factory is not null && i < size; i++)
            _slots[_slotPadding + i] = factory();
    }

    /// <summary>The number of slots.</summary>
    public int Size => _sequencer.Size;

    /// <summary>Whether claims are refused. Consumers may still have events to handle.</summary>
    public bool IsClosed => _sequencer.IsClosed;

    /// <summary>
    /// Claimed or published events that the slowest consumer has not passed: the queue's depth, for metrics. A moment's
    /// view when threads are running.
    /// </summary>
    public long Depth => Math.Max(0, _sequencer.Cursor.Value - _sequencer.SlowestGate());

    /// <summary>The last published (one producer) or claimed (several) sequence, -1 at first.</summary>
    public long Cursor => _sequencer.Cursor.Value;

    internal Sequencer Sequencer => _sequencer;

    /// <summary>
    /// The slot of a sequence. A producer may use it between claim and publication, a consumer between reading and
    /// releasing that sequence; to anybody else it is not stable.
    /// </summary>
    public ref T this[long sequence]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            Debug.Assert(sequence >= 0, "Sequences start at 0: a failed claim has no slot.");
            // The mask keeps the index within the array, for which the bounds check would ask again.
            return ref Unsafe.Add(
                ref MemoryMarshal.GetArrayDataReference(_slots), _slotPadding + ((int)sequence & _mask));
        }
    }

    /// <summary>
    /// Claims <paramref name="count"/> consecutive slots; waits (spinning, then parked) while there is no room.
    /// </summary>
    /// <param name="count">Between 1 and <see cref="Size"/>.</param>
    /// <returns>The highest claimed sequence; the lowest is that minus <paramref name="count"/> plus 1.</returns>
    /// <exception cref="RingClosedException">The ring is closed, or was during the wait.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public long Next(int count = 1) => Next<Blocking>(count);

    /// <summary>As <see cref="Next(int)"/>, waiting for room in the given way.</summary>
    /// <typeparam name="TWait">How to wait for room.</typeparam>
    /// <inheritdoc cref="Next(int)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public long Next<TWait>(int count = 1)
        where TWait : struct, IWaitStrategy =>
        _single is not null ? _single.Next<TWait>(count) : _multi!.Next<TWait>(count);

    /// <summary>Claims <paramref name="count"/> consecutive slots if there is room now. Never waits, never throws for a
    /// full or closed ring.</summary>
    /// <param name="count">Between 1 and <see cref="Size"/>.</param>
    /// <param name="high">The highest claimed sequence; meaningless when nothing was claimed.</param>
    /// <returns>False when the ring is full or closed (<see cref="IsClosed"/> tells which).</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryNext(int count, out long high) =>
        _single is not null ? _single.TryNext(count, out high) : _multi!.TryNext(count, out high);

    /// <summary>Claims one slot if there is room now.</summary>
    /// <inheritdoc cref="TryNext(int, out long)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryNext(out long high) => TryNext(1, out high);

    /// <summary>Hands a claimed slot to the consumers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Publish(long sequence) => Publish(sequence, sequence);

    /// <summary>Hands the claimed slots from <paramref name="low"/> to <paramref name="high"/> to the consumers, all at
    /// once. A single producer publishes its claims in order.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Publish(long low, long high)
    {
        if (_single is not null)
            _single.Publish(high);
        else
            _multi!.Publish(low, high);
    }

    /// <summary>Ends the ring in good order; see the remarks of the class. Any thread, any number of times.</summary>
    public void Close() => _sequencer.Close();

    /// <summary>Adds a consumer that is driven by hand.</summary>
    /// <param name="after">The consumers it comes after; none: it follows the producers directly.</param>
    /// <exception cref="InvalidOperationException">Events have been claimed already.</exception>
    public RingReader<T> NewReader(params ReadOnlySpan<Sequence> after) => new(this, after);

    /// <summary>Adds a consumer that gives each event to a handler.</summary>
    /// <param name="name">Its name in faults.</param>
    /// <param name="handler">The handler, copied into <see cref="BatchConsumer{T, THandler}.Handler"/>.</param>
    /// <param name="onFault">Told, on the consumer's thread, when the handler threw what it should not.</param>
    /// <param name="after">The consumers it comes after; none: it follows the producers directly.</param>
    /// <exception cref="InvalidOperationException">Events have been claimed already.</exception>
    public BatchConsumer<T, THandler> NewConsumer<THandler>(
        string name, THandler handler, Action<ConsumerFault> onFault, params ReadOnlySpan<Sequence> after)
        where THandler : struct, IEventHandler<T> =>
        new(name, this, NewReader(after), handler, onFault);
}
