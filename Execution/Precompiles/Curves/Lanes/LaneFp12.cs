using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Fragcast.Execution.Precompiles.Curves.Lanes;

/// <summary>
/// An element of Fp12 as two rows of lanes, the real and the imaginary parts of the coefficients of w⁰ to w⁵: products
/// of all coefficients are computed at once.
/// </summary>
internal unsafe struct LaneFp12<TField, TTower, TShape>
    : IPairingTarget<LaneFp12<TField, TTower, TShape>, TField, TTower>
    where TField : unmanaged, IPrimeField<TField>
    where TTower : unmanaged, ITower<TField>
    where TShape : struct, ILaneShape
{
    private const int Width = LaneKernel<TShape>.Width;
    private const int LimbsMax = 14;
    private const int PartMax = LimbsMax * Width;
    private const int TermsMax = 6;
    private const int Coefficients = 6;
    private const int VectorBytes = 64;

    private fixed long _limbs[2 * PartMax];

    /// <summary>Whether the processor has the instructions.</summary>
    public static bool IsSupported => Avx512F.IsSupported;

    // Numbers in the real or in the imaginary part.
    private static int Part => TShape.Limbs * Width;

    private static long* Order => LaneConstants<TField, TShape>.Order;

    public static void From(in Fp12<TField, TTower> a, out LaneFp12<TField, TTower, TShape> r)
    {
        r = default;
        fixed (long* target = r._limbs)
        {
            for (var k = 0; k < Coefficients; k++)
            {
                Write(Coefficient(ref Unsafe.AsRef(in a), k), target + k);
            }

            LaneConstants<TField, TShape>.Enter(target);
            LaneConstants<TField, TShape>.Enter(target + Part);
        }
    }

    public static void To(in LaneFp12<TField, TTower, TShape> a, out Fp12<TField, TTower> r)
    {
        var copy = a;
        var result = default(Fp12<TField, TTower>);
        var limbs = copy._limbs;
        LaneConstants<TField, TShape>.Leave(limbs);
        LaneConstants<TField, TShape>.Leave(limbs + Part);
        for (var k = 0; k < Coefficients; k++)
        {
            Coefficient(ref result, k) = new Fp2<TField>(
                LaneConstants<TField, TShape>.Read(limbs + k), LaneConstants<TField, TShape>.Read(limbs + Part + k));
        }

        r = result;
    }

    public static void Multiply(
        in LaneFp12<TField, TTower, TShape> a,
        in LaneFp12<TField, TTower, TShape> b,
        out LaneFp12<TField, TTower, TShape> r) => Run(LaneProgram.Product, a, b, out r);

    public static void Square(in LaneFp12<TField, TTower, TShape> a, out LaneFp12<TField, TTower, TShape> r) =>
        Run(LaneProgram.Square, a, a, out r);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void CyclotomicSquare(
        in LaneFp12<TField, TTower, TShape> a, out LaneFp12<TField, TTower, TShape> r)
    {
        Run(LaneProgram.CyclotomicSquare, a, a, out var products);

        // 3 · product − 2 · a for even powers of w, 3 · product + 2 · a for odd ones.
        var sign = Vector512.Create(-1L, 0, -1, 0, -1, 0, -1, 0);
        fixed (long* source = a._limbs)
        {
            for (var i = 0; i < 2 * Part; i += Width)
            {
                var product = Vector512.Load(products._limbs + i);
                var twice = Vector512.Load(source + i) << 1;
                Vector512.Store(product + (product << 1) + ((twice ^ sign) - sign), products._limbs + i);
            }
        }

        LaneKernel<TShape>.Shrink(products._limbs, Order);
        LaneKernel<TShape>.Shrink(products._limbs + Part, Order);
        r = products;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Conjugate(in LaneFp12<TField, TTower, TShape> a, out LaneFp12<TField, TTower, TShape> r)
    {
        r = a;
        var sign = Vector512.Create(0L, -1, 0, -1, 0, -1, 0, -1);
        fixed (long* limbs = r._limbs)
        {
            for (var i = 0; i < 2 * Part; i += Width)
            {
                Vector512.Store((Vector512.Load(limbs + i) ^ sign) - sign, limbs + i);
            }
        }
    }

    public static void Frobenius(in LaneFp12<TField, TTower, TShape> a, out LaneFp12<TField, TTower, TShape> r)
    {
        var conjugate = a;
        for (var i = Part; i < 2 * Part; i++)
        {
            conjugate._limbs[i] = -conjugate._limbs[i];
        }

        Run(LaneProgram.Scale, conjugate, LaneFrobenius<TField, TTower, TShape>.Factors, out r);
    }

    public static void MultiplyBy034(
        in LaneFp12<TField, TTower, TShape> a,
        in Fp2<TField> b0,
        in Fp2<TField> b3,
        in Fp2<TField> b4,
        out LaneFp12<TField, TTower, TShape> r) => MultiplyByLine(LaneProgram.ProductBy034, a, b0, b3, b4, out r);

    public static void MultiplyBy014(
        in LaneFp12<TField, TTower, TShape> a,
        in Fp2<TField> b0,
        in Fp2<TField> b1,
        in Fp2<TField> b4,
        out LaneFp12<TField, TTower, TShape> r) => MultiplyByLine(LaneProgram.ProductBy014, a, b0, b1, b4, out r);

    // The line's Montgomery form is that of the field, which is that of the lanes but for a power of two.
    [SkipLocalsInit]
    private static void MultiplyByLine(
        LaneProgram program,
        in LaneFp12<TField, TTower, TShape> a,
        in Fp2<TField> b0,
        in Fp2<TField> b1,
        in Fp2<TField> b2,
        out LaneFp12<TField, TTower, TShape> r)
    {
        LaneFp12<TField, TTower, TShape> line;
        Write(b0, line._limbs);
        Write(b1, line._limbs + 1);
        Write(b2, line._limbs + 2);
        Run(program, a, line, out r);
    }

    // Each product in Fp2 is four in Fp: x0·y0 − x1·y1 for the real part, x0·y1 + x1·y0 for the imaginary one. The
    // choices lie one after the other as x1, x0, −x1 and y0, y1, so that both sums are of neighbours.
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Run(
        LaneProgram program,
        in LaneFp12<TField, TTower, TShape> a,
        in LaneFp12<TField, TTower, TShape> b,
        out LaneFp12<TField, TTower, TShape> r)
    {
        Debug.Assert(program.Terms <= TermsMax, "the scratch holds the longest program");
        var scratch = stackalloc byte[((5 * TermsMax * PartMax) + (2 * PartMax)) * sizeof(long) + VectorBytes];
        var x = (long*)(((nint)scratch + VectorBytes - 1) & -VectorBytes);
        var length = program.Terms * Part;
        var y = x + (3 * length);
        var xi = y + (2 * length);
        fixed (long* pa = a._limbs)
        fixed (long* pb = b._limbs)
        {
            MultiplyByXi(pa, xi);
            for (var term = 0; term < program.Terms; term++)
            {
                var (chooseX, chooseY) = (program.X[term], program.Y[term]);
                var target = term * Part;
                for (var i = 0; i < Part; i += Width)
                {
                    var real = Choose(pa + i, chooseX, Vector512.Load(xi + i));
                    var imaginary = Choose(pa + Part + i, chooseX, Vector512.Load(xi + Part + i));
                    Vector512.Store(imaginary, x + target + i);
                    Vector512.Store(real, x + length + target + i);
                    Vector512.Store(-imaginary, x + (2 * length) + target + i);
                    Vector512.Store(Choose(pb + i, chooseY, Vector512.Load(pb + i) << 1), y + target + i);
                    var twice = Vector512.Load(pb + Part + i) << 1;
                    Vector512.Store(Choose(pb + Part + i, chooseY, twice), y + length + target + i);
                }
            }
        }

        fixed (long* target = r._limbs)
        {
            LaneKernel<TShape>.Dot(x + length, y, 2 * program.Terms, Order, target);
            LaneKernel<TShape>.Dot(x, y, 2 * program.Terms, Order, target + Part);
        }
    }

    // (c·x0 − x1) + (c·x1 + x0)·u.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void MultiplyByXi(long* a, long* r)
    {
        for (var i = 0; i < Part; i += Width)
        {
            var (real, imaginary) = (Vector512.Load(a + i), Vector512.Load(a + Part + i));
            Vector512.Store(Scale(real) - imaginary, r + i);
            Vector512.Store(Scale(imaginary) + real, r + Part + i);
        }

        if (TShape.XiReal != 1)
        {
            LaneKernel<TShape>.Carry(r);
            LaneKernel<TShape>.Carry(r + Part);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<long> Scale(Vector512<long> a) => TShape.XiReal == 1
        ? a
        : Avx512F.Multiply(a.AsInt32(), Vector512.Create(TShape.XiReal).AsInt32());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<long> Choose(long* a, Vector512<long> lanes, Vector512<long> other) =>
        Avx512F.PermuteVar8x64x2(Vector512.Load(a), lanes, other);

    private static ref Fp2<TField> Coefficient(ref Fp12<TField, TTower> a, int power)
    {
        // w^(2i + j) is v^i · w^j, and the six coefficients lie one after the other.
        ref var first = ref Unsafe.As<Fp12<TField, TTower>, Fp2<TField>>(ref a);
        return ref Unsafe.Add(ref first, (3 * (power & 1)) + (power >> 1));
    }

    private static void Write(in Fp2<TField> value, long* lane)
    {
        LaneConstants<TField, TShape>.Write(value.C0, lane);
        LaneConstants<TField, TShape>.Write(value.C1, lane + Part);
    }
}
