using System.Numerics;
using System.Runtime.CompilerServices;

namespace Fragcast.Primitives;

/// <summary>
/// Multiplication modulo numbers that come again and again, as a curve's order does: with the reciprocal of the modulus
/// a product is reduced by two more multiplications, which are done side by side, instead of a division of digits that
/// wait for each other. Möller and Granlund, "Improved division by invariant integers" (2011), algorithm 4, with 256
/// bits for a word. One thread.
/// </summary>
public struct RecurringModulus
{
    // What belongs to a modulus takes about as long to find as a product without it.
    private const int RepeatsMin = 4;

    // The modulus that came last, and one that came again and again with what belongs to it; zero for none.
    private UInt256 _last;
    private UInt256 _modulus;
    private int _repeats;

    // The modulus shifted so that its top bit is set, and floor((2^512 - 1) / that) - 2^256.
    private UInt256 _normalised;
    private UInt256 _reciprocal;
    private int _shift;

    /// <summary><c>r = (a * b) % m</c> with the product taken in full; zero if <paramref name="m"/> is zero.</summary>
    public void MulMod(in UInt256 a, in UInt256 b, in UInt256 m, out UInt256 r)
    {
        UInt256.MultiplyFull(a, b, out UInt256 low, out UInt256 high);

        // Short products have few digits to divide. The upper half is below the modulus also for factors that are
        // somewhat larger than it, which nobody had to reduce.
        if ((high.U2 | high.U3) == 0)
            UInt256.Mod(low, high, m, out r);
        else if (m == _modulus && high < m)
            Reduce(low, high, out r);
        else
            ReduceOnce(low, high, m, out r);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void ReduceOnce(in UInt256 low, in UInt256 high, in UInt256 m, out UInt256 r)
    {
        _repeats = m == _last ? _repeats + 1 : 0;
        _last = m;
        if (_repeats == RepeatsMin && m.U3 != 0) Prepare(m);
        UInt256.Mod(low, high, m, out r);
    }

    private unsafe void Prepare(in UInt256 m)
    {
        _modulus = m;
        _shift = BitOperations.LeadingZeroCount(m.U3);
        _normalised = m << _shift;
        UInt256 top = UInt256.MaxValue - _normalised;
        ulong* dividend = stackalloc ulong[8]
        {
            ulong.MaxValue, ulong.MaxValue, ulong.MaxValue, ulong.MaxValue, top.U0, top.U1, top.U2, top.U3,
        };
        ulong* quotient = stackalloc ulong[4] { 0, 0, 0, 0 };
        int limbs = 8;
        while (dividend[limbs - 1] == 0) limbs--;
        LimbDivision.DivRem(dividend, limbs, _normalised, quotient, out _);
        _reciprocal = new UInt256(quotient[0], quotient[1], quotient[2], quotient[3]);
    }

    // The upper half of what is to be reduced is below the modulus, so that shifting it loses nothing.
    private readonly void Reduce(in UInt256 x, in UInt256 y, out UInt256 r)
    {
        int shift = _shift;
        UInt256 low = new(x.U0 << shift, Join(x.U1, x.U0, shift), Join(x.U2, x.U1, shift), Join(x.U3, x.U2, shift));
        UInt256 high = new(
            Join(y.U0, x.U3, shift), Join(y.U1, y.U0, shift), Join(y.U2, y.U1, shift), Join(y.U3, y.U2, shift));

        // The quotient is the upper half, or one more or one less.
        UInt256.MultiplyFull(_reciprocal, high, out UInt256 fraction, out UInt256 quotient);
        bool carry = UInt256.AddOverflow(fraction, low, out fraction);
        UInt256.Add(quotient, high, out quotient);
        UInt256.Add(quotient, carry ? 2UL : 1UL, out quotient);
        UInt256.MultiplyLow(quotient, _normalised, out UInt256 product);
        UInt256.Subtract(low, product, out UInt256 rest);

        // Taken half of the time, so that a branch would be mispredicted.
        ulong mask = UInt256.SubUnderflow(fraction, rest, out _) ? ulong.MaxValue : 0;
        UInt256 divisor = _normalised;
        UInt256.Add(
            rest,
            new UInt256(divisor.U0 & mask, divisor.U1 & mask, divisor.U2 & mask, divisor.U3 & mask),
            out rest);
        if (rest >= divisor) UInt256.Subtract(rest, divisor, out rest);
        r = new UInt256(
            Part(rest.U0, rest.U1, shift), Part(rest.U1, rest.U2, shift), Part(rest.U2, rest.U3, shift),
            rest.U3 >> shift);
    }

    // A limb of a number shifted left, and of one shifted right, by 0 to 63.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Join(ulong limb, ulong below, int shift) => (limb << shift) | (below >> 1 >> (63 - shift));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Part(ulong limb, ulong above, int shift) => (limb >> shift) | (above << 1 << (63 - shift));
}
