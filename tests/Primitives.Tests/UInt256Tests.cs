using System.Globalization;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace Fragcast.Primitives.Tests;

/// <summary>Layout, conversions and text forms.</summary>
public sealed class UInt256Tests
{
    [Fact]
    public void Layout_IsFourLimbsLeastSignificantFirst()
    {
        UInt256 value = new(1, 2, 3, 4);
        Assert.Equal(32, Unsafe.SizeOf<UInt256>());
        ref ulong limbs = ref Unsafe.As<UInt256, ulong>(ref value);
        for (int i = 0; i < 4; i++) Assert.Equal((ulong)i + 1, Unsafe.Add(ref limbs, i));
    }

    [Fact]
    public void BigEndian_EveryLength_RoundTrips()
    {
        Random random = new(1);
        byte[] bytes = new byte[32];
        byte[] written = new byte[32];
        for (int length = 0; length <= 32; length++)
        {
            for (int i = 0; i < 20; i++)
            {
                random.NextBytes(bytes);
                ReadOnlySpan<byte> part = bytes.AsSpan(0, length);
                UInt256 value = UInt256.FromBigEndian(part);
                Assert.Equal(new BigInteger(part, isUnsigned: true, isBigEndian: true), value.ToBig());
                value.WriteBigEndian(written);
                Assert.True(written.AsSpan(32 - length).SequenceEqual(part));
                Assert.False(written.AsSpan(0, 32 - length).ContainsAnyExcept((byte)0));
            }
        }

        Assert.Throws<ArgumentOutOfRangeException>(static () => UInt256.FromBigEndian(new byte[33]));
    }

    [Fact]
    public void Casts_KeepTheLowBits()
    {
        Assert.Equal(new UInt256(7), (UInt256)7);
        Assert.Equal(new UInt256(uint.MaxValue), (UInt256)uint.MaxValue);
        Assert.Equal(new UInt256(ulong.MaxValue), (UInt256)ulong.MaxValue);
        UInt256 value = new(0x8000000180000002, 5, 6, 7);
        Assert.Equal(0x8000000180000002, (ulong)value);
        Assert.Equal(unchecked((int)0x80000002), (int)value);
    }

    [Fact]
    public void Constants_AreWhatTheyAreCalled()
    {
        Assert.Equal(BigInteger.Zero, UInt256.Zero.ToBig());
        Assert.Equal(BigInteger.One, UInt256.One.ToBig());
        Assert.Equal((BigInteger.One << 256) - 1, UInt256.MaxValue.ToBig());
    }

    [Fact]
    public void Text_EdgeValues_RoundTrips()
    {
        Random random = new(2);
        foreach (UInt256 value in UInt256Samples.Edges.Concat(Enumerable.Range(0, 300)
            .Select(_ => UInt256Samples.Next(random))))
        {
            BigInteger exact = value.ToBig();
            string digits = exact.ToString("x", CultureInfo.InvariantCulture).TrimStart('0');
            Assert.Equal("0x" + (digits.Length == 0 ? "0" : digits), value.ToString());
            Assert.Equal(exact.ToString(CultureInfo.InvariantCulture), value.ToDecimalString());
            Assert.Equal(value, UInt256.Parse(value.ToString()));
            Assert.Equal(value, UInt256.Parse(value.ToDecimalString()));
            Assert.Equal(value, UInt256.Parse("0X" + digits.PadLeft(64, '0').ToUpperInvariant()));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("0x")]
    [InlineData("-1")]
    [InlineData("+1")]
    [InlineData(" 1")]
    [InlineData("1_000")]
    [InlineData("0xg")]
    [InlineData("ff")]
    [InlineData("0x0x1")]
    [InlineData("0x10000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("0x00000000000000000000000000000000000000000000000000000000000000001")]
    [InlineData("115792089237316195423570985008687907853269984665640564039457584007913129639936")]
    [InlineData("1157920892373161954235709850086879078532699846656405640394575840079131296399350")]
    public void TryParse_NotANumberBelow2To256_IsFalse(string text)
    {
        Assert.False(UInt256.TryParse(text, out UInt256 value));
        Assert.Equal(UInt256.Zero, value);
        Assert.Throws<FormatException>(() => UInt256.Parse(text));
    }

    [Fact]
    public void TryParse_LargestDecimal_IsMaxValue() => Assert.Equal(
        UInt256.MaxValue,
        UInt256.Parse("115792089237316195423570985008687907853269984665640564039457584007913129639935"));

    [Fact]
    public void GetHashCode_SmallNumbers_RarelyCollides()
    {
        HashSet<int> codes = [];
        for (uint i = 0; i < 10_000; i++)
        {
            codes.Add(new UInt256(i).GetHashCode());
            codes.Add((new UInt256(i) << 160).GetHashCode());
        }

        Assert.InRange(codes.Count, 19_900, 20_000);
    }
}
