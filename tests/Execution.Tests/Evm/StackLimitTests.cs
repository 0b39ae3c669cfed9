using Fragcast.Execution.Evm;

namespace Fragcast.Execution.Tests.Evm;

/// <summary>The limit of 1,024 words, at each instruction that adds one.</summary>
public class StackLimitTests
{
    private const int Limit = 1024;

    public static TheoryData<byte> Growing() =>
    [
        .. Enumerable.Range(0x5f, 33).Select(opcode => (byte)opcode),
        .. Enumerable.Range(0x80, 16).Select(opcode => (byte)opcode),
        0x30, 0x32, 0x33, 0x34, 0x36, 0x38, 0x3a, 0x3d, 0x41, 0x42, 0x43, 0x44, 0x45, 0x46, 0x47, 0x48, 0x4a, 0x58,
        0x59, 0x5a,
    ];

    [Theory]
    [MemberData(nameof(Growing))]
    public void Run_WordAboveTheLimit_Fails(byte opcode)
    {
        byte[] last = [opcode, .. new byte[32]];
        Assert.Equal(ExecutionStatus.Success, new EvmFixture().Run([.. Zeros(Limit - 1), .. last]).Status);

        ExecutionResult result = new EvmFixture().Run([.. Zeros(Limit), .. last]);
        Assert.Equal(ExecutionStatus.StackOverflow, result.Status);
        Assert.Equal(0, result.GasLeft);
    }

    /// <summary>
    /// A loop that adds a word each round: the code is short, and the limit is met at run time, by the 1,025th word.
    /// </summary>
    [Theory]
    [InlineData("5b5f5f56")]
    [InlineData("5b5f54505f5f56")]
    [InlineData("5b595f56")]
    public void Run_LoopThatPushes_FailsAtTheLimit(string code)
    {
        ExecutionResult result = new EvmFixture().Run(Convert.FromHexString(code), 10_000_000);
        Assert.Equal(ExecutionStatus.StackOverflow, result.Status);
        Assert.Equal(0, result.GasLeft);
    }

    [Theory]
    [InlineData(1023, ExecutionStatus.Success)]
    [InlineData(1024, ExecutionStatus.StackOverflow)]
    public void Run_PushesAcrossAJump_CountTogether(int pushes, ExecutionStatus expected)
    {
        // Half before a jump target, half behind it: the limit does not care for blocks.
        byte[] code = [.. Zeros(pushes / 2), 0x5b, .. Zeros(pushes - pushes / 2), 0x5f, 0x00];
        Assert.Equal(expected, new EvmFixture().Run(code).Status);
    }

    private static byte[] Zeros(int count) => [.. Enumerable.Repeat((byte)0x5f, count)];
}
