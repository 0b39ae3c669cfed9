using Fragcast.Transport.Rings;

namespace Fragcast.Transport.Tests.Rings;

public sealed class RingBufferTests
{
    public static TheoryData<ProducerKind> Kinds => [ProducerKind.Single, ProducerKind.Multi];

    [Theory]
    [InlineData(0)]
    [InlineData(-8)]
    [InlineData(3)]
    [InlineData(100)]
    public void Constructor_SizeNoPowerOfTwo_Throws(int size)
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new RingBuffer<long>(size, ProducerKind.Single));
        Assert.Throws<ArgumentOutOfRangeException>(() => new RingBuffer<long>(size, ProducerKind.Multi));
    }

    [Fact]
    public void Constructor_WithFactory_CreatesOneObjectPerSlot()
    {
        int created = 0;
        RingBuffer<int[]> ring = new(4, ProducerKind.Single, () => [created++]);
        Assert.Equal(4, created);
        Assert.Equal([0, 1, 2, 3, 0], Enumerable.Range(0, 5).Select(i => ring[i][0]));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Next_FirstClaims_CountFromZero(ProducerKind producers)
    {
        RingBuffer<long> ring = new(8, producers);
        Assert.Equal(0, ring.Next());
        Assert.Equal(3, ring.Next(3));
        Assert.True(ring.TryNext(out long high));
        Assert.Equal(4, high);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Next_CountOutOfRange_Throws(ProducerKind producers)
    {
        RingBuffer<long> ring = new(8, producers);
        foreach (int count in (int[])[0, -1, 9, int.MaxValue, int.MinValue])
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => ring.Next(count));
            Assert.Throws<ArgumentOutOfRangeException>(() => ring.TryNext(count, out _));
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void TryNext_RingFull_ReturnsFalseUntilReleased(ProducerKind producers)
    {
        RingBuffer<long> ring = new(4, producers);
        RingReader<long> reader = ring.NewReader();
        Assert.True(ring.TryNext(4, out long high));
        ring.Publish(0, high);
        Assert.False(ring.TryNext(out _));
        Assert.Equal(4, ring.Depth);

        Assert.True(reader.TryRead(1, out _, out long read));
        reader.Release(read);
        Assert.False(ring.TryNext(2, out _));
        Assert.True(ring.TryNext(1, out high));
        Assert.Equal(4, high);
        Assert.False(ring.TryNext(out _));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void TryNext_SlowestOfTwoReadersHolds_ReturnsFalse(ProducerKind producers)
    {
        RingBuffer<long> ring = new(4, producers);
        RingReader<long> fast = ring.NewReader();
        RingReader<long> slow = ring.NewReader();
        ring.Publish(0, ring.Next(4));
        Assert.True(fast.TryRead(4, out _, out long high));
        fast.Release(high);
        Assert.False(ring.TryNext(out _));
        Assert.True(slow.TryRead(1, out _, out high));
        slow.Release(high);
        Assert.True(ring.TryNext(out _));
        Assert.False(ring.TryNext(out _));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void TryNext_NobodyReads_FillsUpOnce(ProducerKind producers)
    {
        RingBuffer<long> ring = new(4, producers);
        Assert.True(ring.TryNext(4, out _));
        Assert.False(ring.TryNext(out _));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void NewReader_AfterTheFirstEvent_Throws(ProducerKind producers)
    {
        RingBuffer<long> ring = new(4, producers);
        ring.Publish(ring.Next());
        Assert.Throws<InvalidOperationException>(() => ring.NewReader());
    }

    [Fact]
    public void Publish_SeveralProducersOutOfOrder_ReaderStopsAtTheGap()
    {
        RingBuffer<long> ring = new(8, ProducerKind.Multi);
        RingReader<long> reader = ring.NewReader();
        long first = ring.Next();
        long second = ring.Next(2);
        ring.Publish(second - 1, second);
        Assert.False(reader.TryRead(8, out _, out _));
        ring.Publish(first);
        Assert.True(reader.TryRead(8, out long low, out long high));
        Assert.Equal((0, 2), (low, high));
    }

    [Fact]
    public void Publish_LapsOfASmallRing_OldPublicationsAreNotMistakenForNew()
    {
        RingBuffer<long> ring = new(2, ProducerKind.Multi);
        RingReader<long> reader = ring.NewReader();
        for (int i = 0; i < 100; i++)
        {
            long claimed = ring.Next();
            Assert.False(reader.TryRead(2, out _, out _));
            ring.Publish(claimed);
            Assert.True(reader.TryRead(2, out long low, out long high));
            Assert.Equal((i, i), (low, high));
            reader.Release(high);
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Next_RingFull_WaitsForTheReader(ProducerKind producers)
    {
        RingBuffer<long> ring = new(4, producers);
        RingReader<long> reader = ring.NewReader();
        ring.Publish(0, ring.Next(4));
        long claimed = -1;
        TestThread producer = TestThread.Start(() => claimed = ring.Next(2));
        for (int i = 0; i < 2; i++)
        {
            Assert.True(reader.TryRead(1, out _, out long high));
            reader.Release(high);
        }

        producer.Join();
        Assert.Equal(5, claimed);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Close_Repeated_RefusesClaims(ProducerKind producers)
    {
        RingBuffer<long> ring = new(4, producers);
        ring.Publish(ring.Next());
        ring.Close();
        ring.Close();
        Assert.True(ring.IsClosed);
        Assert.Throws<RingClosedException>(() => ring.Next());
        Assert.False(ring.TryNext(out _));
        Assert.Equal(0, ring.Cursor);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Close_ProducersWaitForRoom_ReleasesThemAll(ProducerKind producers)
    {
        CloseReleases<Blocking>(producers);
        CloseReleases<Yielding>(producers);
        CloseReleases<BusySpin>(producers);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Close_ClaimOutstanding_CanStillBePublished(ProducerKind producers)
    {
        RingBuffer<long> ring = new(4, producers);
        RingReader<long> reader = ring.NewReader();
        long claimed = ring.Next();
        ring.Close();
        ring.Publish(claimed);
        Assert.True(reader.WaitRead<Blocking>(4, out _, out long high));
        reader.Release(high);
        Assert.False(reader.WaitRead<Blocking>(4, out _, out _));
        Assert.True(reader.IsEnded);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Complete_ByAReader_ClosesTheRing(ProducerKind producers)
    {
        RingBuffer<long> ring = new(4, producers);
        RingReader<long> quitter = ring.NewReader();
        RingReader<long> other = ring.NewReader();
        ring.Publish(0, ring.Next(2));
        quitter.Complete();
        Assert.True(quitter.IsEnded);
        Assert.Throws<RingClosedException>(() => ring.Next());
        Assert.False(other.IsEnded);
        Assert.True(other.WaitRead<Blocking>(4, out _, out long high));
        Assert.Equal(1, high);
        other.Release(high);
        Assert.True(other.IsEnded);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void ClaimPublishRead_SteadyState_AllocatesNothing(ProducerKind producers)
    {
        RingBuffer<long> ring = new(16, producers);
        RingReader<long> reader = ring.NewReader();
        RunLaps(ring, reader, 1000);
        AllocationGate gate = new();
        while (gate.NextRun())
            RunLaps(ring, reader, 1000);
        Assert.Equal(0, gate.LeastBytes);
    }

    private static void RunLaps(RingBuffer<long> ring, RingReader<long> reader, int rounds)
    {
        for (int i = 0; i < rounds; i++)
        {
            long high = ring.Next(7);
            ring.Publish(high - 6, high);
            while (reader.WaitRead<Blocking>(3, out _, out long read))
            {
                reader.Release(read);
                if (read == high)
                    break;
            }
        }
    }

    private static void CloseReleases<TWait>(ProducerKind producers)
        where TWait : struct, IWaitStrategy
    {
        RingBuffer<long> ring = new(2, producers);
        ring.NewReader();
        ring.Publish(0, ring.Next(2));
        int count = producers == ProducerKind.Single ? 1 : 3;
        TestThread[] waiting = [.. Enumerable.Range(0, count).Select(_ => TestThread.Start(() => ring.Next<TWait>()))];
        for (int i = 0; i < 20; i++)
            Thread.Yield();
        ring.Close();
        foreach (TestThread thread in waiting)
            Assert.IsType<RingClosedException>(thread.JoinForError());
    }
}
