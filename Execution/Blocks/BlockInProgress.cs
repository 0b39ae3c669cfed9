using Fragcast.Execution.Evm;
using Fragcast.Primitives;

namespace Fragcast.Execution.Blocks;

/// <summary>An open block: its environment, and what follows from it.</summary>
internal sealed class BlockInProgress
{
    public BlockInProgress(
        ChainSpec chain, EvmSpec rules, BlockEnvironment env, ulong excessBlobGas, IBlockHashes hashes)
    {
        Environment = env;
        Blobs = chain.BlobsAt(rules.Fork, env.Timestamp);
        if (rules.Fork >= Fork.Cancun) ExcessBlobGas = excessBlobGas;
        Context = new BlockContext
        {
            Spec = rules,
            ChainId = chain.ChainId,
            Number = env.Number,
            Timestamp = env.Timestamp,
            Coinbase = env.Beneficiary,
            GasLimit = env.GasLimit,
            BaseFee = env.BaseFee ?? UInt256.Zero,
            BlobBaseFee = ExcessBlobGas is { } excess ? Blobs.BaseFee(excess) : UInt256.Zero,
            PrevRandao = rules.Fork >= Fork.Paris ? env.PrevRandao.ToUInt256() : env.Difficulty,
            BlockHashes = hashes,
        };
    }

    public BlockEnvironment Environment { get; }

    public BlockContext Context { get; }

    public BlobSchedule Blobs { get; }

    /// <summary>Null before Cancun; zero on OP-stack chains, which have no blobs.</summary>
    public ulong? ExcessBlobGas { get; }
}
