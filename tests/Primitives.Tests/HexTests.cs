namespace Fragcast.Primitives.Tests;

public sealed class HexTests
{
    [Theory]
    [InlineData("", "0x")]
    [InlineData("0x", "0x")]
    [InlineData("0X00fF", "0x00ff")]
    [InlineData("DEADbeef", "0xdeadbeef")]
    public void TryDecode_EvenDigits_RoundTrips(string text, string encoded)
    {
        Assert.True(Hex.TryDecode(text, out byte[] bytes));
        Assert.Equal(encoded, Hex.Encode(bytes));
        Assert.Equal(encoded[2..], Hex.Encode(bytes, prefix: false));
        Assert.Equal(bytes, Hex.Decode(text));
        byte[] exact = new byte[bytes.Length];
        Assert.True(Hex.TryDecode(text, exact.AsSpan()));
        Assert.Equal(bytes, exact);
        Assert.False(Hex.TryDecode(text, new byte[bytes.Length + 1].AsSpan()));
    }

    [Theory]
    [InlineData("0")]
    [InlineData("0x0")]
    [InlineData("0g")]
    [InlineData("0x0x")]
    [InlineData(" 00")]
    [InlineData("00\u0660\u0660")]
    public void TryDecode_OddOrNoDigits_IsFalse(string text)
    {
        Assert.False(Hex.TryDecode(text, out byte[] bytes));
        Assert.Empty(bytes);
        Assert.False(Hex.TryDecode(text, new byte[1].AsSpan()));
        Assert.Throws<FormatException>(() => Hex.Decode(text));
    }
}
