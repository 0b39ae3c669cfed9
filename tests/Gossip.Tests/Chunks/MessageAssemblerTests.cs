using Fragcast.Gossip.Broadcast;
using Fragcast.Gossip.Chunks;
using Fragcast.Gossip.Wire;
using Fragcast.Transport.Buffers;

namespace Fragcast.Gossip.Tests.Chunks;

public sealed class MessageAssemblerTests
{
    private const int LongLength = 700_000;

    private readonly MessageBuffers _buffers = new(4, 4, 9);

    [Fact]
    public void TryAdd_OneSegment_GivesTheMessageAtOnce()
    {
        using var assembler = new MessageAssembler(_buffers);
        using TestChunks chunks = TestChunks.Make(32_768);
        Assert.Equal(Refusal.None, assembler.TryAdd(chunks.Item, chunks.Leases, chunks.All(), out BufferLease message));
        Assert.Equal(chunks.Message, message.Span.ToArray());
        message.Release();
        Assert.Equal(0, _buffers.Outstanding);
    }

    [Theory]
    [InlineData(LongLength)]
    [InlineData(EnvelopeLayout.LengthMax)]
    public void TryAdd_SegmentsInAnyOrder_GivesTheMessageWithTheLast(int length)
    {
        using var assembler = new MessageAssembler(_buffers);
        int[] order = [.. Enumerable.Range(0, ChunkShape.Of(length, ChunkPlan.Default).Segments)];
        new Random(4).Shuffle(order);
        foreach (int segment in order)
        {
            using TestChunks chunks = Segment(length, segment);
            ChunkSet have = chunks.All();
            have.Remove(2);
            Assert.Equal(Refusal.None, assembler.TryAdd(chunks.Item, chunks.Leases, have, out BufferLease message));
            Assert.Equal(segment == order[^1], message.IsValid);
            if (message.IsValid)
            {
                Assert.True(message.Span.SequenceEqual(chunks.Message));
                message.Release();
            }
        }

        Assert.Equal(0, _buffers.Outstanding);
    }

    [Fact]
    public void TryAdd_SegmentThatIsThere_IsAnEquivocation()
    {
        using var assembler = new MessageAssembler(_buffers);
        using TestChunks first = Segment(LongLength, 1);
        using TestChunks second = Segment(LongLength, 1, seed: 2);
        Assert.Equal(Refusal.None, assembler.TryAdd(first.Item, first.Leases, first.All(), out _));
        Assert.Equal(Refusal.Equivocation, assembler.TryAdd(second.Item, second.Leases, second.All(), out _));
    }

    [Fact]
    public void TryAdd_ParityThatDoesNotFit_KeepsNoBuffer()
    {
        using var assembler = new MessageAssembler(_buffers);
        using TestChunks chunks = TestChunks.Make(32_768);
        chunks.Leases[40].Span[chunks.Head(40).DataStart] ^= 1;
        chunks.Reseal();
        ChunkSet have = default;
        for (byte i = 1; i <= 40; i++)
        {
            if (i is < 36 or 40)
            {
                have.Add(i);
            }
        }

        Assert.Equal(
            Refusal.ChunkParity, assembler.TryAdd(chunks.Item, chunks.Leases, have, out BufferLease message));
        Assert.False(message.IsValid);
        Assert.Equal(Refusal.Truncated, assembler.TryAdd(chunks.Item, chunks.Leases, default, out _));
        Assert.Equal(0, _buffers.Outstanding);
    }

    [Fact]
    public void TryAdd_NoBufferFree_IsNoBuffer()
    {
        using var assembler = new MessageAssembler(_buffers);
        using TestChunks chunks = TestChunks.Make(32_768);
        using TestChunks segment = Segment(LongLength, 0);
        var rented = new List<BufferLease>();
        while (_buffers.TryRent(1, out BufferLease lease))
        {
            rented.Add(lease);
        }

        Assert.Equal(Refusal.NoBuffer, assembler.TryAdd(chunks.Item, chunks.Leases, chunks.All(), out _));
        Assert.Equal(Refusal.NoBuffer, assembler.TryAdd(segment.Item, segment.Leases, segment.All(), out _));
        rented.ForEach(lease => lease.Release());
        Assert.Equal(Refusal.None, assembler.TryAdd(segment.Item, segment.Leases, segment.All(), out _));
        assembler.Dispose();
        Assert.Equal(0, _buffers.Outstanding);
    }

    [Fact]
    public void TryAdd_MoreLongMessagesThanAreKept_GivesUpTheOldest()
    {
        using var assembler = new MessageAssembler(_buffers);
        for (int i = 0; i <= MessageAssembler.PartialMax; i++)
        {
            using TestChunks chunks = Segment(LongLength, 0, block: (ulong)i);
            Assert.Equal(Refusal.None, assembler.TryAdd(chunks.Item, chunks.Leases, chunks.All(), out _));
            Assert.Equal(Math.Min(i + 1, MessageAssembler.PartialMax), _buffers.Outstanding);
        }

        // The second is still there, the first began anew.
        using TestChunks second = Segment(LongLength, 0, seed: 3, block: 1);
        Assert.Equal(Refusal.Equivocation, assembler.TryAdd(second.Item, second.Leases, second.All(), out _));
        using TestChunks first = Segment(LongLength, 0, block: 0);
        Assert.Equal(Refusal.None, assembler.TryAdd(first.Item, first.Leases, first.All(), out _));
        assembler.Dispose();
        Assert.Equal(0, _buffers.Outstanding);
    }

    [Fact]
    public void TryAdd_Always_AllocatesNothing()
    {
        using var assembler = new MessageAssembler(_buffers);
        using TestChunks chunks = TestChunks.Make(32_768);
        ChunkSet have = chunks.All();
        bool isGood = true;
        AllocationGate gate = new();
        while (gate.NextRun())
        {
            isGood &= assembler.TryAdd(chunks.Item, chunks.Leases, have, out BufferLease message) == Refusal.None;
            message.Release();
        }

        Assert.True(isGood);
        Assert.Equal(0, gate.LeastBytes);
    }

    private static TestChunks Segment(int length, int segment, int seed = 1, ulong block = 77) => TestChunks.Make(
        length, seed, place: TestChunks.Place with { Segment = (ushort)segment, Block = block });
}
