using System.Text.Json;
using Fragcast.Execution.Evm;

namespace Fragcast.Execution.Tests.Evm;

public sealed class Eip3155TracerTests
{
    [Fact]
    public void Execute_Traced_WritesALineForEachInstruction()
    {
        var lines = Trace(new Code().Args(2, 1).Op(Opcode.Add).Args(0, 0).Op(Opcode.Revert));
        Assert.Equal(
            """{"pc":4,"op":1,"gas":"0x3e2","gasCost":"0x3","memSize":0,"stack":["0x1","0x2"],"depth":1,"""
            + "\"refund\":0,\"opName\":\"ADD\"}",
            lines[2]);
        Assert.Equal(["PUSH1", "PUSH1", "ADD", "PUSH1", "PUSH1", "REVERT"], lines.Select(OpName));
    }

    [Fact]
    public void Execute_TracedCall_ReportsBothFrames()
    {
        var code = new Code().Call(EvmFixture.Other).Op(Opcode.Pop);
        var lines = Trace(code, other: new Code().Op(Opcode.Caller), gas: 100_000);
        Assert.Equal([1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 1, 1], lines.Select(Depth));
        Assert.Equal("CALL", OpName(lines[7]));

        // All but a 64th of what the access leaves is handed over.
        var available = 100_000 - 21 - 2600;
        Assert.Equal(2600 + available - (available / 64), GasCost(lines[7]));
        Assert.Equal("0x1", Parse(lines[10]).GetProperty("stack")[0].GetString());
    }

    [Fact]
    public void Execute_TracedFailure_NamesTheError()
    {
        var lines = Trace(new Code().Push(1).Op(Opcode.Jump));
        Assert.Equal("BadJump", Parse(lines[1]).GetProperty("error").GetString());
        Assert.Equal(997, GasCost(lines[1]));
    }

    [Fact]
    public void Execute_Traced_GivesTheResultOfTheUntraced()
    {
        var code = new Code().Args(0, 7).Op(Opcode.SStore, Opcode.Gas).ReturnTop();
        var plain = new EvmFixture().Run(code, 50_000);
        var fixture = new EvmFixture();
        var traced = RunTraced(fixture, code, 50_000, TextWriter.Null);
        Assert.Equal((plain.Status, plain.GasLeft), (traced.Status, traced.GasLeft));
        Assert.Equal(plain.Output.ToArray(), traced.Output.ToArray());
    }

    private static string[] Trace(byte[] code, byte[]? other = null, long gas = 1000)
    {
        var fixture = new EvmFixture();
        fixture.Source.SetAccount(EvmFixture.Other, 0, 1, other);
        using var output = new StringWriter { NewLine = "\n" };
        RunTraced(fixture, code, gas, output);
        return output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    private static ExecutionResult RunTraced(EvmFixture fixture, byte[] code, long gas, TextWriter output)
    {
        fixture.Source.SetAccount(EvmFixture.Contract, 0, nonce: 1, code);
        fixture.State.BeginTransaction();
        var tracer = new Eip3155Tracer(output);
        return fixture.Machine.Execute(
            new Message
            {
                Kind = CallKind.Call,
                Caller = EvmFixture.Sender,
                Recipient = EvmFixture.Contract,
                Gas = gas,
            },
            fixture.Block,
            fixture.Transaction,
            ref tracer);
    }

    private static JsonElement Parse(string line) => JsonDocument.Parse(line).RootElement;

    private static string? OpName(string line) => Parse(line).GetProperty("opName").GetString();

    private static int Depth(string line) => Parse(line).GetProperty("depth").GetInt32();

    private static long GasCost(string line) =>
        Convert.ToInt64(Parse(line).GetProperty("gasCost").GetString(), 16);
}
