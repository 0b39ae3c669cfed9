using System.Numerics;

namespace Fragcast.Primitives.Tests;

/// <summary>Comparison, shifts and byte operations against <see cref="BigInteger"/>.</summary>
public sealed class UInt256BitsTests
{
    private static readonly BigInteger Modulus = BigInteger.One << 256;

    [Fact]
    public void Comparison_AnyOperands_IsUnsignedOrder()
    {
        foreach ((UInt256 a, UInt256 b) in UInt256Samples.Pairs())
        {
            int expected = a.ToBig().CompareTo(b.ToBig());
            Assert.Equal(expected, a.CompareTo(b));
            Assert.Equal(expected < 0, a < b);
            Assert.Equal(expected > 0, a > b);
            Assert.Equal(expected <= 0, a <= b);
            Assert.Equal(expected >= 0, a >= b);
            Assert.Equal(expected == 0, a == b);
            Assert.Equal(expected != 0, a != b);
            Assert.Equal(expected == 0, a.Equals((object)b));
            Assert.Equal(Signed(a) < Signed(b), UInt256.SLessThan(a, b));
        }
    }

    [Fact]
    public void Equality_OneBitApart_IsFalse()
    {
        UInt256 value = new(1, 2, 3, 4);
        for (int bit = 0; bit < 256; bit++)
        {
            UInt256 other = value ^ (UInt256.One << bit);
            Assert.True(value != other);
            Assert.False(value.Equals(other));
        }

        Assert.True(value.Equals(new UInt256(1, 2, 3, 4)));
        Assert.Equal(value.GetHashCode(), new UInt256(1, 2, 3, 4).GetHashCode());
    }

    [Fact]
    public void BitOperations_AnyOperands_AreThoseOfTheLimbs()
    {
        foreach ((UInt256 a, UInt256 b) in UInt256Samples.Pairs())
        {
            BigInteger x = a.ToBig();
            BigInteger y = b.ToBig();
            Assert.Equal(x & y, (a & b).ToBig());
            Assert.Equal(x | y, (a | b).ToBig());
            Assert.Equal(x ^ y, (a ^ b).ToBig());
            Assert.Equal(Modulus - 1 - x, (~a).ToBig());
            UInt256.Copy(a, out UInt256 copy);
            Assert.Equal(a, copy);
            UInt256.Negate(a, out UInt256 negated);
            Assert.Equal((Modulus - x) % Modulus, negated.ToBig());
        }
    }

    [Fact]
    public void Shifts_EveryCount_MatchExactOnes()
    {
        UInt256 mixed = new(0x0123456789ABCDEF, 0xFEDCBA9876543210, 0xF0F0F0F0F0F0F0F0, 0x8001);
        UInt256[] values = [.. UInt256Samples.Edges, mixed];
        foreach (UInt256 value in values)
        {
            BigInteger exact = value.ToBig();
            for (int count = 0; count <= 260; count++)
            {
                BigInteger left = (exact << count) % Modulus;
                BigInteger signed = (Signed(value) >> count) + (value.IsNegative ? Modulus : 0);
                Assert.Equal(left, (value << count).ToBig());
                Assert.Equal(exact >> count, (value >> count).ToBig());
                UInt256.Sar(value, count, out UInt256 r);
                Assert.Equal(signed, r.ToBig());

                UInt256 word = (uint)count;
                UInt256.ShiftLeft(value, word, out r);
                Assert.Equal(left, r.ToBig());
                UInt256.ShiftRight(value, word, out r);
                Assert.Equal(exact >> count, r.ToBig());
                UInt256.Sar(value, word, out r);
                Assert.Equal(signed, r.ToBig());
            }
        }
    }

    [Fact]
    public void Shifts_CountAboveAnInt_GiveZeroOrSign()
    {
        UInt256 negative = UInt256.MaxValue << 255;
        UInt256[] counts = [256u, 1UL << 32, ulong.MaxValue, new(0, 1), new(1, 0, 1), UInt256.MaxValue];
        foreach (UInt256 count in counts)
        {
            UInt256.ShiftLeft(UInt256.MaxValue, count, out UInt256 r);
            Assert.Equal(UInt256.Zero, r);
            UInt256.ShiftRight(UInt256.MaxValue, count, out r);
            Assert.Equal(UInt256.Zero, r);
            UInt256.Sar(negative, count, out r);
            Assert.Equal(UInt256.MaxValue, r);
            UInt256.Sar(UInt256.MaxValue >> 1, count, out r);
            Assert.Equal(UInt256.Zero, r);
        }
    }

    [Fact]
    public void SignExtend_EveryIndex_RepeatsTheSignOfTheLowBytes()
    {
        foreach (UInt256 value in UInt256Samples.Edges.Concat(RandomValues(200)))
        {
            for (uint index = 0; index < 34; index++)
            {
                UInt256.SignExtend(index, value, out UInt256 r);
                int bits = (int)Math.Min(8 * (index + 1), 256);
                BigInteger low = value.ToBig() % (BigInteger.One << bits);
                BigInteger expected = low >> (bits - 1) == 0 ? low : low - (BigInteger.One << bits) + Modulus;
                Assert.Equal(expected, r.ToBig());
            }

            UInt256.SignExtend(new UInt256(0, 1), value, out UInt256 unchanged);
            Assert.Equal(value, unchanged);
        }
    }

    [Fact]
    public void ByteAt_EveryIndex_CountsFromTheMostSignificant()
    {
        foreach (UInt256 value in RandomValues(50))
        {
            byte[] bytes = new byte[32];
            value.WriteBigEndian(bytes);
            for (uint index = 0; index < 34; index++)
            {
                UInt256.ByteAt(index, value, out UInt256 r);
                Assert.Equal(index < 32 ? bytes[index] : 0, (int)r);
                Assert.True(r <= 255u);
            }

            UInt256.ByteAt(new UInt256(1, 0, 0, 1), value, out UInt256 beyond);
            Assert.Equal(UInt256.Zero, beyond);
        }
    }

    [Fact]
    public void Lengths_EveryValue_AreThoseOfTheHighestBit()
    {
        foreach (UInt256 value in UInt256Samples.Edges.Concat(RandomValues(500)))
        {
            BigInteger exact = value.ToBig();
            Assert.Equal(exact.GetBitLength(), value.BitLength);
            Assert.Equal(exact.IsZero ? 0 : exact.GetByteCount(isUnsigned: true), value.ByteLength);
            Assert.Equal(exact.IsZero, value.IsZero);
            Assert.Equal(exact <= ulong.MaxValue, value.FitsUInt64);
            Assert.Equal(exact >> 255 == 1, value.IsNegative);
            for (int bit = 0; bit < 256; bit += 5) Assert.Equal(!(exact >> bit).IsEven, value.Bit(bit));
        }
    }

    private static IEnumerable<UInt256> RandomValues(int count)
    {
        Random random = new(5);
        for (int i = 0; i < count; i++) yield return UInt256Samples.Next(random);
    }

    private static BigInteger Signed(UInt256 value) => value.ToBig() - (value.IsNegative ? Modulus : 0);
}
