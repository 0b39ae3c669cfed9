using System.Buffers.Binary;

namespace Fragcast.Primitives.Ssz;

/// <summary>
/// Reads the fixed part of an SSZ container field by field. Reading past the end gives zeroes and sets
/// <see cref="Failed"/>, so that a caller checks once after the last field.
/// </summary>
internal ref struct SszReader(ReadOnlySpan<byte> bytes)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;

    /// <summary>Bytes read so far.</summary>
    public int Position { get; private set; }

    /// <summary>Whether a read went past the end.</summary>
    public bool Failed { get; private set; }

    /// <summary>Reads a little-endian 64-bit number.</summary>
    public ulong ReadUInt64() => BinaryPrimitives.ReadUInt64LittleEndian(Take(8));

    /// <summary>Reads an offset to a variable part, a little-endian 32-bit number.</summary>
    public uint ReadOffset() => BinaryPrimitives.ReadUInt32LittleEndian(Take(4));

    /// <summary>Reads one byte.</summary>
    public byte ReadByte() => Take(1)[0];

    /// <summary>Reads 32 bytes.</summary>
    public Hash256 ReadHash() => Hash256.FromBytes(Take(32));

    /// <summary>Reads a little-endian 256-bit number.</summary>
    public UInt256 ReadUInt256()
    {
        var u0 = ReadUInt64();
        var u1 = ReadUInt64();
        var u2 = ReadUInt64();
        return new UInt256(u0, u1, u2, ReadUInt64());
    }

    /// <summary>Reads a vector of at most 32 bytes; the result is always as long as asked for.</summary>
    public ReadOnlySpan<byte> Take(int length)
    {
        if (_bytes.Length - Position < length)
        {
            Failed = true;
            Position = _bytes.Length;
            return ZeroHashes.At(0)[..length];
        }

        var field = _bytes.Slice(Position, length);
        Position += length;
        return field;
    }
}
