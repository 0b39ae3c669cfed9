using System.Diagnostics;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace Fragcast.Primitives;

/// <summary>
/// Long division of up to eight 64-bit limbs by up to four: Knuth's algorithm D (TAOCP volume 2, 4.3.1), with a digit
/// from three limbs of the rest and two of the divisor by a reciprocal, as in Möller and Granlund, "Improved division
/// by invariant integers" (2011).
/// </summary>
[SkipLocalsInit]
internal static unsafe class LimbDivision
{
    /// <summary>The most limbs a dividend has: a product of two 256-bit numbers.</summary>
    public const int DividendLimbsMax = 8;

    /// <summary>Divides, and takes the remainder.</summary>
    /// <param name="u">The dividend, least significant limb first.</param>
    /// <param name="un">How many limbs it has, the top one not zero; at least as many as the divisor.</param>
    /// <param name="d">The divisor, not zero.</param>
    /// <param name="q">Takes the low four limbs of the quotient; must be zero before.</param>
    /// <param name="remainder">Takes the remainder.</param>
    public static void DivRem(ulong* u, int un, in UInt256 d, ulong* q, out UInt256 remainder)
    {
        Debug.Assert(un <= DividendLimbsMax && u[un - 1] != 0, "The dividend has no leading zero limb.");
        if (d.U3 != 0)
            DivideBy4(u, un, 0, d.U3, d.U2, d.U1, d.U0, q, out remainder);
        else if (d.U2 != 0)
            DivideBy4(u, un, 1, d.U2, d.U1, d.U0, 0, q, out remainder);
        else if (d.U1 != 0)
            DivideBy2(u, un, d.U1, d.U0, q, out remainder);
        else
            DivideBy1(u, un, d.U0, q, out remainder);
    }

    private static void DivideBy1(ulong* u, int un, ulong d, ulong* q, out UInt256 remainder)
    {
        ulong rest = 0;
        for (int j = un - 1; j >= 0; j--)
        {
            // The rest is below the divisor, so that this is the processor's own division of 128 by 64 bits.
            UInt128 part = new(rest, u[j]);
            ulong digit = (ulong)(part / d);
            rest = (ulong)part - (digit * d);
            if (j < 4) q[j] = digit;
        }

        remainder = new UInt256(rest);
    }

    private static void DivideBy2(ulong* u, int un, ulong top, ulong next, ulong* q, out UInt256 remainder)
    {
        int shift = BitOperations.LeadingZeroCount(top);
        ulong d1 = (top << shift) | HighPart(next, shift);
        ulong d0 = next << shift;
        ulong reciprocal = Reciprocal(d1, d0);

        ulong r1 = HighPart(u[un - 1], shift);
        ulong r0 = ShiftedLimb(u, un - 1, shift);
        for (int j = un - 2; j >= 0; j--)
        {
            ulong limb = j == 0 ? u[0] << shift : ShiftedLimb(u, j, shift);
            ulong digit = Divide3By2(r1, r0, limb, d1, d0, reciprocal, out r1, out r0);
            if (j < 4) q[j] = digit;
        }

        remainder = new UInt256((r0 >> shift) | (r1 << 1 << (63 - shift)), r1 >> shift);
    }

