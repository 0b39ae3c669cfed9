using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Fragcast.Primitives;

namespace Fragcast.Execution.Blocks;

/// <summary>A bloom filter over the addresses and topics of logs: 2,048 bits (Yellow Paper, 4.3.1).</summary>
[InlineArray(Size)]
public struct Bloom
{
    /// <summary>The size in bytes.</summary>
    public const int Size = 256;

    private byte _first;

    /// <summary>The 256 bytes in place; the span lives as long as this variable.</summary>
    [UnscopedRef]
    public readonly ReadOnlySpan<byte> Bytes => this;

    /// <summary>Adds an address or a topic: three bits, of the first three pairs of bytes of its hash.</summary>
    public void Add(ReadOnlySpan<byte> entry)
    {
        Span<byte> hash = stackalloc byte[Hash256.Size];
        Keccak256.Hash(entry, hash);
        for (int pair = 0; pair < 6; pair += 2)
        {
            int bit = (hash[pair] << 8 | hash[pair + 1]) & 2047;
            this[Size - 1 - (bit >> 3)] |= (byte)(1 << (bit & 7));
        }
    }

    /// <summary>The filter of a transaction's logs.</summary>
    internal static Bloom Of(Log[] logs)
    {
        Bloom bloom = default;
        foreach (Log log in logs)
        {
            bloom.Add(log.Address.Bytes);
            foreach (ref readonly Hash256 topic in log.Topics.AsSpan()) bloom.Add(topic.Bytes);
        }

        return bloom;
    }

    /// <summary>Adds all that another filter holds.</summary>
    public void Add(in Bloom other)
    {
        Span<ulong> words = MemoryMarshal.Cast<byte, ulong>((Span<byte>)this);
        ReadOnlySpan<ulong> added = MemoryMarshal.Cast<byte, ulong>((ReadOnlySpan<byte>)other);
        for (int i = 0; i < words.Length; i++) words[i] |= added[i];
    }
}
