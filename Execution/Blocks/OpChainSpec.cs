using Fragcast.Execution.Evm;

namespace Fragcast.Execution.Blocks;

/// <summary>
/// Schedule and constants of an OP-stack chain. Upgrades start with the first block whose timestamp is not below the
/// time given, in seconds since 1970; null is never. Times do not decrease from upgrade to upgrade.
/// </summary>
public sealed class OpChainSpec
{
    private readonly ulong?[] _starts = new ulong?[(int)OpFork.Jovian + 1];

    /// <summary>A schedule in which Bedrock holds from the first block on.</summary>
    public OpChainSpec() => _starts[(int)OpFork.Bedrock] = 0;

    /// <summary>Gas target of a block as a part of its limit, before Holocene puts it into each header.</summary>
    public uint Elasticity { get; init; } = 6;

    /// <summary>How slowly the base fee changes, before Canyon.</summary>
    public uint Denominator { get; init; } = 50;

    /// <summary>How slowly the base fee changes, from Canyon on.</summary>
    public uint DenominatorCanyon { get; init; } = 250;

    /// <summary>Sets and gives the start of an upgrade.</summary>
    public ulong? this[OpFork fork]
    {
        get => _starts[(int)fork];
        init => _starts[(int)fork] = value;
    }

    /// <summary>A schedule in which one upgrade's rules hold from the first block on.</summary>
    public static OpChainSpec Always(OpFork fork)
    {
        var spec = new OpChainSpec();
        for (int i = 0; i <= (int)fork; i++) spec._starts[i] = 0;
        return spec;
    }

    /// <summary>The upgrade whose rules hold at a time.</summary>
    public OpFork ForkAt(ulong timestamp)
    {
        for (OpFork fork = OpFork.Jovian; fork > OpFork.Bedrock; fork--)
        {
            if (timestamp >= _starts[(int)fork]) return fork;
        }

        return OpFork.Bedrock;
    }

    /// <summary>The Ethereum upgrade that an OP-stack upgrade brings with it.</summary>
    public static Fork EthereumFork(OpFork fork) => fork switch
    {
        >= OpFork.Isthmus => Fork.Prague,
        >= OpFork.Ecotone => Fork.Cancun,
        >= OpFork.Canyon => Fork.Shanghai,
        _ => Fork.Paris,
    };

    /// <summary>The base-fee constants that a block without its own has.</summary>
    public OpFeeParameters FeeParametersAt(ulong timestamp) =>
        new(ForkAt(timestamp) >= OpFork.Canyon ? DenominatorCanyon : Denominator, Elasticity, MinBaseFee: 0);
}
