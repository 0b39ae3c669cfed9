using Fragcast.Execution.Evm;
using Fragcast.Primitives;
using Fragcast.Primitives.Blocks;

namespace Fragcast.Execution.Blocks;

/// <summary>The base fee that follows from a block's parent (EIP-1559, and the OP-stack's parameters for it).</summary>
public static class BaseFee
{
    private const uint EthereumDenominator = 8;
    private const uint EthereumElasticity = 2;
    private static readonly UInt256 Initial = 1_000_000_000;

    /// <summary>Computes the base fee of the block after <paramref name="parent"/>.</summary>
    /// <param name="chain">The chain.</param>
    /// <param name="parent">The parent's header.</param>
    /// <param name="timestamp">Time of the block, seconds since 1970.</param>
    /// <param name="baseFee">The base fee in wei.</param>
    /// <returns>False when the parent's extra data should hold parameters and does not.</returns>
    public static bool TryCompute(ChainSpec chain, BlockHeader parent, ulong timestamp, out UInt256 baseFee)
    {
        baseFee = Initial;
        ulong gasUsed = parent.GasUsed;
        var parameters = new OpFeeParameters(EthereumDenominator, EthereumElasticity, MinBaseFee: 0);
        if (chain.Op is not null)
        {
            OpFork parentFork = chain.Op.ForkAt(parent.Timestamp);
            parameters = chain.Op.FeeParametersAt(timestamp);
            if (parentFork >= OpFork.Holocene
                && !OpFeeParameters.TryDecode(parentFork, parent.ExtraData.Span, out parameters))
            {
                return false;
            }

            if (parentFork >= OpFork.Jovian) gasUsed = Math.Max(gasUsed, parent.BlobGasUsed ?? 0);
        }

        if (parent.BaseFeePerGas is { } parentBaseFee)
            baseFee = Next(parentBaseFee, gasUsed, parent.GasLimit / parameters.Elasticity, parameters.Denominator);
        if (baseFee < parameters.MinBaseFee) baseFee = parameters.MinBaseFee;
        return true;
    }

    private static UInt256 Next(in UInt256 baseFee, ulong gasUsed, ulong gasTarget, uint denominator)
    {
        if (gasUsed == gasTarget) return baseFee;
        UInt256 distance = gasUsed > gasTarget ? gasUsed - gasTarget : gasTarget - gasUsed;
        UInt256 delta = baseFee * distance / gasTarget / denominator;
        if (gasUsed > gasTarget) return baseFee + (delta.IsZero ? UInt256.One : delta);
        return delta < baseFee ? baseFee - delta : UInt256.Zero;
    }
}
