using Fragcast.Gossip.Broadcast;
using Fragcast.Gossip.Chunks;
using Fragcast.Transport.Buffers;

namespace Fragcast.Gossip.Tests.Chunks;

public sealed class ChunkMakerTests
{
    private readonly PinnedBufferPool _pool = new(4);
    private readonly ChunkMaker _maker;

    public ChunkMakerTests() => _maker = new ChunkMaker(_pool);

    [Theory]
    [InlineData(32_768)]
    [InlineData(2500)]
    [InlineData(300)]
    public void TryMake_EveryMissingChunk_IsTheLeadersAsARepair(int length)
    {
        using TestChunks chunks = TestChunks.Make(length);
        ChunkSet have = chunks.All();
        for (int i = 0; i < chunks.Item.Total; i++)
        {
            // Of copies the first half goes, so that every piece stays.
            if (chunks.Item.IsCopied ? i < chunks.Item.Data : i % 4 == 0)
            {
                have.Remove((byte)i);
            }
        }

        for (int i = 0; i < chunks.Item.Total; i++)
        {
            bool isMade = _maker.TryMake(chunks.Item, chunks.Leases, have, (byte)i, out BufferLease made);
            Assert.Equal(!have.Contains((byte)i), isMade);
            if (isMade)
            {
                byte[] expected = chunks.Chunk(i);
                ChunkHead.WriteRepair(expected, isRepair: true);
                Assert.Equal(expected, made.Span.ToArray());
                made.Release();
            }
        }

        Assert.Equal(0, _pool.Outstanding);
    }

    [Fact]
    public void TryMake_IndexOutOfRangeOrTooFewChunks_IsFalse()
    {
        using TestChunks chunks = TestChunks.Make(32_768);
        ChunkSet have = chunks.All();
        Assert.False(_maker.TryMake(chunks.Item, chunks.Leases, have, chunks.Item.Total, out _));
        for (int i = 0; i <= chunks.Item.Total - chunks.Item.Data; i++)
        {
            have.Remove((byte)i);
        }

        Assert.False(_maker.TryMake(chunks.Item, chunks.Leases, have, 0, out _));
    }

    [Fact]
    public void TryMake_NoBufferFree_IsFalse()
    {
        using TestChunks chunks = TestChunks.Make(32_768);
        ChunkSet have = chunks.All();
        have.Remove(3);
        var made = new List<BufferLease>();
        while (_maker.TryMake(chunks.Item, chunks.Leases, have, 3, out BufferLease lease))
        {
            made.Add(lease);
        }

        Assert.Equal(_pool.SlotCount, made.Count);
        made.ForEach(lease => lease.Release());
    }

    [Fact]
    public void TryMake_ParityThatDoesNotFit_IsFalse()
    {
        using TestChunks chunks = TestChunks.Make(32_768);
        chunks.Leases[50].Span[900] ^= 1;
        chunks.Reseal();
        ChunkSet have = chunks.All();
        have.Remove(3);
        Assert.False(_maker.TryMake(chunks.Item, chunks.Leases, have, 50, out _));
        have.Remove(50);
        Assert.False(_maker.TryMake(chunks.Item, chunks.Leases, have, 3, out _));
        Assert.Equal(0, _pool.Outstanding);
    }

    [Fact]
    public void TryMake_ManyItems_KeepsThemApart()
    {
        for (int round = 0; round < 2; round++)
        {
            for (int seed = 0; seed < ChunkMaker.TreesMax + 3; seed++)
            {
                using TestChunks chunks = TestChunks.Make(5000, seed);
                ChunkSet have = chunks.All();
                have.Remove(1);
                Assert.True(_maker.TryMake(chunks.Item, chunks.Leases, have, 1, out BufferLease made));
                Assert.Equal(Refusal.None, new ChunkVerifier(TestChunks.NetworkId, 2)
                    .Verify(made.Span, chunks.Head(1), chunks.Leader, true).Refusal);
                made.Release();
            }
        }
    }

    [Fact]
    public void TryMake_Always_AllocatesNothing()
    {
        using TestChunks chunks = TestChunks.Make(32_768);
        using TestChunks others = TestChunks.Make(32_768, seed: 2);
        ChunkSet have = chunks.All();
        have.Remove(3);
        bool isGood = true;
        AllocationGate gate = new();
        while (gate.NextRun())
        {
            for (int i = 0; i < ChunkMaker.TreesMax; i++)
            {
                TestChunks source = i % 2 == 0 ? chunks : others;
                isGood &= _maker.TryMake(source.Item, source.Leases, have, 3, out BufferLease made);
                made.Release();
            }
        }

        Assert.True(isGood);
        Assert.Equal(0, gate.LeastBytes);
    }
}
