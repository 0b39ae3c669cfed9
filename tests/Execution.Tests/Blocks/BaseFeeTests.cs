using Fragcast.Execution.Blocks;
using Fragcast.Execution.Evm;
using Fragcast.Primitives;
using Fragcast.Primitives.Blocks;

namespace Fragcast.Execution.Tests.Blocks;

public class BaseFeeTests
{
    private const ulong Start = 1000;

    // The examples of EIP-1559's rule: at, below and above a target of 10,000,000.
    [Theory]
    [InlineData(10_000_000, 1_000_000_000)]
    [InlineData(9_000_000, 987_500_000)]
    [InlineData(11_000_000, 1_012_500_000)]
    [InlineData(0, 875_000_000)]
    [InlineData(20_000_000, 1_125_000_000)]
    public void TryCompute_Ethereum_FollowsTheTarget(ulong gasUsed, ulong expected) =>
        Assert.Equal((UInt256)expected, Compute(ChainSpec.Always(Fork.London), Parent(gasUsed)));

    [Fact]
    public void TryCompute_SmallFee_RisesByOneAtLeast()
    {
        ChainSpec chain = ChainSpec.Always(Fork.London);
        Assert.Equal((UInt256)8, Compute(chain, Parent(10_000_001) with { BaseFeePerGas = 7 }));
        Assert.Equal((UInt256)7, Compute(chain, Parent(9_999_999) with { BaseFeePerGas = 7 }));
    }

    [Fact]
    public void TryCompute_ParentBeforeLondon_IsTheInitialFee() =>
        Assert.Equal(
            (UInt256)1_000_000_000,
            Compute(ChainSpec.Always(Fork.London), Parent(0) with { BaseFeePerGas = null }));

    [Fact]
    public void TryCompute_HoloceneParent_CountsByItsOwnParameters()
    {
        // Target a quarter of the limit, half of it used: twice the target, by a denominator of 100.
        byte[] parameters = new OpFeeParameters(100, 4, 0).Encode(OpFork.Holocene);
        BlockHeader parent = Parent(10_000_000) with { ExtraData = parameters };
        Assert.Equal((UInt256)1_010_000_000, Compute(ChainSpec.Always(OpFork.Holocene, 10), parent));
    }

    [Fact]
    public void TryCompute_FirstHoloceneBlock_CountsByTheChainsParameters()
    {
        var op = new OpChainSpec
        {
            [OpFork.Regolith] = 0,
            [OpFork.Canyon] = 0,
            [OpFork.Holocene] = Start + 2,
            Elasticity = 4,
            DenominatorCanyon = 200,
        };
        Assert.Equal((UInt256)1_005_000_000, Compute(new ChainSpec { ChainId = 10, Op = op }, Parent(10_000_000)));
    }

    [Fact]
    public void TryCompute_JovianParent_HasAMinimumAndCountsTheFootprint()
    {
        ChainSpec chain = ChainSpec.Always(OpFork.Jovian, 10);
        BlockHeader parent = Parent(0) with
        {
            ExtraData = new OpFeeParameters(100, 4, 995_000_000).Encode(OpFork.Jovian),
            WithdrawalsRoot = Hash256.Zero,
            BlobGasUsed = 0,
        };
        Assert.Equal((UInt256)995_000_000, Compute(chain, parent));
        Assert.Equal((UInt256)1_010_000_000, Compute(chain, parent with { BlobGasUsed = 10_000_000 }));
    }

    [Theory]
    [InlineData("")]
    [InlineData("00000000640000000400")]
    [InlineData("010000006400000004")]
    [InlineData("000000000000000004")]
    [InlineData("000000006400000000")]
    public void TryCompute_HoloceneParentWithBadExtraData_IsFalse(string extraData)
    {
        BlockHeader parent = Parent(0) with { ExtraData = Convert.FromHexString(extraData) };
        Assert.False(BaseFee.TryCompute(ChainSpec.Always(OpFork.Holocene, 10), parent, Start + 2, out _));
    }

    private static BlockHeader Parent(ulong gasUsed) => new()
    {
        GasLimit = 20_000_000,
        GasUsed = gasUsed,
        BaseFeePerGas = 1_000_000_000,
        Timestamp = Start,
    };

    private static UInt256 Compute(ChainSpec chain, BlockHeader parent)
    {
        Assert.True(BaseFee.TryCompute(chain, parent, Start + 2, out UInt256 baseFee));
        return baseFee;
    }
}
