using System.Buffers.Binary;

namespace Fragcast.Primitives.Ssz;

/// <summary>Writes SSZ fields one after the other into memory of the caller, which must be long enough.</summary>
internal ref struct SszWriter(Span<byte> destination)
{
    private readonly Span<byte> _destination = destination;

    /// <summary>Bytes written so far.</summary>
    public int Position { get; private set; }

    /// <summary>Writes a little-endian 64-bit number.</summary>
    public void Write(ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(Advance(8), value);

    /// <summary>Writes one byte.</summary>
    public void Write(byte value) => Advance(1)[0] = value;

    /// <summary>Writes bytes as they are.</summary>
    public void Write(scoped ReadOnlySpan<byte> bytes) => bytes.CopyTo(Advance(bytes.Length));

    /// <summary>Writes a 256-bit number, little-endian.</summary>
    public void Write(in UInt256 value)
    {
        Write(value.U0);
        Write(value.U1);
        Write(value.U2);
        Write(value.U3);
    }

    /// <summary>Writes the offset of a variable part, a little-endian 32-bit number.</summary>
    public void WriteOffset(int offset) => BinaryPrimitives.WriteUInt32LittleEndian(Advance(4), (uint)offset);

    private Span<byte> Advance(int length)
    {
        var field = _destination.Slice(Position, length);
        Position += length;
        return field;
    }
}
