using System.Numerics;
using Fragcast.Gossip.Wire;
using Fragcast.Transport;

namespace Fragcast.Gossip.Chunks;

/// <summary>
/// A chunk: one datagram that carries a piece of a message, or parity of its pieces, with what proves that the leader
/// sent it. All integers are little endian.
/// </summary>
/// <remarks>
/// <code>
///   0        1        2        3        4        5        6                 8
///  +--------+--------+--------+--------+--------+--------+-----------------+
///  |  0x02  | flags  |  kind  | index  |   k    |   n    |     segment     |
///  +--------+--------+--------+--------+--------+--------+-----------------+
///  |    segments     |  chunk length L |           message length          |
///  +-----------------+-----------------+-----------------------------------+
///  |                         duty: regions (u64)                           |
///  +-----------------------------------+-----------------------------------+
///  |         duty: from (u32)          |         duty: width (u32)         |
///  +-----------------------------------+-----------------------------------+
///  |                            block number                               |
///  +-----------------------------------------------------------------------+
///  |                              sequence                                 |
///  +-----------------------------------+-----------------------------------+
///  |               epoch               |  signature r ‖ s ‖ v (65 bytes) ...
///  +-----------------------------------+-----------------------------------+
///  |  Merkle branch: ceil(log2 n) nodes of 20 bytes, from the leaf's sibling up
///  +-----------------------------------------------------------------------+
///  |  data: L bytes                                                       ...
///  +-----------------------------------------------------------------------+
/// </code>
/// What follows the flags is the leader's and the same in all chunks of a segment, but for index, branch and data; the
/// duty is whoever's sends the chunk. Flags and duty are not signed.
/// </remarks>
public static class ChunkLayout
{
    /// <summary>First byte of a chunk; tells it from what else comes in datagrams.</summary>
    public const byte Type = 0x02;

    /// <summary>Offset of the type byte.</summary>
    public const int TypeOffset = 0;

    /// <summary>Offset of the flag bits, see <see cref="ChunkFlags"/>.</summary>
    public const int FlagsOffset = TypeOffset + sizeof(byte);

    /// <summary>Offset of the message's kind, see <see cref="EnvelopeKind"/>.</summary>
    public const int KindOffset = FlagsOffset + sizeof(byte);

    /// <summary>Offset of the chunk's index, below n.</summary>
    public const int IndexOffset = KindOffset + sizeof(byte);

    /// <summary>Offset of k, the number of chunks that carry data.</summary>
    public const int DataOffset = IndexOffset + sizeof(byte);

    /// <summary>Offset of n, the number of all chunks.</summary>
    public const int TotalOffset = DataOffset + sizeof(byte);

    /// <summary>Offset of the segment's number (u16).</summary>
    public const int SegmentOffset = TotalOffset + sizeof(byte);

    /// <summary>Offset of the number of segments (u16).</summary>
    public const int SegmentsOffset = SegmentOffset + sizeof(ushort);

    /// <summary>Offset of the length of a chunk's data (u16).</summary>
    public const int ChunkLengthOffset = SegmentsOffset + sizeof(ushort);

    /// <summary>Offset of the whole message's length (u32).</summary>
    public const int MessageLengthOffset = ChunkLengthOffset + sizeof(ushort);

    /// <summary>Offset of the duty's regions (u64).</summary>
    public const int DutyRegionsOffset = MessageLengthOffset + sizeof(uint);

    /// <summary>Offset of the start of the duty's part of the ring (u32).</summary>
    public const int DutyFromOffset = DutyRegionsOffset + sizeof(ulong);

    /// <summary>Offset of the width of the duty's part of the ring (u32).</summary>
    public const int DutyWidthOffset = DutyFromOffset + sizeof(uint);

    /// <summary>Offset of the block number (u64).</summary>
    public const int BlockNumberOffset = DutyWidthOffset + sizeof(uint);

    /// <summary>Offset of the sequence (u64).</summary>
    public const int SequenceOffset = BlockNumberOffset + sizeof(ulong);

    /// <summary>Offset of the epoch (u32).</summary>
    public const int EpochOffset = SequenceOffset + sizeof(ulong);

    /// <summary>Offset of the signature.</summary>
    public const int SignatureOffset = EpochOffset + sizeof(uint);

    /// <summary>Length of the signature: r (32), s (32), v (1).</summary>
    public const int SignatureLength = 65;

    /// <summary>Offset of the Merkle branch; also the length of the head.</summary>
    public const int BranchOffset = SignatureOffset + SignatureLength;

    /// <summary>Bytes of a node of the Merkle tree.</summary>
    public const int NodeLength = 20;

    /// <summary>The most nodes of a branch: those of 255 chunks.</summary>
    public const int DepthMax = 8;

    /// <summary>The most chunks of a segment.</summary>
    public const int TotalMax = 255;

    /// <summary>The most segments of a message, see <see cref="ChunkPlan.DatagramBytesMin"/>.</summary>
    public const int SegmentsMax = 32;

    /// <summary>The longest chunk, head and branch included.</summary>
    public const int LengthMax = TransportLimits.MaxDatagramBytes;

    /// <summary>The most bytes of data in a chunk: those of a message that is one chunk.</summary>
    public const int ChunkLengthMax = LengthMax - BranchOffset;

    /// <summary>Nodes of a branch: the depth of a tree of n leaves.</summary>
    public static int Depth(int total) => total <= 1 ? 0 : BitOperations.Log2((uint)(total - 1)) + 1;

    /// <summary>Bytes before a chunk's data.</summary>
    public static int Overhead(int total) => BranchOffset + (Depth(total) * NodeLength);
}

/// <summary>Flag bits of a chunk; unknown bits are refused.</summary>
[Flags]
public enum ChunkFlags : byte
{
    /// <summary>Sent by a plan.</summary>
    None = 0,

    /// <summary>The answer to a repair request; it has no duty.</summary>
    Repair = 1,
}
