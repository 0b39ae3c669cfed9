using Fragcast.Execution.Evm;

namespace Fragcast.Execution.Tests.Evm.Compilation;

public sealed class HotCodeTests
{
    // Counts down from the word of the call data, and returns what is left of the gas.
    private static readonly byte[] Loop = new Code()
        .Push(0).Op(Opcode.CallDataLoad)
        .Op(Opcode.JumpDest)
        .Push(1).Op(Opcode.Swap1, Opcode.Sub)
        .Op(Opcode.Dup1).Push(3).Op(Opcode.JumpI)
        .Op(Opcode.Gas).ReturnTop();

    [Fact]
    public void Auto_HotLoop_IsCompiledAndGivesTheSame()
    {
        var interpreter = new EvmFixture();
        var auto = new EvmFixture();
        (interpreter.Machine.Tier, auto.Machine.Tier) = (ExecutionTier.Interpreter, ExecutionTier.Auto);
        var input = new byte[32];
        input[30] = 0x40;
        var expected = interpreter.WordOf(Loop, input);
        Assert.Equal(expected, auto.WordOf(Loop, input));

        // The region comes when the compiling thread gets to it; the deadline is for a thread that never does.
        var code = auto.State.Code(auto.State.Account(EvmFixture.Contract))
            .CompiledFor(auto.Block.Spec.Instructions);
        var block = code.Map.IndexAt(3);
        Assert.True(SpinWait.SpinUntil(() => code.RegionAt(block) is not null, TimeSpan.FromSeconds(60)));
        Assert.Equal(expected, auto.WordOf(Loop, input));
        Assert.Equal(expected, auto.WordOf(Loop, input));
    }

    [Fact]
    public void Decoded_HotLoop_IsNotCompiled()
    {
        var decoded = new EvmFixture();
        decoded.Machine.Tier = ExecutionTier.Decoded;
        var input = new byte[32];
        input[30] = 0x40;
        decoded.WordOf(Loop, input);
        var code = decoded.State.Code(decoded.State.Account(EvmFixture.Contract))
            .CompiledFor(decoded.Block.Spec.Instructions);
        Assert.True(code.TryClaim(code.Map.IndexAt(3)));
    }
}
