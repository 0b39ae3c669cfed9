using System.Collections.Concurrent;
using Fragcast.Transport.Quic;
using Fragcast.Transport.Rings;

namespace Fragcast.Transport.SystemQuic;

/// <summary>
/// The one thread that calls the handler of an endpoint and owns the state of its connections. The engine's own
/// operations are asynchronous and end on the thread pool; they post here what has come of them.
/// </summary>
internal sealed class SystemLoop : IStageWork
{
    private readonly ConcurrentQueue<Action> _items = new();
    private readonly SystemShared _shared;
    private readonly Action _onStop;

    public SystemLoop(SystemShared shared, ITransportHandler handler, Action onStop)
    {
        _shared = shared;
        _onStop = onStop;
        Handler = new HandlerGuard(handler, NoteFault);
    }

    public HandlerGuard Handler { get; }

    public ParkingSignal Signal { get; } = new();

    /// <summary>The thread, once it runs.</summary>
    public Thread? Thread { get; private set; }

    /// <inheritdoc/>
    public bool IsEnded => false;

    /// <summary>Has something done on the thread. Any thread.</summary>
    public void Post(Action item)
    {
        _items.Enqueue(item);
        Wake();
    }

    /// <summary>Has the thread look around. Any thread.</summary>
    public void Wake()
    {
        // StoreLoad: the caller's news is visible before we look whether the thread is about to sleep.
        Interlocked.MemoryBarrier();
        Signal.WakeIfArmed();
    }

    /// <inheritdoc/>
    public int DoWork()
    {
        Thread ??= Thread.CurrentThread;
        int count = 0;
        while (_items.TryDequeue(out Action? item))
        {
            item();
            count++;
        }

        long turnNs = Handler.OnTurn();
        Signal.NextTimeoutNs = turnNs == long.MaxValue ? WakeSignal.InfiniteNs : turnNs;
        return turnNs == 0 ? count + 1 : count;
    }

    /// <inheritdoc/>
    public void OnStop() => _onStop();

    /// <summary>Counts an exception that left a handler, and shows it to the observer.</summary>
#pragma warning disable CA1031 // An observer that fails has nobody to tell.
    public void NoteFault(Exception exception)
    {
        _shared.Counters.AddShared(TransportCounter.HandlerFaults);
        try
        {
            _shared.Options.FaultObserver?.Invoke(exception);
        }
        catch (Exception)
        {
            _shared.Counters.AddShared(TransportCounter.HandlerFaults);
        }
    }
#pragma warning restore CA1031
}
