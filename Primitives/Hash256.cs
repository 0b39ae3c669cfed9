using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Fragcast.Primitives;

/// <summary>32 bytes: a hash, a root, or another opaque word. Ordered as byte strings.</summary>
[StructLayout(LayoutKind.Sequential, Size = Size)]
public readonly struct Hash256 : IEquatable<Hash256>, IComparable<Hash256>
{
    /// <summary>The size in bytes.</summary>
    public const int Size = 32;

    private readonly ulong _w0;
    private readonly ulong _w1;
    private readonly ulong _w2;
    private readonly ulong _w3;

    private Hash256(ulong w0, ulong w1, ulong w2, ulong w3)
    {
        _w0 = w0;
        _w1 = w1;
        _w2 = w2;
        _w3 = w3;
    }

    /// <summary>32 zero bytes.</summary>
    public static Hash256 Zero => default;

    /// <summary>Whether all bytes are zero.</summary>
    public bool IsZero => (_w0 | _w1 | _w2 | _w3) == 0;

    /// <summary>The 32 bytes in place; the span lives as long as this variable.</summary>
    [UnscopedRef]
    public ReadOnlySpan<byte> Bytes
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => MemoryMarshal.CreateReadOnlySpan(
            ref Unsafe.As<ulong, byte>(ref Unsafe.AsRef(in _w0)), Size);
    }

    /// <summary>Copies exactly 32 bytes.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There are not exactly 32.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Hash256 FromBytes(ReadOnlySpan<byte> bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(bytes.Length, Size);
        return MemoryMarshal.Read<Hash256>(bytes);
    }

    /// <summary>The big-endian bytes of a number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Hash256 FromUInt256(in UInt256 value) => new(
        ToBigEndian(value.U3), ToBigEndian(value.U2), ToBigEndian(value.U1), ToBigEndian(value.U0));

    /// <summary>The bytes read as a big-endian number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public UInt256 ToUInt256() => new(
        ToBigEndian(_w3), ToBigEndian(_w2), ToBigEndian(_w1), ToBigEndian(_w0));

    /// <summary>Writes the 32 bytes to the start of <paramref name="destination"/>.</summary>
    public void CopyTo(Span<byte> destination) => Bytes.CopyTo(destination);

    /// <summary>Reads 64 hex digits, with or without <c>0x</c>.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out Hash256 value)
    {
        Span<byte> bytes = stackalloc byte[Size];
        bool good = Hex.TryDecode(text, bytes);
        value = good ? FromBytes(bytes) : default;
        return good;
    }

    /// <summary>As <see cref="TryParse"/>, for text that is known to be good.</summary>
    /// <exception cref="FormatException">The text is not 64 hex digits.</exception>
    public static Hash256 Parse(ReadOnlySpan<char> text) =>
        TryParse(text, out Hash256 value) ? value : throw new FormatException("Not 64 hexadecimal digits.");

    /// <summary>Whether all bytes are equal.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool operator ==(in Hash256 a, in Hash256 b) =>
        ((a._w0 ^ b._w0) | (a._w1 ^ b._w1) | (a._w2 ^ b._w2) | (a._w3 ^ b._w3)) == 0;

    /// <summary>Whether any byte differs.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool operator !=(in Hash256 a, in Hash256 b) => !(a == b);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Equals(Hash256 other) => this == other;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Hash256 other && this == other;

    /// <inheritdoc/>
    public override int GetHashCode() => (int)(((_w0 ^ _w1 ^ _w2 ^ _w3) * 0x9E3779B97F4A7C15) >> 32);

    /// <inheritdoc/>
    public int CompareTo(Hash256 other) => Bytes.SequenceCompareTo(other.Bytes);

    /// <summary><c>0x</c> and 64 lower-case hex digits.</summary>
    public override string ToString() => Hex.Encode(Bytes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong ToBigEndian(ulong word) =>
        BitConverter.IsLittleEndian ? BinaryPrimitives.ReverseEndianness(word) : word;
}
