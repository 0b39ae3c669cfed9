using Fragcast.Execution.Evm;
using Fragcast.Primitives;

namespace Fragcast.Execution.Blocks;

/// <summary>
/// Outcome of a transaction that is part of the block. Its logs are the state's until the next transaction.
/// </summary>
public struct TxResult
{
    /// <summary>How the outermost frame ended, or why it did not begin.</summary>
    public ExecutionStatus Status;

    /// <summary>Return data, or the reason of a revert; valid until the next execution.</summary>
    public ReadOnlyMemory<byte> Output;

    /// <summary>Gas used, after refunds and floor.</summary>
    public ulong GasUsed;

    /// <summary>Gas refunded, within the cap; part of what was not used.</summary>
    public ulong GasRefunded;

    /// <summary>Price paid in wei for each unit of gas; zero for deposits.</summary>
    public UInt256 EffectiveGasPrice;

    /// <summary>The contract that was to be created; null for a call.</summary>
    public Address? ContractAddress;

    /// <summary>Priority fee in wei, which the block's beneficiary gets.</summary>
    public UInt256 PriorityFee;

    /// <summary>Gas of its blobs.</summary>
    public ulong BlobGasUsed;

    /// <summary>What its data takes up of the block's limit (OP-stack, Jovian).</summary>
    public ulong Footprint;

    /// <summary>Fee for data on L1 in wei (OP-stack).</summary>
    public UInt256 L1Fee;

    /// <summary>Operator fee in wei (OP-stack, Isthmus).</summary>
    public UInt256 OperatorFee;

    /// <summary>The sender's nonce before a deposit.</summary>
    public ulong DepositNonce;

    /// <summary>Whether it succeeded.</summary>
    public readonly bool IsSuccess => Status == ExecutionStatus.Success;
}
