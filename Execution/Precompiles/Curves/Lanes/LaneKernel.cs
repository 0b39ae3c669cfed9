using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Fragcast.Execution.Precompiles.Curves.Lanes;

/// <summary>
/// Arithmetic on eight elements of a prime field at once. An element is a column of signed 28-bit limbs, one 512-bit
/// vector for each limb of the eight elements; values are in Montgomery form for 2^(28 · limbs) and need not be below
/// the order: the spare bits at the top take sums and differences without any carry or comparison.
/// </summary>
internal static unsafe class LaneKernel<TShape>
    where TShape : struct, ILaneShape
{
    /// <summary>Bits of a limb.</summary>
    public const int LimbBits = 28;

    /// <summary>Numbers in a vector.</summary>
    public const int Width = 8;

    private const long Half = 1L << (LimbBits - 1);
    private const long Mask = (1L << LimbBits) - 1;

    // The limbs that not every shape has start here.
    private const int FewLimbs = 10;

    /// <summary>
    /// r = (x[0]·y[0] + x[1]·y[1] + …) / 2^(28 · limbs), one reduction for all products. The sum over all terms of the
    /// products of their largest limbs, times the number of limbs, must stay below 2^62.8.
    /// </summary>
    /// <param name="x">As many elements as there are terms, aligned to 64 bytes for speed.</param>
    /// <param name="y">As many elements as there are terms.</param>
    /// <param name="terms">Number of products.</param>
    /// <param name="order">The field's order, eight times.</param>
    /// <param name="r">The result, limbs between −2^27 and 2^27; may be the same as an operand.</param>
    // Long because the limbs of the sum are variables of their own: indexed, they would live in memory.
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Dot(long* x, long* y, int terms, long* order, long* r)
    {
        var (s0, s1, s2, s3, s4) = (Zero, Zero, Zero, Zero, Zero);
        var (s5, s6, s7, s8, s9) = (Zero, Zero, Zero, Zero, Zero);
        var (s10, s11, s12, s13) = (Zero, Zero, Zero, Zero);
        var stride = TShape.Limbs * Width;
        for (var row = 0; row < TShape.Limbs; row++)
        {
            var a = x;
            var b = y + (row * Width);
            for (var term = 0; term < terms; term++)
            {
                var factor = Vector512.Load(b);
                s0 += Product(a, 0, factor);
                s1 += Product(a, 1, factor);
                s2 += Product(a, 2, factor);
                s3 += Product(a, 3, factor);
                s4 += Product(a, 4, factor);
                s5 += Product(a, 5, factor);
                s6 += Product(a, 6, factor);
                s7 += Product(a, 7, factor);
                s8 += Product(a, 8, factor);
                s9 += Product(a, 9, factor);
                if (TShape.Limbs > FewLimbs)
                {
                    s10 += Product(a, 10, factor);
                    s11 += Product(a, 11, factor);
                    s12 += Product(a, 12, factor);
                    s13 += Product(a, 13, factor);
                }

                a += stride;
                b += stride;
            }

            // The multiple of the order that clears the lowest limb, and everything one limb down.
            var m = Multiply(s0, Vector512.Create(TShape.NegativeInverse)) & Vector512.Create(Mask);
            s0 = ((s0 + Product(order, 0, m)) >> LimbBits) + s1 + Product(order, 1, m);
            s1 = s2 + Product(order, 2, m);
            s2 = s3 + Product(order, 3, m);
            s3 = s4 + Product(order, 4, m);
            s4 = s5 + Product(order, 5, m);
            s5 = s6 + Product(order, 6, m);
            s6 = s7 + Product(order, 7, m);
            s7 = s8 + Product(order, 8, m);
            s8 = s9 + Product(order, 9, m);
            s9 = Zero;
            if (TShape.Limbs > FewLimbs)
            {
                s9 = s10 + Product(order, 10, m);
                s10 = s11 + Product(order, 11, m);
                s11 = s12 + Product(order, 12, m);
                s12 = s13 + Product(order, 13, m);
                s13 = Zero;
            }
        }

        Store(r, 0, s0, s1, s2, s3, s4);
        Store(r, 5, s5, s6, s7, s8, s9);
        if (TShape.Limbs > FewLimbs)
        {
            Vector512.Store(s10, r + (10 * Width));
            Vector512.Store(s11, r + (11 * Width));
            Vector512.Store(s12, r + (12 * Width));
            Vector512.Store(s13, r + (13 * Width));
        }

        Carry(r);
    }

    /// <summary>Brings limbs below 2^62 between −2^27 and 2^27, but for the last, which takes what is left.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Carry(long* a)
    {
        var carry = Zero;
        var half = Vector512.Create(Half);
        for (var i = 0; i < TShape.Limbs - 1; i++)
        {
            var limb = Vector512.Load(a + (i * Width)) + carry;
            carry = (limb + half) >> LimbBits;
            Vector512.Store(limb - (carry << LimbBits), a + (i * Width));
        }

        var last = a + ((TShape.Limbs - 1) * Width);
        Vector512.Store(Vector512.Load(last) + carry, last);
    }

    /// <summary>
    /// Takes off multiples of the order so that an element of up to a thousand times the order in magnitude comes below
    /// twice the order. The quotient is guessed from the last limb.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Shrink(long* a, long* order)
    {
        Carry(a);
        var last = Vector512.Load(a + ((TShape.Limbs - 1) * Width));
        var quotient = Multiply(last, Vector512.Create(TShape.InverseOfLastLimb)) >> TShape.InverseShift;
        for (var i = 0; i < TShape.Limbs; i++)
        {
            var limb = Vector512.Load(a + (i * Width)) - Product(order, i, quotient);
            Vector512.Store(limb, a + (i * Width));
        }

        Carry(a);
    }

    private static Vector512<long> Zero
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Vector512<long>.Zero;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<long> Multiply(Vector512<long> a, Vector512<long> b) =>
        Avx512F.Multiply(a.AsInt32(), b.AsInt32());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<long> Product(long* a, int limb, Vector512<long> factor) =>
        Multiply(factor, Vector512.Load(a + (limb * Width)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(
        long* r,
        int limb,
        Vector512<long> s0,
        Vector512<long> s1,
        Vector512<long> s2,
        Vector512<long> s3,
        Vector512<long> s4)
    {
        r += limb * Width;
        Vector512.Store(s0, r);
        Vector512.Store(s1, r + Width);
        Vector512.Store(s2, r + (2 * Width));
        Vector512.Store(s3, r + (3 * Width));
        Vector512.Store(s4, r + (4 * Width));
    }
}
