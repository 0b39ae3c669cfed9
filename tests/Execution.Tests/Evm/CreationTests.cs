using Fragcast.Execution.Evm;
using Fragcast.Primitives;

namespace Fragcast.Execution.Tests.Evm;

public sealed class CreationTests
{
    private static readonly byte[] Runtime = [0x60, 0x01, 0x00];
    private static readonly Address Created = ContractAddress.FromNonce(EvmFixture.Contract, 1);

    // Addresses given in EIP-1014, and those of the first contracts of a known account.
    [Theory]
    [InlineData("0x0000000000000000000000000000000000000000", 0, "00", "0x4D1A2e2bB4F88F0250f26Ffff098B0b30B26BF38")]
    [InlineData("0xdeadbeef00000000000000000000000000000000", 0, "00", "0xB928f69Bb1D91Cd65274e3c79d8986362984fDA3")]
    [InlineData("0x0000000000000000000000000000000000000000", 0, "", "0xE33C0C7F7df4809055C3ebA6c09CFe4BaF1BD9e0")]
    [InlineData(
        "0x00000000000000000000000000000000deadbeef", 0xcafebabe, "deadbeef",
        "0x60f3f640a8508fC6a86d45DF051962668E1e8AC7")]
    public void FromSalt_ExamplesOfTheEip_Match(string creator, long salt, string initCode, string expected) =>
        Assert.Equal(Address.Parse(expected), ContractAddress.FromSalt(
            Address.Parse(creator), (ulong)salt, Convert.FromHexString(initCode)));

    [Theory]
    [InlineData(0, "0xcd234a471b72ba2f1ccf0a70fcaba648a5eecd8d")]
    [InlineData(1, "0x343c43a37d37dff08ae8c4a11544c718abb4fcf8")]
    [InlineData(2, "0xf778b86fa74e846c4f0a1fbd1335fe81c00a0c91")]
    [InlineData(3, "0xfffd933a0bc612844eaf0c6fe3e5b8e9b6c1d19c")]
    public void FromNonce_OfAKnownAccount_Matches(ulong nonce, string expected) =>
        Assert.Equal(Address.Parse(expected), ContractAddress.FromNonce(
            Address.Parse("0x6ac7ea33f8831ea9dcc53393aaa88b25a785dbf0"), nonce));

    [Fact]
    public void Create_OfAContract_StoresCodeNonceAndValue()
    {
        var fixture = new EvmFixture();
        var result = fixture.Run(Creating(Code.Deploying(Runtime), value: 5).ReturnTop(), value: 5);
        Assert.Equal(Created.ToUInt256(), UInt256.FromBigEndian(result.Output.Span));
        var created = fixture.State.Account(Created);
        Assert.Equal(Runtime, fixture.State.Code(created).Bytes.ToArray());
        Assert.Equal(1UL, fixture.State.Nonce(created));
        Assert.Equal(5, fixture.State.Balance(created));
        Assert.Equal(2UL, fixture.State.Nonce(fixture.State.Account(EvmFixture.Contract)));
        Assert.True(fixture.State.IsWarm(created));
    }

    [Fact]
    public void Create_InATransaction_RunsAsTheOutermostFrame()
    {
        var fixture = new EvmFixture();
        var result = fixture.Create(Code.Deploying(Runtime), Created);
        Assert.True(result.IsSuccess);
        Assert.Equal(Runtime, result.Output.ToArray());
        // Deposit; four pushes of 3 gas and one of 2; copy of a word into a new word of memory.
        Assert.Equal((200 * Runtime.Length) + (4 * 3) + 2 + 3 + 3 + 3, 1_000_000 - result.GasLeft);
        Assert.Equal(Runtime, fixture.State.Code(fixture.State.Account(Created)).Bytes.ToArray());
    }

    [Theory]
    [InlineData(1, false, false)]
    [InlineData(0, true, false)]
    [InlineData(0, false, true)]
    public void Create_WhereSomethingIs_CollidesAndConsumesTheGas(int nonce, bool code, bool storage)
    {
        var fixture = new EvmFixture();
        fixture.Source.SetAccount(Created, 0, (ulong)nonce, code ? [1] : []);
        if (storage)
        {
            fixture.Source.SetStorage(Created, 1, 1);
        }

        var result = fixture.Create(Code.Deploying(Runtime), Created);
        Assert.Equal((ExecutionStatus.CreateCollision, 0), (result.Status, result.GasLeft));

        fixture.State.AbortTransaction();
        var inner = fixture.Run(Creating(Code.Deploying(Runtime)).ReturnTop());
        Assert.True(UInt256.FromBigEndian(inner.Output.Span).IsZero);
        Assert.InRange(inner.GasLeft, 1, 1_000_000 / 64);
        Assert.Equal(2UL, fixture.State.Nonce(fixture.State.Account(EvmFixture.Contract)));
    }

    [Fact]
    public void Create_OverABalance_KeepsIt()
    {
        var fixture = new EvmFixture();
        fixture.Source.SetAccount(Created, 3);
        Assert.True(fixture.Create(Code.Deploying(Runtime), Created, value: 4).IsSuccess);
        Assert.Equal(7, fixture.State.Balance(fixture.State.Account(Created)));
    }

    [Fact]
    public void Create_AtTheLastNonce_FailsWithoutCost()
    {
        var fixture = new EvmFixture();
        fixture.Source.SetAccount(EvmFixture.Contract, 0, ulong.MaxValue, Creating([], 0).ReturnTop());
        var result = fixture.Call(EvmFixture.Contract);
        Assert.True(UInt256.FromBigEndian(result.Output.Span).IsZero);
        Assert.InRange(result.GasLeft, 1_000_000 - 33_000, 1_000_000);
    }

