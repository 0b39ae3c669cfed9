using System.Buffers.Binary;
using Fragcast.Primitives;

namespace Fragcast.Differential;

/// <summary>Code under construction, with data after its end.</summary>
internal sealed class Assembly
{
    private readonly List<byte> _code = [];
    private readonly List<byte> _data = [];
    private readonly List<int> _dataReferences = [];

    public int Position => _code.Count;

    public Assembly Op(params byte[] opcodes)
    {
        _code.AddRange(opcodes);
        return this;
    }

    /// <summary>A PUSH of a value, the shortest or with some zeros in front.</summary>
    public Assembly Push(in UInt256 value, int extraZeros = 0)
    {
        int length = Math.Min(32, value.ByteLength + extraZeros);
        Span<byte> word = stackalloc byte[32];
        value.WriteBigEndian(word);
        _code.Add((byte)(0x5f + length));
        _code.AddRange(word[^length..]);
        return this;
    }

    public Assembly Push(in Address address)
    {
        _code.Add(0x73);
        _code.AddRange(address.Bytes);
        return this;
    }

    /// <summary>A PUSH2 whose value <see cref="Patch"/> sets; gives its place.</summary>
    public int PushLater()
    {
        _code.AddRange([0x61, 0, 0]);
        return _code.Count - 2;
    }

    public void Patch(int place, int value)
    {
        _code[place] = (byte)(value >> 8);
        _code[place + 1] = (byte)value;
    }

    /// <summary>Copies data to memory: CODECOPY of bytes that lie after the code.</summary>
    public Assembly Load(int memory, ReadOnlySpan<byte> data)
    {
        Push((ulong)data.Length);
        _dataReferences.Add(PushLater());
        Patch(_dataReferences[^1], _data.Count);
        Push((ulong)memory).Op(0x39);
        _data.AddRange(data);
        return this;
    }

    public byte[] ToArray()
    {
        byte[] bytes = [.. _code, .. _data];
        foreach (int place in _dataReferences)
        {
            Span<byte> reference = bytes.AsSpan(place, 2);
            int offset = BinaryPrimitives.ReadUInt16BigEndian(reference) + _code.Count;
            BinaryPrimitives.WriteUInt16BigEndian(reference, (ushort)offset);
        }

        return bytes;
    }
}
