using System.Runtime.CompilerServices;
using Fragcast.Primitives;

namespace Fragcast.Execution.Precompiles.Curves;

/// <summary>An odd modulus of 256 bits, as constants.</summary>
internal interface IModulus256
{
    /// <summary>Bits 0 to 63 of the modulus.</summary>
    static abstract ulong P0 { get; }

    /// <summary>Bits 64 to 127 of the modulus.</summary>
    static abstract ulong P1 { get; }

    /// <summary>Bits 128 to 191 of the modulus.</summary>
    static abstract ulong P2 { get; }

    /// <summary>Bits 192 to 255 of the modulus.</summary>
    static abstract ulong P3 { get; }

    /// <summary>−1 / modulus modulo 2^64.</summary>
    static abstract ulong NegativeInverse { get; }

    /// <summary>2^512 modulo the modulus.</summary>
    static abstract UInt256 RSquared { get; }

    /// <summary>Whether the top bit of the modulus is zero, which saves carries.</summary>
    static abstract bool HasSpareBit { get; }
}

/// <summary>An element of a prime field of up to 256 bits, in Montgomery form: a · 2^256 modulo the order.</summary>
internal readonly struct Mont256<TModulus> : IPrimeField<Mont256<TModulus>>
    where TModulus : struct, IModulus256
{
    private readonly ulong _a0;
    private readonly ulong _a1;
    private readonly ulong _a2;
    private readonly ulong _a3;

    private Mont256(ulong a0, ulong a1, ulong a2, ulong a3)
    {
        _a0 = a0;
        _a1 = a1;
        _a2 = a2;
        _a3 = a3;
    }

    public static Mont256<TModulus> Zero => default;

    public static Mont256<TModulus> One { get; } = FromInteger(UInt256.One);

    public static ReadOnlySpan<ulong> Order => OrderLimbs;

    public bool IsZero => (_a0 | _a1 | _a2 | _a3) == 0;

    private static UInt256 Modulus => new(TModulus.P0, TModulus.P1, TModulus.P2, TModulus.P3);

    private static ulong[] OrderLimbs { get; } =
        [TModulus.P0, TModulus.P1, TModulus.P2, TModulus.P3];

    /// <summary>The element of a number below the order.</summary>
    public static Mont256<TModulus> FromInteger(in UInt256 value)
    {
        var raw = new Mont256<TModulus>(value.U0, value.U1, value.U2, value.U3);
        var square = TModulus.RSquared;
        Multiply(raw, new Mont256<TModulus>(square.U0, square.U1, square.U2, square.U3), out var result);
        return result;
    }

    /// <summary>The number below the order that the element stands for.</summary>
    public UInt256 ToInteger()
    {
        Multiply(this, new Mont256<TModulus>(1, 0, 0, 0), out var raw);
        return new UInt256(raw._a0, raw._a1, raw._a2, raw._a3);
    }

    public static bool TryRead(ReadOnlySpan<byte> bytes, out Mont256<TModulus> value)
    {
        var number = UInt256.FromBigEndian(bytes);
        var isGood = number < Modulus;
        value = isGood ? FromInteger(number) : default;
        return isGood;
    }

    public void Write(Span<byte> bytes) => ToInteger().WriteBigEndian(bytes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool AreEqual(in Mont256<TModulus> a, in Mont256<TModulus> b) =>
        ((a._a0 ^ b._a0) | (a._a1 ^ b._a1) | (a._a2 ^ b._a2) | (a._a3 ^ b._a3)) == 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Add(in Mont256<TModulus> a, in Mont256<TModulus> b, out Mont256<TModulus> r)
    {
        ulong carry = 0;
        var s0 = Limbs.Add(a._a0, b._a0, ref carry);
        var s1 = Limbs.Add(a._a1, b._a1, ref carry);
        var s2 = Limbs.Add(a._a2, b._a2, ref carry);
        var s3 = Limbs.Add(a._a3, b._a3, ref carry);
        r = Reduce(s0, s1, s2, s3, carry);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Subtract(in Mont256<TModulus> a, in Mont256<TModulus> b, out Mont256<TModulus> r)
    {
        ulong borrow = 0;
        var d0 = Limbs.Subtract(a._a0, b._a0, ref borrow);
        var d1 = Limbs.Subtract(a._a1, b._a1, ref borrow);
        var d2 = Limbs.Subtract(a._a2, b._a2, ref borrow);
        var d3 = Limbs.Subtract(a._a3, b._a3, ref borrow);
        var mask = 0 - borrow;
        ulong carry = 0;
        d0 = Limbs.Add(d0, TModulus.P0 & mask, ref carry);
        d1 = Limbs.Add(d1, TModulus.P1 & mask, ref carry);
        d2 = Limbs.Add(d2, TModulus.P2 & mask, ref carry);
        d3 = Limbs.Add(d3, TModulus.P3 & mask, ref carry);
        r = new Mont256<TModulus>(d0, d1, d2, d3);
    }

    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Multiply(in Mont256<TModulus> a, in Mont256<TModulus> b, out Mont256<TModulus> r)
    {
        ulong t0 = 0, t1 = 0, t2 = 0, t3 = 0, t4 = 0;
        Accumulate(a, b._a0, ref t0, ref t1, ref t2, ref t3, ref t4);
        Accumulate(a, b._a1, ref t0, ref t1, ref t2, ref t3, ref t4);
        Accumulate(a, b._a2, ref t0, ref t1, ref t2, ref t3, ref t4);
        Accumulate(a, b._a3, ref t0, ref t1, ref t2, ref t3, ref t4);
        r = Reduce(t0, t1, t2, t3, t4);
    }

    public static void Square(in Mont256<TModulus> a, out Mont256<TModulus> r) => Multiply(a, a, out r);

    public static unsafe void Invert(in Mont256<TModulus> a, out Mont256<TModulus> r)
    {
        var value = a.ToInteger();
        var order = Modulus;
        GmpInteger.InvertLimbs((ulong*)&value, (ulong*)&order, 4);
        r = FromInteger(value);
    }

    public static void Halve(in Mont256<TModulus> a, out Mont256<TModulus> r)
    {
        // An odd number becomes even when the order is added.
        var mask = 0 - (a._a0 & 1);
        ulong carry = 0;
        var s0 = Limbs.Add(a._a0, TModulus.P0 & mask, ref carry);
        var s1 = Limbs.Add(a._a1, TModulus.P1 & mask, ref carry);
        var s2 = Limbs.Add(a._a2, TModulus.P2 & mask, ref carry);
        var s3 = Limbs.Add(a._a3, TModulus.P3 & mask, ref carry);
        r = new Mont256<TModulus>(
            (s0 >> 1) | (s1 << 63), (s1 >> 1) | (s2 << 63), (s2 >> 1) | (s3 << 63), (s3 >> 1) | (carry << 63));
    }

    // t = (t + a · b + m · order) / 2^64 with the m that makes it whole.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Accumulate(
        in Mont256<TModulus> a, ulong b, ref ulong t0, ref ulong t1, ref ulong t2, ref ulong t3, ref ulong t4)
    {
        var high = Limbs.MultiplyAdd(a._a0, b, t0, out var low);
        var m = low * TModulus.NegativeInverse;
        var carry = Limbs.MultiplyAdd(m, TModulus.P0, low, out _);
        high = Limbs.MultiplyAdd(a._a1, b, t1, high, out low);
        carry = Limbs.MultiplyAdd(m, TModulus.P1, low, carry, out t0);
        high = Limbs.MultiplyAdd(a._a2, b, t2, high, out low);
        carry = Limbs.MultiplyAdd(m, TModulus.P2, low, carry, out t1);
        high = Limbs.MultiplyAdd(a._a3, b, t3, high, out low);
        carry = Limbs.MultiplyAdd(m, TModulus.P3, low, carry, out t2);
        if (TModulus.HasSpareBit)
        {
            t3 = high + carry;
            return;
        }

        ulong overflow = 0;
        t3 = Limbs.Add(high, carry, ref overflow);
        var top = t3 + t4;
        overflow += top < t3 ? 1UL : 0;
        t3 = top;
        t4 = overflow;
    }

    // Takes the order off a number below twice the order, if it is not below the order.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Mont256<TModulus> Reduce(ulong s0, ulong s1, ulong s2, ulong s3, ulong carry)
    {
        ulong borrow = 0;
        var d0 = Limbs.Subtract(s0, TModulus.P0, ref borrow);
        var d1 = Limbs.Subtract(s1, TModulus.P1, ref borrow);
        var d2 = Limbs.Subtract(s2, TModulus.P2, ref borrow);
        var d3 = Limbs.Subtract(s3, TModulus.P3, ref borrow);
        var mask = 0 - (borrow & ~carry);
        return new Mont256<TModulus>(
            Limbs.Select(d0, s0, mask),
            Limbs.Select(d1, s1, mask),
            Limbs.Select(d2, s2, mask),
            Limbs.Select(d3, s3, mask));
    }
}
