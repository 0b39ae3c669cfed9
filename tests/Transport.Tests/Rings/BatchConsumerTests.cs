using Fragcast.Transport.Rings;

namespace Fragcast.Transport.Tests.Rings;

public sealed class BatchConsumerTests
{
    private readonly List<ConsumerFault> _faults = [];

    public static TheoryData<ProducerKind> Kinds => [ProducerKind.Single, ProducerKind.Multi];

    [Fact]
    public void DoWork_EventsWaiting_HandlesHalfARingAndSaysHowMany()
    {
        RingBuffer<int> ring = new(8, ProducerKind.Single);
        var consumer = ring.NewConsumer("c", new Recorder([]), _faults.Add);
        Assert.Equal(0, consumer.DoWork());
        Fill(ring, 6);
        Assert.Equal(4, consumer.DoWork());
        Assert.Equal(2, consumer.DoWork());
        Assert.Equal(0, consumer.DoWork());
        Assert.Equal([(0, false), (1, false), (2, false), (3, true), (4, false), (5, true)], consumer.Handler.Seen);
        Assert.Equal(5, consumer.Sequence.Value);
    }

    [Fact]
    public void DoWork_RingClosed_HandlesTheRestAndEnds()
    {
        RingBuffer<int> ring = new(8, ProducerKind.Single);
        var consumer = ring.NewConsumer("c", new Recorder([]), _faults.Add);
        Fill(ring, 5);
        ring.Close();
        Assert.Equal(4, consumer.DoWork());
        Assert.Equal(ConsumerState.Running, consumer.State);
        Assert.Equal(1, consumer.DoWork());
        Assert.Equal(0, consumer.DoWork());
        Assert.Equal(ConsumerState.Ended, consumer.State);
        Assert.Equal(5, consumer.Handler.Seen.Count);
        Assert.Empty(_faults);
    }

