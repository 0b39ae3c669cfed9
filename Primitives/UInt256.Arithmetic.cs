using System.Runtime.CompilerServices;

namespace Fragcast.Primitives;

/// <content>Addition, subtraction, multiplication and exponentiation.</content>
public readonly partial struct UInt256
{
    /// <summary><c>r = a + b</c> modulo 2^256.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Add(in UInt256 a, in UInt256 b, out UInt256 r) => AddOverflow(a, b, out r);

    /// <summary><c>r = a - b</c> modulo 2^256.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Subtract(in UInt256 a, in UInt256 b, out UInt256 r) => SubUnderflow(a, b, out r);

    /// <summary><c>r = a + b</c> modulo 2^256; returns whether the true sum is 2^256 or more.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool AddOverflow(in UInt256 a, in UInt256 b, out UInt256 r)
    {
        ulong carry = 0;
        ulong r0 = AddCarry(a.U0, b.U0, ref carry);
        ulong r1 = AddCarry(a.U1, b.U1, ref carry);
        ulong r2 = AddCarry(a.U2, b.U2, ref carry);
        ulong r3 = AddCarry(a.U3, b.U3, ref carry);
        r = new UInt256(r0, r1, r2, r3);
        return carry != 0;
    }

    /// <summary><c>r = a - b</c> modulo 2^256; returns whether <c>a &lt; b</c>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool SubUnderflow(in UInt256 a, in UInt256 b, out UInt256 r)
    {
        ulong borrow = 0;
        ulong r0 = SubBorrow(a.U0, b.U0, ref borrow);
        ulong r1 = SubBorrow(a.U1, b.U1, ref borrow);
        ulong r2 = SubBorrow(a.U2, b.U2, ref borrow);
        ulong r3 = SubBorrow(a.U3, b.U3, ref borrow);
        r = new UInt256(r0, r1, r2, r3);
        return borrow != 0;
    }

    /// <summary><c>r = a * b</c> modulo 2^256.</summary>
    public static void Multiply(in UInt256 a, in UInt256 b, out UInt256 r)
    {
        if ((a.U2 | a.U3 | b.U2 | b.U3) == 0)
        {
            MultiplyHalves(a, b, out r);
            return;
        }

        MultiplyLow(a, b, out r);
    }

    /// <summary>As <see cref="Multiply"/>, without asking whether the factors are small.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void MultiplyLow(in UInt256 a, in UInt256 b, out UInt256 r)
    {
        // Row by row; the high limbs that fall off at the left are not computed.
        ulong c = Math.BigMul(a.U0, b.U0, out ulong p0);
        c = MulAdd(a.U0, b.U1, c, out ulong p1);
        c = MulAdd(a.U0, b.U2, c, out ulong p2);
        ulong p3 = (a.U0 * b.U3) + c;

        c = MulAdd(a.U1, b.U0, p1, out p1);
        c = MulAdd(a.U1, b.U1, p2, c, out p2);
        p3 += (a.U1 * b.U2) + c;

        c = MulAdd(a.U2, b.U0, p2, out p2);
        p3 += (a.U2 * b.U1) + (a.U3 * b.U0) + c;
        r = new UInt256(p0, p1, p2, p3);
    }

    /// <summary><c>r = a * b</c> modulo 2^256; returns whether the true product is 2^256 or more.</summary>
    public static bool MulOverflow(in UInt256 a, in UInt256 b, out UInt256 r)
    {
        if ((a.U2 | a.U3 | b.U2 | b.U3) == 0)
        {
            MultiplyHalves(a, b, out r);
            return false;
        }

        MultiplyFull(a, b, out r, out UInt256 high);
        return !high.IsZero;
    }

    /// <summary>The whole product <c>a * b = high * 2^256 + low</c>.</summary>
    public static void MultiplyFull(in UInt256 a, in UInt256 b, out UInt256 low, out UInt256 high)
    {
        ulong c = Math.BigMul(a.U0, b.U0, out ulong p0);
        c = MulAdd(a.U0, b.U1, c, out ulong p1);
        c = MulAdd(a.U0, b.U2, c, out ulong p2);
        ulong p4 = MulAdd(a.U0, b.U3, c, out ulong p3);

        c = MulAdd(a.U1, b.U0, p1, out p1);
        c = MulAdd(a.U1, b.U1, p2, c, out p2);
        c = MulAdd(a.U1, b.U2, p3, c, out p3);
        ulong p5 = MulAdd(a.U1, b.U3, p4, c, out p4);

        c = MulAdd(a.U2, b.U0, p2, out p2);
        c = MulAdd(a.U2, b.U1, p3, c, out p3);
        c = MulAdd(a.U2, b.U2, p4, c, out p4);
        ulong p6 = MulAdd(a.U2, b.U3, p5, c, out p5);

        c = MulAdd(a.U3, b.U0, p3, out p3);
        c = MulAdd(a.U3, b.U1, p4, c, out p4);
        c = MulAdd(a.U3, b.U2, p5, c, out p5);
        ulong p7 = MulAdd(a.U3, b.U3, p6, c, out p6);

        low = new UInt256(p0, p1, p2, p3);
        high = new UInt256(p4, p5, p6, p7);
    }

    /// <summary><c>r = base^exponent</c> modulo 2^256; <c>0^0</c> is 1.</summary>
    public static void Exp(in UInt256 @base, in UInt256 exponent, out UInt256 r)
    {
        UInt256 factor = @base;
        UInt256 e = exponent;
        if (factor.FitsUInt64 && factor.U0 == 2)
        {
            ShiftLeft(One, e, out r);
            return;
        }

        // From the top bit down, so that the factor keeps its width: a small one takes the short multiplication.
        UInt256 result = One;
        for (int bit = e.BitLength - 1; bit >= 0; bit--)
        {
            Multiply(result, result, out result);
            if (e.Bit(bit)) Multiply(result, factor, out result);
        }

        r = result;
    }

    /// <summary>The sum modulo 2^256.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static UInt256 operator +(in UInt256 a, in UInt256 b)
    {
        Add(a, b, out UInt256 r);
        return r;
    }

    /// <summary>The difference modulo 2^256.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static UInt256 operator -(in UInt256 a, in UInt256 b)
    {
        Subtract(a, b, out UInt256 r);
        return r;
    }

    /// <summary>The product modulo 2^256.</summary>
    public static UInt256 operator *(in UInt256 a, in UInt256 b)
    {
        Multiply(a, b, out UInt256 r);
        return r;
    }

    /// <summary>The two's complement negation, <c>0 - value</c> modulo 2^256.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Negate(in UInt256 value, out UInt256 r) => Subtract(default, value, out r);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong AddCarry(ulong a, ulong b, ref ulong carry)
    {
        ulong sum = a + b;
        ulong overflow = sum < a ? 1UL : 0UL;
        ulong total = sum + carry;
        carry = overflow + (total < sum ? 1UL : 0UL);
        return total;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong SubBorrow(ulong a, ulong b, ref ulong borrow)
    {
        ulong difference = a - b;
        ulong underflow = a < b ? 1UL : 0UL;
        ulong total = difference - borrow;
        borrow = underflow + (difference < borrow ? 1UL : 0UL);
        return total;
    }

    /// <summary>The product of two numbers below 2^128.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void MultiplyHalves(in UInt256 a, in UInt256 b, out UInt256 r)
    {
        ulong c = Math.BigMul(a.U0, b.U0, out ulong p0);
        if ((a.U1 | b.U1) == 0)
        {
            r = new UInt256(p0, c);
            return;
        }

        ulong p2 = MulAdd(a.U0, b.U1, c, out ulong p1);
        c = MulAdd(a.U1, b.U0, p1, out p1);
        ulong p3 = MulAdd(a.U1, b.U1, p2, c, out p2);
        r = new UInt256(p0, p1, p2, p3);
    }

    /// <summary><c>a * b + x</c>, which always fits two limbs; returns the high one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong MulAdd(ulong a, ulong b, ulong x, out ulong low)
    {
        ulong high = Math.BigMul(a, b, out ulong product);
        low = product + x;
        return high + (low < x ? 1UL : 0UL);
    }

    /// <summary><c>a * b + x + y</c>, which always fits two limbs; returns the high one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong MulAdd(ulong a, ulong b, ulong x, ulong y, out ulong low)
    {
        ulong high = Math.BigMul(a, b, out ulong product);
        ulong withX = product + x;
        high += withX < x ? 1UL : 0UL;
        low = withX + y;
        return high + (low < y ? 1UL : 0UL);
    }
}
