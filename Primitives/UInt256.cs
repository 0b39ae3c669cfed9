using System.Buffers.Binary;
using System.Diagnostics;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Fragcast.Primitives;

/// <summary>
/// An unsigned 256-bit integer with the wrapping arithmetic of the EVM: results are taken modulo 2^256, and a division
/// or remainder by zero is zero. Four 64-bit limbs in memory, least significant first. In the static
/// <c>(in, in, out)</c> forms the result may be the same variable as an operand.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
[SkipLocalsInit]
[DebuggerDisplay("{ToDecimalString(),nq}")]
public readonly partial struct UInt256 : IEquatable<UInt256>, IComparable<UInt256>
{
    /// <summary>The size in memory and in its full big-endian form, in bytes.</summary>
    public const int Size = 32;

    /// <summary>Bits 0 to 63.</summary>
    public readonly ulong U0;

    /// <summary>Bits 64 to 127.</summary>
    public readonly ulong U1;

    /// <summary>Bits 128 to 191.</summary>
    public readonly ulong U2;

    /// <summary>Bits 192 to 255.</summary>
    public readonly ulong U3;

    /// <summary>Joins four limbs, the least significant first.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public UInt256(ulong u0, ulong u1 = 0, ulong u2 = 0, ulong u3 = 0)
    {
        U0 = u0;
        U1 = u1;
        U2 = u2;
        U3 = u3;
    }

    /// <summary>The value 0.</summary>
    public static UInt256 Zero => default;

    /// <summary>The value 1.</summary>
    public static UInt256 One => new(1);

    /// <summary>The value 2^256 - 1.</summary>
    public static UInt256 MaxValue => new(ulong.MaxValue, ulong.MaxValue, ulong.MaxValue, ulong.MaxValue);

    /// <summary>Whether the value is 0.</summary>
    public bool IsZero
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (U0 | U1 | U2 | U3) == 0;
    }

    /// <summary>Whether the value is below 2^64, so that <see cref="U0"/> holds all of it.</summary>
    public bool FitsUInt64
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (U1 | U2 | U3) == 0;
    }

    /// <summary>Bit 255: the sign when the value is read as a two's complement number.</summary>
    public bool IsNegative
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (long)U3 < 0;
    }

    /// <summary>The position of the highest set bit plus one; 0 for zero, at most 256.</summary>
    public int BitLength
    {
        get
        {
            if (U3 != 0) return 256 - BitOperations.LeadingZeroCount(U3);
            if (U2 != 0) return 192 - BitOperations.LeadingZeroCount(U2);
            if (U1 != 0) return 128 - BitOperations.LeadingZeroCount(U1);
            return 64 - BitOperations.LeadingZeroCount(U0);
        }
    }

    /// <summary>The length of the big-endian form without leading zeros, in bytes; 0 for zero, at most 32.</summary>
    public int ByteLength => (BitLength + 7) >> 3;

    /// <summary>Reads 0 to 32 big-endian bytes; an empty span is zero.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There are more than 32.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static UInt256 FromBigEndian(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != Size) return FromShortBigEndian(bytes);
        return new UInt256(
            BinaryPrimitives.ReadUInt64BigEndian(bytes.Slice(24, 8)),
            BinaryPrimitives.ReadUInt64BigEndian(bytes.Slice(16, 8)),
            BinaryPrimitives.ReadUInt64BigEndian(bytes.Slice(8, 8)),
            BinaryPrimitives.ReadUInt64BigEndian(bytes));
    }

    /// <summary>Writes all 32 bytes, most significant first, to the start of <paramref name="destination"/>.</summary>
    public void WriteBigEndian(Span<byte> destination)
    {
        Span<byte> d = destination[..Size];
        BinaryPrimitives.WriteUInt64BigEndian(d, U3);
        BinaryPrimitives.WriteUInt64BigEndian(d[8..], U2);
        BinaryPrimitives.WriteUInt64BigEndian(d[16..], U1);
        BinaryPrimitives.WriteUInt64BigEndian(d[24..], U0);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Equals(UInt256 other) => this == other;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is UInt256 other && this == other;

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        ulong h = (U0 ^ BitOperations.RotateLeft(U1, 23) ^ BitOperations.RotateLeft(U2, 41) ^ U3) * 0x9E3779B97F4A7C15;
        return (int)(h >> 32);
    }

    /// <inheritdoc/>
    public int CompareTo(UInt256 other) => this < other ? -1 : other < this ? 1 : 0;

    /// <summary>Widens without loss.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static implicit operator UInt256(ulong value) => new(value);

    /// <summary>Widens without loss.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static implicit operator UInt256(uint value) => new(value);

    /// <summary>Widens without loss; the value must not be negative.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static implicit operator UInt256(int value)
    {
        Debug.Assert(value >= 0, "A negative number has no unsigned form.");
        return new UInt256((ulong)value);
    }

    /// <summary>Takes the low 64 bits and drops the rest.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static explicit operator ulong(in UInt256 value) => value.U0;

    /// <summary>Takes the low 32 bits and drops the rest.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static explicit operator int(in UInt256 value) => (int)value.U0;

    private static UInt256 FromShortBigEndian(ReadOnlySpan<byte> bytes)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes.Length, Size);
        int length = bytes.Length;
        if (length <= 8) return new UInt256(ReadTop(bytes));
        ulong u0 = BinaryPrimitives.ReadUInt64BigEndian(bytes[(length - 8)..]);
        if (length <= 16) return new UInt256(u0, ReadTop(bytes[..(length - 8)]));
        ulong u1 = BinaryPrimitives.ReadUInt64BigEndian(bytes[(length - 16)..]);
        if (length <= 24) return new UInt256(u0, u1, ReadTop(bytes[..(length - 16)]));
        ulong u2 = BinaryPrimitives.ReadUInt64BigEndian(bytes[(length - 24)..]);
        return new UInt256(u0, u1, u2, ReadTop(bytes[..(length - 24)]));
    }

    /// <summary>0 to 8 big-endian bytes.</summary>
    private static ulong ReadTop(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length >= 4)
        {
            // The two reads overlap in the middle for fewer than 8 bytes.
            ulong high = BinaryPrimitives.ReadUInt32BigEndian(bytes);
            ulong low = BinaryPrimitives.ReadUInt32BigEndian(bytes[(bytes.Length - 4)..]);
            return (high << ((bytes.Length - 4) << 3)) | low;
        }

        ulong value = 0;
        foreach (byte b in bytes) value = (value << 8) | b;
        return value;
    }
}
