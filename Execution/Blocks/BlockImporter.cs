using Fragcast.Execution.Evm;
using Fragcast.Execution.State;
using Fragcast.Primitives.Blocks;

namespace Fragcast.Execution.Blocks;

/// <summary>Executes whole blocks that others built, and accepts those that come out as their header says.</summary>
/// <param name="executor">Executes; on it no block may be open.</param>
/// <param name="chain">The chain whose rules hold.</param>
public sealed class BlockImporter(BlockExecutor executor, ChainSpec chain)
{
    /// <summary>EIP-7934: 10 MiB, less 2 MiB for what a beacon block holds beside it.</summary>
    private const int RlpLengthMax = 8 << 20;

    /// <summary>Why a transaction of the last block was invalid, if that was its fault.</summary>
    public TxError LastTransactionError { get; private set; }

    /// <summary>
    /// Executes a block on the state of its parent. If it is good, it is sealed and its changes are final; if not,
    /// state and executor are as before.
    /// </summary>
    /// <exception cref="StateUnavailableException">A partial state lacks something; all is as before.</exception>
    public BlockError Import(BlockHeader parent, Block block, out SealedBlock? result)
    {
        result = null;
        LastTransactionError = TxError.None;
        EvmSpec rules = chain.RulesAt(block.Header.Number, block.Header.Timestamp);
        if (block.HasOmmers && rules.Fork >= Fork.Paris) return BlockError.OmmersNotEmpty;
        if (block.RlpLength > RlpLengthMax && rules.Fork >= Fork.Osaka) return BlockError.TooLarge;
        BlockError error = executor.Begin(parent, EnvironmentOf(block));
        if (error != BlockError.None) return error;
        try
        {
            error = Execute(block, out SealedBlock? done);
            if (error == BlockError.None) error = Compare(block.Header, done!.Header);
            if (error == BlockError.None) result = executor.Commit();
        }
        finally
        {
            executor.Discard();
        }

        return error;
    }

    private BlockError Execute(Block block, out SealedBlock? done)
    {
        done = null;
        FragResult frag = executor.ExecuteFrag(block.Transactions);
        LastTransactionError = frag.Error;
        return frag.IsGood ? executor.Seal(out done) : BlockError.InvalidTransaction;
    }

    private static BlockEnvironment EnvironmentOf(Block block)
    {
        BlockHeader header = block.Header;
        return new BlockEnvironment
        {
            Number = header.Number,
            ParentHash = header.ParentHash,
            Timestamp = header.Timestamp,
            Beneficiary = header.Beneficiary,
            GasLimit = header.GasLimit,
            BaseFee = header.BaseFeePerGas,
            PrevRandao = header.MixHash,
            Difficulty = header.Difficulty,
            ExtraData = header.ExtraData,
            ParentBeaconBlockRoot = header.ParentBeaconBlockRoot,
            Withdrawals = block.Withdrawals,
        };
    }

    /// <summary>The first field that execution decides and the header states otherwise.</summary>
    private static BlockError Compare(BlockHeader stated, BlockHeader actual)
    {
        if (stated.GasUsed != actual.GasUsed) return BlockError.WrongGasUsed;
        if (stated.TransactionsRoot != actual.TransactionsRoot) return BlockError.WrongTransactionsRoot;
        if (stated.WithdrawalsRoot != actual.WithdrawalsRoot) return BlockError.WrongWithdrawalsRoot;
        if (stated.BlobGasUsed != actual.BlobGasUsed) return BlockError.WrongBlobGasUsed;
        if (stated.ExcessBlobGas != actual.ExcessBlobGas) return BlockError.WrongExcessBlobGas;
        if (stated.RequestsHash != actual.RequestsHash) return BlockError.WrongRequestsHash;
        if (stated.ReceiptsRoot != actual.ReceiptsRoot) return BlockError.WrongReceiptsRoot;
        if (!stated.LogsBloom.Span.SequenceEqual(actual.LogsBloom.Span)) return BlockError.WrongBloom;
        if (stated.StateRoot != actual.StateRoot) return BlockError.WrongStateRoot;
        return stated.Hash == actual.Hash ? BlockError.None : BlockError.WrongHeader;
    }
}
