namespace Fragcast.Primitives.Blocks;

/// <summary>
/// Why bytes are not a header or a withdrawal. Bad input from a peer is one of these, never an exception.
/// </summary>
public enum BlockDecodeError : byte
{
    /// <summary>The bytes are what was asked for.</summary>
    None = 0,

    /// <summary>Not canonical RLP.</summary>
    MalformedRlp,

    /// <summary>Fewer fields than the first blocks of Ethereum have, or bytes missing.</summary>
    MissingFields,

    /// <summary>Bytes or fields behind the last one that is known.</summary>
    TrailingData,

    /// <summary>A hash, address, bloom or nonce of another size than the field has.</summary>
    WrongSize,

    /// <summary>An integer wider than its field.</summary>
    IntegerTooLarge,
}
