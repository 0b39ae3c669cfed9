using Fragcast.Execution.Blocks;
using Fragcast.Execution.Evm;
using Fragcast.Primitives;
using Fragcast.Primitives.Blocks;

namespace Fragcast.Execution.Tests.Blocks;

public class BlobScheduleTests
{
    private const ulong Blob = BlobSchedule.GasPerBlob;

    // EIP-4844: e^(excess / fraction), rounded down.
    [Theory]
    [InlineData(0, 1)]
    [InlineData(2_314_057, 1)]
    [InlineData(2_314_058, 2)]
    [InlineData(10 * 1024 * 1024, 23)]
    public void BaseFee_Cancun_IsExponential(ulong excess, ulong expected) =>
        Assert.Equal((UInt256)expected, BlobSchedule.Of(Fork.Cancun).BaseFee(excess));

    // About e^100, with the rounding of the terms; e^146 and more does not fit.
    [Theory]
    [InlineData(333_847_700, "0x13494a9b170f4017245d9f2bd5e3328913efc")]
    [InlineData(487_417_642, "@")]
    [InlineData(ulong.MaxValue, "@")]
    public void BaseFee_LargeExcess_IsExactOrTheLargestNumber(ulong excess, string expected)
    {
        UInt256 fee = BlobSchedule.Of(Fork.Cancun).BaseFee(excess);
        Assert.Equal(expected, fee == UInt256.MaxValue ? "@" : fee.ToString());
    }

    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(0, 3, 0)]
    [InlineData(0, 4, 1)]
    [InlineData(1, 3, 1)]
    [InlineData(5, 0, 2)]
    [InlineData(2, 0, 0)]
    public void ExcessAfter_Cancun_IsWhatIsAboveTheTarget(ulong excess, ulong used, ulong expected) =>
        Assert.Equal(
            expected * Blob,
            BlobSchedule.Of(Fork.Cancun).ExcessAfter(Fork.Cancun, Parent(excess * Blob, used * Blob, 1)));

    [Fact]
    public void ExcessAfter_FirstBlockWithBlobs_IsZero() =>
        Assert.Equal(0UL, BlobSchedule.Of(Fork.Cancun).ExcessAfter(Fork.Cancun, new BlockHeader()));

    [Fact]
    public void ExcessAfter_OsakaWithDearExecution_DoesNotFallWithEmptyBlocks()
    {
        // EIP-7918: 8,192 gas at 17 wei are dearer than 131,072 at 1 wei; a third of the blobs used is added.
        BlobSchedule blobs = BlobSchedule.Of(Fork.Osaka);
        BlockHeader dear = Parent(10 * Blob, 6 * Blob, 17);
        Assert.Equal(10 * Blob + 2 * Blob, blobs.ExcessAfter(Fork.Osaka, dear));
        Assert.Equal(10 * Blob, blobs.ExcessAfter(Fork.Osaka, Parent(10 * Blob, 6 * Blob, 16)));
        Assert.Equal(10 * Blob, blobs.ExcessAfter(Fork.Prague, dear));
    }

    [Fact]
    public void BlobsAt_ScheduleOfTheChain_ReplacesThatOfTheUpgrade()
    {
        var chain = new ChainSpec { ChainId = 1, Blobs = [new BlobSchedule(100, 10, 15, 8_346_193)] };
        Assert.Equal(9u, chain.BlobsAt(Fork.Osaka, 99).Max);
        Assert.Equal(15u, chain.BlobsAt(Fork.Osaka, 100).Max);
    }

    private static BlockHeader Parent(ulong excess, ulong used, ulong baseFee) =>
        new() { ExcessBlobGas = excess, BlobGasUsed = used, BaseFeePerGas = baseFee };
}
