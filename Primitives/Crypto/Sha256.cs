using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;

namespace Fragcast.Primitives.Crypto;

/// <summary>
/// SHA-256 of short messages, the pairs and the leaves of a Merkle tree, by the system's OpenSSL (FIPS 180-4). Where
/// that is not installed, .NET's <see cref="SHA256"/> does it at several times the cost: it sets up a context for every
/// message. For messages of more than 2 KiB .NET's is the one to use. All members are thread-safe and allocate nothing.
/// </summary>
public static class Sha256
{
    /// <summary>The size of a message in bytes.</summary>
    public const int PairSize = 2 * DigestSize;

    /// <summary>The size of a digest in bytes.</summary>
    public const int DigestSize = 32;

    /// <summary>The longest message of <see cref="HashBlock"/>: with its padding it fills a block.</summary>
    public const int BlockMessageMax = 55;

    /// <summary>The longest message of <see cref="Hash"/>: a call out of managed code that holds nobody up.</summary>
    public const int ShortMessageMax = 2048;

    private static readonly Sha256Native? Native = Sha256Native.TryLoad("libcrypto.so.3", "libcrypto.so.1.1");

    /// <summary>Whether the functions of OpenSSL are in use.</summary>
    internal static bool IsNative => Native is not null;

    /// <summary>Hashes two halves of a message.</summary>
    /// <param name="left">32 bytes.</param>
    /// <param name="right">32 bytes.</param>
    /// <param name="digest">Takes 32 bytes; may be the memory of a half.</param>
    [SkipLocalsInit]
    public static void HashPair(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right, Span<byte> digest)
    {
        Span<byte> pair = stackalloc byte[PairSize];
        left[..DigestSize].CopyTo(pair);
        right[..DigestSize].CopyTo(pair[DigestSize..]);
        HashPairs(pair, digest);
    }

    /// <summary>Hashes every 64 bytes of <paramref name="pairs"/> to 32 bytes of <paramref name="digests"/>.</summary>
    /// <param name="pairs">A multiple of 64 bytes.</param>
    /// <param name="digests">At least half as long; may be the same memory, starting at the same place.</param>
    public static void HashPairs(ReadOnlySpan<byte> pairs, Span<byte> digests)
    {
        Debug.Assert(pairs.Length % PairSize == 0, "The messages are 64 bytes each.");
        if (Native is { } native)
        {
            native.HashPairs(pairs, digests);
        }
        else
        {
            HashPairsPortably(pairs, digests);
        }
    }

    /// <summary>Hashes a message of one block.</summary>
    /// <param name="message">At most <see cref="BlockMessageMax"/> bytes.</param>
    /// <param name="digest">Takes 32 bytes; may be the memory of the message.</param>
    public static void HashBlock(ReadOnlySpan<byte> message, Span<byte> digest)
    {
        Debug.Assert(message.Length <= BlockMessageMax, "The message fits a block.");
        if (Native is { } native)
        {
            native.HashBlock(message, digest);
        }
        else
        {
            SHA256.HashData(message, digest);
        }
    }

    /// <summary>Hashes a message in two parts.</summary>
    /// <param name="first">How it begins.</param>
    /// <param name="rest">What follows; both at most <see cref="ShortMessageMax"/> bytes.</param>
    /// <param name="digest">Takes 32 bytes.</param>
    public static void Hash(ReadOnlySpan<byte> first, ReadOnlySpan<byte> rest, Span<byte> digest)
    {
        Debug.Assert(first.Length + rest.Length <= ShortMessageMax, "The message is short.");
        if (Native is { } native)
        {
            native.Hash(first, rest, digest);
        }
        else
        {
            HashPortably(first, rest, digest);
        }
    }

    /// <summary>The way of systems without OpenSSL.</summary>
    [SkipLocalsInit]
    internal static void HashPortably(ReadOnlySpan<byte> first, ReadOnlySpan<byte> rest, Span<byte> digest)
    {
        Span<byte> message = stackalloc byte[ShortMessageMax];
        first.CopyTo(message);
        rest.CopyTo(message[first.Length..]);
        SHA256.HashData(message[..(first.Length + rest.Length)], digest);
    }

    /// <summary>The way of systems without OpenSSL.</summary>
    internal static void HashPairsPortably(ReadOnlySpan<byte> pairs, Span<byte> digests)
    {
        for (var at = 0; at < pairs.Length; at += PairSize)
        {
            SHA256.HashData(pairs.Slice(at, PairSize), digests.Slice(at / 2, DigestSize));
        }
    }
}
