namespace Fragcast.Execution.Blocks;

/// <summary>Why a block can't be begun, can't be sealed, or is not what its header says.</summary>
public enum BlockError : byte
{
    /// <summary>Nothing is wrong.</summary>
    None = 0,

    /// <summary>A block is open: commit or discard it first.</summary>
    BlockOpen,

    /// <summary>The number is not the parent's plus one.</summary>
    NumberNotNext,

    /// <summary>The parent hash is not that of the parent.</summary>
    WrongParentHash,

    /// <summary>The time is before the parent's, or on Ethereum the same.</summary>
    TimestampTooEarly,

    /// <summary>The gas limit is too far from the parent's, or below 5,000 (Ethereum only).</summary>
    GasLimitOutOfBounds,

    /// <summary>The base fee is not the one that follows from the parent.</summary>
    WrongBaseFee,

    /// <summary>The extra data has more than 32 bytes, or is not the base-fee parameters that it has to be.</summary>
    BadExtraData,

    /// <summary>The difficulty is not zero.</summary>
    DifficultyNotZero,

    /// <summary>The root of the parent beacon block is missing, or there before Cancun.</summary>
    WrongBeaconRoot,

    /// <summary>Withdrawals are missing, or there before Shanghai, or on an OP-stack chain not empty.</summary>
    WrongWithdrawals,

    /// <summary>
    /// A system contract is missing or its call failed (EIP-7002, EIP-7251), so that the block is invalid.
    /// </summary>
    SystemCallFailed,

    /// <summary>A log of the deposit contract is not laid out as a deposit (EIP-6110).</summary>
    BadDepositLog,

    /// <summary>It has ommers, of which there are none since Paris.</summary>
    OmmersNotEmpty,

    /// <summary>Its RLP is longer than a block may be (EIP-7934).</summary>
    TooLarge,

    /// <summary>One of its transactions is invalid.</summary>
    InvalidTransaction,

    /// <summary>The gas used is not what its transactions use.</summary>
    WrongGasUsed,

    /// <summary>The transactions root is not that of its transactions.</summary>
    WrongTransactionsRoot,

    /// <summary>The withdrawals root is not that of its withdrawals.</summary>
    WrongWithdrawalsRoot,

    /// <summary>The blob gas used is not that of its blobs.</summary>
    WrongBlobGasUsed,

    /// <summary>The excess blob gas is not the one that follows from the parent.</summary>
    WrongExcessBlobGas,

    /// <summary>The requests hash is not that of its requests.</summary>
    WrongRequestsHash,

    /// <summary>The receipts root is not that of its receipts.</summary>
    WrongReceiptsRoot,

    /// <summary>The bloom filter is not that of its logs.</summary>
    WrongBloom,

    /// <summary>The state root is not that of the state after it.</summary>
    WrongStateRoot,

    /// <summary>Another field, or the presence of one, is not what the rules say.</summary>
    WrongHeader,
}
