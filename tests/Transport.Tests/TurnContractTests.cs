using System.Collections.Concurrent;

namespace Fragcast.Transport.Tests;

public sealed class TurnContractTests : TransportFixture
{
    [Theory]
    [MemberData(nameof(Engines))]
    public void Wake_AnotherThread_HandlerHasItsTurnOnTheIoThread(string engine)
    {
        var turns = new TurnHandler { NextNs = long.MaxValue };
        (ITransportEndpoint endpoint, _) = Start(engine, Loopback, events: turns);
        for (int i = 0; i < 50; i++)
        {
            turns.News = i;
            endpoint.Wake();
            turns.WaitUntil(() => turns.Seen == i, "a turn after the wake");
        }

        Assert.Single(turns.Threads.Distinct());
        Assert.DoesNotContain(Environment.CurrentManagedThreadId, turns.Threads);
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public void OnTurn_NamesATime_IsCalledAgainWithoutAnythingElse(string engine)
    {
        var turns = new TurnHandler { NextNs = 2_000_000 };
        Start(engine, Loopback, events: turns);
        turns.WaitUntil(() => turns.Count >= 20, "turns by time");
        turns.NextNs = 0;
        int before = turns.Count;
        turns.WaitUntil(() => turns.Count >= before + 1000, "turns at once");
        turns.NextNs = long.MaxValue;
    }

    private sealed class TurnHandler : RecordingHandler, ITransportHandler
    {
        private long _nextNs;
        private int _news;
        private int _seen = -1;
        private int _count;

        public long NextNs
        {
            get => Volatile.Read(ref _nextNs);
            set => Volatile.Write(ref _nextNs, value);
        }

        // Plain on purpose: that it is seen is what Wake promises.
        public int News
        {
            set => _news = value;
        }

        public int Seen => Volatile.Read(ref _seen);

        public int Count => Volatile.Read(ref _count);

        public ConcurrentBag<int> Threads { get; } = [];

        public long OnTurn()
        {
            if (Threads.Count < 100)
            {
                Threads.Add(Environment.CurrentManagedThreadId);
            }

            Volatile.Write(ref _seen, _news);
            Interlocked.Increment(ref _count);
            return NextNs;
        }
    }
}
