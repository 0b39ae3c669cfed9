namespace Fragcast.Transport.Tests.Rings;

/// <summary>A thread whose exception reaches the test, and whose end the test does not wait for forever.</summary>
internal sealed class TestThread
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Thread _thread;
    private Exception? _error;

    private TestThread(Action body) =>
        _thread = new Thread(() => _error = Record.Exception(body)) { IsBackground = true };

    public static TestThread Start(Action body)
    {
        TestThread thread = new(body);
        thread._thread.Start();
        return thread;
    }

    public void Join()
    {
        Assert.True(_thread.Join(Patience), "The thread has not ended.");
        Assert.Null(_error);
    }

    public Exception? JoinForError()
    {
        Assert.True(_thread.Join(Patience), "The thread has not ended.");
        return _error;
    }

    public static void Until(Func<bool> condition)
    {
        long deadline = Environment.TickCount64 + (long)Patience.TotalMilliseconds;
        while (!condition())
        {
            Assert.True(Environment.TickCount64 < deadline, "The condition has not come true.");
            Thread.Yield();
        }
    }
}
