using System.Buffers.Binary;
using System.Security.Cryptography;
using Fragcast.Gossip.Broadcast;
using Fragcast.Gossip.Chunks;
using Fragcast.Gossip.Chunks.Proofs;
using Fragcast.Gossip.Wire;
using Fragcast.Primitives;
using Fragcast.Transport.Buffers;

namespace Fragcast.Gossip.Tests.Chunks;

public sealed class ChunkEncoderTests
{
    private static readonly ChunkPlan FiveOfEight = ChunkPlan.Default with { DataMin = 5, RedundancyPercent = 160 };

    // Computed by another program from the description in docs/protocol.md.
    [Fact]
    public void TryEncode_KnownMessage_GivesTheVector()
    {
        byte[] message = [.. Enumerable.Range(0, 1000).Select(i => (byte)((i * 7) + (i / 256)))];
        using TestChunks chunks = TestChunks.Of(message, FiveOfEight);
        ChunkHead head = chunks.Head(5);
        Assert.Equal((5, 8, 200), (head.Data, head.Total, head.ChunkLength));
        Assert.Equal("A0C154F8DA58CEC2", Convert.ToHexString(head.Content(chunks.Chunk(5))[..8]));
        Assert.Equal("5CA8D62AE770B0F6", Convert.ToHexString(head.Content(chunks.Chunk(7))[^8..]));

        byte[] root = Convert.FromHexString("190367ae291f5e520de35aa1f42c832ef474dd2f");
        Assert.Equal(BinaryPrimitives.ReadUInt64LittleEndian(root), chunks.Item.Tag);
        const string Digest = "0a401683209f88bda943c14cfa9091f4aa031ff748c0f287a6c787a73c350588";
        Assert.Equal(
            Digest, Convert.ToHexStringLower(ChunkSigning.Digest(TestChunks.NetworkId, head, root).Bytes));
        var body = new byte[ChunkSigning.SignedLength];
        Assert.Equal(
            Refusal.None,
            ChunkSigning.TryReadSigned(TestChunks.NetworkId, chunks.Chunk(5), body, out SignedChunk signed));
        Assert.Equal(Digest, Convert.ToHexStringLower(SHA256.HashData(body)));
        Assert.Equal(Digest, Convert.ToHexStringLower(signed.Digest.Bytes));
        Assert.Equal(chunks.Leader, signed.Signer);
    }

    [Fact]
    public void TryEncode_TreeWithAbsentLeaves_GivesTheVector()
    {
        byte[] message = [.. Enumerable.Range(0, 1000).Select(i => (byte)((i * 7) + (i / 256)))];
        using TestChunks chunks = TestChunks.Of(message, FiveOfEight with { RedundancyPercent = 120 });
        byte[] root = Convert.FromHexString("29c088dfc9e537d44f6f6d326adfb2495dc6633b");
        Assert.Equal(BinaryPrimitives.ReadUInt64LittleEndian(root), chunks.Item.Tag);
    }

