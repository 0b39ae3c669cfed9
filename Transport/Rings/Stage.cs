namespace Fragcast.Transport.Rings;

/// <summary>The work of a stage: single-threaded, lock-free, called over and over by its <see cref="Stage"/>.</summary>
public interface IStageWork
{
    /// <summary>
    /// Whether the stage has nothing to do ever again (its rings are closed and drained); it then ends by itself.
    /// Asked after a <see cref="DoWork"/> that returned 0.
    /// </summary>
    bool IsEnded { get; }

    /// <summary>Does what there is to do, without waiting.</summary>
    /// <returns>The work done, in units of the stage's choice; 0 lets the stage idle.</returns>
    int DoWork();

    /// <summary>
    /// Called last, on the stage's thread, whatever ended it: completes the readers of its input rings, so that nobody
    /// waits for them, and closes its output rings.
    /// </summary>
    void OnStop();
}

/// <summary>How a stage runs.</summary>
public sealed record StageOptions
{
    /// <summary>The core to run on, or null for any.</summary>
    public int? Cpu { get; init; }

    /// <summary>
    /// What wakes the stage when its idle strategy parks; register it with <see cref="RingReader{T}.WakeOn"/> of each
    /// input. No other thread waits on it. Null: a <see cref="ParkingSignal"/> of the stage's own.
    /// </summary>
    public WakeSignal? Signal { get; init; }

    /// <summary>The longest sleep in nanoseconds, for stages with timers; by default there is no limit.</summary>
    public long IdleMaxNs { get; init; } = WakeSignal.InfiniteNs;

    /// <summary>Told, on the stage's thread and after its <see cref="IStageWork.OnStop"/>, what unexpected exception
    /// ended it.</summary>
    public Action<Stage, Exception>? OnFault { get; init; }
}

/// <summary>
/// Runs the work of one stage on one long-lived, named thread. Created by <see cref="Start{TIdle}"/>; ends when it is
/// told to stop, when its work has ended, or by an exception.
/// </summary>
public sealed class Stage
{
    private readonly IStageWork _work;
    private readonly StageOptions _options;
    private readonly Thread _thread;
    private Exception? _fault;
    private bool _stopping;
    private bool _isPinned;

    private Stage(string name, IStageWork work, StageOptions options, Action<Stage> loop)
    {
        Name = name;
        Signal = options.Signal ?? new ParkingSignal();
        _work = work;
        _options = options;
        // In the background: a stage that hangs must not keep a process alive that wants to end.
        _thread = new Thread(() => Main(loop)) { Name = name, IsBackground = true };
    }

    /// <summary>The stage's name, which is its thread's.</summary>
    public string Name { get; }

    /// <summary>What wakes the stage when it sleeps.</summary>
    public WakeSignal Signal { get; }

    /// <summary>Whether the thread runs on the core that was asked for. Known once the stage works.</summary>
    // Acquire, pairs with the release in Main: the answer is that of the thread's own attempt.
    public bool IsPinned => Volatile.Read(ref _isPinned);

    /// <summary>The unexpected exception that ended the stage, if one did.</summary>
    // Acquire, pairs with the release in Main: the exception is complete when it is seen.
    public Exception? Fault => Volatile.Read(ref _fault);

    // Acquire: what the asking thread did before it asked is visible to the work's OnStop.
    private bool IsStopping => Volatile.Read(ref _stopping);

    /// <summary>Starts a stage on a thread of its own.</summary>
    /// <typeparam name="TIdle">How to pass the time when there is no work.</typeparam>
    /// <param name="name">The name; the kernel shows the first 15 bytes.</param>
    /// <param name="work">The work; the stage's thread owns it until the stage has ended.</param>
    /// <param name="options">How to run; null for the defaults.</param>
    public static Stage Start<TIdle>(string name, IStageWork work, StageOptions? options = null)
        where TIdle : struct, IWaitStrategy
    {
        Stage stage = new(name, work, options ?? new StageOptions(), static stage => stage.Loop<TIdle>());
        stage._thread.Start();
        return stage;
    }

    /// <summary>Asks the stage to stop after the call of DoWork in progress. Any thread, any number of times.</summary>
    public void Stop()
    {
        Volatile.Write(ref _stopping, true);
        // StoreLoad: the request is visible before we look whether the stage is about to sleep; see WakeSignal.Prepare.
        Interlocked.MemoryBarrier();
        Signal.WakeIfArmed();
    }

    /// <summary>Waits until the stage has ended.</summary>
    /// <param name="timeout">The longest wait.</param>
    /// <returns>Whether it has ended.</returns>
    public bool Join(TimeSpan timeout) => _thread.Join(timeout);

    private void Main(Action<Stage> loop)
    {
        if (_options.Cpu is { } cpu)
            Volatile.Write(ref _isPinned, ThreadAffinity.TryPin(cpu));
        try
        {
            loop(this);
        }
        catch (Exception error)
        {
            // Release: pairs with the property.
            Volatile.Write(ref _fault, error);
            _options.OnFault?.Invoke(this, error);
        }
    }

    private void Loop<TIdle>()
        where TIdle : struct, IWaitStrategy
    {
        try
        {
            int attempt = 0;
            while (!IsStopping)
            {
                if (_work.DoWork() > 0)
                    attempt = 0;
                else if (_work.IsEnded)
                    return;
                else if (!TIdle.Relax(attempt++))
                    Park();
            }
        }
        catch (RingClosedException)
        {
            // A ring further down has ended: so does this stage, in good order.
        }
        finally
        {
            _work.OnStop();
        }
    }

    // Armed first, then one more look for work: what arrives in between finds the signal armed and wakes it.
    private void Park()
    {
        int ticket = Signal.Prepare();
        if (_work.DoWork() == 0 && !_work.IsEnded && !IsStopping)
            Signal.Wait(ticket, _options.IdleMaxNs);
        else
            Signal.Disarm(ticket);
    }
}
