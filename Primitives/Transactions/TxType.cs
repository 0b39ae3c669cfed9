namespace Fragcast.Primitives.Transactions;

/// <summary>
/// The transaction types, with the byte that starts their encoding (EIP-2718; legacy ones have none).
/// </summary>
public enum TxType : byte
{
    /// <summary>A bare RLP list, with or without a chain id in v (EIP-155).</summary>
    Legacy = 0,

    /// <summary>EIP-2930: access list.</summary>
    AccessList = 1,

    /// <summary>EIP-1559: priority fee and fee cap.</summary>
    DynamicFee = 2,

    /// <summary>EIP-4844: versioned blob hashes.</summary>
    Blob = 3,

    /// <summary>EIP-7702: code of an account set by authorization.</summary>
    SetCode = 4,

    /// <summary>OP-stack deposit: made by the derivation from L1, not signed (OP specification, "Deposits").</summary>
    Deposit = 0x7E,
}

/// <summary>Why bytes are not a transaction. Bad input from a peer is one of these, never an exception.</summary>
public enum TxDecodeError : byte
{
    /// <summary>The bytes are a transaction.</summary>
    None = 0,

    /// <summary>No bytes.</summary>
    Empty,

    /// <summary>The first byte is neither a known type nor the start of a list.</summary>
    UnknownType,

    /// <summary>Not canonical RLP: lengths or integers too short, too long or padded, or a list for a string.</summary>
    MalformedRlp,

    /// <summary>Fewer fields than the type has.</summary>
    MissingFields,

    /// <summary>Bytes or fields behind the last one.</summary>
    TrailingData,

    /// <summary>An address or hash of another size than 20 or 32 bytes.</summary>
    WrongSize,

    /// <summary>An integer wider than its field.</summary>
    IntegerTooLarge,

    /// <summary>A chain id above 64 bits.</summary>
    ChainIdTooLarge,

    /// <summary>A v or y parity, or a flag, of an impossible value.</summary>
    BadSignatureV,

    /// <summary>A flag that is neither 0 nor 1.</summary>
    BadFlag,

    /// <summary>A type that cannot create contracts (EIP-4844, EIP-7702) without a receiver.</summary>
    MissingTo,

    /// <summary>
    /// A blob transaction in the form of the pool, with its blobs; blocks and frags carry it without.
    /// </summary>
    BlobSidecar,
}
