using Fragcast.Execution.Evm;
using Fragcast.Primitives;

namespace Fragcast.Execution.Tests.Evm;

public sealed class InstructionTests
{
    private static readonly UInt256 Minus1 = UInt256.MaxValue;

    public static TheoryData<string, string, string, string> BinaryCases { get; } = new()
    {
        { nameof(Opcode.Add), "0xffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff", "2", "1" },
        { nameof(Opcode.Sub), "1", "2", "0xffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff" },
        { nameof(Opcode.Mul), "0x10000000000000001", "0x10000000000000003", "0x100000000000000040000000000000003" },
        { nameof(Opcode.Div), "17", "5", "3" },
        { nameof(Opcode.Div), "17", "0", "0" },
        { nameof(Opcode.SDiv), "0xfffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff6", "3",
            "0xfffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffd" },
        { nameof(Opcode.Mod), "17", "5", "2" },
        { nameof(Opcode.SMod), "0xffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffef", "5",
            "0xfffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe" },
        { nameof(Opcode.Exp), "3", "5", "243" },
        { nameof(Opcode.SignExtend), "0", "0x80",
            "0xffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff80" },
        { nameof(Opcode.Lt), "1", "2", "1" },
        { nameof(Opcode.Gt), "1", "2", "0" },
        { nameof(Opcode.SLt), "0xffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff", "0", "1" },
        { nameof(Opcode.SGt), "0xffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff", "0", "0" },
        { nameof(Opcode.Eq), "5", "5", "1" },
        { nameof(Opcode.And), "12", "10", "8" },
        { nameof(Opcode.Or), "12", "10", "14" },
        { nameof(Opcode.Xor), "12", "10", "6" },
        { nameof(Opcode.Byte), "31", "0x1234", "0x34" },
        { nameof(Opcode.Shl), "4", "0x0f", "0xf0" },
        { nameof(Opcode.Shr), "4", "0xf0", "0x0f" },
        { nameof(Opcode.Shr), "256", "0xf0", "0" },
        { nameof(Opcode.Sar), "256", "0xffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff00",
            "0xffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff" },
    };

    [Theory]
    [MemberData(nameof(BinaryCases))]
    public void Binary_TakesItsLeftOperandFromTheTop(string opcode, string left, string right, string expected)
    {
        var code = new Code()
            .Args(UInt256.Parse(left), UInt256.Parse(right))
            .Op(Enum.Parse<Opcode>(opcode))
            .ReturnTop();
        Assert.Equal(UInt256.Parse(expected), new EvmFixture().WordOf(code));
    }

    [Theory]
    [InlineData(nameof(Opcode.AddMod), 10, 10, 8, 4)]
    [InlineData(nameof(Opcode.MulMod), 10, 10, 8, 4)]
    [InlineData(nameof(Opcode.MulMod), 10, 10, 0, 0)]
    public void Modular_TakesThreeOperands(string opcode, int a, int b, int m, int expected) =>
        Assert.Equal(expected, new EvmFixture().WordOf(
            new Code().Args(a, b, m).Op(Enum.Parse<Opcode>(opcode)).ReturnTop()));