    /// <summary>
    /// Divides by four limbs, the lowest <paramref name="pad"/> of which are zeros that stand for a shorter divisor;
    /// as many go below the dividend. All in scalar variables: whole words in memory would be copied by vector, and a
    /// vector load of limbs just stored stalls.
    /// </summary>
    private static void DivideBy4(
        ulong* u, int un, int pad, ulong v3, ulong v2, ulong v1, ulong v0, ulong* q, out UInt256 remainder)
    {
        int shift = BitOperations.LeadingZeroCount(v3);
        ulong d3 = (v3 << shift) | HighPart(v2, shift);
        ulong d2 = (v2 << shift) | HighPart(v1, shift);
        ulong d1 = (v1 << shift) | HighPart(v0, shift);
        ulong d0 = v0 << shift;
        ulong reciprocal = Reciprocal(d3, d2);

        int j = un - 4;
        ulong r3 = HighPart(u[un - 1], shift);
        ulong r2 = ShiftedLimb(u, un - 1, shift);
        ulong r1 = ShiftedLimb(u, un - 2, shift);
        ulong r0 = un == 3 ? u[0] << shift : ShiftedLimb(u, un - 3, shift);
        for (; j >= -pad; j--)
        {
            ulong limb = j > 0 ? ShiftedLimb(u, j, shift) : j == 0 ? u[0] << shift : 0;
            ulong digit;
            if (r3 == d3 && r2 == d2)
            {
                // The reciprocal does not cover this. The digit is the largest, and the new rest is
                // (rest, limb) - 2^64 d + d, the top limb of which cancels.
                digit = ulong.MaxValue;
                UInt256.Subtract(new UInt256(limb, r0, r1, r2), new UInt256(0, d0, d1, d2), out UInt256 difference);
                UInt256.Add(difference, new UInt256(d0, d1, d2, d3), out difference);
                (r0, r1, r2, r3) = (difference.U0, difference.U1, difference.U2, difference.U3);
            }
            else
            {
                digit = Divide3By2(r3, r2, r1, d3, d2, reciprocal, out r3, out r2);
                ulong p1 = Math.BigMul(digit, d0, out ulong p0);
                ulong p2 = Math.BigMul(digit, d1, out ulong low);
                p1 += low;
                p2 += p1 < low ? 1UL : 0UL;

                ulong borrow = limb < p0 ? 1UL : 0UL;
                ulong n0 = limb - p0;
                ulong n1 = SubBorrow(r0, p1, ref borrow);
                ulong n2 = SubBorrow(r2, p2, ref borrow);
                ulong n3 = r3 - borrow;
                if (r3 < borrow)
                {
                    digit--;
                    ulong carry = 0;
                    n0 = AddCarry(n0, d0, ref carry);
                    n1 = AddCarry(n1, d1, ref carry);
                    n2 = AddCarry(n2, d2, ref carry);
                    n3 += d3 + carry;
                }

                (r0, r1, r2, r3) = (n0, n1, n2, n3);
            }

            if (j + pad < 4) q[j + pad] = digit;
        }

        ulong s0 = (r0 >> shift) | (r1 << 1 << (63 - shift));
        ulong s1 = (r1 >> shift) | (r2 << 1 << (63 - shift));
        ulong s2 = (r2 >> shift) | (r3 << 1 << (63 - shift));
        remainder = pad == 0 ? new UInt256(s0, s1, s2, r3 >> shift) : new UInt256(s1, s2, r3 >> shift);
    }

    /// <summary><c>floor((2^192 - 1) / (d1, d0)) - 2^64</c> for a divisor with its top bit set.</summary>
    private static ulong Reciprocal(ulong d1, ulong d0)
    {
        ulong v = (ulong)(new UInt128(~d1, ulong.MaxValue) / d1);
        ulong p = (d1 * v) + d0;
        if (p < d0)
        {
            v--;
            if (p >= d1)
            {
                v--;
                p -= d1;
            }

            p -= d1;
        }

        ulong t1 = Math.BigMul(v, d0, out ulong t0);
        p += t1;
        if (p < t1)
        {
            v--;
            if (p > d1 || (p == d1 && t0 >= d0)) v--;
        }

        return v;
    }

    /// <summary>(u2, u1, u0) / (d1, d0) for (u2, u1) &lt; (d1, d0).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Divide3By2(
        ulong u2, ulong u1, ulong u0, ulong d1, ulong d0, ulong reciprocal, out ulong r1, out ulong r0)
    {
        ulong q1 = Math.BigMul(reciprocal, u2, out ulong q0);
        q0 += u1;
        q1 += u2 + (q0 < u1 ? 1UL : 0UL);

        // rest = (u2, u1, u0) - (q1 + 1) d, modulo 2^128.
        ulong t1 = Math.BigMul(d0, q1, out ulong t0);
        t0 += d0;
        t1 += d1 + (t0 < d0 ? 1UL : 0UL);
        ulong rest0 = u0 - t0;
        ulong rest1 = u1 - (q1 * d1) - t1 - (u0 < t0 ? 1UL : 0UL);

        // Half of all digits take this correction, so that a branch would be mispredicted.
        ulong mask = 0UL - (rest1 >= q0 ? 1UL : 0UL);
        q1 += 1 + mask;
        rest0 += d0 & mask;
        rest1 += (d1 & mask) + (rest0 < (d0 & mask) ? 1UL : 0UL);
        if (rest1 > d1 || (rest1 == d1 && rest0 >= d0))
        {
            q1++;
            rest1 -= d1 + (rest0 < d0 ? 1UL : 0UL);
            rest0 -= d0;
        }

        r1 = rest1;
        r0 = rest0;
        return q1;
    }

    /// <summary>The bits of a limb that a shift of 0 to 63 moves into the next limb.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong HighPart(ulong limb, int shift) => limb >> 1 >> (63 - shift);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong ShiftedLimb(ulong* u, int index, int shift) =>
        (u[index] << shift) | HighPart(u[index - 1], shift);

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
}
