using Fragcast.Execution.Evm;
using Fragcast.Primitives;

namespace Fragcast.Execution.Tests.Evm;

public sealed class GasTests
{
    [Theory]
    [InlineData(0, 3 + 3 + 3 + 3)]
    [InlineData(1, 3 + 3 + 3 + (2 * 3))]
    [InlineData(32 * 723, 3 + 3 + 3 + (724 * 3) + 1023)]
    public void Memory_GrowsByWordsAndTheirSquares(int offset, long expected) =>
        Assert.Equal(expected, new EvmFixture().GasOf(new Code().Args(offset, 0).Op(Opcode.MStore)));

    [Theory]
    [InlineData("0xffffffffffffffff", "1")]
    [InlineData("0xffffffffffffffffffffffffffffffff", "1")]
    [InlineData("0", "0xffffffffffffffffffffffffffffffff")]
    [InlineData("0x7fffffff", "0x7fffffff")]
    public void Memory_TooLarge_IsOutOfGas(string offset, string length)
    {
        var code = new Code().Args(UInt256.Parse(offset), UInt256.Parse(length)).Op(Opcode.Keccak256);
        Assert.Equal(ExecutionStatus.OutOfGas, new EvmFixture().Run(code, long.MaxValue / 2).Status);
    }

    [Fact]
    public void Memory_OfLengthZero_IsFreeAnywhere()
    {
        var code = new Code().Args(UInt256.MaxValue, 0).Op(Opcode.Keccak256).ReturnTop();
        Assert.Equal(Keccak256.EmptyString.ToUInt256(), new EvmFixture().WordOf(code));
    }

    [Theory]
    [InlineData(Fork.TangerineWhistle, 10 + (2 * 10))]
    [InlineData(Fork.SpuriousDragon, 10 + (2 * 50))]
    public void Exp_IsPricedByBytesOfTheExponent(Fork fork, long expected) =>
        Assert.Equal(6 + expected, new EvmFixture(fork).GasOf(new Code().Args(2, 256).Op(Opcode.Exp)));

    [Theory]
    [InlineData(Fork.Frontier, 50)]
    [InlineData(Fork.TangerineWhistle, 200)]
    [InlineData(Fork.Istanbul, 800)]
    [InlineData(Fork.Berlin, 2100)]
    public void SLoad_OfAFork_HasItsPrice(Fork fork, long expected) =>
        Assert.Equal(3 + expected, new EvmFixture(fork).GasOf(new Code().Push(0).Op(Opcode.SLoad)));

    [Theory]
    [InlineData(Fork.Frontier, 20)]
    [InlineData(Fork.TangerineWhistle, 400)]
    [InlineData(Fork.Istanbul, 700)]
    [InlineData(Fork.Berlin, 2600)]
    public void Balance_OfAFork_HasItsPrice(Fork fork, long expected) =>
        Assert.Equal(3 + expected, new EvmFixture(fork).GasOf(new Code().Push(0x12345).Op(Opcode.Balance)));

    [Fact]
    public void Access_OfAPrecompile_IsWarm() =>
        Assert.Equal(3 + 100, new EvmFixture().GasOf(new Code().Push(4).Op(Opcode.Balance)));

    [Fact]
    public void Access_InAFrameThatReverts_IsColdAgain()
    {
        var fixture = new EvmFixture();
        fixture.Source.SetAccount(EvmFixture.Other, 0, 1, new Code()
            .Push(0x12345).Op(Opcode.Balance).Args(0, 0).Op(Opcode.Revert));
        var once = new Code().Call(EvmFixture.Other).Op(Opcode.Pop);
        var before = fixture.GasOf(once);
        fixture.State.AbortTransaction();
        fixture.State.Reset();
        var after = fixture.GasOf(once.Push(0x12345).Op(Opcode.Balance));
        Assert.Equal(3 + 2600, after - before);
    }

    // Cases of the table in EIP-3529: code that stores the digits one after the other in slot 0, gas, refund.
    [Theory]
    [InlineData(0, "00", 212, 0)]
    [InlineData(0, "01", 20112, 0)]
    [InlineData(0, "10", 20112, 19900)]
    [InlineData(0, "12", 20112, 0)]
    [InlineData(0, "11", 20112, 0)]
    [InlineData(1, "00", 3012, 4800)]
    [InlineData(1, "01", 3012, 2800)]
    [InlineData(1, "02", 3012, 0)]
    [InlineData(1, "20", 3012, 4800)]
    [InlineData(1, "23", 3012, 0)]
    [InlineData(1, "21", 3012, 2800)]
    [InlineData(1, "22", 3012, 0)]
    [InlineData(1, "10", 3012, 4800)]
    [InlineData(1, "12", 3012, 0)]
    [InlineData(1, "11", 212, 0)]
    [InlineData(0, "101", 40118, 19900)]
    [InlineData(1, "010", 5918, 7600)]
    public void SStore_UnderEip3529_HasGasAndRefundOfItsTable(int original, string values, long gas, long refund)
    {
        var fixture = new EvmFixture(Fork.London);
        fixture.Source.SetAccount(EvmFixture.Contract, 0);
        fixture.Source.SetStorage(EvmFixture.Contract, 0, original);

        // The table takes the slot as warm.
        var code = new Code().Push(0).Op(Opcode.SLoad, Opcode.Pop);
        foreach (var value in values)
        {
            code.Args(0, value - '0').Op(Opcode.SStore);
        }

        Assert.Equal(gas, fixture.GasOf(code) - 3 - 2100 - 2);
        Assert.Equal(refund, fixture.State.Refund);
    }

    [Theory]
    [InlineData(2300, false)]
    [InlineData(2301, true)]
    public void SStore_WithTheStipendOnly_Fails(long left, bool succeeds)
    {
        var code = new Code().Push(0).Op(Opcode.SLoad, Opcode.Pop).Args(0, 0).Op(Opcode.SStore);
        var result = new EvmFixture().Run(code, 3 + 2100 + 2 + 6 + left);
        Assert.Equal(succeeds ? ExecutionStatus.Success : ExecutionStatus.OutOfGas, result.Status);
    }

    [Theory]
    [InlineData(Fork.Byzantium, 1, 0, 5000, 15000)]
    [InlineData(Fork.Constantinople, 1, 1, 200, 0)]
    [InlineData(Fork.Petersburg, 1, 1, 5000, 0)]
    [InlineData(Fork.Istanbul, 1, 1, 800, 0)]
    [InlineData(Fork.Berlin, 1, 0, 5000, 15000)]
    public void SStore_OfAFork_HasItsPrice(Fork fork, int original, int value, long gas, long refund)
    {
        var fixture = new EvmFixture(fork);
        fixture.Source.SetAccount(EvmFixture.Contract, 0);
        fixture.Source.SetStorage(EvmFixture.Contract, 0, original);
        Assert.Equal(6 + gas, fixture.GasOf(new Code().Args(0, value).Op(Opcode.SStore)));
        Assert.Equal(refund, fixture.State.Refund);
    }

    [Fact]
    public void Failure_ConsumesAllGas_RevertDoesNot()
    {
        Assert.Equal(0, new EvmFixture().Run([(byte)Opcode.Invalid]).GasLeft);
        var reverted = new EvmFixture().Run(new Code().Args(0, 0).Op(Opcode.Revert));
        Assert.Equal(ExecutionStatus.Revert, reverted.Status);
        Assert.Equal(1_000_000 - 6, reverted.GasLeft);
    }
}
