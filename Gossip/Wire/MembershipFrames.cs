using System.Buffers.Binary;

namespace Fragcast.Gossip.Wire;

/// <summary>
/// The control frames of membership and evidence: a head of 16 bytes, then what its mark says. All integers are little
/// endian.
/// </summary>
/// <remarks>
/// <code>
///   0        1        2                 4                                   8
///  +--------+--------+-----------------+-----------------------------------+
///  |  mark  | flags  |     count       |              0 (u32)              |
///  +--------+--------+-----------------+-----------------------------------+
///  |                    salt (digest, listing) or number of the want, or 0     |
///  +-----------------------------------------------------------------------+
///
///  0xF2 digest    count = 256; a u64 for each bucket
///  0xF3 listing   flag 0: of buckets: 32 bytes, bit b for bucket b; then count record hashes (u64), ascending
///                 flag 1: of single records: count record hashes, ascending
///  0xF4 records   count records, each with its length within; with the want's number when they answer one
///  0xF5 want      count record hashes, with a number that is not 0
///  0xF6 evidence  count = 1; the evidence
/// </code>
/// A record's bucket is the first byte of SHA-256 of its peer's public key; a bucket's digest is the exclusive or of
/// mix(hash ^ salt) over its records, where the hash is the first eight bytes of the record's SHA-256.
/// </remarks>
public static class MembershipFrames
{
    /// <summary>First byte of a digest.</summary>
    public const byte DigestMark = 0xF2;

    /// <summary>First byte of a listing.</summary>
    public const byte ListingMark = 0xF3;

    /// <summary>First byte of records.</summary>
    public const byte RecordsMark = 0xF4;

    /// <summary>First byte of a want.</summary>
    public const byte WantMark = 0xF5;

    /// <summary>First byte of evidence.</summary>
    public const byte EvidenceMark = 0xF6;

    /// <summary>Flag of a listing that names single records.</summary>
    public const byte SingleFlag = 1;

    /// <summary>Length of the head.</summary>
    public const int HeadLength = 16;

    /// <summary>Buckets of a digest.</summary>
    public const int Buckets = 256;

    /// <summary>Bytes of the set of buckets in a listing.</summary>
    public const int BucketSetLength = Buckets / 8;

    /// <summary>Most hashes in a listing: 64 KiB of them.</summary>
    public const int ListedMax = 8192;

    /// <summary>Most records in a frame, and hashes in a want: about 8 ms of checking signatures.</summary>
    public const int RecordsMax = 64;

    /// <summary>Whether a frame is one of these, by its first byte.</summary>
    public static bool IsOne(ReadOnlySpan<byte> frame) =>
        !frame.IsEmpty && frame[0] is >= DigestMark and <= EvidenceMark;

    /// <summary>Writes a head.</summary>
    /// <param name="destination">At least <see cref="HeadLength"/> bytes.</param>
    /// <param name="mark">What the frame is.</param>
    /// <param name="count">How many things it has.</param>
    /// <param name="salt">Salt of the comparison, or number of the want.</param>
    /// <param name="flags">Flags.</param>
    public static void WriteHead(Span<byte> destination, byte mark, int count, ulong salt = 0, byte flags = 0)
    {
        destination[..HeadLength].Clear();
        destination[0] = mark;
        destination[1] = flags;
        BinaryPrimitives.WriteUInt16LittleEndian(destination[2..], (ushort)count);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[8..], salt);
    }

    /// <summary>Reads a head; false when it is too short, or something in it is neither used nor 0.</summary>
    /// <param name="frame">The frame without its length prefix.</param>
    /// <param name="count">How many things it says that it has.</param>
    /// <param name="salt">Salt of the comparison, or number of the want.</param>
    /// <param name="flags">Flags; only a listing has some.</param>
    public static bool TryReadHead(ReadOnlySpan<byte> frame, out int count, out ulong salt, out byte flags)
    {
        count = 0;
        salt = 0;
        flags = 0;
        if (frame.Length < HeadLength || BinaryPrimitives.ReadUInt32LittleEndian(frame[4..]) != 0)
        {
            return false;
        }

        flags = frame[1];
        count = BinaryPrimitives.ReadUInt16LittleEndian(frame[2..]);
        salt = BinaryPrimitives.ReadUInt64LittleEndian(frame[8..]);
        return frame[0] == ListingMark ? flags <= SingleFlag : flags == 0;
    }
}
