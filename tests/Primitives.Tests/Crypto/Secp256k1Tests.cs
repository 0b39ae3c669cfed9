using System.Security.Cryptography;
using System.Text;
using Fragcast.Primitives.Crypto;

namespace Fragcast.Primitives.Tests.Crypto;

public sealed class Secp256k1Tests
{
    private const string KeyOne = "0000000000000000000000000000000000000000000000000000000000000001";
    private const string KeyMax = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364140";
    private static readonly Address AddressOfKeyOne = Address.Parse("0x7e5f4552091a69125d5dfcb7b8c2659029395bdf");

    /// <summary>Deterministic signatures (RFC 6979, SHA-256) that the Bitcoin libraries share as vectors.</summary>
    public static TheoryData<string, string, string, string> Deterministic => new()
    {
        {
            KeyOne, "Satoshi Nakamoto",
            "934b1ea10a4b3c1757e2b0c017d0b6143ce3c9a7e6a4a49860d7a6ab210ee3d8",
            "2442ce9d2b916064108014783e923ec36b49743e2ffa1c4496f01a512aafd9e5"
        },
        {
            KeyOne, "All those moments will be lost in time, like tears in rain. Time to die...",
            "8600dbd41e348fe5c9465ab92d23e3db8b98b873beecd930736488696438cb6b",
            "547fe64427496db33bf66019dacbf0039c04199abb0122918601db38a72cfc21"
        },
        {
            KeyMax, "Satoshi Nakamoto",
            "fd567d121db66e382991534ada77a6bd3106f0a1098c231e47993447cd6af2d0",
            "6b39cd0eb1bc8603e159ef5c20a5c8ad685a45b06ce9bebed3f153d10d93bed5"
        },
    };

    [Theory]
    [MemberData(nameof(Deterministic))]
    public void Sign_PublishedVector_GivesItsSignature(string key, string message, string r, string s)
    {
        byte[] signature = new byte[Secp256k1.SignatureSize];
        Hash256 digest = Hash256.FromBytes(SHA256.HashData(Encoding.ASCII.GetBytes(message)));
        Secp256k1.Sign(digest, Hex.Decode(key), signature);
        Assert.Equal(r + s, Hex.Encode(signature.AsSpan(0, 64), prefix: false));
        Assert.InRange(signature[64], 0, 1);

        byte[] publicKey = new byte[Secp256k1.PublicKeySize];
        Assert.True(Secp256k1.TryGetPublicKey(Hex.Decode(key), publicKey));
        byte[] recovered = new byte[Secp256k1.PublicKeySize];
        Assert.True(Secp256k1.TryRecoverPublicKey(digest, signature.AsSpan(0, 64), signature[64], recovered));
        Assert.Equal(publicKey, recovered);
    }

    [Fact]
    public void TryRecover_ExampleOfEip155_GivesItsSender()
    {
        Hash256 digest = Hash256.Parse("0xdaf5a779ae972f972197303d7b574746c7ef83eadac0f2791ad23db92e4c8e53");
        byte[] rs = Hex.Decode(
            "28ef61340bd939bc2195fe537567866003e1a15d3c71ff63e1590620aa636276"
            + "67cbe9d8997f761aecb703304b3800ccf555c9f3dc64214b297fb1966a3b6d83");
        Assert.True(Secp256k1.TryRecover(digest, rs, 0, out Address signer));
        Assert.Equal(Address.Parse("0x9d8a62f656a8d1615c1294fd71e9cfb3e4855a4f"), signer);
        Assert.True(Secp256k1.TryRecover(digest, rs, 1, out Address other));
        Assert.NotEqual(signer, other);
    }

    [Fact]
    public void AddressOf_KeyOne_IsKnownAddress()
    {
        byte[] publicKey = new byte[Secp256k1.PublicKeySize];
        Assert.True(Secp256k1.TryGetPublicKey(Hex.Decode(KeyOne), publicKey));
        Assert.Equal(AddressOfKeyOne, Secp256k1.AddressOf(publicKey));
    }

    [Fact]
    public void TryRecover_MirroredHighS_GivesTheSameSigner()
    {
        (Hash256 digest, byte[] signature) = SignWithKeyOne(1);
        UInt256 s = UInt256.FromBigEndian(signature.AsSpan(32, 32));
        Assert.True(Secp256k1.IsLowS(s));
        UInt256 high = Secp256k1.Order - s;
        Assert.False(Secp256k1.IsLowS(high));
        high.WriteBigEndian(signature.AsSpan(32, 32));
        Assert.True(Secp256k1.TryRecover(digest, signature.AsSpan(0, 64), signature[64] ^ 1, out Address signer));
        Assert.Equal(AddressOfKeyOne, signer);
    }

