using System.Diagnostics;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace Fragcast.Primitives;

/// <summary>
/// Long division on little-endian 64-bit limbs: Knuth's algorithm D (TAOCP volume 2, 4.3.1), with quotient digits from a
/// precomputed reciprocal as in Möller and Granlund, "Improved division by invariant integers" (2011).
/// </summary>
internal static unsafe class LimbDivision
{
    /// <summary>
    /// Divides <paramref name="u"/> (<paramref name="un"/> limbs, room for one more) by <paramref name="d"/>
    /// (<paramref name="dn"/> limbs, the top one not zero; at most 4). The remainder is left in <paramref name="u"/>,
    /// with the limbs above it zero; <paramref name="q"/> takes <c>un - dn + 1</c> limbs if that is positive.
    /// </summary>
    public static void DivRem(ulong* u, int un, ulong* d, int dn, ulong* q)
    {
        Debug.Assert(dn is > 0 and <= 4 && d[dn - 1] != 0, "The divisor has no leading zero limb.");
        if (un < dn) return;

        int shift = BitOperations.LeadingZeroCount(d[dn - 1]);
        ulong* v = stackalloc ulong[4];
        ShiftLeft(d, dn, shift, v);
        u[un] = ShiftLeft(u, un, shift, u);
        if (dn == 1)
            DivideByOne(u, un, v[0], q);
        else
            DivideByMany(u, un, v, dn, q);
        ShiftRight(u, dn, shift);
        for (int i = dn; i <= un; i++) u[i] = 0;
    }

    private static void DivideByOne(ulong* u, int un, ulong d, ulong* q)
    {
        ulong reciprocal = Reciprocal(d);
        ulong rest = u[un];
        for (int j = un - 1; j >= 0; j--) q[j] = Divide2By1(rest, u[j], d, reciprocal, out rest);
        u[0] = rest;
    }

    private static void DivideByMany(ulong* u, int un, ulong* d, int dn, ulong* q)
    {
        ulong d1 = d[dn - 1];
        ulong d0 = d[dn - 2];
        ulong reciprocal = Reciprocal(d1);
        for (int j = un - dn; j >= 0; j--)
        {
            ulong digit = EstimateDigit(u[j + dn], u[j + dn - 1], u[j + dn - 2], d1, d0, reciprocal);
            ulong borrow = SubtractProduct(u + j, d, dn, digit);
            ulong top = u[j + dn];
            u[j + dn] = top - borrow;
            if (top < borrow)
            {
                digit--;
                u[j + dn] += AddBack(u + j, d, dn);
            }

            q[j] = digit;
        }
    }

    /// <summary>A quotient digit that is right or one too large, from the three top limbs of the rest.</summary>
    private static ulong EstimateDigit(ulong u2, ulong u1, ulong u0, ulong d1, ulong d0, ulong reciprocal)
    {
        if (u2 >= d1) return ulong.MaxValue;
        ulong digit = Divide2By1(u2, u1, d1, reciprocal, out ulong rest);
        ulong high = Math.BigMul(digit, d0, out ulong low);
        while (high > rest || (high == rest && low > u0))
        {
            digit--;
            high -= low < d0 ? 1UL : 0UL;
            low -= d0;
            rest += d1;
            if (rest < d1) break;
        }

        return digit;
    }

    private static ulong SubtractProduct(ulong* u, ulong* d, int dn, ulong digit)
    {
        ulong borrow = 0;
        for (int i = 0; i < dn; i++)
        {
            ulong high = Math.BigMul(digit, d[i], out ulong low);
            low += borrow;
            high += low < borrow ? 1UL : 0UL;
            ulong limb = u[i];
            u[i] = limb - low;
            borrow = high + (limb < low ? 1UL : 0UL);
        }

        return borrow;
    }

    private static ulong AddBack(ulong* u, ulong* d, int dn)
    {
        ulong carry = 0;
        for (int i = 0; i < dn; i++)
        {
            ulong sum = u[i] + d[i];
            ulong overflow = sum < d[i] ? 1UL : 0UL;
            u[i] = sum + carry;
            carry = overflow + (u[i] < sum ? 1UL : 0UL);
        }

        return carry;
    }

    /// <summary><c>floor((2^128 - 1) / d) - 2^64</c> for a divisor with its top bit set.</summary>
    private static ulong Reciprocal(ulong d)
    {
        ulong d9 = d >> 55;
        ulong d40 = (d >> 24) + 1;
        ulong d63 = (d >> 1) + (d & 1);
        ulong v0 = 0x7FD00u / (uint)d9;
        ulong v1 = (v0 << 11) - ((v0 * v0 * d40) >> 40) - 1;
        ulong v2 = (v1 << 13) + ((v1 * ((1UL << 60) - (v1 * d40))) >> 47);
        ulong e = ((v2 >> 1) & (0UL - (d & 1))) - (v2 * d63);
        ulong v3 = (v2 << 31) + (Math.BigMul(v2, e, out _) >> 1);
        ulong high = Math.BigMul(v3, d, out ulong low);
        high += low + d < d ? 1UL : 0UL;
        return v3 - (high + d);
    }

    /// <summary><c>(u1, u0) / d</c> for <c>u1 &lt; d</c>, with the reciprocal of <paramref name="d"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Divide2By1(ulong u1, ulong u0, ulong d, ulong reciprocal, out ulong rest)
    {
        ulong q1 = Math.BigMul(reciprocal, u1, out ulong q0);
        q0 += u0;
        q1 += u1 + (q0 < u0 ? 1UL : 0UL) + 1;
        ulong r = u0 - (q1 * d);
        if (r > q0)
        {
            q1--;
            r += d;
        }

        if (r >= d)
        {
            q1++;
            r -= d;
        }

        rest = r;
        return q1;
    }

    private static ulong ShiftLeft(ulong* source, int n, int shift, ulong* destination)
    {
        ulong carry = 0;
        for (int i = 0; i < n; i++)
        {
            ulong limb = source[i];
            destination[i] = (limb << shift) | carry;
            carry = limb >> 1 >> (63 - shift);
        }

        return carry;
    }

    private static void ShiftRight(ulong* u, int n, int shift)
    {
        ulong carry = 0;
        for (int i = n - 1; i >= 0; i--)
        {
            ulong limb = u[i];
            u[i] = (limb >> shift) | carry;
            carry = limb << 1 << (63 - shift);
        }
    }
}
