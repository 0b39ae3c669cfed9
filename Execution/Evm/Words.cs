using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Fragcast.Primitives;

namespace Fragcast.Execution.Evm;

/// <summary>
/// Moves words between the stack (little-endian limbs) and bytes (big-endian). Stack words are moved limb by limb: a
/// vector load of limbs that were just stored one by one would wait until they reach the cache.
/// </summary>
internal static unsafe class Words
{
    /// <summary>Reads 32 big-endian bytes into a stack word.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Load(byte* source, UInt256* word)
    {
        var from = (ulong*)source;
        var to = (ulong*)word;
        var (a, b, c, d) = (from[0], from[1], from[2], from[3]);
        to[0] = BinaryPrimitives.ReverseEndianness(d);
        to[1] = BinaryPrimitives.ReverseEndianness(c);
        to[2] = BinaryPrimitives.ReverseEndianness(b);
        to[3] = BinaryPrimitives.ReverseEndianness(a);
    }

    /// <summary>Writes a stack word as 32 big-endian bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(UInt256* word, byte* destination)
    {
        var from = (ulong*)word;
        var to = (ulong*)destination;
        to[0] = BinaryPrimitives.ReverseEndianness(from[3]);
        to[1] = BinaryPrimitives.ReverseEndianness(from[2]);
        to[2] = BinaryPrimitives.ReverseEndianness(from[1]);
        to[3] = BinaryPrimitives.ReverseEndianness(from[0]);
    }

    /// <summary>Copies a stack word.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Copy(UInt256* source, UInt256* destination)
    {
        var from = (ulong*)source;
        var to = (ulong*)destination;
        to[0] = from[0];
        to[1] = from[1];
        to[2] = from[2];
        to[3] = from[3];
    }

    /// <summary>Exchanges two stack words.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Swap(UInt256* left, UInt256* right)
    {
        var a = (ulong*)left;
        var b = (ulong*)right;
        (a[0], b[0]) = (b[0], a[0]);
        (a[1], b[1]) = (b[1], a[1]);
        (a[2], b[2]) = (b[2], a[2]);
        (a[3], b[3]) = (b[3], a[3]);
    }

    /// <summary>Sets a word to a 64-bit value.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Set(UInt256* word, ulong value)
    {
        var to = (ulong*)word;
        to[0] = value;
        to[1] = 0;
        to[2] = 0;
        to[3] = 0;
    }

    /// <summary>Bitwise and of a word and the one above it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void And(UInt256* word)
    {
        var to = (ulong*)word;
        to[0] &= to[4];
        to[1] &= to[5];
        to[2] &= to[6];
        to[3] &= to[7];
    }

    /// <summary>Bitwise or of a word and the one above it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Or(UInt256* word)
    {
        var to = (ulong*)word;
        to[0] |= to[4];
        to[1] |= to[5];
        to[2] |= to[6];
        to[3] |= to[7];
    }

    /// <summary>Exclusive or of a word and the one above it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Xor(UInt256* word)
    {
        var to = (ulong*)word;
        to[0] ^= to[4];
        to[1] ^= to[5];
        to[2] ^= to[6];
        to[3] ^= to[7];
    }

    /// <summary>Inverts a word.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Not(UInt256* word)
    {
        var to = (ulong*)word;
        to[0] = ~to[0];
        to[1] = ~to[1];
        to[2] = ~to[2];
        to[3] = ~to[3];
    }

    /// <summary>
    /// Reads the immediate of a PUSH with 1 to 8 bytes: the code's padding makes eight bytes readable after any opcode.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong ShortImmediate(byte* opcode, int length) =>
        BinaryPrimitives.ReverseEndianness(*(ulong*)(opcode + 1)) >> (64 - (8 * length));

    /// <summary>
    /// Reads the immediate of a PUSH with 9 to 32 bytes: the 32 bytes that end with it (the code is padded in front),
    /// of which the leading ones are masked off.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void LoadImmediate(byte* opcode, int length, UInt256* word)
    {
        var bytes = Vector256.Load(opcode + 1 + length - 32);
        var reversed = Vector256.Shuffle(bytes, Vector256.Create(
            (byte)31, 30, 29, 28, 27, 26, 25, 24, 23, 22, 21, 20, 19, 18, 17, 16,
            15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0));
        var within = Vector256.LessThan(Vector256<byte>.Indices, Vector256.Create((byte)length));
        (reversed & within).Store((byte*)word);
    }
}
