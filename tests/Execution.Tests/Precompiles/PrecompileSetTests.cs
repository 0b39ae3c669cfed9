using Fragcast.Execution.Evm;
using Fragcast.Execution.Precompiles;
using Fragcast.Primitives;

namespace Fragcast.Execution.Tests.Precompiles;

public sealed class PrecompileSetTests
{
    [Theory]
    [InlineData(Fork.Frontier, OpFork.None, 4)]
    [InlineData(Fork.Byzantium, OpFork.None, 8)]
    [InlineData(Fork.Istanbul, OpFork.None, 9)]
    [InlineData(Fork.Cancun, OpFork.None, 10)]
    [InlineData(Fork.Prague, OpFork.None, 17)]
    [InlineData(Fork.Osaka, OpFork.None, 18)]
    [InlineData(Fork.Cancun, OpFork.Ecotone, 10)]
    [InlineData(Fork.Cancun, OpFork.Fjord, 11)]
    [InlineData(Fork.Prague, OpFork.Isthmus, 18)]
    public void Addresses_OfAFork_AreItsContracts(Fork fork, OpFork opFork, int count)
    {
        var set = EvmSpec.For(fork, opFork).Precompiles;
        Assert.Equal(count, set.Addresses.Count());
        Assert.All(set.Addresses, address => Assert.True(set.Contains(address)));
        Assert.False(set.Contains(Address.Zero));
        Assert.False(set.Contains(Address.FromUInt256(new UInt256(1, 1))));
    }

    [Theory]
    [InlineData(Fork.Osaka, OpFork.None, 6900)]
    [InlineData(Fork.Cancun, OpFork.Fjord, 3450)]
    public void P256Verify_OfAChain_HasItsPrice(Fork fork, OpFork opFork, long price) =>
        Assert.Equal(price, Get(0x100, fork, opFork).Price([]));

    [Theory]
    [InlineData(0x08, OpFork.Fjord, 192 * 1000, true)]
    [InlineData(0x08, OpFork.Granite, 112_687, true)]
    [InlineData(0x08, OpFork.Granite, 112_688, false)]
    [InlineData(0x08, OpFork.Jovian, 81_984, true)]
    [InlineData(0x08, OpFork.Jovian, 81_985, false)]
    [InlineData(0x0C, OpFork.Isthmus, 513_760, true)]
    [InlineData(0x0C, OpFork.Jovian, 288_960, true)]
    [InlineData(0x0C, OpFork.Jovian, 288_961, false)]
    [InlineData(0x0E, OpFork.Isthmus, 488_448, true)]
    [InlineData(0x0E, OpFork.Jovian, 278_784, true)]
    [InlineData(0x0F, OpFork.Isthmus, 235_008, true)]
    [InlineData(0x0F, OpFork.Jovian, 156_672, true)]
    [InlineData(0x0F, OpFork.Jovian, 156_673, false)]
    public void InputMax_OfAnOpStackChain_IsThatOfItsUpgrade(int address, OpFork opFork, int length, bool isAllowed)
    {
        var fork = opFork >= OpFork.Isthmus ? Fork.Prague : Fork.Cancun;
        Assert.Equal(isAllowed, length <= Get(address, fork, opFork).InputMax);
    }

    [Fact]
    public void Execute_OfInputAboveTheLimit_FailsAndTakesTheGas()
    {
        var pairing = Get(0x08, Fork.Cancun, OpFork.Granite);
        var left = pairing.Execute(new byte[192 * 587], long.MaxValue / 2, new PrecompileOutput());
        Assert.Equal(Fault.PrecompileFailure, left);
    }

    private static Precompile Get(int address, Fork fork, OpFork opFork)
    {
        Assert.True(EvmSpec.For(fork, opFork).Precompiles.TryGet(Address.FromUInt256(address), out var precompile));
        return precompile;
    }
}
