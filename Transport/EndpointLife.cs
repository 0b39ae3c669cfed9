using Fragcast.Transport.Rings;

namespace Fragcast.Transport;

/// <summary>The beginning and the end of an endpoint's thread: each happens once. Any thread.</summary>
internal sealed class EndpointLife
{
    private readonly Lock _gate = new();
    private Stage? _stage;
    private bool _isDisposed;

    /// <summary>Begins.</summary>
    /// <param name="owner">The endpoint, for the exception.</param>
    /// <param name="start">Starts the thread.</param>
    /// <exception cref="InvalidOperationException">It has begun already.</exception>
    /// <exception cref="ObjectDisposedException">It has ended already.</exception>
    public void Begin(ITransportEndpoint owner, Func<Stage> start)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, owner);
            if (_stage is not null)
            {
                throw new InvalidOperationException("An endpoint is started once.");
            }

            _stage = start();
        }
    }

    /// <summary>Ends; waits for the thread unless it is the caller.</summary>
    /// <param name="isOwnThread">Whether the caller is the endpoint's thread.</param>
    /// <param name="releaseUnstarted">Does instead what the thread does last, if there never was one.</param>
    public void End(bool isOwnThread, Action releaseUnstarted)
    {
        Stage? stage;
        lock (_gate)
        {
            if (_isDisposed)
            {
                return;
            }

            _isDisposed = true;
            stage = _stage;
        }

        if (stage is null)
        {
            releaseUnstarted();
            return;
        }

        stage.Stop();
        if (!isOwnThread)
        {
            stage.Join(Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>The thread sleeps when nothing is to be done; where wanted, its work spins by itself.</summary>
    internal readonly struct ParkAtOnce : IWaitStrategy
    {
        public static bool Relax(int attempt) => false;
    }
}
