namespace Fragcast.Gossip.Wire;

/// <summary>
/// A gossip stream carries frames in both directions: a length (u32, little endian), then that many bytes. The first
/// frame of each direction is a greeting, the others are envelopes or head notices; their first byte tells which.
/// </summary>
/// <remarks>
/// <code>
/// greeting
///   0        1        2                 4                                   8
///  +--------+--------+-----------------+-----------------------------------+
///  |  0xF0  | version|     reserved    |           magic "FRGC"            |
///  +--------+--------+-----------------+-----------------------------------+
///  |                             network id                                |
///  +-----------------------------------------------------------------------+
///
/// head notice: how far its sender is
///   0        1                          4                                   8
///  +--------+--------------------------+-----------------------------------+
///  |  0xF1  |         reserved         |               epoch               |
///  +--------+--------------------------+-----------------------------------+
///  |                         number of the head                            |
///  +-----------------------------------------------------------------------+
///
/// block request: its sender wants the messages of these blocks
///   0        1        2                 4                                   8
///  +--------+--------+-----------------+-----------------------------------+
///  |  0xF7  |   0    |      count      |               epoch               |
///  +--------+--------+-----------------+-----------------------------------+
///  |                       number of the first block                       |
///  +-----------------------------------------------------------------------+
/// </code>
/// </remarks>
public static class GreetingLayout
{
    /// <summary>Length of a frame's length prefix.</summary>
    public const int LengthPrefix = sizeof(uint);

    /// <summary>First byte of a greeting; no envelope version will reach it.</summary>
    public const byte GreetingMark = 0xF0;

    /// <summary>First byte of a head notice.</summary>
    public const byte HeadMark = 0xF1;

    /// <summary>First byte of a block request.</summary>
    public const byte BlockRequestMark = 0xF7;

    /// <summary>Offset of the number of blocks in a block request.</summary>
    public const int CountOffset = 2;

    /// <summary>Version of the stream protocol.</summary>
    public const byte Version = 1;

    /// <summary>Offset of the version byte in a greeting.</summary>
    public const int VersionOffset = 1;

    /// <summary>Offset of the magic number in a greeting, or of the epoch in a head notice.</summary>
    public const int MagicOffset = 4;

    /// <summary>Offset of the epoch in a head notice.</summary>
    public const int EpochOffset = MagicOffset;

    /// <summary>Offset of the network id in a greeting, or of the head's number in a head notice.</summary>
    public const int NetworkIdOffset = MagicOffset + sizeof(uint);

    /// <summary>Offset of the head's number in a head notice.</summary>
    public const int HeadNumberOffset = NetworkIdOffset;

    /// <summary>Length of a greeting and of a head notice.</summary>
    public const int Length = NetworkIdOffset + sizeof(ulong);

    /// <summary>"FRGC", read as little endian.</summary>
    public const uint Magic = 0x43475246;
}
