using System.Buffers.Binary;
using Fragcast.Gossip.Wire;
using Fragcast.Transport.Buffers;

namespace Fragcast.Gossip.Tests.Wire;

public sealed class FrameReaderTests
{
    private readonly MessageBuffers _buffers = new(smallCount: 4, mediumCount: 1, largeCount: 1);

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(7)]
    [InlineData(100_000)]
    public void Read_CutAnywhere_GivesTheSameFrames(int pieceLength)
    {
        byte[][] frames = [[1], [2, 3], new byte[5000], new byte[200_000], [9]];
        frames[2].AsSpan().Fill(5);
        frames[3].AsSpan().Fill(6);
        byte[] stream = frames.SelectMany(Framed).ToArray();

        using var reader = new FrameReader(_buffers);
        var got = new List<byte[]>();
        foreach (byte[] piece in stream.Chunk(pieceLength))
        {
            ReadOnlySpan<byte> data = piece;
            while (!data.IsEmpty)
            {
                if (reader.Read(ref data, out BufferLease frame) == FrameStep.Frame)
                {
                    got.Add(frame.Span.ToArray());
                    frame.Release();
                }
            }
        }

        Assert.Equal(frames, got);
        Assert.Equal(0, _buffers.Outstanding);
    }

    [Theory]
    [InlineData(0U)]
    [InlineData((uint)EnvelopeLayout.LengthMax + 1)]
    [InlineData(uint.MaxValue)]
    public void Read_LengthOutOfBounds_BreaksBeforeAnythingIsRented(uint length)
    {
        var prefix = new byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(prefix, length);
        using var reader = new FrameReader(_buffers);
        ReadOnlySpan<byte> data = prefix;
        Assert.Equal(FrameStep.Broken, reader.Read(ref data, out _));
        data = Framed([1]);
        Assert.Equal(FrameStep.Broken, reader.Read(ref data, out _));
        Assert.Equal(0, _buffers.Outstanding);
    }

    [Fact]
    public void Read_NoBufferFree_SkipsTheFrameAndGoesOn()
    {
        Assert.True(_buffers.TryRent(EnvelopeLayout.LengthMax, out BufferLease hog));
        Assert.True(_buffers.TryRent(MessageBuffers.MediumBytes, out BufferLease hog2));
        using var reader = new FrameReader(_buffers);
        ReadOnlySpan<byte> data = [.. Framed(new byte[100_000]), .. Framed([7])];
        Assert.Equal(FrameStep.Dropped, reader.Read(ref data, out _));
        Assert.Equal(FrameStep.Frame, reader.Read(ref data, out BufferLease frame));
        Assert.Equal([7], frame.Span.ToArray());
        frame.Release();
        hog.Release();
        hog2.Release();
    }

    [Fact]
    public void Dispose_InTheMiddleOfAFrame_GivesTheBufferBack()
    {
        var reader = new FrameReader(_buffers);
        ReadOnlySpan<byte> data = Framed(new byte[100]).AsSpan(0, 50);
        Assert.Equal(FrameStep.NeedMore, reader.Read(ref data, out _));
        Assert.Equal(1, _buffers.Outstanding);
        reader.Dispose();
        Assert.Equal(0, _buffers.Outstanding);
    }

    [Fact]
    public void Read_WholeFrames_AllocatesNothing()
    {
        using var reader = new FrameReader(_buffers);
        byte[] stream = Framed(new byte[1000]);
        Pump(reader, stream, 10);
        AllocationGate gate = new();
        while (gate.NextRun())
            Pump(reader, stream, 300);
        Assert.Equal(0, gate.LeastBytes);
    }

    private static void Pump(FrameReader reader, byte[] stream, int times)
    {
        for (int i = 0; i < times; i++)
        {
            ReadOnlySpan<byte> data = stream;
            if (reader.Read(ref data, out BufferLease frame) == FrameStep.Frame)
            {
                frame.Release();
            }
        }
    }

    private static byte[] Framed(byte[] body)
    {
        var framed = new byte[4 + body.Length];
        BinaryPrimitives.WriteInt32LittleEndian(framed, body.Length);
        body.CopyTo(framed, 4);
        return framed;
    }
}
