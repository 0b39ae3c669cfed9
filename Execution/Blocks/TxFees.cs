using Fragcast.Execution.Evm;
using Fragcast.Primitives;
using Fragcast.Primitives.Transactions;

namespace Fragcast.Execution.Blocks;

/// <summary>What a transaction pays and may have to pay, worked out before it is executed.</summary>
internal struct TxFees
{
    /// <summary>Paid for each unit of gas, in wei.</summary>
    public UInt256 GasPrice;

    /// <summary>The part of <see cref="GasPrice"/> that the block's beneficiary gets.</summary>
    public UInt256 Tip;

    public ulong IntrinsicGas;
    public ulong FloorGas;
    public ulong BlobGas;

    /// <summary>In millionths of a byte (OP-stack).</summary>
    public ulong EstimatedSize;

    public ulong Footprint;
    public UInt256 L1Fee;

    /// <summary>For all of the gas limit.</summary>
    public UInt256 OperatorFee;

    /// <summary>
    /// What the sender needs: gas at the fee caps, value, and the OP-stack's fees. False when that is more than 2^256
    /// - 1.
    /// </summary>
    public readonly bool TryGetFundsNeeded(Transaction transaction, out UInt256 funds)
    {
        bool overflow = UInt256.MulOverflow(transaction.GasLimit, transaction.MaxFeePerGas, out funds);
        overflow |= UInt256.AddOverflow(funds, transaction.Value, out funds);
        overflow |= UInt256.MulOverflow(BlobGas, transaction.MaxFeePerBlobGas, out UInt256 blobs);
        overflow |= UInt256.AddOverflow(funds, blobs, out funds);
        overflow |= UInt256.AddOverflow(funds, L1Fee, out funds);
        overflow |= UInt256.AddOverflow(funds, OperatorFee, out funds);
        return !overflow;
    }

    /// <summary>What is taken from the sender before execution; not above the funds needed.</summary>
    public readonly UInt256 Prepayment(Transaction transaction, in UInt256 blobBaseFee) =>
        GasPrice * transaction.GasLimit + blobBaseFee * BlobGas + L1Fee + OperatorFee;

    /// <summary>Sets price and tip by the base fee (EIP-1559); the fee cap is not below it.</summary>
    public void SetPrice(Transaction transaction, in UInt256 baseFee, Fork fork)
    {
        GasPrice = Tip = transaction.MaxFeePerGas;
        if (fork < Fork.London) return;
        Tip = transaction.MaxFeePerGas - baseFee;
        if (transaction.MaxPriorityFeePerGas < Tip) Tip = transaction.MaxPriorityFeePerGas;
        GasPrice = baseFee + Tip;
    }
}
