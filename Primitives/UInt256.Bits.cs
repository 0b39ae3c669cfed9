using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Fragcast.Primitives;

/// <content>
/// Comparison, bit operations, shifts, and the bytes of the word. All by limbs: a 256-bit load of a value that was just
/// stored limb by limb waits for the stores to drain (measured: 12 ns), and all arithmetic stores limbs.
/// </content>
public readonly partial struct UInt256
{
    /// <summary>Whether both hold the same value.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool operator ==(in UInt256 a, in UInt256 b) =>
        ((a.U0 ^ b.U0) | (a.U1 ^ b.U1) | (a.U2 ^ b.U2) | (a.U3 ^ b.U3)) == 0;

    /// <summary>Whether the values differ.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool operator !=(in UInt256 a, in UInt256 b) => !(a == b);

    /// <summary>Unsigned comparison.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool operator <(in UInt256 a, in UInt256 b)
    {
        if (a.U3 != b.U3) return a.U3 < b.U3;
        if (a.U2 != b.U2) return a.U2 < b.U2;
        if (a.U1 != b.U1) return a.U1 < b.U1;
        return a.U0 < b.U0;
    }

    /// <summary>Unsigned comparison.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool operator >(in UInt256 a, in UInt256 b) => b < a;

    /// <summary>Unsigned comparison.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool operator <=(in UInt256 a, in UInt256 b) => !(b < a);

    /// <summary>Unsigned comparison.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool operator >=(in UInt256 a, in UInt256 b) => !(a < b);

    /// <summary>Whether <c>a &lt; b</c> when both are read as two's complement numbers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool SLessThan(in UInt256 a, in UInt256 b) =>
        a.U3 != b.U3 ? (long)a.U3 < (long)b.U3 : a < b;

    /// <summary><c>r = a &amp; b</c>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void And(in UInt256 a, in UInt256 b, out UInt256 r) =>
        r = new UInt256(a.U0 & b.U0, a.U1 & b.U1, a.U2 & b.U2, a.U3 & b.U3);

    /// <summary><c>r = a | b</c>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Or(in UInt256 a, in UInt256 b, out UInt256 r) =>
        r = new UInt256(a.U0 | b.U0, a.U1 | b.U1, a.U2 | b.U2, a.U3 | b.U3);

    /// <summary><c>r = a ^ b</c>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Xor(in UInt256 a, in UInt256 b, out UInt256 r) =>
        r = new UInt256(a.U0 ^ b.U0, a.U1 ^ b.U1, a.U2 ^ b.U2, a.U3 ^ b.U3);

    /// <summary><c>r = ~a</c>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Not(in UInt256 a, out UInt256 r) => r = new UInt256(~a.U0, ~a.U1, ~a.U2, ~a.U3);

    /// <summary>The bits set in both.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static UInt256 operator &(in UInt256 a, in UInt256 b)
    {
        And(a, b, out UInt256 r);
        return r;
    }

    /// <summary>The bits set in either.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static UInt256 operator |(in UInt256 a, in UInt256 b)
    {
        Or(a, b, out UInt256 r);
        return r;
    }

    /// <summary>The bits set in exactly one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static UInt256 operator ^(in UInt256 a, in UInt256 b)
    {
        Xor(a, b, out UInt256 r);
        return r;
    }

    /// <summary>All bits inverted.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static UInt256 operator ~(in UInt256 a)
    {
        Not(a, out UInt256 r);
        return r;
    }

    /// <summary>Shifts left by 0 or more bits; 256 and above give zero.</summary>
    public static UInt256 operator <<(in UInt256 value, int count)
    {
        ShiftLeft(value, count, out UInt256 r);
        return r;
    }

    /// <summary>Shifts right, unsigned, by 0 or more bits; 256 and above give zero.</summary>
    public static UInt256 operator >>(in UInt256 value, int count)
    {
        ShiftRight(value, count, out UInt256 r);
        return r;
    }

    /// <summary><c>r = value &lt;&lt; count</c>; a count of 256 or more (or below 0) gives zero.</summary>
    public static void ShiftLeft(in UInt256 value, int count, out UInt256 r)
    {
        if ((uint)count >= 256)
        {
            r = default;
            return;
        }

        // A shift by 64 is a shift by 0 on this hardware, so the bits that cross a limb take two steps.
        int s = count & 63;
        int t = 63 - s;
        ulong w0 = value.U0 << s;
        ulong w1 = (value.U1 << s) | (value.U0 >> 1 >> t);
        ulong w2 = (value.U2 << s) | (value.U1 >> 1 >> t);
        ulong w3 = (value.U3 << s) | (value.U2 >> 1 >> t);

        // Then by two limbs and by one, with masks instead of branches that random counts would mispredict.
        ulong two = MaskOfBit(count, 7);
        w3 = Select(two, w1, w3);
        w2 = Select(two, w0, w2);
        w1 &= ~two;
        w0 &= ~two;
        ulong one = MaskOfBit(count, 6);
        r = new UInt256(w0 & ~one, Select(one, w0, w1), Select(one, w1, w2), Select(one, w2, w3));
    }

    /// <summary><c>r = value >> count</c>, unsigned; a count of 256 or more (or below 0) gives zero.</summary>
    public static void ShiftRight(in UInt256 value, int count, out UInt256 r)
    {
        if ((uint)count >= 256)
            r = default;
        else
            ShiftRightFilled(value, count, 0, out r);
    }

    /// <summary><c>r = value >> count</c> with the sign bit drawn in: 256 or more gives 0 or -1.</summary>
    public static void Sar(in UInt256 value, int count, out UInt256 r)
    {
        ulong fill = (ulong)((long)value.U3 >> 63);
        if ((uint)count >= 256)
            r = new UInt256(fill, fill, fill, fill);
        else
            ShiftRightFilled(value, count, fill, out r);
    }

    /// <summary><c>r = value &lt;&lt; count</c> for a count of any size.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void ShiftLeft(in UInt256 value, in UInt256 count, out UInt256 r) =>
        ShiftLeft(value, ClampCount(count), out r);

    /// <summary><c>r = value >> count</c>, unsigned, for a count of any size.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void ShiftRight(in UInt256 value, in UInt256 count, out UInt256 r) =>
        ShiftRight(value, ClampCount(count), out r);

    /// <summary><c>r = value >> count</c> with the sign bit drawn in, for a count of any size.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Sar(in UInt256 value, in UInt256 count, out UInt256 r) =>
        Sar(value, ClampCount(count), out r);

    /// <summary>
    /// Extends the two's complement number of <paramref name="byteIndex"/> + 1 low bytes to the whole word; an index of
    /// 31 or more leaves the value as it is (opcode SIGNEXTEND).
    /// </summary>
    public static void SignExtend(in UInt256 byteIndex, in UInt256 value, out UInt256 r)
    {
        if (!byteIndex.FitsUInt64 || byteIndex.U0 >= 31)
        {
            r = value;
            return;
        }

        int sign = ((int)byteIndex.U0 << 3) + 7;
        int limb = sign >> 6;
        int unused = 63 - (sign & 63);
        ulong extended = (ulong)((long)(value.Limb(limb) << unused) >> unused);
        ulong fill = (ulong)((long)extended >> 63);
        r = new UInt256(
            limb == 0 ? extended : value.U0,
            limb < 1 ? fill : limb == 1 ? extended : value.U1,
            limb < 2 ? fill : limb == 2 ? extended : value.U2,
            limb < 3 ? fill : extended);
    }

    /// <summary>
    /// The byte at <paramref name="index"/>, counted from the most significant (0) to the least (31); beyond that zero
    /// (opcode BYTE).
    /// </summary>
    public static void ByteAt(in UInt256 index, in UInt256 value, out UInt256 r)
    {
        if (!index.FitsUInt64 || index.U0 >= Size)
        {
            r = default;
            return;
        }

        int fromLow = 31 - (int)index.U0;
        r = new UInt256((byte)(value.Limb(fromLow >> 3) >> ((fromLow & 7) << 3)));
    }

    /// <summary>Whether bit <paramref name="index"/> (0 = least significant, up to 255) is set.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Bit(int index) => ((Limb(index >> 6) >> (index & 63)) & 1) != 0;

    /// <summary>
    /// <c>r = value</c>, limb by limb. An assignment copies 256 bits at once, which stalls if the value was just
    /// computed; this does not.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Copy(in UInt256 value, out UInt256 r) => r = new UInt256(value.U0, value.U1, value.U2, value.U3);

    /// <summary>One limb: 0 is <see cref="U0"/>, 3 is <see cref="U3"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ulong Limb(int index)
    {
        Debug.Assert((uint)index < 4, "A word has four limbs.");
        return Unsafe.Add(ref Unsafe.AsRef(in U0), index);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int ClampCount(in UInt256 count) => count.FitsUInt64 && count.U0 < 256 ? (int)count.U0 : 256;

    private static void ShiftRightFilled(in UInt256 value, int count, ulong fill, out UInt256 r)
    {
        int s = count & 63;
        int t = 63 - s;
        ulong w0 = (value.U0 >> s) | (value.U1 << 1 << t);
        ulong w1 = (value.U1 >> s) | (value.U2 << 1 << t);
        ulong w2 = (value.U2 >> s) | (value.U3 << 1 << t);
        ulong w3 = (value.U3 >> s) | (fill << 1 << t);

        ulong two = MaskOfBit(count, 7);
        w0 = Select(two, w2, w0);
        w1 = Select(two, w3, w1);
        w2 = Select(two, fill, w2);
        w3 = Select(two, fill, w3);
        ulong one = MaskOfBit(count, 6);
        r = new UInt256(Select(one, w1, w0), Select(one, w2, w1), Select(one, w3, w2), Select(one, fill, w3));
    }

    /// <summary>All ones if that bit of the count is set, else zero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong MaskOfBit(int count, int bit) => 0UL - (((uint)count >> bit) & 1);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Select(ulong mask, ulong ifSet, ulong ifClear) => (ifSet & mask) | (ifClear & ~mask);
}
