using System.Text;
using Fragcast.Transport.Identity;

namespace Fragcast.Transport.Tests.Identity;

public sealed class Base58Tests
{
    // Examples of draft-msporny-base58, and what leading zeros become.
    [Theory]
    [InlineData("Hello World!", "2NEpo7TZRRrLZSi2U")]
    [InlineData("The quick brown fox jumps over the lazy dog.",
        "USm3fpXnKG5EUBx2ndxBDMPVciP5hGey2Jh4NDv6gmeo1LkMeiKrLJUUBk6Z")]
    [InlineData("\0\0a", "112g")]
    [InlineData("\0", "1")]
    public void Encode_KnownText_IsAsKnown(string plain, string encoded)
    {
        byte[] bytes = Encoding.ASCII.GetBytes(plain);
        byte[] decoded = new byte[bytes.Length];

        Assert.Equal(encoded, Base58.Encode(bytes));
        Assert.True(Base58.TryDecode(encoded, decoded));
        Assert.Equal(bytes, decoded);
    }

    [Fact]
    public void TryDecode_OtherLength_IsRefused()
    {
        Assert.False(Base58.TryDecode("2NEpo7TZRRrLZSi2U", new byte[11]));
        Assert.False(Base58.TryDecode("2NEpo7TZRRrLZSi2U", new byte[13]));
        Assert.False(Base58.TryDecode(new string('1', 200), new byte[64]));
    }
}
