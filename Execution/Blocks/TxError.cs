namespace Fragcast.Execution.Blocks;

/// <summary>Why a transaction can't be part of the block. Such a transaction changes nothing.</summary>
public enum TxError : byte
{
    /// <summary>The transaction is valid, and was executed, be it with success or not.</summary>
    None = 0,

    /// <summary>The type does not exist in the block's rules.</summary>
    UnsupportedType,

    /// <summary>It is for another chain (EIP-155).</summary>
    WrongChainId,

    /// <summary>No sender can be recovered from the signature.</summary>
    BadSignature,

    /// <summary>The nonce is below the sender's.</summary>
    NonceTooLow,

    /// <summary>The nonce is above the sender's.</summary>
    NonceTooHigh,

    /// <summary>The nonce is the last there is (EIP-2681).</summary>
    NonceExhausted,

    /// <summary>The sender has code that is no delegation (EIP-3607).</summary>
    SenderHasCode,

    /// <summary>
    /// The sender can't pay for gas at the fee cap, value and, on OP-stack chains, the L1 and operator fees.
    /// </summary>
    InsufficientFunds,

    /// <summary>The gas limit exceeds what is left of the block's.</summary>
    BlockGasExceeded,

    /// <summary>The gas limit is above 2^24 (EIP-7825).</summary>
    GasLimitTooHigh,

    /// <summary>The gas limit does not cover the intrinsic gas.</summary>
    IntrinsicGasTooLow,

    /// <summary>The gas limit does not cover the floor for calldata (EIP-7623).</summary>
    FloorGasTooLow,

    /// <summary>The fee cap, or the gas price, is below the base fee.</summary>
    FeeCapTooLow,

    /// <summary>The tip cap is above the fee cap.</summary>
    TipAboveFeeCap,

    /// <summary>Init code longer than 49,152 bytes (EIP-3860).</summary>
    InitCodeTooLong,

    /// <summary>A blob transaction without blobs.</summary>
    NoBlobs,

    /// <summary>More blobs than a transaction may have.</summary>
    TooManyBlobs,

    /// <summary>A blob hash whose version is not 1.</summary>
    BadBlobVersion,

    /// <summary>The blob fee cap is below the blob base fee.</summary>
    BlobFeeCapTooLow,

    /// <summary>More blob gas than is left of the block's.</summary>
    BlockBlobGasExceeded,

    /// <summary>A set-code transaction without authorizations (EIP-7702).</summary>
    NoAuthorizations,

    /// <summary>The data-availability footprint exceeds what is left of the block's gas limit (Jovian).</summary>
    BlockFootprintExceeded,
}
