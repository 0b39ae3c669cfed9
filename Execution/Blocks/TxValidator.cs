using Fragcast.Execution.Evm;
using Fragcast.Execution.State;
using Fragcast.Primitives;
using Fragcast.Primitives.Transactions;

namespace Fragcast.Execution.Blocks;

/// <summary>The rules that decide whether a transaction can be part of a block. Nothing here changes state.</summary>
internal static class TxValidator
{
    /// <summary>No block has room for more (the header's rule), and gas is counted with a sign.</summary>
    public const ulong GasLimitMax = long.MaxValue;

    // EIP-7825.
    private const ulong GasLimitMaxOsaka = 1 << 24;
    private const int InitCodeMax = 2 * 24_576;
    private const int BlobsMaxOsaka = 6;
    private const byte BlobHashVersion = 1;

    /// <summary>
    /// Rules that the transaction and the block's environment decide, and what the transaction's fees are.
    /// </summary>
    public static TxError CheckForm(Transaction transaction, BlockContext block, in BlobSchedule blobs, ref TxFees fees)
    {
        Fork fork = block.Spec.Fork;
        if (!IsSupported(transaction.Type, fork, block.Spec.OpFork)) return TxError.UnsupportedType;
        if (transaction.ChainId is { } chainId && block.ChainId != chainId) return TxError.WrongChainId;
        if (transaction.Nonce == ulong.MaxValue) return TxError.NonceExhausted;
        ulong gasLimitMax = fork >= Fork.Osaka ? GasLimitMaxOsaka : GasLimitMax;
        if (transaction.GasLimit > gasLimitMax) return TxError.GasLimitTooHigh;
        if (CheckGas(transaction, fork, ref fees) is var gas and not TxError.None) return gas;

        if (fork >= Fork.London)
        {
            if (transaction.MaxPriorityFeePerGas > transaction.MaxFeePerGas) return TxError.TipAboveFeeCap;
            if (transaction.MaxFeePerGas < block.BaseFee) return TxError.FeeCapTooLow;
        }

        fees.SetPrice(transaction, block.BaseFee, fork);
        return transaction.Type switch
        {
            TxType.Blob => CheckBlobs(transaction, block, blobs, ref fees),
            TxType.SetCode when transaction.Authorizations.Length == 0 => TxError.NoAuthorizations,
            _ => TxError.None,
        };
    }

    /// <summary>Intrinsic gas, floor and init code: the rules that hold for deposits as well.</summary>
    public static TxError CheckGas(Transaction transaction, Fork fork, ref TxFees fees)
    {
        fees.IntrinsicGas = IntrinsicGas.Of(transaction, fork);
        fees.FloorGas = IntrinsicGas.FloorOf(transaction, fork);
        if (transaction.GasLimit < fees.IntrinsicGas) return TxError.IntrinsicGasTooLow;
        if (transaction.GasLimit < fees.FloorGas) return TxError.FloorGasTooLow;
        bool isTooLong = transaction.IsCreate && fork >= Fork.Shanghai && transaction.Data.Length > InitCodeMax;
        return isTooLong ? TxError.InitCodeTooLong : TxError.None;
    }

    /// <summary>Rules that the block's limits decide.</summary>
    public static TxError CheckLimits(
        Transaction transaction, BlockContext block, in BlobSchedule blobs, in TxFees fees, in BlockTally tally)
    {
        if (transaction.GasLimit > block.GasLimit - tally.GasUsed) return TxError.BlockGasExceeded;
        if (fees.BlobGas > blobs.MaxGas - tally.BlobGasUsed) return TxError.BlockBlobGasExceeded;
        return fees.Footprint > block.GasLimit - tally.Footprint ? TxError.BlockFootprintExceeded : TxError.None;
    }

    /// <summary>Rules that the sender's account decides.</summary>
    public static TxError CheckSender(Transaction transaction, JournaledState state, int sender, in TxFees fees)
    {
        ulong nonce = state.Nonce(sender);
        if (transaction.Nonce < nonce) return TxError.NonceTooLow;
        if (transaction.Nonce > nonce) return TxError.NonceTooHigh;
        if (state.HasCode(sender) && state.Code(sender).DelegationTarget is null) return TxError.SenderHasCode;
        bool isFunded = fees.TryGetFundsNeeded(transaction, out UInt256 funds) && funds <= state.Balance(sender);
        return isFunded ? TxError.None : TxError.InsufficientFunds;
    }

    private static TxError CheckBlobs(
        Transaction transaction, BlockContext block, in BlobSchedule blobs, ref TxFees fees)
    {
        Hash256[] hashes = transaction.BlobHashes;
        if (hashes.Length == 0) return TxError.NoBlobs;
        long most = block.Spec.Fork >= Fork.Osaka ? Math.Min(BlobsMaxOsaka, blobs.Max) : blobs.Max;
        if (hashes.Length > most) return TxError.TooManyBlobs;
        foreach (ref readonly Hash256 hash in hashes.AsSpan())
        {
            if (hash.Bytes[0] != BlobHashVersion) return TxError.BadBlobVersion;
        }

        fees.BlobGas = (ulong)hashes.Length * BlobSchedule.GasPerBlob;
        return transaction.MaxFeePerBlobGas < block.BlobBaseFee ? TxError.BlobFeeCapTooLow : TxError.None;
    }

    private static bool IsSupported(TxType type, Fork fork, OpFork opFork) => type switch
    {
        TxType.Legacy => true,
        TxType.AccessList => fork >= Fork.Berlin,
        TxType.DynamicFee => fork >= Fork.London,
        TxType.Blob => fork >= Fork.Cancun && opFork == OpFork.None,
        TxType.SetCode => fork >= Fork.Prague,
        TxType.Deposit => opFork != OpFork.None,
        _ => false,
    };
}
