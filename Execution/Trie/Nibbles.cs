using System.Buffers.Binary;
using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Fragcast.Execution.Trie;

/// <summary>
/// A path from the root of a trie, at most 64 nibbles, packed two to a byte (the first in the high half) and padded
/// with zeros. Leaves and extensions keep their whole path from the root: moving one up or down the trie changes
/// nothing in it, and only the depth at which it stands decides what part of it is encoded.
/// </summary>
internal struct Nibbles
{
    /// <summary>Length of a path that is a whole hashed key.</summary>
    public const int MaxLength = 64;

    /// <summary>Bytes of the longest path in hex-prefix form.</summary>
    public const int MaxHexPrefixLength = MaxLength / 2 + 1;

    private PackedBytes _packed;
    private byte _length;

    [InlineArray(MaxLength / 2)]
    private struct PackedBytes
    {
        private byte _first;
    }

    /// <summary>The path of a whole key of at most 32 bytes.</summary>
    public Nibbles(ReadOnlySpan<byte> key)
    {
        Debug.Assert(key.Length <= MaxLength / 2, "A trie key has at most 32 bytes.");
        key.CopyTo(_packed);
        _length = (byte)(key.Length * 2);
    }

    /// <summary>The number of nibbles.</summary>
    public readonly int Length => _length;

    /// <summary>The first sixteen nibbles as a number, zeros where the path is shorter.</summary>
    public readonly ulong First64Bits => BinaryPrimitives.ReadUInt64BigEndian(_packed);

    /// <summary>The nibble at a position below <see cref="Length"/>.</summary>
    public readonly int this[int index]
    {
        get
        {
            Debug.Assert(index < _length, "A nibble lies within its path.");
            byte pair = _packed[index >> 1];
            return (index & 1) == 0 ? pair >> 4 : pair & 15;
        }
    }

    /// <summary>The first <paramref name="length"/> nibbles.</summary>
    public readonly Nibbles Prefix(int length)
    {
        Debug.Assert(length <= _length, "A prefix is no longer than its path.");
        Nibbles prefix = default;
        prefix._length = (byte)length;
        int bytes = (length + 1) >> 1;
        ((ReadOnlySpan<byte>)_packed)[..bytes].CopyTo(prefix._packed);
        if ((length & 1) != 0) prefix._packed[bytes - 1] &= 0xf0;
        return prefix;
    }

    /// <summary>Appends a nibble; there must be room.</summary>
    public void Append(int nibble)
    {
        Debug.Assert(_length < MaxLength, "A path has at most 64 nibbles.");
        _packed[_length >> 1] |= (byte)((_length & 1) == 0 ? nibble << 4 : nibble);
        _length++;
    }

    /// <summary>
    /// The length of the common prefix, at least <paramref name="from"/>, up to which both are known to agree.
    /// </summary>
    public static int CommonPrefix(in Nibbles a, in Nibbles b, int from)
    {
        int end = Math.Min(a._length, b._length);
        int index = from & ~1;
        int bytes = ((ReadOnlySpan<byte>)a._packed)[(index >> 1)..]
            .CommonPrefixLength(((ReadOnlySpan<byte>)b._packed)[(index >> 1)..]);
        index += bytes * 2;
        if (index < end && a[index] == b[index]) index++;
        return Math.Min(index, end);
    }

    /// <summary>
    /// Whether this path begins with <paramref name="prefix"/>; the first <paramref name="from"/> nibbles do.
    /// </summary>
    public readonly bool StartsWith(in Nibbles prefix, int from) => CommonPrefix(this, prefix, from) == prefix._length;

    /// <summary>Order of the keys: by nibbles, a prefix before what it begins.</summary>
    public static int Compare(in Nibbles a, in Nibbles b)
    {
        int order = ((ReadOnlySpan<byte>)a._packed).SequenceCompareTo(b._packed);
        return order != 0 ? order : a._length - b._length;
    }

    /// <summary>
    /// Writes the nibbles from <paramref name="start"/> in hex-prefix form (Yellow Paper, appendix C).
    /// </summary>
    /// <returns>The bytes written: one more than half the nibbles, rounded down.</returns>
    public readonly int EncodeHexPrefix(int start, bool isLeaf, Span<byte> destination)
    {
        int count = _length - start;
        int flag = isLeaf ? 0x20 : 0;
        if ((count & 1) != 0) flag |= 0x10 | this[start++];
        destination[0] = (byte)flag;
        int bytes = count >> 1;
        if ((start & 1) == 0)
        {
            ((ReadOnlySpan<byte>)_packed).Slice(start >> 1, bytes).CopyTo(destination[1..]);
            return bytes + 1;
        }

        for (int i = 1; i <= bytes; i++, start += 2)
            destination[i] = (byte)((this[start] << 4) | this[start + 1]);
        return bytes + 1;
    }

    /// <summary>Appends a path in hex-prefix form.</summary>
    /// <returns>False when the form is broken or the path would be longer than 64 nibbles.</returns>
    public bool TryAppendHexPrefix(ReadOnlySpan<byte> encoded, out bool isLeaf)
    {
        isLeaf = false;
        if (encoded.IsEmpty || encoded[0] >= 0x40) return false;
        isLeaf = (encoded[0] & 0x20) != 0;
        bool isOdd = (encoded[0] & 0x10) != 0;
        if (!isOdd && (encoded[0] & 15) != 0) return false;
        if (_length + (encoded.Length - 1) * 2 + (isOdd ? 1 : 0) > MaxLength) return false;
        if (isOdd) Append(encoded[0] & 15);
        foreach (byte pair in encoded[1..])
        {
            Append(pair >> 4);
            Append(pair & 15);
        }

        return true;
    }
}
