using System.Buffers.Binary;
using Fragcast.Gossip.Broadcast;

namespace Fragcast.Gossip.Wire;

/// <summary>
/// The datagrams of the broadcast that are not chunks: requests for chunks, and reports of what arrived. Little endian.
/// </summary>
/// <remarks>
/// <code>
///   0        1        2                 4                                   8
///  +--------+--------+-----------------+-----------------------------------+
///  | 0x03   |  kind  |     segment     |               epoch               |   request, 72 bytes
///  +--------+--------+-----------------+-----------------------------------+
///  |                            block number                               |
///  +-----------------------------------------------------------------------+
///  |                              sequence                                 |
///  +-----------------------------------------------------------------------+
///  |            tag: the first eight bytes of the root, or 0               |
///  +--------+--------------------------------------------------------------+
///  | wanted |                            0                                 |
///  +--------+--------------------------------------------------------------+
///  |   the chunks that are there: index i is bit i mod 64 of word i / 64  ...  32 bytes
///  +-----------------------------------------------------------------------+
///
///  +--------+--------+-----------------+-----------------------------------+
///  | 0x04   | region |        0        |       items (u32)                 |   report, 12 bytes
///  +--------+--------+-----------------+-----------------------------------+
///  |       late (u32)                  |
///  +-----------------------------------+
/// </code>
/// </remarks>
public static class BroadcastFrames
{
    /// <summary>First byte of a request.</summary>
    public const byte RequestType = 0x03;

    /// <summary>First byte of a report.</summary>
    public const byte ReportType = 0x04;

    /// <summary>Bytes of a request.</summary>
    public const int RequestLength = WordsOffset + (4 * sizeof(ulong));

    /// <summary>Bytes of a report.</summary>
    public const int ReportLength = LateOffset + sizeof(uint);

    private const int KindOffset = 1;
    private const int SegmentOffset = KindOffset + sizeof(byte);
    private const int EpochOffset = SegmentOffset + sizeof(ushort);
    private const int BlockOffset = EpochOffset + sizeof(uint);
    private const int SequenceOffset = BlockOffset + sizeof(ulong);
    private const int TagOffset = SequenceOffset + sizeof(ulong);
    private const int WantedOffset = TagOffset + sizeof(ulong);
    private const int WordsOffset = WantedOffset + sizeof(ulong);
    private const int RegionOffset = 1;
    private const int ItemsOffset = 4;
    private const int LateOffset = ItemsOffset + sizeof(uint);

    /// <summary>Writes a request.</summary>
    /// <param name="destination">At least <see cref="RequestLength"/> bytes.</param>
    /// <param name="request">The request.</param>
    public static void Write(Span<byte> destination, in RepairRequest request)
    {
        destination[..RequestLength].Clear();
        destination[0] = RequestType;
        destination[KindOffset] = (byte)request.Place.Kind;
        BinaryPrimitives.WriteUInt16LittleEndian(destination[SegmentOffset..], request.Place.Segment);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[EpochOffset..], request.Place.Epoch);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[BlockOffset..], request.Place.Block);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[SequenceOffset..], request.Place.Sequence);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[TagOffset..], request.Tag);
        destination[WantedOffset] = request.Wanted;
        for (int word = 0; word < 4; word++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(
                destination[(WordsOffset + (word * sizeof(ulong)))..], request.Have[word]);
        }
    }

    /// <summary>Writes a report.</summary>
    /// <param name="destination">At least <see cref="ReportLength"/> bytes.</param>
    /// <param name="report">The report.</param>
    public static void Write(Span<byte> destination, in ReceptionReport report)
    {
        destination[..ReportLength].Clear();
        destination[0] = ReportType;
        destination[RegionOffset] = report.Region;
        BinaryPrimitives.WriteUInt32LittleEndian(destination[ItemsOffset..], report.Items);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[LateOffset..], report.Late);
    }

    /// <summary>Reads a request; false if the bytes are none.</summary>
    public static bool TryRead(ReadOnlySpan<byte> datagram, out RepairRequest request)
    {
        request = default;
        if (datagram.Length != RequestLength || datagram[0] != RequestType
            || datagram[KindOffset] > (byte)EnvelopeLayout.KindMax
            || datagram[(WantedOffset + 1)..WordsOffset].ContainsAnyExcept((byte)0))
        {
            return false;
        }

        var have = default(ChunkSet);
        for (int word = 0; word < 4; word++)
        {
            have[word] = BinaryPrimitives.ReadUInt64LittleEndian(datagram[(WordsOffset + (word * sizeof(ulong)))..]);
        }

        var place = new ItemPlace(
            BinaryPrimitives.ReadUInt32LittleEndian(datagram[EpochOffset..]),
            BinaryPrimitives.ReadUInt64LittleEndian(datagram[BlockOffset..]),
            BinaryPrimitives.ReadUInt64LittleEndian(datagram[SequenceOffset..]),
            (EnvelopeKind)datagram[KindOffset],
            BinaryPrimitives.ReadUInt16LittleEndian(datagram[SegmentOffset..]));
        request = new RepairRequest(
            place, BinaryPrimitives.ReadUInt64LittleEndian(datagram[TagOffset..]), datagram[WantedOffset], have);
        return true;
    }

    /// <summary>Reads a report; false if the bytes are none.</summary>
    public static bool TryRead(ReadOnlySpan<byte> datagram, out ReceptionReport report)
    {
        report = default;
        if (datagram.Length != ReportLength || datagram[0] != ReportType
            || datagram[(RegionOffset + 1)..ItemsOffset].ContainsAnyExcept((byte)0))
        {
            return false;
        }

        report = new ReceptionReport(
            datagram[RegionOffset],
            BinaryPrimitives.ReadUInt32LittleEndian(datagram[ItemsOffset..]),
            BinaryPrimitives.ReadUInt32LittleEndian(datagram[LateOffset..]));
        return true;
    }
}
