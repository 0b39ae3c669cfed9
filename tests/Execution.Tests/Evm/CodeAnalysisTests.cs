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

            ulong[] bits = new ulong[(code.Length >> 6) + 1];
            CodeAnalysis.FindJumpDestinations(code, bits);

            Assert.Equal(OneByOne(code), bits);
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
