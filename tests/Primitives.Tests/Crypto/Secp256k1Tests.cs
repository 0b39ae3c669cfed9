using Fragcast.Primitives.Crypto;

namespace Fragcast.Primitives.Tests.Crypto;

public sealed class Secp256k1Tests
{
    [Fact]
    public void AddressOf_KeyOne_IsKnownAddress()
    {
        byte[] key = new byte[32];
        key[31] = 1;
        byte[] publicKey = new byte[64];
        Assert.True(Secp256k1.TryGetPublicKey(key, publicKey));
        Assert.Equal(
            Address.Parse("0x7e5f4552091a69125d5dfcb7b8c2659029395bdf"), Secp256k1.AddressOf(publicKey));
    }

    [Fact]
    public void TryRecover_OwnSignature_GivesOwnAddress()
    {
        byte[] key = new byte[32];
        key[31] = 1;
        byte[] signature = new byte[65];
        Hash256 digest = Keccak256.Hash("message"u8);
        Secp256k1.Sign(digest, key, signature);
        Assert.True(Secp256k1.TryRecover(digest, signature.AsSpan(0, 64), signature[64], out Address signer));
        Assert.Equal(Address.Parse("0x7e5f4552091a69125d5dfcb7b8c2659029395bdf"), signer);
    }
}
