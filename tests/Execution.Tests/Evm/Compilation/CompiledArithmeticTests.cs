using Fragcast.Execution.Evm;
using Fragcast.Primitives;

namespace Fragcast.Execution.Tests.Evm.Compilation;

/// <summary>
/// Straight code on words that the compiler can't know, masked and shifted so that it knows something of their size,
/// gives the same compiled and interpreted.
/// </summary>
public sealed class CompiledArithmeticTests
{
    private const int Words = 4;
    private const int Seeds = 150;

    private static readonly Opcode[] Binary =
    [
        Opcode.Add, Opcode.Sub, Opcode.Mul, Opcode.Div, Opcode.SDiv, Opcode.Mod, Opcode.SMod, Opcode.Exp, Opcode.Lt,
        Opcode.Gt, Opcode.SLt, Opcode.SGt, Opcode.Eq, Opcode.And, Opcode.Or, Opcode.Xor, Opcode.Byte, Opcode.Shl,
        Opcode.Shr, Opcode.Sar, Opcode.SignExtend,
    ];

    [Fact]
    public void Run_KnownSizes_SameAsInterpreter()
    {
        var interpreter = new EvmFixture(Fork.Osaka);
        var compiled = new EvmFixture(Fork.Osaka);
        (interpreter.Machine.Tier, compiled.Machine.Tier) = (ExecutionTier.Interpreter, ExecutionTier.Compiled);
        for (var seed = 0; seed < Seeds; seed++)
        {
            var random = new Random(seed);
            var code = Make(random);
            var input = Enumerable.Range(0, Words).SelectMany(_ => Bytes(Number(random))).ToArray();
            var expected = Run(interpreter, code, input);
            var actual = Run(compiled, code, input);
            Assert.True(
                expected == actual,
                $"seed {seed}, code {Convert.ToHexString(code)}, input {Convert.ToHexString(input)}:\n"
                + $"{expected}\n{actual}");
        }
    }

    private static string Run(EvmFixture fixture, byte[] code, byte[] input)
    {
        fixture.State.Reset();
        var result = fixture.Run(code, input: input);
        return $"{result.Status} {result.GasLeft} {Convert.ToHexString(result.Output.Span)}";
    }

    private static byte[] Make(Random random)
    {
        var code = new Code();
        for (var i = 0; i < Words; i++)
        {
            code.Push(i * 32).Op(Opcode.CallDataLoad);
            Narrow(code, random);
        }

        for (var steps = random.Next(5, 40); steps > 0; steps--)
        {
            Step(code, random);
        }

        for (var i = 0; i < Words; i++)
        {
            code.Push(i * 32).Op(Opcode.MStore);
        }

        return code.Args(0, Words * 32).Op(Opcode.Return);
    }

    private static void Narrow(Code code, Random random)
    {
        switch (random.Next(5))
        {
            case 0: code.Push(UInt256.MaxValue >> random.Next(256)).Op(Opcode.And); break;
            case 1: code.Push(random.Next(260)).Op(Opcode.Shr); break;
            case 2: code.Push(random.Next(33)).Op(Opcode.Byte); break;
            case 3: code.Op(Opcode.IsZero); break;
            default: break;
        }
    }

    // Keeps the height of the stack.
    private static void Step(Code code, Random random)
    {
        var depth = random.Next(Words);
        switch (random.Next(8))
        {
            case 0:
                Narrow(code, random);
                break;
            case 1:
                code.Op((Opcode)((int)Opcode.Swap1 + random.Next(Words - 1)));
                break;
            case 2:
                code.Op(random.Next(2) == 0 ? Opcode.Not : Opcode.IsZero);
                break;
            case 3 or 4:
                code.Push(Number(random)).Op(Pick(random));
                break;
            case 5:
                code.Push(random.Next(300)).Op(Opcode.Swap1).Op(Pick(random));
                break;
            case 6:
                code.Push(random.Next(300)).Op(Pick(random));
                break;
            default:
                code.Op((Opcode)((int)Opcode.Dup1 + depth)).Op(Pick(random));
                break;
        }
    }

    private static Opcode Pick(Random random) => Binary[random.Next(Binary.Length)];

    private static UInt256 Number(Random random)
    {
        Span<byte> bytes = stackalloc byte[32];
        random.NextBytes(bytes);
        var word = UInt256.FromBigEndian(bytes);
        return random.Next(6) switch
        {
            0 => (UInt256)random.Next(4),
            1 => (UInt256)(ulong)random.NextInt64(),
            2 => UInt256.MaxValue - (UInt256)random.Next(1000),
            3 => UInt256.One << random.Next(256),
            4 => word >> random.Next(256),
            _ => word,
        };
    }

    private static byte[] Bytes(UInt256 word)
    {
        var bytes = new byte[32];
        word.WriteBigEndian(bytes);
        return bytes;
    }
}
