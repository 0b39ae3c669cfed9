using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Fragcast.Primitives;

/// <summary>A 20-byte account address. Ordered as byte strings.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4, Size = Size)]
public readonly struct Address : IEquatable<Address>, IComparable<Address>
{
    /// <summary>The size in bytes.</summary>
    public const int Size = 20;

    private readonly ulong _w0;
    private readonly ulong _w1;
    private readonly uint _w2;

    private Address(ulong w0, ulong w1, uint w2)
    {
        _w0 = w0;
        _w1 = w1;
        _w2 = w2;
    }

    /// <summary>20 zero bytes.</summary>
    public static Address Zero => default;

    /// <summary>Whether all bytes are zero.</summary>
    public bool IsZero => (_w0 | _w1 | _w2) == 0;

    /// <summary>The 20 bytes in place; the span lives as long as this variable.</summary>
    [UnscopedRef]
    public ReadOnlySpan<byte> Bytes
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => MemoryMarshal.CreateReadOnlySpan(
            ref Unsafe.As<ulong, byte>(ref Unsafe.AsRef(in _w0)), Size);
    }

    /// <summary>Copies exactly 20 bytes.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There are not exactly 20.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Address FromBytes(ReadOnlySpan<byte> bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(bytes.Length, Size);
        return MemoryMarshal.Read<Address>(bytes);
    }

    /// <summary>The low 160 bits of a word, as the EVM reads an address from its stack.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Address FromUInt256(in UInt256 value)
    {
        ulong high = (value.U2 << 32) | (value.U1 >> 32);
        ulong middle = (value.U1 << 32) | (value.U0 >> 32);
        return new Address(ToBigEndian(high), ToBigEndian(middle), ToBigEndian((uint)value.U0));
    }

    /// <summary>The address as a big-endian number below 2^160.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public UInt256 ToUInt256()
    {
        ulong high = ToBigEndian(_w0);
        ulong middle = ToBigEndian(_w1);
        return new UInt256((middle << 32) | ToBigEndian(_w2), (high << 32) | (middle >> 32), high >> 32);
    }

    /// <summary>Writes the 20 bytes to the start of <paramref name="destination"/>.</summary>
    public void CopyTo(Span<byte> destination) => Bytes.CopyTo(destination);

    /// <summary>Reads 40 hex digits, with or without <c>0x</c>; a mixed-case checksum is not checked.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out Address value)
    {
        Span<byte> bytes = stackalloc byte[Size];
        bool good = Hex.TryDecode(text, bytes);
        value = good ? FromBytes(bytes) : default;
        return good;
    }

    /// <summary>As <see cref="TryParse"/>, for text that is known to be good.</summary>
    /// <exception cref="FormatException">The text is not 40 hex digits.</exception>
    public static Address Parse(ReadOnlySpan<char> text) =>
        TryParse(text, out Address value) ? value : throw new FormatException("Not 40 hexadecimal digits.");

    /// <summary>Whether all bytes are equal.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool operator ==(in Address a, in Address b) =>
        ((a._w0 ^ b._w0) | (a._w1 ^ b._w1) | (ulong)(a._w2 ^ b._w2)) == 0;

    /// <summary>Whether any byte differs.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool operator !=(in Address a, in Address b) => !(a == b);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Equals(Address other) => this == other;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Address other && this == other;

    /// <inheritdoc/>
    public override int GetHashCode() => (int)(((_w0 ^ _w1 ^ _w2) * 0x9E3779B97F4A7C15) >> 32);

    /// <inheritdoc/>
    public int CompareTo(Address other) => Bytes.SequenceCompareTo(other.Bytes);

    /// <summary><c>0x</c> and 40 lower-case hex digits.</summary>
    public override string ToString() => Hex.Encode(Bytes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong ToBigEndian(ulong word) =>
        BitConverter.IsLittleEndian ? BinaryPrimitives.ReverseEndianness(word) : word;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint ToBigEndian(uint word) =>
        BitConverter.IsLittleEndian ? BinaryPrimitives.ReverseEndianness(word) : word;
}
