using Fragcast.Transport.Rings;

namespace Fragcast.Transport.Tests.Rings;

/// <summary>
/// Real threads over small rings that wrap and fill all the time: every event arrives once, in order, with its content,
/// in every combination of producers, consumers and wait strategies.
/// </summary>
public abstract class RingFlowTests<TWait>
    where TWait : struct, IWaitStrategy
{
    private const int EventCount = 20_000;

    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(2, 1, 1)]
    [InlineData(64, 1, 1)]
    [InlineData(64, 1, 16)]
    [InlineData(2, 2, 1)]
    [InlineData(8, 2, 3)]
    [InlineData(64, 3, 5)]
    [InlineData(16, 4, 1)]
    public void Flow_ProducersToOneConsumer_EachProducersEventsArriveInOrder(int size, int producerCount, int batch)
    {
        RingBuffer<Event> ring = new(size, producerCount == 1 ? ProducerKind.Single : ProducerKind.Multi);
        var consumer = ring.NewConsumer("check", new OrderCheck(producerCount), Fail);
        TestThread[] producers = [.. Enumerable.Range(0, producerCount).Select(p => Produce(ring, p, batch))];
        TestThread run = TestThread.Start(consumer.Run<TWait>);
        foreach (TestThread producer in producers)
            producer.Join();
        ring.Close();
        run.Join();

        Assert.Equal(ConsumerState.Ended, consumer.State);
        Assert.All(consumer.Handler.Next, next => Assert.Equal(EventCount / batch * batch, next));
        Assert.Equal(0, consumer.Handler.OutOfOrder);
        Assert.True(consumer.Handler.LastWasEndOfBatch);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Flow_Diamond_LastConsumerSeesTheWorkOfBothSides(int producerCount)
    {
        RingBuffer<Event> ring = new(8, producerCount == 1 ? ProducerKind.Single : ProducerKind.Multi);
        var left = ring.NewConsumer("left", new MarkLeft(), Fail);
        var right = ring.NewConsumer("right", new MarkRight(), Fail);
        var bottom = ring.NewConsumer("bottom", new DiamondCheck(), Fail, left.Sequence, right.Sequence);
        TestThread[] consumers =
        [
            TestThread.Start(bottom.Run<TWait>), TestThread.Start(left.Run<TWait>), TestThread.Start(right.Run<TWait>),
        ];
        TestThread[] producers = [.. Enumerable.Range(0, producerCount).Select(p => Produce(ring, p, 1))];
        foreach (TestThread producer in producers)
            producer.Join();
        ring.Close();
        foreach (TestThread consumer in consumers)
            consumer.Join();

        Assert.Equal(EventCount * producerCount, bottom.Handler.Seen);
        Assert.Equal(0, bottom.Handler.Unmarked);
    }

    [Fact]
    public void Flow_ThreeConsumersOfDifferentSpeed_NoneIsOverrun()
    {
        RingBuffer<Event> ring = new(4, ProducerKind.Single);
        var consumers = Enumerable.Range(0, 3)
            .Select(i => ring.NewConsumer($"c{i}", new OrderCheck(1) { YieldEvery = 3 * i }, Fail)).ToArray();
        TestThread[] runs = [.. consumers.Select(consumer => TestThread.Start(consumer.Run<TWait>))];
        Produce(ring, 0, 2).Join();
        ring.Close();
        foreach (TestThread run in runs)
            run.Join();
        Assert.All(consumers, consumer => Assert.Equal(EventCount, consumer.Handler.Next[0]));
        Assert.All(consumers, consumer => Assert.Equal(0, consumer.Handler.OutOfOrder));
    }

    [Fact]
    public void Flow_PingPongOverTwoRings_NoWakeUpIsLost()
    {
        // One event in flight: each side sleeps or is about to, whenever the other publishes.
        RingBuffer<Event> there = new(2, ProducerKind.Single);
        RingBuffer<Event> back = new(2, ProducerKind.Multi);
        RingReader<Event> thereReader = there.NewReader();
        RingReader<Event> backReader = back.NewReader();
        TestThread echo = TestThread.Start(() =>
        {
            while (thereReader.WaitRead<TWait>(1, out long low, out _))
            {
                long sequence = back.Next<TWait>();
                back[sequence].Number = there[low].Number;
                back.Publish(sequence);
                thereReader.Release(low);
            }
        });
        for (int i = 0; i < EventCount / 4; i++)
        {
            long sequence = there.Next<TWait>();
            there[sequence].Number = i;
            there.Publish(sequence);
            Assert.True(backReader.WaitRead<TWait>(1, out long low, out _));
            Assert.Equal(i, back[low].Number);
            backReader.Release(low);
        }

        there.Close();
        echo.Join();
    }

    private static TestThread Produce(RingBuffer<Event> ring, int producer, int batch) => TestThread.Start(() =>
    {
        batch = Math.Min(batch, ring.Size);
        int number = 0;
        for (int i = 0; i < EventCount / batch; i++)
        {
            long high = ring.Next<TWait>(batch);
            for (long sequence = high - batch + 1; sequence <= high; sequence++)
                ring[sequence] = new Event { Producer = producer, Number = number++, Sequence = sequence };
            ring.Publish(high - batch + 1, high);
        }
    });

    private static void Fail(ConsumerFault fault) => Assert.Fail(fault.ToString());

    private struct Event
    {
        public int Producer;
        public int Number;
        public long Sequence;
        public int Left;
        public int Right;
    }

    private struct OrderCheck(int producerCount) : IEventHandler<Event>
    {
        public readonly int[] Next = new int[producerCount];
        public int OutOfOrder;
        public int YieldEvery;
        public bool LastWasEndOfBatch;

        public void OnEvent(ref Event item, long sequence, bool endOfBatch)
        {
            if (item.Number != Next[item.Producer]++ || item.Sequence != sequence)
                OutOfOrder++;
            LastWasEndOfBatch = endOfBatch;
            if (YieldEvery > 0 && sequence % YieldEvery == 0)
                Thread.Yield();
        }
    }

    private struct MarkLeft : IEventHandler<Event>
    {
        public readonly void OnEvent(ref Event item, long sequence, bool endOfBatch) => item.Left = item.Number + 1;
    }

    private struct MarkRight : IEventHandler<Event>
    {
        public readonly void OnEvent(ref Event item, long sequence, bool endOfBatch) => item.Right = item.Number + 2;
    }

    private struct DiamondCheck : IEventHandler<Event>
    {
        public int Seen;
        public int Unmarked;

        public void OnEvent(ref Event item, long sequence, bool endOfBatch)
        {
            Seen++;
            if (item.Left != item.Number + 1 || item.Right != item.Number + 2)
                Unmarked++;
        }
    }
}

public sealed class YieldingRingFlowTests : RingFlowTests<Yielding>;

public sealed class BlockingRingFlowTests : RingFlowTests<Blocking>;

/// <summary>Blocking without the spins before it: every wait goes to the kernel.</summary>
public sealed class ParkingRingFlowTests : RingFlowTests<ParkingRingFlowTests.ParkAtOnce>
{
    public readonly struct ParkAtOnce : IWaitStrategy
    {
        public static bool Relax(int attempt) => false;
    }
}