    [Theory]
    [InlineData(0, 256)]
    [InlineData(1, 255)]
    public void Clz_InOsaka_CountsLeadingZeros(int value, int expected) =>
        Assert.Equal(expected, new EvmFixture(Fork.Osaka).WordOf(
            new Code().Push(value).Op(Opcode.Clz).ReturnTop()));

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(8)]
    [InlineData(9)]
    [InlineData(20)]
    [InlineData(31)]
    [InlineData(32)]
    public void Push_OfAnyLength_ReadsItsImmediate(int length)
    {
        var immediate = Enumerable.Range(1, length).Select(i => (byte)i).ToArray();
        var code = new Code().Raw((byte)(0x5F + length)).Raw(immediate).ReturnTop();
        Assert.Equal(UInt256.FromBigEndian(immediate), new EvmFixture().WordOf(code));
    }

    [Fact]
    public void Push_CutOffByTheEnd_ReadsZerosAndStops()
    {
        var result = new EvmFixture().Run([0x7F, 0xFF]);
        Assert.Equal(ExecutionStatus.Success, result.Status);
        Assert.Equal(1_000_000 - 3, result.GasLeft);
    }

    [Fact]
    public void DupAndSwap_AtTheirDeepest_ReachTheirWord()
    {
        var words = Enumerable.Range(1, 17).Select(i => new UInt256((ulong)i)).ToArray();
        Assert.Equal(16, new EvmFixture().WordOf(new Code().Args(words).Op(Opcode.Dup16).ReturnTop()));
        Assert.Equal(17, new EvmFixture().WordOf(new Code().Args(words).Op(Opcode.Swap16).ReturnTop()));
        Assert.Equal(1, new EvmFixture().WordOf(
            new Code().Args(words).Op(Opcode.Swap16, Opcode.Dup16, Opcode.Swap1, Opcode.Pop)
                .Op([.. Enumerable.Repeat(Opcode.Pop, 16)]).ReturnTop()));
    }

    [Theory]
    [InlineData(nameof(Opcode.Address), "0xc0de")]
    [InlineData(nameof(Opcode.Caller), "0x5e4d")]
    [InlineData(nameof(Opcode.Origin), "0x5e4d")]
    [InlineData(nameof(Opcode.CallValue), "0")]
    [InlineData(nameof(Opcode.GasPrice), "9")]
    [InlineData(nameof(Opcode.Coinbase), "0xc01")]
    [InlineData(nameof(Opcode.Timestamp), "1700000000")]
    [InlineData(nameof(Opcode.Number), "1000")]
    [InlineData(nameof(Opcode.PrevRandao), "0x1337")]
    [InlineData(nameof(Opcode.GasLimit), "30000000")]
    [InlineData(nameof(Opcode.ChainId), "1234")]
    [InlineData(nameof(Opcode.BaseFee), "7")]
    [InlineData(nameof(Opcode.BlobBaseFee), "3")]
    [InlineData(nameof(Opcode.SelfBalance), "0")]
    [InlineData(nameof(Opcode.CodeSize), "9")]
    [InlineData(nameof(Opcode.Pc), "0")]
    [InlineData(nameof(Opcode.MSize), "0")]
    [InlineData(nameof(Opcode.Gas), "999998")]
    [InlineData(nameof(Opcode.ReturnDataSize), "0")]
    public void Context_PushesItsFact(string opcode, string expected) =>
        Assert.Equal(UInt256.Parse(expected), new EvmFixture().WordOf(
            new Code().Op(Enum.Parse<Opcode>(opcode)).ReturnTop()));

    [Theory]
    [InlineData(1000, false)]
    [InlineData(999, true)]
    [InlineData(744, true)]
    [InlineData(743, false)]
    public void BlockHash_IsKnownFor256Blocks(int number, bool isKnown) =>
        Assert.Equal(isKnown ? new UInt256((ulong)number, 1) : 0, new EvmFixture().WordOf(
            new Code().Push(number).Op(Opcode.BlockHash).ReturnTop()));

    [Fact]
    public void CallData_PastItsEnd_IsZero()
    {
        var code = new Code().Push(30).Op(Opcode.CallDataLoad).ReturnTop();
        var input = new byte[32];
        input[31] = 1;
        Assert.Equal(new UInt256(0, 0, 0, 1UL << 48), new EvmFixture().WordOf(code, input));
        var far = new Code().Push(Minus1).Op(Opcode.CallDataLoad).ReturnTop();
        Assert.True(new EvmFixture().WordOf(far, input).IsZero);
    }

    [Fact]
    public void Memory_StoredWord_IsLoadedAndHashed()
    {
        var code = new Code().Args(1, 0xABCD).Op(Opcode.MStore).Push(2).Op(Opcode.MLoad).ReturnTop();
        Assert.Equal(0xABCD00, new EvmFixture().WordOf(code));
        var hash = new Code().Args(0, 0xABCD).Op(Opcode.MStore).Args(0, 32).Op(Opcode.Keccak256).ReturnTop();
        Assert.Equal(
            Keccak256.Hash(Hash256.FromUInt256(0xABCD).Bytes).ToUInt256(), new EvmFixture().WordOf(hash));
    }

    [Fact]
    public void MCopy_Overlapping_MovesAsIfThroughABuffer()
    {
        var code = new Code()
            .Args(0, UInt256.Parse("0x000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"))
            .Op(Opcode.MStore).Args(1, 0, 31).Op(Opcode.MCopy).Push(0).Op(Opcode.MLoad).ReturnTop();
        Assert.Equal(
            UInt256.Parse("0x00000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e"),
            new EvmFixture().WordOf(code));
    }

    [Theory]
    [InlineData(2, true)]
    [InlineData(4, false)]
    [InlineData(6, false)]
    public void Jump_GoesToJumpDestinationsOnly(int target, bool isGood)
    {
        // PUSH1 target JUMP is 3 bytes; then INVALID, a JUMPDEST inside an immediate at 5, JUMPDEST at 6 + ...
        var code = new Code().Push(target + 3).Op(Opcode.Jump).Raw(0xFE, 0xFE, 0x5B, 0x60, 0x5B, 0x00, 0x00);
        Assert.Equal(
            isGood ? ExecutionStatus.Success : ExecutionStatus.BadJump, new EvmFixture().Run(code).Status);
    }

    [Fact]
    public void JumpI_WithZeroCondition_GoesOn()
    {
        var code = new Code().Args(Minus1, 0).Op(Opcode.JumpI).Push(5).ReturnTop();
        Assert.Equal(5, new EvmFixture().WordOf(code));
    }

    [Fact]
    public void Log_WithTopics_IsKept()
    {
        var fixture = new EvmFixture();
        fixture.Run(new Code().Args(0, 0xAB).Op(Opcode.MStore).Args(31, 1, 7, 8).Raw(0xA2));
        var log = fixture.State.Log(0);
        Assert.Equal(EvmFixture.Contract, log.Address);
        Assert.Equal([Hash256.FromUInt256(7), Hash256.FromUInt256(8)], log.Topics.ToArray());
        Assert.Equal([0xAB], log.Data.ToArray());
    }

    [Fact]
    public void Transient_IsReadBackInTheTransaction() =>
        Assert.Equal(9, new EvmFixture().WordOf(
            new Code().Args(1, 9).Op(Opcode.TStore).Push(1).Op(Opcode.TLoad).ReturnTop()));

    [Fact]
    public void BlobHash_PastTheLast_IsZero()
    {
        Assert.Equal(0xB10B, new EvmFixture().WordOf(new Code().Push(0).Op(Opcode.BlobHash).ReturnTop()));
        Assert.Equal(0, new EvmFixture().WordOf(new Code().Push(1).Op(Opcode.BlobHash).ReturnTop()));
    }

    [Theory]
    [InlineData(nameof(Opcode.Push0), Fork.Paris, Fork.Shanghai)]
    [InlineData(nameof(Opcode.Shl), Fork.Byzantium, Fork.Constantinople)]
    [InlineData(nameof(Opcode.ChainId), Fork.Petersburg, Fork.Istanbul)]
    [InlineData(nameof(Opcode.BaseFee), Fork.Berlin, Fork.London)]
    [InlineData(nameof(Opcode.BlobBaseFee), Fork.Shanghai, Fork.Cancun)]
    [InlineData(nameof(Opcode.Clz), Fork.Prague, Fork.Osaka)]
    public void Instruction_BeforeItsFork_IsInvalid(string opcode, Fork without, Fork with)
    {
        var code = new Code().Args(1, 1).Op(Enum.Parse<Opcode>(opcode));
        Assert.Equal(ExecutionStatus.InvalidInstruction, new EvmFixture(without).Run(code).Status);
        Assert.Equal(ExecutionStatus.Success, new EvmFixture(with).Run(code).Status);
    }

    [Fact]
    public void Stack_AtItsLimits_IsChecked()
    {
        var full = Enumerable.Repeat((byte)Opcode.Push0, 1024).ToArray();
        Assert.Equal(ExecutionStatus.Success, new EvmFixture().Run(full).Status);
        Assert.Equal(ExecutionStatus.Success, new EvmFixture().Run([.. full, (byte)Opcode.Add]).Status);
        Assert.Equal(ExecutionStatus.StackOverflow, new EvmFixture().Run([.. full, (byte)Opcode.Dup1]).Status);
        Assert.Equal(ExecutionStatus.StackUnderflow, new EvmFixture().Run([0x5F, (byte)Opcode.Add]).Status);
        Assert.Equal(ExecutionStatus.StackUnderflow, new EvmFixture().Run([(byte)Opcode.Pop]).Status);
    }

    [Fact]
    public void ReturnDataCopy_PastTheEnd_Fails() =>
        Assert.Equal(
            ExecutionStatus.ReturnDataOutOfBounds,
            new EvmFixture().Run(new Code().Args(0, 0, 1).Op(Opcode.ReturnDataCopy)).Status);
}
