using System.Security.Cryptography;
using Fragcast.Primitives.Crypto;

namespace Fragcast.Primitives.Tests.Crypto;

public sealed class Sha256Tests
{
    [Fact]
    public void HashPairs_AnyCount_EqualsDotNet()
    {
        for (var count = 0; count <= 40; count++)
        {
            (byte[] pairs, byte[] expected) = Sample(count);
            var digests = new byte[expected.Length + 1];
            digests[^1] = 0xEE;

            Sha256.HashPairs(pairs, digests);
            Assert.Equal([.. expected, 0xEE], digests);

            digests.AsSpan(0, expected.Length).Clear();
            Sha256.HashPairsPortably(pairs, digests);
            Assert.Equal([.. expected, 0xEE], digests);
        }
    }

    [Fact]
    public void HashPairs_IntoTheSameMemory_EqualsDotNet()
    {
        for (var count = 1; count <= 40; count++)
        {
            (byte[] pairs, byte[] expected) = Sample(count);
            byte[] portable = [.. pairs];

            Sha256.HashPairs(pairs, pairs);
            Sha256.HashPairsPortably(portable, portable);

            Assert.Equal(expected, pairs[..expected.Length]);
            Assert.Equal(expected, portable[..expected.Length]);
        }
    }

    [Fact]
    public void HashPairs_NoRoomForTheDigests_Throws() =>
        Assert.Throws<ArgumentOutOfRangeException>(static () => Sha256.HashPairs(new byte[128], new byte[63]));

    [Fact]
    public void HashPair_IntoAHalf_EqualsDotNet()
    {
        (byte[] pair, byte[] expected) = Sample(1);
        byte[] left = pair[..32], right = pair[32..];

        Sha256.HashPair(left, right, left);
        Assert.Equal(expected, left);

        Sha256.HashPair(pair.AsSpan(0, 32), right, right);
        Assert.Equal(expected, right);
    }

    [Fact]
    public void HashPairs_ManyThreads_EqualsDotNet()
    {
        (byte[] pairs, byte[] expected) = Sample(33);
        Parallel.For(0, 64, _ =>
        {
            var digests = new byte[expected.Length];
            Sha256.HashPairs(pairs, digests);
            Assert.Equal(expected, digests);
        });
    }

    [Fact]
    public void HashPairs_Always_AllocatesNothing()
    {
        (byte[] pairs, byte[] expected) = Sample(9);
        var digests = new byte[expected.Length];
        Sha256.HashPairs(pairs, digests);
        AllocationGate gate = new();
        while (gate.NextRun())
        {
            Sha256.HashPairs(pairs, digests);
            Sha256.HashPair(pairs, digests, digests);
        }

        Assert.Equal(0, gate.LeastBytes);
    }

    [Fact]
    public void Hash_EveryLength_EqualsDotNet()
    {
        var message = new byte[Sha256.ShortMessageMax];
        new Random(1).NextBytes(message);
        var digest = new byte[Sha256.DigestSize];
        for (var length = 0; length <= message.Length; length += length < 200 ? 1 : 77)
        {
            byte[] expected = SHA256.HashData(message.AsSpan(0, length));
            int split = length / 3;
            Sha256.Hash(message.AsSpan(0, split), message.AsSpan(split, length - split), digest);
            Assert.Equal(expected, digest);
            Sha256.HashPortably(message.AsSpan(0, split), message.AsSpan(split, length - split), digest);
            Assert.Equal(expected, digest);
        }
    }

    [Fact]
    public void HashBlock_EveryLength_EqualsDotNet()
    {
        var message = new byte[Sha256.BlockMessageMax];
        new Random(2).NextBytes(message);
        var digest = new byte[Sha256.DigestSize];
        for (var length = 0; length <= message.Length; length++)
        {
            Sha256.HashBlock(message.AsSpan(0, length), digest);
            Assert.Equal(SHA256.HashData(message.AsSpan(0, length)), digest);
        }
    }

    private static (byte[] Pairs, byte[] Digests) Sample(int count)
    {
        var pairs = new byte[count * 64];
        new Random(count).NextBytes(pairs);
        return (pairs, pairs.Chunk(64).SelectMany(SHA256.HashData).ToArray());
    }
}
