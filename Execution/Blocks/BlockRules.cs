using Fragcast.Execution.Evm;
using Fragcast.Primitives;
using Fragcast.Primitives.Blocks;

namespace Fragcast.Execution.Blocks;

/// <summary>The rules that tie a block's environment to its parent and to the chain.</summary>
internal static class BlockRules
{
    private const int ExtraDataMax = 32;
    private const ulong GasLimitMin = 5_000;
    private const ulong GasLimitMax = long.MaxValue;
    private const ulong GasLimitStep = 1_024;

    /// <summary>Checks the environment of the block after <paramref name="parent"/>.</summary>
    public static BlockError Check(ChainSpec chain, EvmSpec rules, BlockHeader parent, BlockEnvironment env)
    {
        if (env.Number != parent.Number + 1) return BlockError.NumberNotNext;
        if (env.ParentHash != parent.Hash) return BlockError.WrongParentHash;
        bool mayBeSameTime = chain.Op is not null;
        if (env.Timestamp < parent.Timestamp || (env.Timestamp == parent.Timestamp && !mayBeSameTime))
            return BlockError.TimestampTooEarly;
        if (chain.Op is null && !IsGasLimitNear(parent, env.GasLimit, rules.Fork))
            return BlockError.GasLimitOutOfBounds;
        if (!IsExtraDataGood(rules.OpFork, env.ExtraData.Span)) return BlockError.BadExtraData;
        if (rules.Fork >= Fork.Paris && !env.Difficulty.IsZero) return BlockError.DifficultyNotZero;
        if (env.ParentBeaconBlockRoot is null == rules.Fork >= Fork.Cancun) return BlockError.WrongBeaconRoot;
        if (env.Withdrawals is null == rules.Fork >= Fork.Shanghai) return BlockError.WrongWithdrawals;
        if (chain.Op is not null && env.Withdrawals is { Count: > 0 }) return BlockError.WrongWithdrawals;
        return IsBaseFeeRight(chain, rules, parent, env);
    }

    private static BlockError IsBaseFeeRight(ChainSpec chain, EvmSpec rules, BlockHeader parent, BlockEnvironment env)
    {
        if (rules.Fork < Fork.London) return env.BaseFee is null ? BlockError.None : BlockError.WrongBaseFee;
        if (!BaseFee.TryCompute(chain, parent, env.Timestamp, out UInt256 baseFee)) return BlockError.BadExtraData;
        return env.BaseFee == baseFee ? BlockError.None : BlockError.WrongBaseFee;
    }

    /// <summary>
    /// The first block of London counts its parent's limit as doubled, as its target is half of the limit.
    /// </summary>
    private static bool IsGasLimitNear(BlockHeader parent, ulong gasLimit, Fork fork)
    {
        ulong parentLimit = parent.GasLimit;
        if (fork >= Fork.London && parent.BaseFeePerGas is null) parentLimit *= 2;
        ulong distance = gasLimit > parentLimit ? gasLimit - parentLimit : parentLimit - gasLimit;
        return gasLimit is >= GasLimitMin and <= GasLimitMax && distance < parentLimit / GasLimitStep;
    }

    private static bool IsExtraDataGood(OpFork fork, ReadOnlySpan<byte> extraData) => fork >= OpFork.Holocene
        ? OpFeeParameters.TryDecode(fork, extraData, out _)
        : extraData.Length <= ExtraDataMax;
}