    [Theory]
    [InlineData(Fork.Homestead, 24577, true)]
    [InlineData(Fork.SpuriousDragon, 24576, true)]
    [InlineData(Fork.SpuriousDragon, 24577, false)]
    public void Create_OfLongCode_IsLimitedByEip170(Fork fork, int length, bool succeeds)
    {
        var code = new Code().Args(0, length).Op(Opcode.Return);
        var result = new EvmFixture(fork).Create(code, Created, 10_000_000);
        Assert.Equal(succeeds ? ExecutionStatus.Success : ExecutionStatus.CodeTooLarge, result.Status);
    }

    [Theory]
    [InlineData(Fork.Berlin, true)]
    [InlineData(Fork.London, false)]
    public void Create_OfCodeThatStartsWithEf_IsRefusedByEip3541(Fork fork, bool succeeds)
    {
        var code = new Code().Args(0, 0xEF).Op(Opcode.MStore8).Args(0, 1).Op(Opcode.Return);
        var result = new EvmFixture(fork).Create(code, Created);
        Assert.Equal(succeeds ? ExecutionStatus.Success : ExecutionStatus.InvalidCode, result.Status);
    }

    [Theory]
    [InlineData(Fork.Frontier, true)]
    [InlineData(Fork.Homestead, false)]
    public void Create_WithoutGasForItsCode_FailsSinceHomestead(Fork fork, bool succeeds)
    {
        var result = new EvmFixture(fork).Create(new Code().Args(0, 32).Op(Opcode.Return), Created, 1000);
        Assert.Equal(succeeds ? ExecutionStatus.Success : ExecutionStatus.OutOfGas, result.Status);
        Assert.Equal(succeeds ? 1000 - 9 : 0, result.GasLeft);
        Assert.Equal(0, result.Output.Length);
    }

    [Theory]
    [InlineData(Fork.Paris, 49153, 0, true)]
    [InlineData(Fork.Shanghai, 49152, 2 * 1536, true)]
    [InlineData(Fork.Shanghai, 49153, 0, false)]
    public void Create_OfLongInitCode_IsLimitedAndPaidByEip3860(Fork fork, int length, long gas, bool succeeds)
    {
        var create = new Code().Args(0, 0, length).Op(Opcode.Create);
        var result = new EvmFixture(fork).Run(create);
        Assert.Equal(succeeds ? ExecutionStatus.Success : ExecutionStatus.OutOfGas, result.Status);
        if (succeeds)
        {
            var words = (length + 31) / 32;
            var memory = (3 * words) + (words * words / 512);
            Assert.Equal(9 + 32000 + memory + gas, 1_000_000 - result.GasLeft);
        }
    }

    [Fact]
    public void Create2_TwiceWithOneSalt_CollidesTheSecondTime()
    {
        var fixture = new EvmFixture();
        byte[] initCode = Code.Deploying(Runtime);
        var expected = ContractAddress.FromSalt(EvmFixture.Contract, 42, initCode);
        var code = new Code();
        StoreInMemory(code, initCode);
        code.Args(0, 0, initCode.Length, 42).Op(Opcode.Create2)
            .Args(0, 0, initCode.Length, 42).Op(Opcode.Create2)
            .Push(32).Op(Opcode.MStore).Push(0).Op(Opcode.MStore).Args(0, 64).Op(Opcode.Return);
        var output = fixture.Run(code, 10_000_000).Output.ToArray();
        Assert.Equal(expected.ToUInt256(), UInt256.FromBigEndian(output.AsSpan(0, 32)));
        Assert.True(UInt256.FromBigEndian(output.AsSpan(32)).IsZero);
    }

    [Fact]
    public void Create_ThatReverts_GivesReturnDataAndLeavesNoAccount()
    {
        var fixture = new EvmFixture();
        var code = Creating(new Code().Args(0, 7).Op(Opcode.Revert)).Op(Opcode.ReturnDataSize, Opcode.Add).ReturnTop();
        Assert.Equal(7, fixture.WordOf(code));
        Assert.False(fixture.State.Exists(fixture.State.Account(Created)));
    }

    [Fact]
    public void SelfDestruct_OfAContractOfThisTransaction_RemovesIt()
    {
        var fixture = new EvmFixture(Fork.Cancun);
        var initCode = new Code().Args(0, 1).Op(Opcode.SStore).Push(0xBEE).Op(Opcode.SelfDestruct);
        fixture.Run(Creating(initCode, value: 5), value: 5);
        var created = fixture.State.Account(Created);
        Assert.True(fixture.State.IsDestroyed(created));
        fixture.State.EndTransaction();
        Assert.False(fixture.State.Exists(created));
        Assert.True(fixture.State.Current(fixture.State.Slot(created, 0)).IsZero);
        Assert.Equal(5, fixture.State.Balance(fixture.State.Account(Address.FromUInt256(0xBEE))));
    }

    // Code that creates a contract and leaves its address on the stack.
    private static Code Creating(byte[] initCode, int value = 0)
    {
        var code = new Code();
        StoreInMemory(code, initCode);
        return code.Args(value, 0, initCode.Length).Op(Opcode.Create);
    }

    private static void StoreInMemory(Code code, byte[] data)
    {
        for (var i = 0; i < data.Length; i++)
        {
            code.Args(i, (int)data[i]).Op(Opcode.MStore8);
        }
    }
}
