namespace Fragcast.Execution.Blocks;

/// <summary>Why a block can't be begun, or can't be sealed.</summary>
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
}
