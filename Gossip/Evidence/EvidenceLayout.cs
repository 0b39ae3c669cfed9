namespace Fragcast.Gossip.Evidence;

/// <summary>What was signed twice.</summary>
public enum EvidenceForm : byte
{
    /// <summary>
    /// Two messages. A message's signature covers neither network nor epoch: this form proves that the leader signed
    /// two different messages for one place of one attempt, on whatever network.
    /// </summary>
    Messages = 1,

    /// <summary>Two roots of chunks. Their signatures cover network, epoch and the whole place.</summary>
    Chunks = 2,
}

/// <summary>Why bytes are no evidence.</summary>
public enum EvidenceError : byte
{
    /// <summary>They are.</summary>
    None = 0,

    /// <summary>Shorter or longer than they say.</summary>
    BadLength,

    /// <summary>A version, form, kind or flag that does not exist.</summary>
    UnknownVersion,

    /// <summary>Not in the one form that evidence has: order, reserved bytes, form of a signature.</summary>
    NotCanonical,

    /// <summary>What was signed is no message's or chunk's head.</summary>
    Undecodable,

    /// <summary>The two do not belong to one place.</summary>
    DifferentPlaces,

    /// <summary>The two are the same.</summary>
    NotDifferent,

    /// <summary>A signature gives no key.</summary>
    BadSignature,

    /// <summary>Different keys signed the two.</summary>
    DifferentSigners,
}

/// <summary>
/// Evidence that a leader signed two different things for one place. All integers are little endian.
/// </summary>
/// <remarks>
/// <code>
///   0        1        2        3        4                          8
///  +--------+--------+--------+--------+--------+--------------------------+
///  |version |  form  |  kind  | flags  |attempt |            0             |
///  +--------+--------+--------+--------+--------+--------------------------+
///  |                             network id                                |
///  +-----------------+-----------------+-----------------------------------+
///  | length of body 1| length of body 2|  body 1, signature 1 (65),      ...
///  +-----------------+-----------------+  body 2, signature 2 (65)       ...
///
///  body, messages form: an Env, seal, cancel or hand-over as its SSZ; a frag as its fixed fields without the offset,
///                       then the hash-tree-root of its transactions (57 bytes; 49 without blob gas)
///  body, chunks form:   the 80 bytes whose SHA-256 was signed for the chunks; attempt and flags are 0
///  flags:               bit 0 body 1, bit 1 body 2 is a message of the first revision, without blob gas
/// </code>
/// The one with the smaller signed digest comes first. Signatures have v 0 or 1 and s in the lower half. In messages
/// form the network id says where the evidence was found; nothing proves it.
/// </remarks>
public static class EvidenceLayout
{
    /// <summary>Version of this layout.</summary>
    public const byte Version = 1;

    /// <summary>Offset of the form.</summary>
    public const int FormOffset = 1;

    /// <summary>Offset of the kind of message.</summary>
    public const int KindOffset = 2;

    /// <summary>Offset of the flags.</summary>
    public const int FlagsOffset = 3;

    /// <summary>Offset of the attempt.</summary>
    public const int AttemptOffset = 4;

    /// <summary>Offset of the network id (u64).</summary>
    public const int NetworkIdOffset = 8;

    /// <summary>Offset of the length of the first body (u16), with that of the second behind it.</summary>
    public const int LengthsOffset = 16;

    /// <summary>Length of all before the bodies.</summary>
    public const int HeadLength = LengthsOffset + 4;

    /// <summary>Length of a signature.</summary>
    public const int SignatureLength = 65;

    /// <summary>Longest body: an Env with all of its extra data.</summary>
    public const int BodyMax = 184 + 256;

    /// <summary>Longest evidence.</summary>
    public const int LengthMax = HeadLength + (2 * (BodyMax + SignatureLength));

    /// <summary>Length of what is signed for chunks.</summary>
    public const int ChunksBodyLength = 80;

    /// <summary>What is signed for chunks begins with this; see docs/protocol.md, Chunks.</summary>
    public static ReadOnlySpan<byte> ChunksDomain => "fragcast/chunks1"u8;
}
