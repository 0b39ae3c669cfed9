using System.Numerics;
using System.Runtime.CompilerServices;

namespace Fragcast.Gossip.Broadcast;

/// <summary>A set of chunk indices, 0 to 255; a value of 32 bytes.</summary>
public struct ChunkSet : IEquatable<ChunkSet>
{
    private Words _words;

    /// <summary>How many indices are in the set.</summary>
    public readonly int Count =>
        BitOperations.PopCount(_words[0]) + BitOperations.PopCount(_words[1])
        + BitOperations.PopCount(_words[2]) + BitOperations.PopCount(_words[3]);

    /// <summary>Whether the set is empty.</summary>
    public readonly bool IsEmpty => (_words[0] | _words[1] | _words[2] | _words[3]) == 0;

    /// <summary>One of the four words, for the wire: index i is bit i mod 64 of word i / 64.</summary>
    public ulong this[int word]
    {
        readonly get => _words[word];
        set => _words[word] = value;
    }

    /// <summary>Compares.</summary>
    public static bool operator ==(in ChunkSet left, in ChunkSet right) => left.Equals(right);

    /// <summary>Compares.</summary>
    public static bool operator !=(in ChunkSet left, in ChunkSet right) => !left.Equals(right);

    /// <summary>Whether an index is in the set.</summary>
    public readonly bool Contains(byte index) => (_words[index >> 6] >> (index & 63) & 1) != 0;

    /// <summary>Puts an index in; false if it was in.</summary>
    public bool Add(byte index)
    {
        ref ulong word = ref _words[index >> 6];
        ulong bit = 1UL << (index & 63);
        bool isNew = (word & bit) == 0;
        word |= bit;
        return isNew;
    }

    /// <summary>Takes an index out.</summary>
    public void Remove(byte index) => _words[index >> 6] &= ~(1UL << (index & 63));

    /// <inheritdoc/>
    public readonly bool Equals(ChunkSet other) =>
        _words[0] == other._words[0] && _words[1] == other._words[1]
        && _words[2] == other._words[2] && _words[3] == other._words[3];

    /// <inheritdoc/>
    public override readonly bool Equals(object? obj) => obj is ChunkSet other && Equals(other);

    /// <inheritdoc/>
    public override readonly int GetHashCode() => HashCode.Combine(_words[0], _words[1], _words[2], _words[3]);

    [InlineArray(4)]
    private struct Words
    {
        private ulong _first;
    }
}
