using Fragcast.Execution.Evm;
using Fragcast.Primitives;
using Fragcast.Primitives.Blocks;

namespace Fragcast.Execution.Blocks;

/// <summary>Blob parameters (EIP-4844, EIP-7691, EIP-7840, EIP-7892) and the rules over them.</summary>
/// <param name="Start">First timestamp, seconds since 1970.</param>
/// <param name="Target">Blobs a block should have.</param>
/// <param name="Max">Blobs a block may have.</param>
/// <param name="UpdateFraction">How slowly the price follows the excess.</param>
public readonly record struct BlobSchedule(ulong Start, uint Target, uint Max, ulong UpdateFraction)
{
    /// <summary>Gas of one blob.</summary>
    public const ulong GasPerBlob = 1 << 17;

    /// <summary>EIP-7918: gas by which the execution price bounds the blob price from below.</summary>
    private const ulong BlobBaseCost = 1 << 13;

    private const ulong MinBaseFee = 1;

    /// <summary>The parameters that an upgrade brings.</summary>
    public static BlobSchedule Of(Fork fork) => fork switch
    {
        >= Fork.Prague => new BlobSchedule(0, 6, 9, 5_007_716),
        _ => new BlobSchedule(0, 3, 6, 3_338_477),
    };

    /// <summary>Blob gas a block may have.</summary>
    public ulong MaxGas => Max * GasPerBlob;

    /// <summary>
    /// Price of a unit of blob gas in wei; the largest number where the sum that makes it up does not fit, which is
    /// beyond 2^200 wei and more than anybody has.
    /// </summary>
    public UInt256 BaseFee(ulong excessBlobGas) => FakeExponential(MinBaseFee, excessBlobGas, UpdateFraction);

    /// <summary>The excess that a block with these parameters starts from.</summary>
    /// <param name="fork">The rules of the block.</param>
    /// <param name="parent">Its parent, which has no blob fields when the block is the first with them.</param>
    public ulong ExcessAfter(Fork fork, BlockHeader parent)
    {
        ulong excess = parent.ExcessBlobGas ?? 0;
        ulong used = parent.BlobGasUsed ?? 0;
        ulong target = Target * GasPerBlob;
        if (used + excess < target) return 0;
        if (fork >= Fork.Osaka && IsExecutionDearer(parent, excess))
            return excess + used * (Max - Target) / Max;
        return excess + used - target;
    }

    /// <summary>EIP-7918: whether a blob's share of execution gas costs more than the blob's gas.</summary>
    private bool IsExecutionDearer(BlockHeader parent, ulong excess) =>
        !UInt256.MulOverflow(GasPerBlob, BaseFee(excess), out UInt256 blob)
        && BlobBaseCost * (parent.BaseFeePerGas ?? UInt256.Zero) > blob;

    /// <summary>
    /// factor * e^(numerator / denominator), as a sum of rounded terms (EIP-4844). Terms that grow too large do so
    /// within some hundred steps, and others are soon zero.
    /// </summary>
    private static UInt256 FakeExponential(in UInt256 factor, in UInt256 numerator, in UInt256 denominator)
    {
        UInt256 sum = UInt256.Zero;
        UInt256 term = factor * denominator;
        for (UInt256 i = UInt256.One; !term.IsZero; i += UInt256.One)
        {
            bool overflow = UInt256.AddOverflow(sum, term, out sum);
            overflow |= UInt256.MulOverflow(term, numerator, out term);
            if (overflow) return UInt256.MaxValue;
            term /= denominator * i;
        }

        return sum / denominator;
    }
}
