using System.Security.Cryptography;
using Fragcast.Execution.Precompiles;
using Fragcast.Primitives;

namespace Fragcast.Execution.Tests.Precompiles;

public sealed class P256VerifyTests
{
    private static readonly UInt256 FieldOrder =
        UInt256.Parse("0xffffffff00000001000000000000000000000000ffffffffffffffffffffffff");

    private static readonly UInt256 GroupOrder =
        UInt256.Parse("0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");

    [Fact]
    public void Verify_OfASignature_HoldsForItsDigestAndKeyOnly()
    {
        for (var i = 0; i < 20; i++)
        {
            var (digest, r, s, x, y) = Sign(i);
            Assert.True(P256.Verify(digest, r, s, x, y));
            digest[i] ^= 1;
            Assert.False(P256.Verify(digest, r, s, x, y));
            digest[i] ^= 1;
            y[31] ^= 1;
            Assert.False(P256.Verify(digest, r, s, x, y));
        }
    }

    [Fact]
    public void Verify_OfNumbersOutOfRange_Fails()
    {
        var (digest, r, s, x, y) = Sign(0);
        var zero = new byte[32];
        Assert.False(P256.Verify(digest, zero, s, x, y));
        Assert.False(P256.Verify(digest, r, zero, x, y));
        Assert.False(P256.Verify(digest, Bytes(GroupOrder), s, x, y));
        Assert.False(P256.Verify(digest, r, Bytes(GroupOrder), x, y));
        Assert.False(P256.Verify(digest, r, s, zero, zero));
        Assert.False(P256.Verify(digest, r, s, Bytes(FieldOrder), y));
    }

    // (5, y) is a point of the curve; (p + 5, y) would be the same one if it were reduced.
    [Fact]
    public void Verify_OfACoordinateAboveTheFieldsOrder_Fails()
    {
        var x = Bytes(FieldOrder + 5);
        var y = Bytes(UInt256.Parse("0x459243b9aa581806fe913bce99817ade11ca503c64d9a3c533415c083248fbcc"));

        // With digest 0 and r = s the sum is the key itself, whose x is r.
        Assert.False(P256.Verify(new byte[32], Bytes(5), Bytes(5), x, y));
        Assert.True(P256.Verify(new byte[32], Bytes(5), Bytes(5), Bytes(5), y));
    }

    private static (byte[] Digest, byte[] R, byte[] S, byte[] X, byte[] Y) Sign(int seed)
    {
        var d = Keccak256.Hash([(byte)seed]).Bytes.ToArray();
        using var key = ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, D = d });
        var digest = Keccak256.Hash([(byte)seed, 1]).Bytes.ToArray();
        var q = key.ExportParameters(false).Q;
        var signature = key.SignHash(digest).Chunk(32).ToArray();
        return (digest, signature[0], signature[1], q.X!, q.Y!);
    }

    private static byte[] Bytes(UInt256 value) => Hash256.FromUInt256(value).Bytes.ToArray();
}
