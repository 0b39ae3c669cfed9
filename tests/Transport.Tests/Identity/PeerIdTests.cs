using Fragcast.Primitives;
using Fragcast.Transport.Identity;

namespace Fragcast.Transport.Tests.Identity;

public sealed class PeerIdTests
{
    // From the libp2p peer-ids specification: an Ed25519 peer id in text.
    private const string Text = "12D3KooWD3eckifWpRn9wQpMG9R9hX3sD158z7EqHWmweQAJU5SA";

    [Fact]
    public void Parse_SpecificationsExample_RoundTrips()
    {
        PeerId peer = PeerId.Parse(Text);

        Assert.Equal(Text, peer.ToString());
        byte[] multihash = new byte[PeerId.MultihashLength];
        peer.WriteMultihash(multihash);
        Assert.Equal("0x002408011220", Hex.Encode(multihash.AsSpan(0, 6)));
        Assert.True(PeerId.TryFromMultihash(multihash, out PeerId again));
        Assert.Equal(peer, again);
        Assert.Equal(peer.GetHashCode(), again.GetHashCode());
    }

    [Fact]
    public void FromPublicKey_SpecificationsKey_HasMultihashOfItsProtobuf()
    {
        byte[] key = Hex.Decode("1ed1e8fae2c4a144b8be8fd4b47bf3d3b34b871c3cacf6010f0e42d474fce27e");

        PeerId peer = PeerId.FromPublicKey(key);

        Assert.Equal(key, peer.PublicKey.ToArray());
        Assert.StartsWith("12D3KooW", peer.ToString(), StringComparison.Ordinal);
        Assert.Equal(52, peer.ToString().Length);
        Assert.True(PeerId.TryParse(peer.ToString(), out PeerId again));
        Assert.Equal(peer, again);
    }

    [Theory]
    [InlineData("")]
    [InlineData("12D3KooW")]
    [InlineData("12D3KooWD3eckifWpRn9wQpMG9R9hX3sD158z7EqHWmweQAJU5S")] // one character short
    [InlineData("12D3KooWD3eckifWpRn9wQpMG9R9hX3sD158z7EqHWmweQAJU5SAA")] // one too many
    [InlineData("12D3KooWD3eckifWpRn9wQpMG9R9hX3sD158z7EqHWmweQAJU5S0")] // 0 is not in the alphabet
    [InlineData("QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N")] // a SHA-256 multihash of an RSA key
    [InlineData("16Uiu2HAkutTMoTzDw1tCvSRtu6YoixJwS46S1ZFxW8hSx9fWHiPs")] // secp256k1
    [InlineData("zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz")] // larger than 38 bytes
    public void TryParse_AnythingElse_IsRefused(string text)
    {
        Assert.False(PeerId.TryParse(text, out PeerId peer));
        Assert.True(peer.IsNone);
        Assert.Throws<FormatException>(() => PeerId.Parse(text));
    }

    [Fact]
    public void CompareTo_OrdersByKey()
    {
        byte[] key = new byte[PeerId.KeyLength];
        PeerId zero = PeerId.FromPublicKey(key);
        key[0] = 1;
        PeerId one = PeerId.FromPublicKey(key);

        Assert.True(zero.CompareTo(one) < 0);
        Assert.True(zero != one && zero.IsNone && !one.IsNone);
    }
}
