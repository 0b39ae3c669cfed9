using System.Runtime.CompilerServices;

namespace Fragcast.Transport.Rings;

/// <summary>
/// What a consumer does with an event. Implemented by a struct, so that the consumer calls it directly.
/// </summary>
/// <typeparam name="T">The slot of the ring.</typeparam>
public interface IEventHandler<T>
{
    /// <summary>
    /// Handles one event, on the consumer's thread. May wait for room in a ring further down: that is back-pressure. A
    /// <see cref="RingClosedException"/> that escapes ends the consumer in good order; any other exception is a fault.
    /// </summary>
    /// <param name="item">The slot; not to be kept after the call.</param>
    /// <param name="sequence">Its sequence.</param>
    /// <param name="endOfBatch">Whether no further event follows at once: the time to flush what was gathered.</param>
    void OnEvent(ref T item, long sequence, bool endOfBatch);
}

/// <summary>An exception that a handler should not have thrown.</summary>
/// <param name="Consumer">The name of the consumer, which has ended.</param>
/// <param name="Sequence">The event it happened at; that event counts as not handled.</param>
/// <param name="Error">The exception.</param>
public readonly record struct ConsumerFault(string Consumer, long Sequence, Exception Error);

/// <summary>
/// Where a consumer is in its life. Transitions: Running -> Ended (drained after the ring was closed, or a ring further
/// down was); Running -> Faulted (the handler threw). Both are final.
/// </summary>
public enum ConsumerState
{
    /// <summary>Handles events, or waits for them.</summary>
    Running,

    /// <summary>Ended in good order.</summary>
    Ended,

    /// <summary>Ended by an unexpected exception, see <see cref="BatchConsumer{T, THandler}.Fault"/>.</summary>
    Faulted,
}

/// <summary>
/// Gives the events of a ring to a handler, in order, as many as are there at a time. Either a thread of its own calls
/// <see cref="Run{TWait}"/>, or a stage that has other work too calls <see cref="DoWork"/> now and then.
/// </summary>
/// <typeparam name="T">The slot of the ring.</typeparam>
/// <typeparam name="THandler">The handler.</typeparam>
/// <remarks>
/// Exceptions: there is one policy. An exception in the handler ends this consumer, is kept in <see cref="Fault"/>,
/// closes the ring (producers are refused and released; the other consumers handle what is published, those after this
/// one up to the event before the failed one) and is told to the owner. It does not leave Run or DoWork.
/// </remarks>
public sealed class BatchConsumer<T, THandler>
    where THandler : struct, IEventHandler<T>
{
    private readonly RingBuffer<T> _ring;
    private readonly RingReader<T> _reader;
    private readonly Action<ConsumerFault> _onFault;
    private readonly int _batchMax;
    private THandler _handler;
    private ConsumerState _state;

    internal BatchConsumer(
        string name, RingBuffer<T> ring, RingReader<T> reader, THandler handler, Action<ConsumerFault> onFault)
    {
        Name = name;
        _ring = ring;
        _reader = reader;
        _handler = handler;
        _onFault = onFault;
        // Half of the ring: producers that wait for room refill one half while this consumer handles the other.
        _batchMax = Math.Max(1, ring.Size / 2);
    }

    /// <summary>The name given at its creation.</summary>
    public string Name { get; }

    /// <summary>How far this consumer has got; consumers that come after it are wired with it.</summary>
    public Sequence Sequence => _reader.Sequence;

    /// <summary>The handler itself, for its owner; not while the consumer runs on another thread.</summary>
    public ref THandler Handler => ref _handler;

    /// <summary>Where it is in its life; any thread may ask.</summary>
    // Acquire: whoever sees Faulted sees the fault; whoever sees an end sees what the handler wrote.
    public ConsumerState State => (ConsumerState)Volatile.Read(ref Unsafe.As<ConsumerState, int>(ref _state));

    /// <summary>What ended it, when it is <see cref="ConsumerState.Faulted"/>.</summary>
    public ConsumerFault? Fault { get; private set; }

    /// <summary>Handles what is there, at most half a ring, without waiting.</summary>
    /// <returns>The number of events handled; 0 for ever once the consumer has ended.</returns>
    public int DoWork()
    {
        if (_state != ConsumerState.Running)
            return 0;
        if (_reader.TryRead(_batchMax, out long low, out long high))
            return Handle(low, high);
        if (_reader.IsEnded)
            End(ConsumerState.Ended);
        return 0;
    }

    /// <summary>Handles events on the calling thread until the consumer ends.</summary>
    /// <typeparam name="TWait">How to wait for events.</typeparam>
    public void Run<TWait>()
        where TWait : struct, IWaitStrategy
    {
        while (_state == ConsumerState.Running)
        {
            if (_reader.WaitRead<TWait>(_batchMax, out long low, out long high))
                Handle(low, high);
            else
                End(ConsumerState.Ended);
        }
    }

    /// <inheritdoc cref="RingReader{T}.WakeOn"/>
    public void WakeOn(WakeSignal signal) => _reader.WakeOn(signal);

    /// <summary>
    /// Ends the consumer now, drained or not, and closes the ring. On the consumer's thread, or when that has stopped.
    /// </summary>
    public void Complete()
    {
        if (_state == ConsumerState.Running)
            End(ConsumerState.Ended);
    }

    private int Handle(long low, long high)
    {
        long sequence = low;
        try
        {
            for (; sequence <= high; sequence++)
                _handler.OnEvent(ref _ring[sequence], sequence, sequence == high);
        }
        catch (RingClosedException)
        {
            _reader.Release(sequence - 1);
            End(ConsumerState.Ended);
            return (int)(sequence - low);
        }
        catch (Exception error)
        {
            _reader.Release(sequence - 1);
            Fail(new ConsumerFault(Name, sequence, error));
            return (int)(sequence - low);
        }

        _reader.Release(high);
        return (int)(high - low + 1);
    }

    private void Fail(ConsumerFault fault)
    {
        Fault = fault;
        End(ConsumerState.Faulted);
        _onFault(fault);
    }

    private void End(ConsumerState state)
    {
        // Release: the fault and the handler's last writes are visible to whoever sees the state.
        Volatile.Write(ref Unsafe.As<ConsumerState, int>(ref _state), (int)state);
        _reader.Complete();
    }
}
