using Fragcast.Execution.Evm;
using Fragcast.Primitives;

namespace Fragcast.Execution.Tests.Evm;

/// <summary>Assembles code for tests.</summary>
internal sealed class Code
{
    private readonly List<byte> _bytes = [];

    public byte[] Bytes => [.. _bytes];

    public static implicit operator byte[](Code code) => code.Bytes;

    public Code Op(params Opcode[] opcodes)
    {
        _bytes.AddRange(opcodes.Select(o => (byte)o));
        return this;
    }

    /// <summary>The shortest PUSH of a value.</summary>
    public Code Push(UInt256 value)
    {
        var length = Math.Max(1, value.ByteLength);
        Span<byte> word = stackalloc byte[32];
        value.WriteBigEndian(word);
        _bytes.Add((byte)(0x5F + length));
        _bytes.AddRange(word[^length..].ToArray());
        return this;
    }

    /// <summary>Pushes the words so that the first is on top.</summary>
    public Code Args(params UInt256[] words) =>
        words.Reverse().Aggregate(this, static (code, word) => code.Push(word));

    public Code Raw(params byte[] bytes)
    {
        _bytes.AddRange(bytes);
        return this;
    }

    /// <summary>Returns the top word of the stack.</summary>
    public Code ReturnTop() => Push(0).Op(Opcode.MStore).Args(0, 32).Op(Opcode.Return);

    /// <summary>A call with all gas and no data.</summary>
    public Code Call(in Address to, UInt256 value = default) =>
        Args(0, 0, 0, 0).PushBelow(value).PushBelow(to.ToUInt256()).PushBelow(UInt256.MaxValue).Op(Opcode.Call);

    /// <summary>Init code that deploys <paramref name="runtime"/>.</summary>
    public static Code Deploying(byte[] runtime) =>
        // The prefix is 12 bytes long: PUSH2 length, DUP1, PUSH1 12, PUSH1 0, CODECOPY, PUSH1 0, RETURN.
        new Code()
            .Raw(0x61, (byte)(runtime.Length >> 8), (byte)runtime.Length, 0x80, 0x60, 12, 0x60, 0)
            .Op(Opcode.CodeCopy, Opcode.Push0, Opcode.Return, Opcode.Stop)
            .Raw(runtime);

    private Code PushBelow(UInt256 word) => Push(word);
}
