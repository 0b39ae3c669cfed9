using Fragcast.Execution.Evm;
using Fragcast.Primitives;

namespace Fragcast.Execution.Tests.Evm;

public sealed class CallTests
{
    private static readonly Address Other = EvmFixture.Other;
    private static readonly byte[] ReturnsContext = new Code()
        .Op(Opcode.Address).Push(0).Op(Opcode.MStore)
        .Op(Opcode.Caller).Push(32).Op(Opcode.MStore)
        .Op(Opcode.CallValue).Push(64).Op(Opcode.MStore)
        .Args(0, 96).Op(Opcode.Return);

    [Theory]
    [InlineData(nameof(Opcode.Call), 0x07E4, 0xC0DE, 5)]
    [InlineData(nameof(Opcode.CallCode), 0xC0DE, 0xC0DE, 5)]
    [InlineData(nameof(Opcode.DelegateCall), 0xC0DE, 0x5E4D, 9)]
    [InlineData(nameof(Opcode.StaticCall), 0x07E4, 0xC0DE, 0)]
    public void Call_OfAKind_SetsAddressCallerAndValue(string opcode, int self, int caller, int value)
    {
        var fixture = new EvmFixture();
        fixture.Source.SetAccount(Other, 0, 1, ReturnsContext);
        var op = Enum.Parse<Opcode>(opcode);
        UInt256[] range = [0, 0, 0, 96];
        UInt256[] valued = [100_000, Other.ToUInt256(), 5, .. range];
        UInt256[] plain = [100_000, Other.ToUInt256(), .. range];
        var code = new Code()
            .Args(op is Opcode.Call or Opcode.CallCode ? valued : plain).Op(op, Opcode.Pop)
            .Args(0, 96).Op(Opcode.Return);
        var output = fixture.Run(code, value: 9).Output.ToArray();
        Assert.Equal(self, UInt256.FromBigEndian(output.AsSpan(0, 32)));
        Assert.Equal(caller, UInt256.FromBigEndian(output.AsSpan(32, 32)));
        Assert.Equal(value, UInt256.FromBigEndian(output.AsSpan(64, 32)));
    }

    [Fact]
    public void Call_WithValue_MovesItAndGivesTheStipend()
    {
        var fixture = new EvmFixture();
        fixture.Source.SetAccount(Other, 0, 1, new Code().Op(Opcode.Gas).ReturnTop());
        var code = new Code().Args(0, Other.ToUInt256(), 4, 0, 0, 0, 32).Op(Opcode.Call, Opcode.Pop)
            .Push(0).Op(Opcode.MLoad).ReturnTop();
        var result = fixture.Run(code, value: 10);
        Assert.Equal(2300 - 2, UInt256.FromBigEndian(result.Output.Span));
        Assert.Equal(6, fixture.State.Balance(fixture.State.Account(EvmFixture.Contract)));
        Assert.Equal(4, fixture.State.Balance(fixture.State.Account(Other)));
    }

    [Fact]
    public void Call_WithoutTheBalance_FailsAndReturnsGas()
    {
        var fixture = new EvmFixture();
        fixture.Source.SetAccount(Other, 0, 1, [0xFE]);
        var gas = fixture.GasOf(new Code().Args(50_000, Other.ToUInt256(), 4, 0, 0, 0, 0).Op(Opcode.Call));
        Assert.Equal((7 * 3) + 2600 + 9000 - 2300, gas);
    }

    [Theory]
    [InlineData(Fork.Prague, 0, 2600)]
    [InlineData(Fork.Prague, 1, 2600 + 9000 + 25000 - 2300)]
    [InlineData(Fork.SpuriousDragon, 0, 700)]
    [InlineData(Fork.TangerineWhistle, 0, 700 + 25000)]
    [InlineData(Fork.Frontier, 0, 40 + 25000)]
    public void Call_OfAnAccountThatDoesNotExist_PaysForItsCreation(Fork fork, int value, long expected)
    {
        var fixture = new EvmFixture(fork);
        var code = new Code().Args(0, 0x7777, value, 0, 0, 0, 0).Op(Opcode.Call);
        var result = fixture.Run(code, value: 10);
        Assert.Equal((7 * 3) + expected, 1_000_000 - result.GasLeft);
        var exists = fixture.State.Exists(fixture.State.Account(Address.FromUInt256(0x7777)));
        Assert.Equal(value > 0 || fork < Fork.SpuriousDragon, exists);
    }

    [Fact]
    public void Call_AskingForTooMuch_LeavesA64th()
    {
        var fixture = new EvmFixture();
        fixture.Source.SetAccount(Other, 0, 1, [0xFE]);
        var result = fixture.Run(new Code().Call(Other), 100_000);
        var available = 100_000 - 21 - 2600;
        Assert.Equal(available / 64, result.GasLeft);
        Assert.Equal(
            ExecutionStatus.OutOfGas, new EvmFixture(Fork.Frontier).Run(new Code().Call(Other), 100_000).Status);
    }

