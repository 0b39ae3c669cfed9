namespace Fragcast.Gossip.Membership;

/// <summary>
/// A node record: what a node says of itself, signed with the Ed25519 key that is its identity. All integers are little
/// endian.
/// </summary>
/// <remarks>
/// <code>
///   0        1        2                 4                                   8
///  +--------+--------+-----------------+--------+--------+--------+--------+
///  |version |  flags |     length      | region |addrs a | rtts r |   0    |
///  +--------+--------+-----------------+--------+--------+--------+--------+
///  |                             network id                                |
///  +-----------------------------------------------------------------------+
///  |                              sequence                                 |
///  +-----------------+-----------------------------------------------------+
///  | uplink, Mb/s    |  0 (u16)        |      role claim's serial (u32)    |
///  +-----------------+-----------------+-----------------------------------+
///  |                  peer id: Ed25519 public key (32 bytes)              ...
///  +-----------------------------------------------------------------------+
///  | a × ( family 4 or 6, u8 | address, 4 or 16 bytes | port, u16 )       ...
///  +-----------------------------------------------------------------------+
///  | r × ( round trip to region i in 0.1 ms, u16; 0 unknown )             ...
///  +-----------------------------------------------------------------------+
///  | with flag bit 0: sequencer address (20) | its signature r ‖ s ‖ v (65)...
///  +-----------------------------------------------------------------------+
///  | Ed25519 signature (64) over "fragcast-record-v1" ‖ all bytes before  ...
///  +-----------------------------------------------------------------------+
/// </code>
/// There is one encoding of a record only: addresses ascend by family, bytes and port, none twice; the last round trip
/// is not 0; without a role claim its serial is 0; reserved bytes are 0; v is 0 or 1 and s in the lower half of the
/// group. The longest record has 64 + 8 × 19 + 64 × 2 + 85 + 64 = 493 bytes.
/// </remarks>
public static class NodeRecordLayout
{
    /// <summary>Version of this layout; every other is refused.</summary>
    public const byte Version = 1;

    /// <summary>Offset of the flags: bit 0 says that there is a role claim.</summary>
    public const int FlagsOffset = 1;

    /// <summary>Flag of a role claim.</summary>
    public const byte RoleFlag = 1;

    /// <summary>Offset of the length of the whole record (u16).</summary>
    public const int LengthOffset = 2;

    /// <summary>Offset of the region (u8).</summary>
    public const int RegionOffset = 4;

    /// <summary>Offset of the number of addresses (u8).</summary>
    public const int AddressCountOffset = 5;

    /// <summary>Offset of the number of round trips (u8).</summary>
    public const int RoundTripCountOffset = 6;

    /// <summary>Offset of a byte that is 0.</summary>
    public const int ReservedOffset = 7;

    /// <summary>Offset of the network id (u64).</summary>
    public const int NetworkIdOffset = 8;

    /// <summary>Offset of the record's sequence (u64).</summary>
    public const int SequenceOffset = 16;

    /// <summary>Offset of the uplink in megabits a second (u16).</summary>
    public const int UplinkOffset = 24;

    /// <summary>Offset of two bytes that are 0.</summary>
    public const int Reserved2Offset = 26;

    /// <summary>Offset of the role claim's serial (u32).</summary>
    public const int RoleSerialOffset = 28;

    /// <summary>Offset of the peer id's public key.</summary>
    public const int PeerOffset = 32;

    /// <summary>Length of all before the addresses.</summary>
    public const int HeadLength = PeerOffset + 32;

    /// <summary>Length of a role claim: address, signature.</summary>
    public const int RoleLength = 20 + 65;

    /// <summary>Length of the record's signature.</summary>
    public const int SignatureLength = 64;

    /// <summary>Most addresses.</summary>
    public const int AddressesMax = 8;

    /// <summary>Regions, and most round trips: 0 to 63.</summary>
    public const int RegionsMax = 64;

    /// <summary>Shortest record.</summary>
    public const int LengthMin = HeadLength + SignatureLength;

    /// <summary>Longest record.</summary>
    public const int LengthMax =
        HeadLength + (AddressesMax * (1 + 16 + 2)) + (RegionsMax * 2) + RoleLength + SignatureLength;

    /// <summary>What a record's signature begins its message with.</summary>
    public static ReadOnlySpan<byte> SigningDomain => "fragcast-record-v1"u8;

    /// <summary>
    /// What a role claim's digest begins with: SHA-256 of this, the network id (u64), the serial (u32) and the public
    /// key of the peer. With 61 bytes it cannot be taken for a message's digest, which is one of 64 bytes.
    /// </summary>
    public static ReadOnlySpan<byte> RoleDomain => "fragcast-role-v1:"u8;
}
