namespace Fragcast.Execution.State;

/// <summary>
/// The file of a state, all integers little-endian:
/// <code>
///  0  8  "FRAGSNAP"
///  8  4  version
/// 12 32  state root
/// 44  8  number of accounts
/// 52  8  number of slots that are not zero
/// 60  8  number of different codes
/// 68  4  length of the header's RLP, which follows
///        codes: varint length, bytes
///        accounts in the order of their addresses: 20 bytes of address, varint nonce, word balance, varint number of
///            the code (0 for none, else its place among the codes from 1), varint number of slots, and the slots in
///            the order of their keys: word key, word value
/// end 32 SHA-256 of all before it
/// </code>
/// A varint has seven bits a byte, the lowest first, and the top bit set in all but the last byte. A word is a byte
/// with the number of bytes that follow, at most 32, big-endian without leading zeros.
/// </summary>
internal static class SnapshotLayout
{
    /// <summary>The version that is written, and the only one that is read.</summary>
    public const uint Version = 1;

    /// <summary>Bytes of the part with fixed places.</summary>
    public const int HeadLength = 72;

    /// <summary>Place of the version.</summary>
    public const int VersionOffset = 8;

    /// <summary>Place of the state root.</summary>
    public const int RootOffset = 12;

    /// <summary>Place of the number of accounts.</summary>
    public const int AccountCountOffset = 44;

    /// <summary>Place of the number of slots.</summary>
    public const int SlotCountOffset = 52;

    /// <summary>Place of the number of codes.</summary>
    public const int CodeCountOffset = 60;

    /// <summary>Place of the length of the header.</summary>
    public const int HeaderLengthOffset = 68;

    /// <summary>Bytes of the checksum at the end.</summary>
    public const int ChecksumLength = 32;

    /// <summary>Most bytes of a header: extra data is bounded by 32 bytes on every chain but old Clique ones.</summary>
    public const int HeaderLengthMax = 1 << 16;

    /// <summary>Most bytes of a code. Before EIP-170 only gas bounded it: far below this.</summary>
    public const int CodeLengthMax = 1 << 24;

    /// <summary>What the file begins with.</summary>
    public static ReadOnlySpan<byte> Magic => "FRAGSNAP"u8;
}
