namespace Fragcast.Gossip.Wire;

/// <summary>
/// Fixed head of every signed message, followed by the message's SSZ bytes. All integers are little endian.
/// </summary>
/// <remarks>
/// <code>
///   0        1        2                 4                                   8
///  +--------+--------+-----------------+-----------------------------------+
///  | version|  kind  |      flags      |               epoch               |
///  +--------+--------+-----------------+-----------------------------------+
///  |                             network id                                |
///  +-----------------------------------------------------------------------+
///  |                            block number                               |
///  +-----------------------------------------------------------------------+
///  |    sequence: 56 bits (frag: its seq; env: 0; seal: total frags;       |
///  |    cancel: fromSeq; hand-over: lastSeq), above them the attempt       |
///  +-----------------------------------------------------------------------+
///  |                    signature r ‖ s ‖ v (65 bytes)                    ...
///  +-----------------------------------------------------------------------+
///  |                           SSZ message                                ...
///  +-----------------------------------------------------------------------+
/// </code>
/// Block number and sequence repeat what the message says, so that a receiver can place, deduplicate and refuse a
/// message before it hashes anything; a receiver checks that both agree. The attempt counts how often the block was
/// cancelled before; see <see cref="AttemptSequence"/>.
/// </remarks>
public static class EnvelopeLayout
{
    /// <summary>Version of this layout; a receiver refuses every other.</summary>
    public const byte Version = 1;

    /// <summary>The last kind.</summary>
    public const EnvelopeKind KindMax = EnvelopeKind.HandOver;

    /// <summary>Offset of the version byte.</summary>
    public const int VersionOffset = 0;

    /// <summary>Offset of the kind byte, see <see cref="EnvelopeKind"/>.</summary>
    public const int KindOffset = VersionOffset + sizeof(byte);

    /// <summary>Offset of the 16 flag bits, see <see cref="EnvelopeFlags"/>.</summary>
    public const int FlagsOffset = KindOffset + sizeof(byte);

    /// <summary>Offset of the epoch (u32): how often the chain was started anew; 0 on a chain that lives on.</summary>
    public const int EpochOffset = FlagsOffset + sizeof(ushort);

    /// <summary>Offset of the network id (u64), see <see cref="NetworkId"/>.</summary>
    public const int NetworkIdOffset = EpochOffset + sizeof(uint);

    /// <summary>Offset of the block number (u64).</summary>
    public const int BlockNumberOffset = NetworkIdOffset + sizeof(ulong);

    /// <summary>Offset of the sequence (u64).</summary>
    public const int SequenceOffset = BlockNumberOffset + sizeof(ulong);

    /// <summary>Offset of the signature.</summary>
    public const int SignatureOffset = SequenceOffset + sizeof(ulong);

    /// <summary>Length of the signature: r (32), s (32), v (1).</summary>
    public const int SignatureLength = 65;

    /// <summary>Offset of the SSZ message; also the length of the head.</summary>
    public const int MessageOffset = SignatureOffset + SignatureLength;

    /// <summary>
    /// Longest envelope, 2 MiB: one frag of a block of 60 Mgas filled with calldata at 40 gas a byte is 1.5 MB.
    /// </summary>
    public const int LengthMax = 2 * 1024 * 1024;
}

/// <summary>What an envelope carries. The signed kinds keep the numbers of the signing union.</summary>
public enum EnvelopeKind : byte
{
    /// <summary>A slice of the block in progress.</summary>
    Frag = 0,

    /// <summary>The end of a block and what it must hash to.</summary>
    Seal = 1,

    /// <summary>The start of a block.</summary>
    Env = 2,

    /// <summary>A block in progress is void from a frag on.</summary>
    Cancel = 3,

    /// <summary>A leader leaves and says what it leaves behind.</summary>
    HandOver = 4,
}

/// <summary>Flag bits of an envelope; unknown bits are refused.</summary>
[Flags]
public enum EnvelopeFlags : ushort
{
    /// <summary>The message has the newest revision, with blob gas.</summary>
    None = 0,

    /// <summary>The message has the first revision, without blob gas.</summary>
    WithoutBlobGas = 1,
}
