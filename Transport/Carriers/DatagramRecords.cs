using System.Buffers.Binary;

namespace Fragcast.Transport.Carriers;

/// <summary>What the next bytes of a carrier are.</summary>
internal enum RecordStep : byte
{
    /// <summary>The rest of a record is still to come.</summary>
    NeedsMore,

    /// <summary>A record is there.</summary>
    Record,

    /// <summary>The peer announces a longer record than any datagram: it breaks the protocol.</summary>
    TooLong,
}

/// <summary>
/// Datagrams on a carrier: a unidirectional stream that stands in for DATAGRAM frames where one of the two engines has
/// none. Each is two bytes of length, big-endian, and so many bytes. A length of 0 carries nothing: the accepting side
/// sends it first, to say that the dialling side is accepted.
/// </summary>
internal static class DatagramRecords
{
    /// <summary>Bytes before the payload.</summary>
    public const int HeadBytes = 2;

    /// <summary>Carriers that a peer may open: one per class of egress, and one that a reset may have cost.</summary>
    public const int CarriersMax = 4;

    /// <summary>Writes a record.</summary>
    /// <returns>Its length.</returns>
    public static int Write(Span<byte> destination, ReadOnlySpan<byte> payload)
    {
        BinaryPrimitives.WriteUInt16BigEndian(destination, (ushort)payload.Length);
        payload.CopyTo(destination[HeadBytes..]);
        return HeadBytes + payload.Length;
    }
}

/// <summary>Cuts the bytes of one carrier into records, however they come. One thread.</summary>
internal sealed class DatagramRecordReader
{
    // A record that did not come in one piece: its head, then its payload.
    private readonly byte[] _partial = new byte[DatagramRecords.HeadBytes + TransportLimits.MaxDatagramBytes];
    private int _have;

    /// <summary>Takes the next record.</summary>
    /// <param name="data">Bytes as they came; what was taken is cut off.</param>
    /// <param name="record">
    /// The payload: a slice of <paramref name="data"/>, or of a buffer that the next call overwrites.
    /// </param>
    public RecordStep Read(ref ReadOnlySpan<byte> data, out ReadOnlySpan<byte> record)
    {
        record = default;
        if (_have == 0 && data.Length >= DatagramRecords.HeadBytes)
        {
            int length = BinaryPrimitives.ReadUInt16BigEndian(data);
            if (length > TransportLimits.MaxDatagramBytes)
                return RecordStep.TooLong;
            int end = DatagramRecords.HeadBytes + length;
            if (data.Length >= end)
            {
                record = data[DatagramRecords.HeadBytes..end];
                data = data[end..];
                return RecordStep.Record;
            }
        }

        if (!Fill(ref data, DatagramRecords.HeadBytes))
            return RecordStep.NeedsMore;
        int payload = BinaryPrimitives.ReadUInt16BigEndian(_partial);
        if (payload > TransportLimits.MaxDatagramBytes)
            return RecordStep.TooLong;
        if (!Fill(ref data, DatagramRecords.HeadBytes + payload))
            return RecordStep.NeedsMore;
        _have = 0;
        record = _partial.AsSpan(DatagramRecords.HeadBytes, payload);
        return RecordStep.Record;
    }

    private bool Fill(ref ReadOnlySpan<byte> data, int wanted)
    {
        int length = Math.Clamp(wanted - _have, 0, data.Length);
        data[..length].CopyTo(_partial.AsSpan(_have));
        data = data[length..];
        _have += length;
        return _have >= wanted;
    }
}
