using System.Buffers.Binary;
using Fragcast.Gossip.Broadcast;
using Fragcast.Gossip.Wire;

namespace Fragcast.Gossip.Chunks;

/// <summary>The head of a chunk, read and checked; see <see cref="ChunkLayout"/> for the bytes.</summary>
/// <param name="Place">Where the segment belongs.</param>
/// <param name="Segments">Into how many segments the message is cut.</param>
/// <param name="MessageLength">Bytes of the whole message.</param>
/// <param name="Data">k, 1 to 255.</param>
/// <param name="Total">n, k to 255.</param>
/// <param name="Index">Which chunk, below n.</param>
/// <param name="ChunkLength">L: bytes of data in each chunk.</param>
/// <param name="Flags">Flag bits.</param>
/// <param name="Duty">What the sender wants done with it.</param>
public readonly record struct ChunkHead(
    ItemPlace Place,
    ushort Segments,
    int MessageLength,
    byte Data,
    byte Total,
    byte Index,
    ushort ChunkLength,
    ChunkFlags Flags,
    Duty Duty)
{
    private const EnvelopeKind KindMax = EnvelopeKind.HandOver;

    /// <summary>Bytes of the message that this segment carries.</summary>
    public int SegmentLength => ChunkShape.SegmentLength(MessageLength, Segments, Place.Segment);

    /// <summary>Where this segment begins in the message.</summary>
    public int SegmentStart => Place.Segment * ChunkShape.SegmentStride(MessageLength, Segments);

    /// <summary>Where the data begin in the chunk.</summary>
    public int DataStart => ChunkLayout.Overhead(Total);

    /// <summary>Bytes of the whole chunk.</summary>
    public int Length => DataStart + ChunkLength;

    /// <summary>Whether chunks from k on are copies and not parity.</summary>
    public bool IsCopied => Data < ItemHeader.ErasureCodedMin;

    /// <summary>
    /// Reads a chunk and checks everything that needs no hash: lengths, counts, padding, duty. Nothing is allocated.
    /// </summary>
    /// <param name="chunk">The whole datagram.</param>
    /// <param name="head">The head, when the result is <see cref="Refusal.None"/>.</param>
    public static Refusal TryRead(ReadOnlySpan<byte> chunk, out ChunkHead head)
    {
        head = default;
        if (chunk.Length <= ChunkLayout.BranchOffset)
        {
            return Refusal.Truncated;
        }

        if (chunk.Length > ChunkLayout.LengthMax)
        {
            return Refusal.TooLong;
        }

        if (chunk[ChunkLayout.TypeOffset] != ChunkLayout.Type)
        {
            return Refusal.UnknownVersion;
        }

        byte flags = chunk[ChunkLayout.FlagsOffset];
        byte kind = chunk[ChunkLayout.KindOffset];
        if (kind > (byte)KindMax || (flags & ~(byte)ChunkFlags.Repair) != 0)
        {
            return Refusal.UnknownKind;
        }

        uint messageLength = BinaryPrimitives.ReadUInt32LittleEndian(chunk[ChunkLayout.MessageLengthOffset..]);
        if (messageLength > EnvelopeLayout.LengthMax)
        {
            return Refusal.TooLong;
        }

        var read = new ChunkHead(
            ReadPlace(chunk, (EnvelopeKind)kind),
            BinaryPrimitives.ReadUInt16LittleEndian(chunk[ChunkLayout.SegmentsOffset..]),
            (int)messageLength,
            chunk[ChunkLayout.DataOffset],
            chunk[ChunkLayout.TotalOffset],
            chunk[ChunkLayout.IndexOffset],
            BinaryPrimitives.ReadUInt16LittleEndian(chunk[ChunkLayout.ChunkLengthOffset..]),
            (ChunkFlags)flags,
            new Duty(
                BinaryPrimitives.ReadUInt64LittleEndian(chunk[ChunkLayout.DutyRegionsOffset..]),
                BinaryPrimitives.ReadUInt32LittleEndian(chunk[ChunkLayout.DutyFromOffset..]),
                BinaryPrimitives.ReadUInt32LittleEndian(chunk[ChunkLayout.DutyWidthOffset..])));
        Refusal refusal = read.Check(chunk);
        head = refusal == Refusal.None ? read : default;
        return refusal;
    }

    /// <summary>Writes the head; the places of signature, branch and data are left as they are.</summary>
    /// <param name="chunk">At least <see cref="ChunkLayout.BranchOffset"/> bytes.</param>
    public void Write(Span<byte> chunk)
    {
        chunk[ChunkLayout.TypeOffset] = ChunkLayout.Type;
        chunk[ChunkLayout.FlagsOffset] = (byte)Flags;
        chunk[ChunkLayout.KindOffset] = (byte)Place.Kind;
        chunk[ChunkLayout.IndexOffset] = Index;
        chunk[ChunkLayout.DataOffset] = Data;
        chunk[ChunkLayout.TotalOffset] = Total;
        BinaryPrimitives.WriteUInt16LittleEndian(chunk[ChunkLayout.SegmentOffset..], Place.Segment);
        BinaryPrimitives.WriteUInt16LittleEndian(chunk[ChunkLayout.SegmentsOffset..], Segments);
        BinaryPrimitives.WriteUInt16LittleEndian(chunk[ChunkLayout.ChunkLengthOffset..], ChunkLength);
        BinaryPrimitives.WriteInt32LittleEndian(chunk[ChunkLayout.MessageLengthOffset..], MessageLength);
        WriteDuty(chunk, Duty);
        BinaryPrimitives.WriteUInt64LittleEndian(chunk[ChunkLayout.BlockNumberOffset..], Place.Block);
        BinaryPrimitives.WriteUInt64LittleEndian(chunk[ChunkLayout.SequenceOffset..], Place.Sequence);
        BinaryPrimitives.WriteUInt32LittleEndian(chunk[ChunkLayout.EpochOffset..], Place.Epoch);
    }

    /// <summary>Gives a chunk another duty, in place: what a relay does before it sends the chunk on.</summary>
    public static void WriteDuty(Span<byte> chunk, in Duty duty)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(chunk[ChunkLayout.DutyRegionsOffset..], duty.Regions);
        BinaryPrimitives.WriteUInt32LittleEndian(chunk[ChunkLayout.DutyFromOffset..], duty.From);
        BinaryPrimitives.WriteUInt32LittleEndian(chunk[ChunkLayout.DutyWidthOffset..], duty.Width);
    }

    /// <summary>Makes a chunk the answer to a repair request, or takes that back; an answer has no duty.</summary>
    public static void WriteRepair(Span<byte> chunk, bool isRepair)
    {
        chunk[ChunkLayout.FlagsOffset] = (byte)(isRepair ? ChunkFlags.Repair : ChunkFlags.None);
        WriteDuty(chunk, Duty.None);
    }

    /// <summary>The leader's signature in a chunk.</summary>
    public static ReadOnlySpan<byte> Signature(ReadOnlySpan<byte> chunk) =>
        chunk.Slice(ChunkLayout.SignatureOffset, ChunkLayout.SignatureLength);

    /// <summary>The Merkle branch in a chunk with this head.</summary>
    public ReadOnlySpan<byte> Branch(ReadOnlySpan<byte> chunk) =>
        chunk[ChunkLayout.BranchOffset..DataStart];

    /// <summary>The data in a chunk with this head, padding included.</summary>
    public ReadOnlySpan<byte> Content(ReadOnlySpan<byte> chunk) => chunk.Slice(DataStart, ChunkLength);

    /// <summary>The same for all chunks of the item.</summary>
    /// <param name="root">The Merkle root, of which the first eight bytes become the tag.</param>
    public ItemHeader Item(ReadOnlySpan<byte> root) => new(
        Place, BinaryPrimitives.ReadUInt64LittleEndian(root), SegmentLength, Data, Total, Segments);

    /// <summary>Whether the leader's fields are the same: all but index, flags and duty.</summary>
    public bool IsSameItem(in ChunkHead other) =>
        Place == other.Place && Segments == other.Segments && MessageLength == other.MessageLength
        && Data == other.Data && Total == other.Total && ChunkLength == other.ChunkLength;

    private static ItemPlace ReadPlace(ReadOnlySpan<byte> chunk, EnvelopeKind kind) => new(
        BinaryPrimitives.ReadUInt32LittleEndian(chunk[ChunkLayout.EpochOffset..]),
        BinaryPrimitives.ReadUInt64LittleEndian(chunk[ChunkLayout.BlockNumberOffset..]),
        BinaryPrimitives.ReadUInt64LittleEndian(chunk[ChunkLayout.SequenceOffset..]),
        kind,
        BinaryPrimitives.ReadUInt16LittleEndian(chunk[ChunkLayout.SegmentOffset..]));

    private Refusal Check(ReadOnlySpan<byte> chunk)
    {
        if (Data == 0 || Total < Data || (IsCopied && Total % Data != 0))
        {
            return Refusal.ChunkCounts;
        }

        if (Index >= Total)
        {
            return Refusal.ChunkIndex;
        }

        if (!ChunkShape.AreSegmentsCanonical(MessageLength, Segments) || Place.Segment >= Segments)
        {
            return Refusal.ChunkSegment;
        }

        // The counts fix the length, and k is the fewest chunks of that length that hold the segment.
        int length = SegmentLength;
        if (ChunkLength != ChunkShape.Divide(length, Data) || Data != ChunkShape.Divide(length, ChunkLength)
            || chunk.Length != Length)
        {
            return Refusal.ChunkLength;
        }

        if ((Duty.Regions != 0 && Duty.Width != 0) || (Flags == ChunkFlags.Repair && !Duty.IsNone))
        {
            return Refusal.ChunkDuty;
        }

        return CheckPadding(chunk, length);
    }

    private Refusal CheckPadding(ReadOnlySpan<byte> chunk, int segmentLength)
    {
        int piece = IsCopied ? Index % Data : Index;
        int used = segmentLength - ((Data - 1) * ChunkLength);
        if (piece == Data - 1 && Content(chunk)[used..].ContainsAnyExcept((byte)0))
        {
            return Refusal.ChunkPadding;
        }

        // Where the tree has no leaves, a branch has zeros.
        ReadOnlySpan<byte> branch = Branch(chunk);
        for (int level = 0; branch.Length > 0; level++, branch = branch[ChunkLayout.NodeLength..])
        {
            int sibling = (Index >> level) ^ 1;
            if (sibling << level >= Total && branch[..ChunkLayout.NodeLength].ContainsAnyExcept((byte)0))
            {
                return Refusal.ChunkBranch;
            }
        }

        return Refusal.None;
    }
}
