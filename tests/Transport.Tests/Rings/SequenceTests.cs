using Fragcast.Transport.Rings;

namespace Fragcast.Transport.Tests.Rings;

public sealed class SequenceTests
{
    [Fact]
    public void Advance_WhileAWaiterArms_OneOfTheTwoSeesTheOther()
    {
        // The store-buffer litmus test on the two sides of a wake-up: the writer stores the value and reads the word,
        // the waiter stores the word and reads the value. Without the fences both may read the old state.
        const int Rounds = 40_000, SkewMax = 32;
        Sequence sequence = new();
        CountingSignal signal = new();
        sequence.AddSignal(new SignalNode(signal));
        int lost = 0;
        Gate gate = new();
        // Each side first brings what it will read into its own cache, where the read is done long before the store
        // has got the other line; then all small differences of time between the two are tried.
        TestThread writer = TestThread.Start(() =>
        {
            for (int round = 0; round < Rounds; round++)
            {
                signal.WakeIfArmed();
                gate.Pass();
                gate.Linger(round % SkewMax);
                sequence.Advance(round);
                gate.Pass();
                gate.Pass();
            }
        });
        TestThread waiter = TestThread.Start(() =>
        {
            long previous = Sequence.Initial;
            for (int round = 0; round < Rounds; round++)
            {
                previous = sequence.Value;
                gate.Pass();
                gate.Linger(round / SkewMax % SkewMax);
                int ticket = signal.Prepare();
                bool isSeen = sequence.Value >= round;
                gate.Pass();
                if (!isSeen && !signal.IsWoken(ticket))
                    lost++;
                signal.Disarm(ticket);
                gate.Pass();
            }

            Assert.Equal(Rounds - 2, previous);
        });
        writer.Join();
        waiter.Join();
        Assert.Equal(0, lost);
    }

    [Fact]
    public void Complete_SeveralSignals_WakesThemAll()
    {
        Sequence sequence = new();
        CountingSignal[] signals = [new(), new(), new()];
        foreach (CountingSignal signal in signals)
        {
            sequence.AddSignal(new SignalNode(signal));
            signal.Prepare();
        }

        sequence.Complete();
        Assert.True(sequence.IsCompleted);
        Assert.All(signals, signal => Assert.Equal(1, signal.Wakes));
        Assert.Equal(Sequence.Initial, sequence.Value);
    }

    /// <summary>Lets two threads leave together, as closely as spinning allows.</summary>
    private sealed class Gate
    {
        private int _arrived;

        public void Pass()
        {
            // Full fence; the last of a pair makes the count even.
            int mine = Interlocked.Increment(ref _arrived);
            int both = mine + (mine & 1);
            for (int spins = 0; Volatile.Read(ref _arrived) < both; spins++)
            {
                if (spins > 1000)
                    Thread.Yield();
            }
        }

        public void Linger(int reads)
        {
            for (int i = 0; i < reads; i++)
                Volatile.Read(ref _arrived);
        }
    }
}

/// <summary>A signal that only counts; nobody can sleep on it.</summary>
internal sealed unsafe class CountingSignal : WakeSignal
{
    private int _wakes;

    public int Wakes => Volatile.Read(ref _wakes);

    public bool IsWoken(int ticket) => Volatile.Read(ref *Word) != ticket;

    public override void Wait(int ticket, long timeoutNs) => throw new NotSupportedException();

    protected override void WakeSleepers() => Interlocked.Increment(ref _wakes);
}