    [Fact]
    public void Call_ThatReverts_UndoesItsChangesAndGivesItsData()
    {
        var fixture = new EvmFixture();
        fixture.Source.SetAccount(Other, 0, 1, new Code()
            .Args(0, 1).Op(Opcode.SStore).Args(0, 0, 0).Raw(0xA1)
            .Args(0, 0xBAD).Op(Opcode.MStore).Args(0, 32).Op(Opcode.Revert));
        var code = new Code().Call(Other).Push(0).Op(Opcode.MStore)
            .Args(32, 0, 32).Op(Opcode.ReturnDataCopy).Args(0, 64).Op(Opcode.Return);
        var output = fixture.Run(code).Output.ToArray();
        Assert.Equal(0, UInt256.FromBigEndian(output.AsSpan(0, 32)));
        Assert.Equal(0xBAD, UInt256.FromBigEndian(output.AsSpan(32, 32)));
        Assert.Equal(0, fixture.State.LogCount);
        Assert.True(fixture.State.Current(fixture.State.Slot(fixture.State.Account(Other), 0)).IsZero);
    }

    [Fact]
    public void Call_WithOutputShorterThanItsRange_LeavesTheRest()
    {
        var fixture = new EvmFixture();
        fixture.Source.SetAccount(Other, 0, 1, new Code().Args(0, 0).Op(Opcode.MStore).Args(0, 1).Op(Opcode.Return));
        var code = new Code().Args(0, UInt256.MaxValue).Op(Opcode.MStore)
            .Args(50_000, Other.ToUInt256(), 0, 0, 0, 0, 32).Op(Opcode.Call, Opcode.Pop)
            .Push(0).Op(Opcode.MLoad).ReturnTop();
        Assert.Equal(UInt256.MaxValue >> 8, fixture.WordOf(code));
    }

    [Fact]
    public void Call_Nested_KeepsStackAndMemoryOfTheCaller()
    {
        var fixture = new EvmFixture();
        fixture.Source.SetAccount(Other, 0, 1, new Code()
            .Args(1, 2, 3, 4, 5).Args(0, UInt256.MaxValue).Op(Opcode.MStore).Args(0, 32).Op(Opcode.Return));
        var code = new Code().Push(77).Args(64, 88).Op(Opcode.MStore)
            .Call(Other).Op(Opcode.Pop).Push(64).Op(Opcode.MLoad).Op(Opcode.Add).ReturnTop();
        Assert.Equal(77 + 88, fixture.WordOf(code));
    }

    // Every level adds one to what the next returns; the one at the limit gets 0 from its failing call.
    [Fact]
    public void Call_OfItself_StopsAtDepth1024()
    {
        var fixture = new EvmFixture(Fork.Frontier);

        // Gas handed down is what is left less a constant.
        var code = new Code()
            .Push(32).Push(0).Push(0).Push(0).Push(0).Op(Opcode.Address)
            .Push(200).Op(Opcode.Gas, Opcode.Sub).Op(Opcode.Call, Opcode.Pop)
            .Push(0).Op(Opcode.MLoad).Push(1).Op(Opcode.Add).ReturnTop();
        Assert.Equal(1025, UInt256.FromBigEndian(fixture.Run(code, 10_000_000).Output.Span));
    }

    [Theory]
    [InlineData("55", 2)]
    [InlineData("a0", 2)]
    [InlineData("5d", 2)]
    [InlineData("f0", 3)]
    [InlineData("f5", 4)]
    [InlineData("ff", 1)]
    public void StaticCall_OfWhatChangesState_Fails(string opcode, int operands)
    {
        byte[] changing = new Code()
            .Args([.. Enumerable.Repeat(UInt256.Zero, operands)]).Raw(Convert.FromHexString(opcode));
        var fixture = new EvmFixture();
        fixture.Source.SetAccount(Other, 0, 1, changing);
        Assert.Equal(0, fixture.WordOf(
            new Code().Args(100_000, Other.ToUInt256(), 0, 0, 0, 0).Op(Opcode.StaticCall).ReturnTop()));
        var free = new EvmFixture();
        free.Source.SetAccount(Other, 0, 1, changing);
        Assert.Equal(1, free.WordOf(
            new Code().Args(100_000, Other.ToUInt256(), 0, 0, 0, 0, 0).Op(Opcode.Call).ReturnTop()));
    }

    [Fact]
    public void StaticCall_ThenCallWithValue_Fails()
    {
        var fixture = new EvmFixture();
        fixture.Source.SetAccount(Other, 100, 1, new Code().Call(EvmFixture.Sender, 1));
        var code = new Code().Args(100_000, Other.ToUInt256(), 0, 0, 0, 0).Op(Opcode.StaticCall).ReturnTop();
        Assert.Equal(0, fixture.WordOf(code));
    }