    [Fact]
    public void TryRecover_ValuesOutsideTheGroup_IsFalse()
    {
        (Hash256 digest, byte[] signature) = SignWithKeyOne(2);
        foreach (int half in (int[])[0, 32])
        {
            foreach (UInt256 bad in (UInt256[])[UInt256.Zero, Secp256k1.Order, UInt256.MaxValue])
            {
                byte[] changed = [.. signature];
                bad.WriteBigEndian(changed.AsSpan(half, 32));
                Assert.False(Secp256k1.TryRecover(digest, changed.AsSpan(0, 64), signature[64], out Address signer));
                Assert.True(signer.IsZero);
            }
        }

        // Ids 2 and 3 stand for r + n, which must be below the field's prime.
        foreach (int id in (int[])[2, 3, 4, -1, int.MaxValue, int.MinValue])
            Assert.False(Secp256k1.TryRecover(digest, signature.AsSpan(0, 64), id, out _));
        Assert.False(Secp256k1.TryRecover(digest, signature, 0, out _));
        Assert.False(Secp256k1.TryRecover(digest, signature.AsSpan(0, 63), 0, out _));
    }

    [Fact]
    public void TryRecover_RandomBytes_NeverThrows()
    {
        Random random = new(21);
        byte[] bytes = new byte[96];
        int recovered = 0;
        for (int i = 0; i < 500; i++)
        {
            random.NextBytes(bytes);
            Hash256 digest = Hash256.FromBytes(bytes.AsSpan(64));
            recovered += Secp256k1.TryRecover(digest, bytes.AsSpan(0, 64), random.Next(2), out _) ? 1 : 0;
        }

        // Half of all numbers are the x of a point.
        Assert.InRange(recovered, 150, 350);
    }

    [Fact]
    public void SecretKey_OutsideTheGroup_IsRefused()
    {
        byte[] key = new byte[32];
        byte[] publicKey = new byte[64];
        byte[] signature = new byte[65];
        Assert.False(Secp256k1.TryGetPublicKey(key, publicKey));
        Assert.Throws<ArgumentException>(() => Secp256k1.Sign(Hash256.Zero, key, signature));
        Secp256k1.Order.WriteBigEndian(key);
        Assert.False(Secp256k1.TryGetPublicKey(key, publicKey));
        Assert.Throws<ArgumentException>(() => Secp256k1.Sign(Hash256.Zero, key, signature));
        Assert.False(Secp256k1.TryGetPublicKey(key.AsSpan(1), publicKey));
        Assert.True(Secp256k1.TryGetPublicKey(Hex.Decode(KeyMax), publicKey));
    }

    [Fact]
    public void Spans_OfWrongSize_Throw()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Secp256k1.Sign(default, new byte[31], new byte[65]));
        Assert.Throws<ArgumentOutOfRangeException>(() => Secp256k1.Sign(default, new byte[32], new byte[64]));
        Assert.Throws<ArgumentOutOfRangeException>(() => Secp256k1.TryGetPublicKey(new byte[32], new byte[65]));
        Assert.Throws<ArgumentOutOfRangeException>(() => Secp256k1.AddressOf(new byte[65]));
    }

    [Fact]
    public void HalfOrder_IsHalfTheOrder()
    {
        Assert.Equal(
            "0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141", Secp256k1.Order.ToString());
        Assert.Equal(Secp256k1.Order >> 1, Secp256k1.HalfOrder);
        Assert.True(Secp256k1.IsLowS(Secp256k1.HalfOrder));
        Assert.False(Secp256k1.IsLowS(Secp256k1.HalfOrder + UInt256.One));
    }

    [Fact]
    public void AllMembers_FromSeveralThreads_AgreeWithOne()
    {
        (Hash256 Digest, byte[] Signature)[] expected = [.. Enumerable.Range(0, 200).Select(SignWithKeyOne)];
        Parallel.For(0, expected.Length, i =>
        {
            (Hash256 digest, byte[] signature) = SignWithKeyOne(i);
            Assert.Equal(expected[i].Signature, signature);
            Assert.True(Secp256k1.TryRecover(digest, signature.AsSpan(0, 64), signature[64], out Address signer));
            Assert.Equal(AddressOfKeyOne, signer);
        });
    }

    [Fact]
    public void TryRecover_Steady_AllocatesNothing()
    {
        (Hash256 digest, byte[] signature) = SignWithKeyOne(0);
        AllocationGate gate = new();
        while (gate.NextRun())
            _ = Secp256k1.TryRecover(digest, signature.AsSpan(0, 64), signature[64], out _);
        Assert.Equal(0, gate.LeastBytes);
    }

    private static (Hash256 Digest, byte[] Signature) SignWithKeyOne(int message)
    {
        byte[] signature = new byte[Secp256k1.SignatureSize];
        Hash256 digest = Keccak256.Hash(BitConverter.GetBytes(message));
        Secp256k1.Sign(digest, Hex.Decode(KeyOne), signature);
        return (digest, signature);
    }
}
