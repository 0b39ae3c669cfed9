using System.Runtime.CompilerServices;

namespace Fragcast.Primitives;

/// <content>Division, remainders and modular arithmetic. A zero divisor or modulus gives zero.</content>
public readonly partial struct UInt256
{
    /// <summary><c>r = a / b</c>; zero if <paramref name="b"/> is zero.</summary>
    public static void Divide(in UInt256 a, in UInt256 b, out UInt256 r) => DivRem(a, b, out r, out _);

    /// <summary><c>r = a % b</c>; zero if <paramref name="b"/> is zero.</summary>
    public static void Mod(in UInt256 a, in UInt256 b, out UInt256 r) => DivRem(a, b, out _, out r);

    /// <summary>Quotient and remainder; both zero if <paramref name="b"/> is zero.</summary>
    public static void DivRem(in UInt256 a, in UInt256 b, out UInt256 quotient, out UInt256 remainder)
    {
        if (!a.FitsUInt64 || !b.FitsUInt64)
        {
            DivRemLong(a, b, out quotient, out remainder);
            return;
        }

        ulong dividend = a.U0;
        ulong divisor = b.U0;
        ulong q = divisor == 0 ? 0 : dividend / divisor;
        remainder = new UInt256(divisor == 0 ? 0 : dividend - (q * divisor));
        quotient = new UInt256(q);
    }

    /// <summary><c>r = (a + b) % m</c> with the sum taken in full; zero if <paramref name="m"/> is zero.</summary>
    public static unsafe void AddMod(in UInt256 a, in UInt256 b, in UInt256 m, out UInt256 r)
    {
        bool reduced = a < m && b < m;
        bool carry = AddOverflow(a, b, out UInt256 sum);
        if (reduced)
        {
            // The sum is below 2m, so that one subtraction is enough.
            if (carry || sum >= m)
                Subtract(sum, m, out r);
            else
                r = sum;
            return;
        }

        if (!carry)
        {
            Mod(sum, m, out r);
            return;
        }

        if (m.IsZero)
        {
            r = default;
            return;
        }

        ulong* u = stackalloc ulong[5] { sum.U0, sum.U1, sum.U2, sum.U3, 1 };
        ulong* q = stackalloc ulong[4];
        LimbDivision.DivRem(u, 5, m, q, out r);
    }

    /// <summary><c>r = (a * b) % m</c> with the product taken in full; zero if <paramref name="m"/> is zero.</summary>
    public static void MulMod(in UInt256 a, in UInt256 b, in UInt256 m, out UInt256 r)
    {
        MultiplyFull(a, b, out UInt256 low, out UInt256 high);
        Mod(low, high, m, out r);
    }

    /// <summary><c>r = (high * 2^256 + low) % m</c>; zero if <paramref name="m"/> is zero.</summary>
    public static unsafe void Mod(in UInt256 low, in UInt256 high, in UInt256 m, out UInt256 r)
    {
        if (high.IsZero)
        {
            Mod(low, m, out r);
            return;
        }

        if (m.IsZero)
        {
            r = default;
            return;
        }

        ulong* u = stackalloc ulong[8] { low.U0, low.U1, low.U2, low.U3, high.U0, high.U1, high.U2, high.U3 };
        ulong* q = stackalloc ulong[4];
        LimbDivision.DivRem(u, 4 + LimbCount(high), m, q, out r);
    }

    /// <summary>
    /// Two's complement division, truncated towards zero; <c>-2^255 / -1</c> wraps to <c>-2^255</c>, and a zero divisor
    /// gives zero (opcode SDIV).
    /// </summary>
    public static void SDiv(in UInt256 a, in UInt256 b, out UInt256 r)
    {
        bool negative = a.IsNegative != b.IsNegative;
        Magnitude(a, out UInt256 x);
        Magnitude(b, out UInt256 y);
        Divide(x, y, out r);
        if (negative) Negate(r, out r);
    }

    /// <summary>Two's complement remainder with the sign of the dividend; a zero divisor gives zero (SMOD).</summary>
    public static void SMod(in UInt256 a, in UInt256 b, out UInt256 r)
    {
        bool negative = a.IsNegative;
        Magnitude(a, out UInt256 x);
        Magnitude(b, out UInt256 y);
        Mod(x, y, out r);
        if (negative) Negate(r, out r);
    }

    /// <summary>The quotient; zero if <paramref name="b"/> is zero.</summary>
    public static UInt256 operator /(in UInt256 a, in UInt256 b)
    {
        Divide(a, b, out UInt256 r);
        return r;
    }

    /// <summary>The remainder; zero if <paramref name="b"/> is zero.</summary>
    public static UInt256 operator %(in UInt256 a, in UInt256 b)
    {
        Mod(a, b, out UInt256 r);
        return r;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static unsafe void DivRemLong(in UInt256 a, in UInt256 b, out UInt256 quotient, out UInt256 remainder)
    {
        if (b.IsZero)
        {
            quotient = default;
            remainder = default;
            return;
        }

        if (a < b)
        {
            remainder = a;
            quotient = default;
            return;
        }

        ulong* u = stackalloc ulong[4] { a.U0, a.U1, a.U2, a.U3 };
        ulong* q = stackalloc ulong[4] { 0, 0, 0, 0 };
        LimbDivision.DivRem(u, LimbCount(a), b, q, out remainder);
        quotient = new UInt256(q[0], q[1], q[2], q[3]);
    }

    private static void Magnitude(in UInt256 value, out UInt256 r)
    {
        if (value.IsNegative)
            Negate(value, out r);
        else
            r = value;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int LimbCount(in UInt256 value) =>
        value.U3 != 0 ? 4 : value.U2 != 0 ? 3 : value.U1 != 0 ? 2 : value.U0 != 0 ? 1 : 0;
}
