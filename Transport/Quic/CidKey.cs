using System.Buffers.Binary;

namespace Fragcast.Transport.Quic;

/// <summary>
/// A QUIC v1 connection id (RFC 9000, section 5.1), at most 20 bytes, as a dictionary key. Peers choose some of them:
/// the hash is seeded per process, so that they cannot aim at one bucket.
/// </summary>
internal readonly record struct CidKey
{
    /// <summary>Longest id of QUIC v1.</summary>
    public const int MaxLength = 20;

    private readonly ulong _first;
    private readonly ulong _second;
    private readonly uint _third;
    private readonly byte _length;

    public CidKey(ReadOnlySpan<byte> bytes)
    {
        Span<byte> padded = stackalloc byte[MaxLength];
        padded.Clear();
        bytes.CopyTo(padded);
        _first = BinaryPrimitives.ReadUInt64LittleEndian(padded);
        _second = BinaryPrimitives.ReadUInt64LittleEndian(padded[8..]);
        _third = BinaryPrimitives.ReadUInt32LittleEndian(padded[16..]);
        _length = (byte)bytes.Length;
    }

    /// <summary>An id of 8 bytes, in the order of memory.</summary>
    public CidKey(ulong bytes)
    {
        _first = bytes;
        _length = sizeof(ulong);
    }

    public bool Equals(CidKey other) =>
        _first == other._first && _second == other._second && _third == other._third && _length == other._length;

    public override int GetHashCode() => HashCode.Combine(_first, _second, _third, _length);
}
