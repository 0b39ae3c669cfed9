namespace Fragcast.Primitives.Messages;

/// <summary>
/// The messages of a block in progress; the value is the selector of the signed SSZ union (based-op; from 3 on an
/// extension of Fragcast).
/// </summary>
public enum MessageKind : byte
{
    /// <summary>A slice of the block's transactions, <see cref="FragV0"/>.</summary>
    Frag = 0,

    /// <summary>The end of the block and everything it must come out as, <see cref="SealV0"/>.</summary>
    Seal = 1,

    /// <summary>The start of a block and the environment its transactions run in, <see cref="EnvV0"/>.</summary>
    Env = 2,

    /// <summary>A block in progress is void, <see cref="CancelV0"/>. Not in based-op's union.</summary>
    Cancel = 3,

    /// <summary>A leader leaves, <see cref="HandOverV0"/>. Not in based-op's union.</summary>
    HandOver = 4,
}

/// <summary>The two layouts in use of the version-0 messages. A network uses one of them throughout.</summary>
public enum MessageRevision : byte
{
    /// <summary>The first layout: frags and seals do not carry the blob gas used.</summary>
    V0 = 0,

    /// <summary>The newest layout, and the default: frags and seals carry the blob gas used (November 2025).</summary>
    V0WithBlobGas = 1,
}

/// <summary>Why bytes are not a message. Bad input from a peer is one of these, never an exception.</summary>
public enum MessageError : byte
{
    /// <summary>The bytes are a message.</summary>
    None = 0,

    /// <summary>Shorter than the fixed part of the message.</summary>
    Truncated,

    /// <summary>Longer than the message can be.</summary>
    TrailingBytes,

    /// <summary>An offset points backwards, outside, or not to where the variable part starts.</summary>
    BadOffset,

    /// <summary>A boolean that is neither 0 nor 1.</summary>
    BadBoolean,

    /// <summary>A list or byte list above its limit.</summary>
    ListTooLong,
}