    [Fact]
    public void Run_ClosedBeforeItStarts_HandlesWhatIsPublishedAndEnds()
    {
        RingBuffer<int> ring = new(8, ProducerKind.Multi);
        var consumer = ring.NewConsumer("c", new Recorder([]), _faults.Add);
        Fill(ring, 3);
        ring.Close();
        TestThread.Start(consumer.Run<Blocking>).Join();
        Assert.Equal(3, consumer.Handler.Seen.Count);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Run_ClosedWhileItWaits_Ends(ProducerKind producers)
    {
        CloseEnds<BusySpin>(producers);
        CloseEnds<Yielding>(producers);
        CloseEnds<Blocking>(producers);
        CloseEnds<ParkingRingFlowTests.ParkAtOnce>(producers);
    }

    [Fact]
    public void Run_ConsumerAfterAnother_EndsAfterItHandledWhatTheOtherDid()
    {
        RingBuffer<int> ring = new(8, ProducerKind.Single);
        var first = ring.NewConsumer("first", new Recorder([]), _faults.Add);
        var second = ring.NewConsumer("second", new Recorder([]), _faults.Add, first.Sequence);
        Fill(ring, 8);
        ring.Close();
        TestThread run = TestThread.Start(second.Run<Blocking>);
        TestThread.Start(first.Run<Blocking>).Join();
        run.Join();
        Assert.Equal(8, second.Handler.Seen.Count);
        Assert.Equal(ConsumerState.Ended, second.State);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Run_HandlerThrows_EndsOnlyThatConsumerAndTellsTheOwner(ProducerKind producers)
    {
        RingBuffer<int> ring = new(8, producers);
        var failing = ring.NewConsumer("failing", new ThrowAt(3, new FormatException("boom")), _faults.Add);
        var after = ring.NewConsumer("after", new Recorder([]), _faults.Add, failing.Sequence);
        var beside = ring.NewConsumer("beside", new Recorder([]), _faults.Add);
        Fill(ring, 8);
        TestThread producer = TestThread.Start(() => ring.Next(8));
        TestThread[] others = [TestThread.Start(after.Run<Blocking>), TestThread.Start(beside.Run<Blocking>)];
        TestThread.Start(failing.Run<Blocking>).Join();
        Assert.IsType<RingClosedException>(producer.JoinForError());
        foreach (TestThread other in others)
            other.Join();

        Assert.Equal(ConsumerState.Faulted, failing.State);
        Assert.Equal(2, failing.Sequence.Value);
        ConsumerFault fault = Assert.Single(_faults);
        Assert.Equal(("failing", 3L, "boom"), (fault.Consumer, fault.Sequence, fault.Error.Message));
        Assert.Equal(fault, failing.Fault);
        Assert.Equal([(0, false), (1, false), (2, true)], after.Handler.Seen);
        Assert.Equal(8, beside.Handler.Seen.Count);
        Assert.Equal((ConsumerState.Ended, ConsumerState.Ended), (after.State, beside.State));
    }

    [Fact]
    public void DoWork_HandlerThrows_CountsWhatWasHandledAndStaysEnded()
    {
        RingBuffer<int> ring = new(16, ProducerKind.Single);
        var consumer = ring.NewConsumer("c", new ThrowAt(3, new FormatException()), _faults.Add);
        Fill(ring, 8);
        Assert.Equal(3, consumer.DoWork());
        Assert.Equal(0, consumer.DoWork());
        Assert.Equal(ConsumerState.Faulted, consumer.State);
        Assert.True(ring.IsClosed);
        Assert.Equal(3, Assert.Single(_faults).Sequence);
    }

    [Fact]
    public void DoWork_HandlerFindsTheNextRingClosed_EndsInGoodOrder()
    {
        RingBuffer<int> ring = new(8, ProducerKind.Single);
        var consumer = ring.NewConsumer("c", new ThrowAt(1, new RingClosedException()), _faults.Add);
        Fill(ring, 2);
        Assert.Equal(1, consumer.DoWork());
        Assert.Equal(ConsumerState.Ended, consumer.State);
        Assert.Null(consumer.Fault);
        Assert.Empty(_faults);
        Assert.True(ring.IsClosed);
    }

    [Fact]
    public void Complete_EventsWaiting_EndsWithoutThem()
    {
        RingBuffer<int> ring = new(8, ProducerKind.Single);
        var consumer = ring.NewConsumer("c", new Recorder([]), _faults.Add);
        Fill(ring, 2);
        consumer.Complete();
        Assert.Equal(0, consumer.DoWork());
        Assert.Equal(ConsumerState.Ended, consumer.State);
        Assert.True(ring.IsClosed);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Run_FromTheFirstEventOn_AllocatesNothingOnEitherSide(ProducerKind producers)
    {
        AllocatesNothing<Yielding>(producers);
        AllocatesNothing<ParkingRingFlowTests.ParkAtOnce>(producers);
    }

    private void CloseEnds<TWait>(ProducerKind producers)
        where TWait : struct, IWaitStrategy
    {
        RingBuffer<int> ring = new(8, producers);
        var consumer = ring.NewConsumer("c", new Recorder([]), _faults.Add);
        TestThread run = TestThread.Start(consumer.Run<TWait>);
        Fill(ring, 3);
        TestThread.Until(() => consumer.Sequence.Value == 2);
        ring.Close();
        run.Join();
        Assert.Equal(ConsumerState.Ended, consumer.State);
        Assert.Equal(3, consumer.Handler.Seen.Count);
    }

    // The runtime allocates a few bytes once, at a moment of its own (first contention, first native call), also on
    // these threads. What an event or a wait allocates shows in every flow.
    private void AllocatesNothing<TWait>(ProducerKind producers)
        where TWait : struct, IWaitStrategy
    {
        (long Produced, long Consumed)[] flows =
            [.. Enumerable.Range(0, 3).Select(_ => AllocatedByFlow<TWait>(producers))];
        Assert.Equal(0, flows.Min(f => f.Produced));
        Assert.Equal(0, flows.Min(f => f.Consumed));
    }

    private (long Produced, long Consumed) AllocatedByFlow<TWait>(ProducerKind producers)
        where TWait : struct, IWaitStrategy
    {
        const int Count = 5_000;
        RingBuffer<int> ring = new(4, producers);
        var consumer = ring.NewConsumer("c", new AllocationProbe(Count - 1), _faults.Add);
        TestThread run = TestThread.Start(consumer.Run<TWait>);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Fill<TWait>(ring, Count);
        long produced = GC.GetAllocatedBytesForCurrentThread() - before;
        ring.Close();
        run.Join();
        return (produced, consumer.Handler.Bytes);
    }

    private static void Fill(RingBuffer<int> ring, int count) => Fill<Blocking>(ring, count);

    private static void Fill<TWait>(RingBuffer<int> ring, int count)
        where TWait : struct, IWaitStrategy
    {
        for (int i = 0; i < count; i++)
        {
            long sequence = ring.Next<TWait>();
            ring[sequence] = (int)sequence;
            ring.Publish(sequence);
        }
    }

    private readonly struct Recorder(List<(int, bool)> seen) : IEventHandler<int>
    {
        public List<(int Item, bool EndOfBatch)> Seen => seen;

        public void OnEvent(ref int item, long sequence, bool endOfBatch) => seen.Add((item, endOfBatch));
    }

    private readonly struct ThrowAt(long sequence, Exception error) : IEventHandler<int>
    {
        public void OnEvent(ref int item, long current, bool endOfBatch)
        {
            if (current == sequence)
                throw error;
        }
    }

    private struct AllocationProbe(int last) : IEventHandler<int>
    {
        public long Bytes = -1;

        public void OnEvent(ref int item, long sequence, bool endOfBatch)
        {
            if (sequence == 0)
                Bytes = -GC.GetAllocatedBytesForCurrentThread();
            else if (sequence == last)
                Bytes += GC.GetAllocatedBytesForCurrentThread();
        }
    }
}
