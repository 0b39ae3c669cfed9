using System.Threading.Tasks.Sources;

namespace Fragcast.Transport.SystemQuic;

/// <summary>
/// Wakes one asynchronous waiter, who then looks for everything that there is to do: an event that resets itself.
/// Nothing is allocated per wait. Any number of threads set it; one waits.
/// </summary>
internal sealed class AsyncPulse : IValueTaskSource
{
    private const int Idle = 0;
    private const int IsSet = 1;
    private const int Waited = 2;

    private ManualResetValueTaskSourceCore<bool> _core = new() { RunContinuationsAsynchronously = true };
    private int _state;

    /// <summary>Releases the waiter, or lets the next wait return at once.</summary>
    public void Set()
    {
        // Full fence: what was done before is visible to the waiter.
        if (Interlocked.CompareExchange(ref _state, IsSet, Idle) == Waited
            && Interlocked.CompareExchange(ref _state, Idle, Waited) == Waited)
        {
            _core.SetResult(true);
        }
    }

    /// <summary>Waits for <see cref="Set"/>.</summary>
    public ValueTask Wait()
    {
        if (Interlocked.CompareExchange(ref _state, Idle, IsSet) == IsSet)
            return ValueTask.CompletedTask;
        _core.Reset();
        ValueTask task = new(this, _core.Version);
        if (Interlocked.CompareExchange(ref _state, Waited, Idle) == IsSet)
        {
            // Set meanwhile: nobody else touches the core, since nobody saw a waiter.
            Volatile.Write(ref _state, Idle);
            return ValueTask.CompletedTask;
        }

        return task;
    }

    /// <inheritdoc/>
    public void GetResult(short token) => _core.GetResult(token);

    /// <inheritdoc/>
    public ValueTaskSourceStatus GetStatus(short token) => _core.GetStatus(token);

    /// <inheritdoc/>
    public void OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);
}
