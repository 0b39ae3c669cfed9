using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Fragcast.Execution.Precompiles.Curves;

/// <summary>
/// An element of BLS12-381's base field, 381 bits, in Montgomery form: a · 2^384 modulo the order (EIP-2537).
/// </summary>
internal readonly struct BlsField : IPrimeField<BlsField>
{
    private const ulong P0 = 0xB9FEFFFFFFFFAAAB;
    private const ulong P1 = 0x1EABFFFEB153FFFF;
    private const ulong P2 = 0x6730D2A0F6B0F624;
    private const ulong P3 = 0x64774B84F38512BF;
    private const ulong P4 = 0x4B1BA7B6434BACD7;
    private const ulong P5 = 0x1A0111EA397FE69A;
    private const ulong NegativeInverse = 0x89F3FFFCFFFCFFFD;

    private readonly ulong _a0;
    private readonly ulong _a1;
    private readonly ulong _a2;
    private readonly ulong _a3;
    private readonly ulong _a4;
    private readonly ulong _a5;

    private BlsField(ulong a0, ulong a1, ulong a2, ulong a3, ulong a4, ulong a5)
    {
        _a0 = a0;
        _a1 = a1;
        _a2 = a2;
        _a3 = a3;
        _a4 = a4;
        _a5 = a5;
    }

    public static BlsField Zero => default;

    public static BlsField One => new(
        0x760900000002FFFD, 0xEBF4000BC40C0002, 0x5F48985753C758BA,
        0x77CE585370525745, 0x5C071A97A256EC6D, 0x15F65EC3FA80E493);

    public static ReadOnlySpan<ulong> Order => [P0, P1, P2, P3, P4, P5];

    public bool IsZero => (_a0 | _a1 | _a2 | _a3 | _a4 | _a5) == 0;

    private static BlsField RSquared => new(
        0xF4DF1F341C341746, 0x0A76E6A609D104F1, 0x8DE5476C4C95B6D5,
        0x67EB88A9939D83C0, 0x9A793E85B519952D, 0x11988FE592CAE3AA);

    public static bool TryRead(ReadOnlySpan<byte> bytes, out BlsField value)
    {
        var raw = new BlsField(
            BinaryPrimitives.ReadUInt64BigEndian(bytes[40..]),
            BinaryPrimitives.ReadUInt64BigEndian(bytes[32..]),
            BinaryPrimitives.ReadUInt64BigEndian(bytes[24..]),
            BinaryPrimitives.ReadUInt64BigEndian(bytes[16..]),
            BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]),
            BinaryPrimitives.ReadUInt64BigEndian(bytes));
        Multiply(raw, RSquared, out value);
        return IsBelowOrder(raw);
    }

    public void Write(Span<byte> bytes)
    {
        var raw = ToRaw();
        BinaryPrimitives.WriteUInt64BigEndian(bytes[40..], raw._a0);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[32..], raw._a1);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[24..], raw._a2);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[16..], raw._a3);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], raw._a4);
        BinaryPrimitives.WriteUInt64BigEndian(bytes, raw._a5);
    }

    /// <summary>Lowest bit of the number the element stands for (sgn0 of RFC 9380).</summary>
    public bool IsOdd => (ToRaw()._a0 & 1) != 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool AreEqual(in BlsField a, in BlsField b) =>
        ((a._a0 ^ b._a0) | (a._a1 ^ b._a1) | (a._a2 ^ b._a2)
            | (a._a3 ^ b._a3) | (a._a4 ^ b._a4) | (a._a5 ^ b._a5)) == 0;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Add(in BlsField a, in BlsField b, out BlsField r)
    {
        ulong carry = 0;
        var s0 = Limbs.Add(a._a0, b._a0, ref carry);
        var s1 = Limbs.Add(a._a1, b._a1, ref carry);
        var s2 = Limbs.Add(a._a2, b._a2, ref carry);
        var s3 = Limbs.Add(a._a3, b._a3, ref carry);
        var s4 = Limbs.Add(a._a4, b._a4, ref carry);
        var s5 = a._a5 + b._a5 + carry;
        r = Reduce(s0, s1, s2, s3, s4, s5);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Subtract(in BlsField a, in BlsField b, out BlsField r)
    {
        ulong borrow = 0;
        var d0 = Limbs.Subtract(a._a0, b._a0, ref borrow);
        var d1 = Limbs.Subtract(a._a1, b._a1, ref borrow);
        var d2 = Limbs.Subtract(a._a2, b._a2, ref borrow);
        var d3 = Limbs.Subtract(a._a3, b._a3, ref borrow);
        var d4 = Limbs.Subtract(a._a4, b._a4, ref borrow);
        var d5 = Limbs.Subtract(a._a5, b._a5, ref borrow);
        r = AddMasked(d0, d1, d2, d3, d4, d5, 0 - borrow);
    }

    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Multiply(in BlsField a, in BlsField b, out BlsField r)
    {
        ulong t0 = 0, t1 = 0, t2 = 0, t3 = 0, t4 = 0, t5 = 0;
        Accumulate(a, b._a0, ref t0, ref t1, ref t2, ref t3, ref t4, ref t5);
        Accumulate(a, b._a1, ref t0, ref t1, ref t2, ref t3, ref t4, ref t5);
        Accumulate(a, b._a2, ref t0, ref t1, ref t2, ref t3, ref t4, ref t5);
        Accumulate(a, b._a3, ref t0, ref t1, ref t2, ref t3, ref t4, ref t5);
        Accumulate(a, b._a4, ref t0, ref t1, ref t2, ref t3, ref t4, ref t5);
        Accumulate(a, b._a5, ref t0, ref t1, ref t2, ref t3, ref t4, ref t5);
        r = Reduce(t0, t1, t2, t3, t4, t5);
    }

    public static void Square(in BlsField a, out BlsField r) => Multiply(a, a, out r);

    public static unsafe void Invert(in BlsField a, out BlsField r)
    {
        var value = a.ToRaw();
        var order = new BlsField(P0, P1, P2, P3, P4, P5);
        GmpInteger.InvertLimbs((ulong*)&value, (ulong*)&order, 6);
        Multiply(value, RSquared, out r);
    }

    public static void Halve(in BlsField a, out BlsField r)
    {
        // An odd number becomes even when the order is added.
        var even = AddMasked(a._a0, a._a1, a._a2, a._a3, a._a4, a._a5, 0 - (a._a0 & 1));
        r = new BlsField(
            (even._a0 >> 1) | (even._a1 << 63),
            (even._a1 >> 1) | (even._a2 << 63),
            (even._a2 >> 1) | (even._a3 << 63),
            (even._a3 >> 1) | (even._a4 << 63),
            (even._a4 >> 1) | (even._a5 << 63),
            even._a5 >> 1);
    }

    // The number below the order that the element stands for.
    private BlsField ToRaw()
    {
        Multiply(this, new BlsField(1, 0, 0, 0, 0, 0), out var raw);
        return raw;
    }

    private static bool IsBelowOrder(in BlsField raw)
    {
        ulong borrow = 0;
        _ = Limbs.Subtract(raw._a0, P0, ref borrow);
        _ = Limbs.Subtract(raw._a1, P1, ref borrow);
        _ = Limbs.Subtract(raw._a2, P2, ref borrow);
        _ = Limbs.Subtract(raw._a3, P3, ref borrow);
        _ = Limbs.Subtract(raw._a4, P4, ref borrow);
        _ = Limbs.Subtract(raw._a5, P5, ref borrow);
        return borrow != 0;
    }

    // t = (t + a · b + m · order) / 2^64 with the m that makes it whole. The order's spare bits leave no carry at the
    // top.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Accumulate(
        in BlsField a,
        ulong b,
        ref ulong t0,
        ref ulong t1,
        ref ulong t2,
        ref ulong t3,
        ref ulong t4,
        ref ulong t5)
    {
        var high = Limbs.MultiplyAdd(a._a0, b, t0, out var low);
        var m = low * NegativeInverse;
        var carry = Limbs.MultiplyAdd(m, P0, low, out _);
        high = Limbs.MultiplyAdd(a._a1, b, t1, high, out low);
        carry = Limbs.MultiplyAdd(m, P1, low, carry, out t0);
        high = Limbs.MultiplyAdd(a._a2, b, t2, high, out low);
        carry = Limbs.MultiplyAdd(m, P2, low, carry, out t1);
        high = Limbs.MultiplyAdd(a._a3, b, t3, high, out low);
        carry = Limbs.MultiplyAdd(m, P3, low, carry, out t2);
        high = Limbs.MultiplyAdd(a._a4, b, t4, high, out low);
        carry = Limbs.MultiplyAdd(m, P4, low, carry, out t3);
        high = Limbs.MultiplyAdd(a._a5, b, t5, high, out low);
        carry = Limbs.MultiplyAdd(m, P5, low, carry, out t4);
        t5 = high + carry;
    }

    // Takes the order off a number below twice the order, if it is not below the order.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static BlsField Reduce(ulong s0, ulong s1, ulong s2, ulong s3, ulong s4, ulong s5)
    {
        ulong borrow = 0;
        var d0 = Limbs.Subtract(s0, P0, ref borrow);
        var d1 = Limbs.Subtract(s1, P1, ref borrow);
        var d2 = Limbs.Subtract(s2, P2, ref borrow);
        var d3 = Limbs.Subtract(s3, P3, ref borrow);
        var d4 = Limbs.Subtract(s4, P4, ref borrow);
        var d5 = Limbs.Subtract(s5, P5, ref borrow);
        var mask = 0 - borrow;
        return new BlsField(
            Limbs.Select(d0, s0, mask),
            Limbs.Select(d1, s1, mask),
            Limbs.Select(d2, s2, mask),
            Limbs.Select(d3, s3, mask),
            Limbs.Select(d4, s4, mask),
            Limbs.Select(d5, s5, mask));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static BlsField AddMasked(ulong d0, ulong d1, ulong d2, ulong d3, ulong d4, ulong d5, ulong mask)
    {
        ulong carry = 0;
        d0 = Limbs.Add(d0, P0 & mask, ref carry);
        d1 = Limbs.Add(d1, P1 & mask, ref carry);
        d2 = Limbs.Add(d2, P2 & mask, ref carry);
        d3 = Limbs.Add(d3, P3 & mask, ref carry);
        d4 = Limbs.Add(d4, P4 & mask, ref carry);
        d5 = d5 + (P5 & mask) + carry;
        return new BlsField(d0, d1, d2, d3, d4, d5);
    }
}
