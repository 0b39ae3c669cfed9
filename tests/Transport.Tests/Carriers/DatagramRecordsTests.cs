using Fragcast.Transport.Carriers;

namespace Fragcast.Transport.Tests.Carriers;

public sealed class DatagramRecordsTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(100)]
    [InlineData(100_000)]
    public void Read_HoweverTheBytesCome_GivesWhatWasWritten(int step)
    {
        int[] lengths = [0, 1, 2, 300, TransportLimits.MaxDatagramBytes, 0, 0, 700, 1];
        using MemoryStream wire = new();
        byte[] record = new byte[DatagramRecords.HeadBytes + TransportLimits.MaxDatagramBytes];
        for (int i = 0; i < lengths.Length; i++)
        {
            byte[] payload = new byte[lengths[i]];
            payload.AsSpan().Fill((byte)(i + 1));
            wire.Write(record, 0, DatagramRecords.Write(record, payload));
        }

        DatagramRecordReader reader = new();
        List<int> read = [];
        foreach (byte[] piece in wire.ToArray().Chunk(step))
        {
            ReadOnlySpan<byte> data = piece;
            while (reader.Read(ref data, out ReadOnlySpan<byte> payload) == RecordStep.Record)
            {
                read.Add(payload.Length);
                Assert.Equal(-1, payload.IndexOfAnyExcept((byte)read.Count));
            }

            Assert.True(data.IsEmpty);
        }

        Assert.Equal(lengths, read);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Read_LongerThanAnyDatagram_SaysSo(int step)
    {
        const int Length = TransportLimits.MaxDatagramBytes + 1;
        DatagramRecordReader reader = new();
        RecordStep last = RecordStep.NeedsMore;
        foreach (byte[] piece in new byte[] { Length >> 8, Length & 0xFF }.Chunk(step))
        {
            ReadOnlySpan<byte> data = piece;
            last = reader.Read(ref data, out _);
        }

        Assert.Equal(RecordStep.TooLong, last);
    }

    [Fact]
    public void Read_RandomBytes_EndsAndAllocatesNothing()
    {
        byte[] data = new byte[10_000];
        new Random(3).NextBytes(data);
        DatagramRecordReader reader = new();
        AllocationGate gate = new();
        while (gate.NextRun())
        {
            ReadOnlySpan<byte> left = data;
            while (reader.Read(ref left, out _) == RecordStep.Record)
            {
            }
        }

        Assert.Equal(0, gate.LeastBytes);
    }
}
