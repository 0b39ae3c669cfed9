namespace Fragcast.Node.Schedules;

/// <summary>A named background thread that does something, waits as long as that says, and does it again.</summary>
internal sealed class Watcher : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Thread _thread;

    /// <summary>Starts the thread.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="work">What it does; returns how long to wait. It is given the token that ends it.</param>
    public Watcher(string name, Func<CancellationToken, TimeSpan> work)
    {
        _thread = new Thread(() =>
        {
            try
            {
                while (!_stop.IsCancellationRequested)
                {
                    _stop.Token.WaitHandle.WaitOne(work(_stop.Token));
                }
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                // Told to stop in the middle of the work.
            }
        })
        {
            IsBackground = true,
            Name = name,
        };
        _thread.Start();
    }

    /// <summary>Ends the thread.</summary>
    public void Dispose()
    {
        _stop.Cancel();
        _thread.Join();
        _stop.Dispose();
    }
}
