using System.Numerics;
using System.Runtime.CompilerServices;

namespace Fragcast.Primitives.Tests;

public sealed class AddressTests
{
    private const string Text = "0x000102030405060708090a0b0c0d0e0f10111213";

    [Fact]
    public void Bytes_AreThoseGiven()
    {
        byte[] bytes = [.. Enumerable.Range(0, 20).Select(i => (byte)i)];
        Address address = Address.FromBytes(bytes);
        Assert.Equal(20, Unsafe.SizeOf<Address>());
        Assert.True(address.Bytes.SequenceEqual(bytes));
        Assert.Equal(Text, address.ToString());
        Assert.Equal(address, Address.Parse(Text));
        Assert.Equal(address, Address.Parse(Text[2..].ToUpperInvariant()));
        byte[] copy = new byte[21];
        address.CopyTo(copy);
        Assert.Equal([.. bytes, 0], copy);
    }

    [Fact]
    public void UInt256_BothWays_TakesTheLow160Bits()
    {
        foreach (UInt256 value in UInt256Samples.Edges)
        {
            Address address = Address.FromUInt256(value);
            BigInteger low = value.ToBig() % (BigInteger.One << 160);
            Assert.Equal(low, new BigInteger(address.Bytes, isUnsigned: true, isBigEndian: true));
            Assert.Equal(low, address.ToUInt256().ToBig());
        }

        Assert.Equal(Address.Parse(Text), Address.FromUInt256(Address.Parse(Text).ToUInt256()));
    }

    [Fact]
    public void Equality_OneBitApart_IsFalse()
    {
        Address address = Address.Parse(Text);
        for (int bit = 0; bit < 160; bit++)
        {
            Address other = Address.FromUInt256(address.ToUInt256() ^ (UInt256.One << bit));
            Assert.True(address != other);
            Assert.False(address.Equals((object)other));
            Assert.Equal(
                address.ToUInt256().CompareTo(other.ToUInt256()), Math.Sign(address.CompareTo(other)));
        }

        Assert.True(address == Address.Parse(Text));
        Assert.Equal(address.GetHashCode(), Address.Parse(Text).GetHashCode());
    }

    [Fact]
    public void IsZero_OnlyForZero()
    {
        Assert.True(Address.Zero.IsZero);
        for (int bit = 0; bit < 160; bit++) Assert.False(Address.FromUInt256(UInt256.One << bit).IsZero);
    }

    [Theory]
    [InlineData("")]
    [InlineData("0x000102030405060708090a0b0c0d0e0f101112")]
    [InlineData("0x000102030405060708090a0b0c0d0e0f1011121314")]
    [InlineData("0x000102030405060708090a0b0c0d0e0f1011121z")]
    public void TryParse_Not40Digits_IsFalse(string text)
    {
        Assert.False(Address.TryParse(text, out Address value));
        Assert.True(value.IsZero);
        Assert.Throws<FormatException>(() => Address.Parse(text));
    }

    [Fact]
    public void FromBytes_WrongSize_Throws()
    {
        Assert.Throws<ArgumentOutOfRangeException>(static () => Address.FromBytes(new byte[19]));
        Assert.Throws<ArgumentOutOfRangeException>(static () => Address.FromBytes(new byte[21]));
    }
}
