using System.Runtime.InteropServices;
using Fragcast.Transport.Buffers;
using Fragcast.Transport.Rings;
using Fragcast.Transport.Tests.Rings;

namespace Fragcast.Transport.Tests.Buffers;

public sealed unsafe class PinnedBufferPoolTests
{
    [Theory]
    [InlineData(0, 2048)]
    [InlineData(-1, 2048)]
    [InlineData(4, 0)]
    [InlineData(int.MaxValue, 2048)]
    [InlineData(1, int.MaxValue)]
    public void Constructor_SizeOutOfRange_Throws(int slotCount, int slotSize) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new PinnedBufferPool(slotCount, slotSize));

    [Theory]
    [InlineData(2048)]
    [InlineData(64 * 1024)]
    [InlineData(1024 * 1024)]
    [InlineData(100)]
    public void TryRent_AllSlots_AreDisjointAlignedAndLargeEnough(int slotSize)
    {
        PinnedBufferPool pool = new(3, slotSize);
        nint[] addresses = [.. Rent(pool, 3).Select(lease => (nint)lease.Pointer).Order()];
        Assert.True(pool.SlotSize >= slotSize);
        Assert.All(addresses, address => Assert.Equal(0, address % CacheLine.Size));
        Assert.Equal(pool.SlotSize, addresses[1] - addresses[0]);
        Assert.Equal(pool.SlotSize, addresses[2] - addresses[1]);
    }

    [Fact]
    public void TryRent_PoolEmpty_ReturnsFalseUntilOneIsBack()
    {
        PinnedBufferPool pool = new(2);
        BufferLease[] leases = Rent(pool, 2);
        Assert.False(pool.TryRent(out BufferLease none));
        Assert.False(none.IsValid);
        Assert.Equal(2, pool.Outstanding);
        leases[0].Release();
        Assert.True(pool.TryRent(out _));
        Assert.False(pool.TryRent(out _));
    }

    [Fact]
    public void Outstanding_LeaseForgotten_CountsTheLeak()
    {
        PinnedBufferPool pool = new(4);
        foreach (BufferLease lease in Rent(pool, 3).Skip(1))
            lease.Release();
        Assert.Equal(1, pool.Outstanding);
    }

    [Fact]
    public void Memory_OfALease_IsTheSlotAndPinned()
    {
        PinnedBufferPool pool = new(2);
        BufferLease lease = Rent(pool, 2)[1];
        ReadOnlyMemory<byte> memory = lease.Memory;
        lease.Span[5] = 77;
        Assert.Equal(pool.SlotSize, memory.Length);
        Assert.Equal(77, memory.Span[5]);
        GC.Collect();
        using var handle = memory.Pin();
        Assert.Equal((nint)lease.Pointer, (nint)handle.Pointer);
        Assert.True(MemoryMarshal.TryGetArray(memory, out _));
    }

    [Fact]
    public void RentShareSliceRelease_SteadyState_AllocatesNothing()
    {
        PinnedBufferPool pool = new(4);
        Assert.Equal(2000, Cycle(pool, 100));
        AllocationGate gate = new();
        while (gate.NextRun())
            Cycle(pool, 100);
        Assert.Equal(0, gate.LeastBytes);
        Assert.Equal(0, pool.Outstanding);
    }

    [Fact]
    public void RentRelease_FromFourThreads_NoSlotHasTwoOwners()
    {
        PinnedBufferPool pool = new(6, CacheLine.Size);
        int collisions = 0;
        TestThread[] threads = [.. Enumerable.Range(1, 4).Select(id => TestThread.Start(() =>
        {
            for (int i = 0; i < 20_000; i++)
            {
                if (!pool.TryRent(out BufferLease first))
                    continue;
                if (pool.TryRent(out BufferLease second))
                {
                    second.Span[0] = (byte)id;
                    first.Span[0] = (byte)id;
                    if (second.Span[0] != id)
                        Interlocked.Increment(ref collisions);
                    second.Release();
                }

                first.Span[0] = (byte)id;
                if (i % 64 == 0)
                    Thread.Yield();
                if (first.Span[0] != id)
                    Interlocked.Increment(ref collisions);
                first.Release();
            }
        }))];
        foreach (TestThread thread in threads)
            thread.Join();
        Assert.Equal(0, collisions);
        Assert.Equal(0, pool.Outstanding);
        Assert.Equal(6, Rent(pool, 6).Select(lease => (nint)lease.Pointer).Distinct().Count());
    }

    [Fact]
    public void Release_LastHoldersOnOtherThreads_EachSlotComesBackOnce()
    {
        // One thread receives, two consumers share every buffer: the way of a datagram.
        PinnedBufferPool pool = new(8, CacheLine.Size);
        RingBuffer<BufferLease> ring = new(4, ProducerKind.Single);
        RingReader<BufferLease>[] readers = [ring.NewReader(), ring.NewReader()];
        int wrong = 0;
        TestThread[] consumers = [.. readers.Select(reader => TestThread.Start(() =>
        {
            while (reader.WaitRead<Blocking>(4, out long low, out long high))
            {
                for (long sequence = low; sequence <= high; sequence++)
                {
                    if (MemoryMarshal.Read<long>(ring[sequence].Span) != sequence)
                        Interlocked.Increment(ref wrong);
                    ring[sequence].Release();
                }

                reader.Release(high);
            }
        }))];
        for (int i = 0; i < 20_000; i++)
        {
            BufferLease lease = default;
            TestThread.Until(() => pool.TryRent(out lease));
            long sequence = ring.Next();
            MemoryMarshal.Write(lease.Span, sequence);
            ring[sequence] = lease.Retain();
            ring.Publish(sequence);
        }

        ring.Close();
        foreach (TestThread consumer in consumers)
            consumer.Join();
        Assert.Equal(0, wrong);
        Assert.Equal(0, pool.Outstanding);
    }

    private static BufferLease[] Rent(PinnedBufferPool pool, int count) =>
        [.. Enumerable.Range(0, count).Select(_ => pool.TryRent(out BufferLease lease) ? lease : default)];

    private static int Cycle(PinnedBufferPool pool, int rounds)
    {
        int bytes = 0;
        for (int i = 0; i < rounds && pool.TryRent(out BufferLease lease); i++)
        {
            ReadOnlyMemory<byte> part = lease.Retain().Slice(10, 100).Memory[20..40];
            bytes += part.Length;
            lease.Release();
            lease.Release();
        }

        return bytes;
    }
}