    [Fact]
    public void Call_OfADelegatedAccount_RunsTheDelegateAndPaysForIt()
    {
        var fixture = new EvmFixture();
        var target = Address.FromUInt256(0xDE1E);
        fixture.Source.SetAccount(target, 0, 1, ReturnsContext);
        fixture.Source.SetAccount(Other, 0, 1, [0xEF, 0x01, 0x00, .. target.Bytes]);
        var code = new Code().Args(50_000, Other.ToUInt256(), 0, 0, 0, 0, 32).Op(Opcode.Call, Opcode.Pop)
            .Push(0).Op(Opcode.MLoad).ReturnTop();
        Assert.Equal(Other.ToUInt256(), fixture.WordOf(code));
        Assert.True(fixture.State.IsWarm(target));

        var empty = Address.FromUInt256(0xE0E0);
        var priced = new EvmFixture();
        priced.Source.SetAccount(Other, 0, 1, [0xEF, 0x01, 0x00, .. empty.Bytes]);
        Assert.Equal((7 * 3) + 2600 + 2600, priced.GasOf(
            new Code().Args(50_000, Other.ToUInt256(), 0, 0, 0, 0, 0).Op(Opcode.Call)));
    }

    [Fact]
    public void ExtCode_OfADelegatedAccount_IsTheDesignator()
    {
        byte[] designator = [0xEF, 0x01, 0x00, .. EvmFixture.Sender.Bytes];
        var fixture = new EvmFixture();
        fixture.Source.SetAccount(Other, 0, 1, designator);
        Assert.Equal(23, fixture.WordOf(new Code().Push(Other.ToUInt256()).Op(Opcode.ExtCodeSize).ReturnTop()));
        var hash = new EvmFixture();
        hash.Source.SetAccount(Other, 0, 1, designator);
        Assert.Equal(
            Keccak256.Hash(designator).ToUInt256(),
            hash.WordOf(new Code().Push(Other.ToUInt256()).Op(Opcode.ExtCodeHash).ReturnTop()));
    }

    [Fact]
    public void Execute_OfADelegatedRecipient_RunsTheDelegate()
    {
        var fixture = new EvmFixture();
        fixture.Source.SetAccount(Other, 0, 1, ReturnsContext);
        fixture.Source.SetAccount(EvmFixture.Contract, 0, 1, [0xEF, 0x01, 0x00, .. Other.Bytes]);
        var result = fixture.Call(EvmFixture.Contract);
        Assert.Equal(EvmFixture.Contract.ToUInt256(), UInt256.FromBigEndian(result.Output.Span[..32]));
        Assert.True(fixture.State.IsWarm(Other));
    }

    [Fact]
    public void SelfDestruct_OfAnOldContract_MovesTheBalanceOnly()
    {
        var fixture = new EvmFixture(Fork.Cancun);
        fixture.Source.SetAccount(Other, 50, 1, new Code().Push(0xBEE).Op(Opcode.SelfDestruct));
        fixture.Run(new Code().Call(Other));
        fixture.State.EndTransaction();
        var other = fixture.State.Account(Other);
        Assert.True(fixture.State.HasCode(other));
        Assert.True(fixture.State.Balance(other).IsZero);
        Assert.Equal(50, fixture.State.Balance(fixture.State.Account(Address.FromUInt256(0xBEE))));
    }

    [Theory]
    [InlineData(Fork.Shanghai)]
    [InlineData(Fork.Cancun)]
    public void SelfDestruct_ToItself_BurnsUnlessTheContractStays(Fork fork)
    {
        var fixture = new EvmFixture(fork);
        fixture.Source.SetAccount(Other, 50, 1, new Code().Op(Opcode.Address, Opcode.SelfDestruct));
        fixture.Run(new Code().Call(Other));
        fixture.State.EndTransaction();
        var other = fixture.State.Account(Other);
        Assert.Equal(fork >= Fork.Cancun, fixture.State.Exists(other));
        Assert.Equal(fork >= Fork.Cancun ? 50 : 0, fixture.State.Balance(other));
    }

    [Theory]
    [InlineData(Fork.Berlin, 5000 + 2600 + 25000, 24000)]
    [InlineData(Fork.London, 5000 + 2600 + 25000, 0)]
    [InlineData(Fork.TangerineWhistle, 5000 + 25000, 24000)]
    [InlineData(Fork.Frontier, 0, 24000)]
    public void SelfDestruct_OfAFork_HasItsPriceAndRefund(Fork fork, long gas, long refund)
    {
        var fixture = new EvmFixture(fork);
        var result = fixture.Run(new Code().Push(0x7777).Op(Opcode.SelfDestruct), value: 1);
        Assert.Equal(3 + gas, 1_000_000 - result.GasLeft);
        Assert.Equal(refund, fixture.State.Refund);
    }
}
