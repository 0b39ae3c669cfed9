using Fragcast.Execution.Evm;

namespace Fragcast.Execution.Tests.Evm;

public sealed class CodeAnalysisTests
{
    [Fact]
    public void FindJumpDestinations_RandomCode_AsInstructionByInstruction()
    {
        Random random = new(11);
        for (int i = 0; i < 3000; i++)
        {
            byte[] code = new byte[random.Next(300)];
            random.NextBytes(code);
            for (int at = 0; at < code.Length; at++)
            {
                code[at] = random.Next(4) switch
                {
                    0 => 0x5B,
                    1 => (byte)(0x5F + random.Next(33)),
                    _ => code[at],
                };
            }

            ulong[] bits = new ulong[CodeAnalysis.WordsOf(code.Length)];
            ulong[] expected = OneByOne(code);
            int progress = 0;
            for (int step = 0; step < 3 && code.Length > 0; step++)
            {
                int offset = random.Next(code.Length);
                bool isDestination = ((expected[offset >> 6] >> offset) & 1) != 0;

                Assert.Equal(isDestination, CodeAnalysis.FindJumpDestinations(code, bits, ref progress, offset));
            }

            if (code.Length > 0) CodeAnalysis.FindJumpDestinations(code, bits, ref progress, code.Length - 1);
            Assert.Equal(expected, bits);
        }
    }

    [Fact]
    public void FindJumpDestinations_OffsetAtTheStart_LeavesTheRestUntouched()
    {
        byte[] code = new byte[4096];
        code.AsSpan().Fill(0x5B);
        ulong[] bits = new ulong[CodeAnalysis.WordsOf(code.Length)];
        int progress = 0;

        Assert.True(CodeAnalysis.FindJumpDestinations(code, bits, ref progress, 3));
        Assert.Equal(0UL, bits[40]);
        Assert.True(CodeAnalysis.FindJumpDestinations(code, bits, ref progress, 2600));
        Assert.Equal(ulong.MaxValue, bits[40]);
    }

    [Theory]
    [InlineData(4)]
    [InlineData(40)]
    public void IsJumpDestination_RandomCode_AsInstructionByInstruction(int pushesPerHundred)
    {
        Random random = new(pushesPerHundred);
        for (int i = 0; i < 3000; i++)
        {
            byte[] code = new byte[1 + random.Next(300)];
            for (int at = 0; at < code.Length; at++)
                code[at] = random.Next(100) < pushesPerHundred ? (byte)(0x5F + random.Next(33)) : (byte)0x5B;
            ulong[] bits = new ulong[CodeAnalysis.WordsOf(code.Length)];
            ulong[] expected = OneByOne(code);
            int progress = 0;
            for (int step = 0; step < 20; step++)
            {
                int offset = random.Next(code.Length);
                bool isDestination = ((expected[offset >> 6] >> offset) & 1) != 0;

                Assert.Equal(isDestination, CodeAnalysis.IsJumpDestination(code, bits, ref progress, offset));
                Assert.All(bits.Zip(expected), pair => Assert.Equal(0UL, pair.First & ~pair.Second));
            }
        }
    }

    private static ulong[] OneByOne(byte[] code)
    {
        ulong[] bits = new ulong[(code.Length >> 6) + 1];
        for (int at = 0; at < code.Length; at++)
        {
            if (code[at] is >= 0x60 and <= 0x7F)
                at += code[at] - 0x5F;
            else if (code[at] == 0x5B)
                bits[at >> 6] |= 1UL << at;
        }

        return bits;
    }
}