    [Fact]
    public void TryEncode_WithTheSegmentsShapeGiven_MakesTheSameChunks()
    {
        using TestChunks chunks = TestChunks.Make(20_000);
        var pool = new PinnedBufferPool(300);
        var key = new byte[32];
        key.AsSpan().Fill(1);
        using var encoder = new ChunkEncoder(TestChunks.NetworkId, key, pool);
        var same = new BufferLease[chunks.Segment.Total];
        Assert.True(encoder.TryEncode(
            chunks.Message, TestChunks.Place, 1, chunks.Segment, same, out ItemHeader item));
        Assert.Equal(chunks.Item, item);
        for (int i = 0; i < item.Total; i++)
        {
            Assert.Equal(chunks.Chunk(i), same[i].Span.ToArray());
            same[i].Release();
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(1000)]
    [InlineData(3000)]
    [InlineData(32_768)]
    [InlineData(100_000)]
    public void TryEncode_AnyLength_PutsTheMessageIntoTheDataChunks(int length)
    {
        using TestChunks chunks = TestChunks.Make(length);
        var joined = new List<byte>();
        for (int i = 0; i < chunks.Item.Data; i++)
        {
            joined.AddRange(chunks.Head(i).Content(chunks.Leases[i].Span));
        }

        Assert.Equal(chunks.Message, joined.Take(length));
        Assert.All(joined.Skip(length), padding => Assert.Equal(0, padding));
        for (int i = 0; i < chunks.Item.Total; i++)
        {
            Assert.Equal(i, chunks.Head(i).Index);
            Assert.True(chunks.Leases[i].Length <= ChunkPlan.Default.DatagramBytes);
        }
    }

    [Fact]
    public void TryEncode_FewerThanFourPieces_CopiesThem()
    {
        using TestChunks chunks = TestChunks.Make(2500, plan: ChunkPlan.Default with { Copies = 3 });
        Assert.Equal((3, 9), (chunks.Item.Data, chunks.Item.Total));
        for (int i = 3; i < 9; i++)
        {
            Assert.True(chunks.Head(i).Content(chunks.Leases[i].Span)
                .SequenceEqual(chunks.Head(i % 3).Content(chunks.Leases[i % 3].Span)));
        }
    }

    [Fact]
    public void TryEncode_PoolTooSmall_KeepsNothing()
    {
        var pool = new PinnedBufferPool(5);
        using var encoder = new ChunkEncoder(1, TestChunks.Bytes(32), pool);
        byte[] message = TestChunks.Bytes(5000);
        var chunks = new BufferLease[255];
        Assert.False(encoder.TryEncode(
            message, TestChunks.Place, ChunkShape.Of(5000, ChunkPlan.Default), chunks, out ItemHeader item));
        Assert.Equal(default, item);
        Assert.Equal(0, pool.Outstanding);
    }

    [Fact]
    public void TryEncode_Always_AllocatesNothing()
    {
        var pool = new PinnedBufferPool(128);
        using var encoder = new ChunkEncoder(1, TestChunks.Bytes(32), pool);
        byte[] message = TestChunks.Bytes(32_768);
        ChunkShape shape = ChunkShape.Of(message.Length, ChunkPlan.Default with { RedundancyPercent = 190 });
        var chunks = new BufferLease[shape.Segment(0).Total];
        bool isGood = true;
        AllocationGate gate = new();
        while (gate.NextRun())
        {
            isGood &= encoder.TryEncode(message, TestChunks.Place, shape, chunks, out _);
            foreach (BufferLease chunk in chunks)
            {
                chunk.Release();
            }
        }

        Assert.True(isGood);
        Assert.Equal(0, gate.LeastBytes);
    }

    [Fact]
    public void Digest_AnySignedField_ChangesIt()
    {
        using TestChunks chunks = TestChunks.Make(9999);
        ChunkHead head = chunks.Head(0);
        byte[] root = TestChunks.Bytes(20), otherRoot = TestChunks.Bytes(20, seed: 2);
        Hash256[] digests =
        [
            ChunkSigning.Digest(1, head, root),
            ChunkSigning.Digest(2, head, root),
            ChunkSigning.Digest(1, head, otherRoot),
            ChunkSigning.Digest(1, head with { Place = head.Place with { Epoch = 9 } }, root),
            ChunkSigning.Digest(1, head with { Place = head.Place with { Block = 9 } }, root),
            ChunkSigning.Digest(1, head with { Place = head.Place with { Sequence = 9 } }, root),
            ChunkSigning.Digest(1, head with { Place = head.Place with { Kind = EnvelopeKind.Env } }, root),
            ChunkSigning.Digest(1, head with { Place = head.Place with { Segment = 9 } }, root),
            ChunkSigning.Digest(1, head with { Segments = 9 }, root),
            ChunkSigning.Digest(1, head with { MessageLength = 9 }, root),
            ChunkSigning.Digest(1, head with { Data = 9 }, root),
            ChunkSigning.Digest(1, head with { Total = 90 }, root),
            ChunkSigning.Digest(1, head with { ChunkLength = 9 }, root),
        ];
        Assert.Equal(digests.Length, digests.Distinct().Count());
        Assert.Equal(
            digests[0],
            ChunkSigning.Digest(
                1, head with { Index = 3, Flags = ChunkFlags.Repair, Duty = new Duty(0, 1, 1) }, root));
    }
}
