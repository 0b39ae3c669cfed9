using Fragcast.Primitives.Crypto;

namespace Fragcast.Primitives.Tests;

/// <summary>Secret keys for tests.</summary>
internal static class TestKeys
{
    public static byte[] Key(byte number) => [.. new byte[31], number];

    public static Address AddressOf(byte[] key)
    {
        var publicKey = new byte[Secp256k1.PublicKeySize];
        Assert.True(Secp256k1.TryGetPublicKey(key, publicKey));
        return Secp256k1.AddressOf(publicKey);
    }
}
