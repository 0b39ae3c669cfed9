using System.Security.Cryptography;
using Fragcast.Primitives.Ssz;

namespace Fragcast.Primitives.Tests.Ssz;

public class Sha256PairsTests
{
    [Fact]
    public void Hash_AnyCount_EqualsTheLibrary()
    {
        for (var count = 0; count <= 40; count++)
        {
            var pairs = new byte[count * 64];
            new Random(count).NextBytes(pairs);
            var expected = pairs.Chunk(64).SelectMany(SHA256.HashData).ToArray();
            var digests = new byte[(count * 32) + 1];
            digests[^1] = 0xEE;

            Sha256Pairs.Hash(pairs, digests);
            Assert.Equal([.. expected, 0xEE], digests);

            Sha256Pairs.HashOneByOne(pairs, digests);
            Assert.Equal([.. expected, 0xEE], digests);
        }
    }

    [Fact]
    public void Hash_IntoTheSameMemory_EqualsTheLibrary()
    {
        for (var count = 1; count <= 40; count++)
        {
            var pairs = new byte[count * 64];
            new Random(count).NextBytes(pairs);
            var expected = pairs.Chunk(64).SelectMany(SHA256.HashData).ToArray();

            Sha256Pairs.Hash(pairs, pairs);

            Assert.Equal(expected, pairs[..(count * 32)]);
        }
    }
}
