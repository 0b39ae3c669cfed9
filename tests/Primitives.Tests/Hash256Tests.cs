using System.Numerics;
using System.Runtime.CompilerServices;

namespace Fragcast.Primitives.Tests;

public sealed class Hash256Tests
{
    private const string Text = "0x000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

    [Fact]
    public void Bytes_AreThoseGiven()
    {
        byte[] bytes = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];
        Hash256 hash = Hash256.FromBytes(bytes);
        Assert.Equal(32, Unsafe.SizeOf<Hash256>());
        Assert.True(hash.Bytes.SequenceEqual(bytes));
        Assert.Equal(Text, hash.ToString());
        Assert.Equal(hash, Hash256.Parse(Text));
        Assert.Equal(hash, Hash256.Parse(Text[2..].ToUpperInvariant()));
        byte[] copy = new byte[33];
        hash.CopyTo(copy);
        Assert.Equal([.. bytes, 0], copy);
    }

    [Fact]
    public void UInt256_BothWays_IsBigEndian()
    {
        Hash256 hash = Hash256.Parse(Text);
        Assert.Equal(new BigInteger(hash.Bytes, isUnsigned: true, isBigEndian: true), hash.ToUInt256().ToBig());
        Assert.Equal(hash, Hash256.FromUInt256(hash.ToUInt256()));
    }

    [Fact]
    public void Equality_OneBitApart_IsFalse()
    {
        Hash256 hash = Hash256.Parse(Text);
        for (int bit = 0; bit < 256; bit++)
        {
            Hash256 other = Hash256.FromUInt256(hash.ToUInt256() ^ (UInt256.One << bit));
            Assert.True(hash != other);
            Assert.False(hash.Equals((object)other));
            Assert.NotEqual(0, hash.CompareTo(other));
        }

        Assert.True(hash == Hash256.Parse(Text));
        Assert.Equal(hash.GetHashCode(), Hash256.Parse(Text).GetHashCode());
    }

    [Fact]
    public void CompareTo_RandomHashes_IsNumericOrder()
    {
        foreach ((UInt256 a, UInt256 b) in UInt256Samples.Pairs(30))
            Assert.Equal(a.CompareTo(b), Math.Sign(Hash256.FromUInt256(a).CompareTo(Hash256.FromUInt256(b))));
    }

    [Fact]
    public void IsZero_OnlyForZero()
    {
        Assert.True(Hash256.Zero.IsZero);
        for (int bit = 0; bit < 256; bit++) Assert.False(Hash256.FromUInt256(UInt256.One << bit).IsZero);
    }

    [Theory]
    [InlineData("")]
    [InlineData("0x00")]
    [InlineData("0x000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20")]
    [InlineData("0x000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1g")]
    public void TryParse_Not64Digits_IsFalse(string text)
    {
        Assert.False(Hash256.TryParse(text, out Hash256 value));
        Assert.True(value.IsZero);
        Assert.Throws<FormatException>(() => Hash256.Parse(text));
    }

    [Fact]
    public void FromBytes_WrongSize_Throws()
    {
        Assert.Throws<ArgumentOutOfRangeException>(static () => Hash256.FromBytes(new byte[31]));
        Assert.Throws<ArgumentOutOfRangeException>(static () => Hash256.FromBytes(new byte[33]));
    }
}
