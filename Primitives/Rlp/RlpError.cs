namespace Fragcast.Primitives.Rlp;

/// <summary>Why a reader stopped.</summary>
public enum RlpError : byte
{
    /// <summary>Nothing is wrong so far.</summary>
    None = 0,

    /// <summary>An item claims more bytes than its list or the input holds, or the input ended before it.</summary>
    UnexpectedEnd,

    /// <summary>A length is not in its shortest form, or a byte below 0x80 is written with a header.</summary>
    NonCanonicalLength,

    /// <summary>An integer has leading zero bytes.</summary>
    NonCanonicalInteger,

    /// <summary>A list stands where a string is wanted.</summary>
    ExpectedString,

    /// <summary>A string stands where a list is wanted.</summary>
    ExpectedList,

    /// <summary>An integer is wider than its type.</summary>
    IntegerTooLarge,

    /// <summary>A string of a fixed size, such as a hash or an address, has another size.</summary>
    WrongSize,

    /// <summary>Items follow where the end is expected.</summary>
    TrailingData,
}
