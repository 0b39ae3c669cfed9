using Fragcast.Transport.Quic;
using Fragcast.Transport.Quic.Native;

namespace Fragcast.Transport.Tests.Quic;

public sealed unsafe class StreamSendBufferTests
{
    private const int Chunk = 128;

    private readonly ChunkBudget _chunks = new(40, Chunk);

    [Fact]
    public void WriteGatherAcknowledge_RandomSteps_KeepsEveryByteUntilAcknowledged()
    {
        StreamSendBuffer buffer = new(_chunks);
        Random random = new(3);
        byte[] data = new byte[100_000];
        random.NextBytes(data);
        int written = 0;
        int sent = 0;
        int acknowledged = 0;
        NativeVec* vectors = stackalloc NativeVec[4];
        while (acknowledged < data.Length)
        {
            int length = Math.Min(random.Next(400), data.Length - written);
            written += buffer.TryWrite(data.AsSpan(written, length)) ? length : 0;
            int used = buffer.Gather(new Span<NativeVec>(vectors, 4), out int bytes);
            int take = random.Next(bytes + 1);
            AssertContent(data.AsSpan(sent), vectors, used, bytes);
            buffer.Advance(take);
            sent += take;
            int upTo = acknowledged + random.Next(sent - acknowledged + 1);
            Assert.Equal(upTo - acknowledged, buffer.Acknowledge((ulong)upTo));
            acknowledged = upTo;
            Assert.Equal((written - acknowledged, written - sent), (buffer.Held, buffer.Unsent));
        }

        Assert.Equal(0, _chunks.Outstanding);
    }

    [Fact]
    public void TryWrite_PoolExhausted_TakesNothing()
    {
        StreamSendBuffer buffer = new(_chunks);
        Assert.True(buffer.TryWrite(new byte[39 * Chunk]));

        Assert.False(buffer.TryWrite(new byte[(2 * Chunk) + 1]));

        Assert.Equal(39 * Chunk, buffer.Held);
        Assert.Equal(39, _chunks.Outstanding);
        Assert.True(buffer.TryWrite(new byte[Chunk]));
    }

    [Fact]
    public void Clear_Unsent_ReleasesAll()
    {
        StreamSendBuffer buffer = new(_chunks);
        buffer.TryWrite(new byte[1000]);

        Assert.Equal(1000, buffer.Clear());

        Assert.Equal(0, _chunks.Outstanding);
        Assert.Equal(0, buffer.Held);
    }

    [Fact]
    public void Acknowledge_BeyondWhatWasSent_IsIgnored()
    {
        StreamSendBuffer buffer = new(_chunks);
        buffer.TryWrite(new byte[100]);
        buffer.Advance(50);

        Assert.Equal(0, buffer.Acknowledge(51));
        Assert.Equal(50, buffer.Acknowledge(50));
        Assert.Equal(0, buffer.Acknowledge(50));
    }

    private static void AssertContent(ReadOnlySpan<byte> expected, NativeVec* vectors, int used, int bytes)
    {
        int at = 0;
        for (int i = 0; i < used; i++)
        {
            ReadOnlySpan<byte> piece = new(vectors[i].Base, (int)vectors[i].Length);
            Assert.True(piece.SequenceEqual(expected.Slice(at, piece.Length)));
            at += piece.Length;
        }

        Assert.Equal(bytes, at);
    }
}
