using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Fragcast.Primitives;

/// <summary>
/// keccak-f[1600] on eight states side by side: lane (x, y) of all eight in one 512-bit register. No lane ever crosses
/// to another, so that a round has no shuffles, unlike <see cref="KeccakAvx512"/>, which has one state to work on.
/// </summary>
internal static class KeccakLanes
{
    /// <summary>States side by side.</summary>
    public const int Width = 8;

    private const int WordsPerBlock = KeccakState.Rate / sizeof(ulong);

    /// <summary>Whether this processor has the instructions, and runs them at full speed.</summary>
    public static bool IsSupported => KeccakAvx512.IsSupported;

    /// <summary>
    /// The digests of eight padded messages. Finished states run on until the longest message is through, so that
    /// messages of like length belong together.
    /// </summary>
    /// <param name="first">First byte of the first message.</param>
    /// <param name="stride">Bytes from a message to the next, at least those of the longest.</param>
    /// <param name="blocks">Blocks of <see cref="KeccakState.Rate"/> bytes of each of the eight, at least 1.</param>
    /// <param name="digests">Where the eight digests go.</param>
    [SkipLocalsInit]
    public static void Hash(ref byte first, int stride, ReadOnlySpan<byte> blocks, Span<Hash256> digests)
    {
        Debug.Assert(blocks.Length == Width && digests.Length >= Width, "Eight messages, eight digests.");
        Span<Vector512<ulong>> state = stackalloc Vector512<ulong>[25];
        state.Clear();
        int most = 1;
        foreach (byte count in blocks) most = Math.Max(most, count);
        for (int block = 0; block < most; block++)
        {
            Absorb(ref MemoryMarshal.GetReference(state), ref Unsafe.Add(ref first, block * KeccakState.Rate), stride);
            Permute(ref MemoryMarshal.GetReference(state));
            ref ulong words = ref Unsafe.As<Vector512<ulong>, ulong>(ref MemoryMarshal.GetReference(state));
            for (int lane = 0; lane < Width; lane++)
            {
                if (blocks[lane] != block + 1) continue;
                digests[lane] = Unsafe.BitCast<Vector256<ulong>, Hash256>(Vector256.Create(
                    Unsafe.Add(ref words, lane),
                    Unsafe.Add(ref words, Width + lane),
                    Unsafe.Add(ref words, 2 * Width + lane),
                    Unsafe.Add(ref words, 3 * Width + lane)));
            }
        }
    }

    /// <summary>Adds a block of each message: two turned squares of eight words, and the seventeenth.</summary>
    private static void Absorb(ref Vector512<ulong> s, ref byte block, int stride)
    {
        AbsorbSquare(ref s, ref block, stride);
        AbsorbSquare(ref Unsafe.Add(ref s, Width), ref Unsafe.Add(ref block, Width * sizeof(ulong)), stride);
        ref byte last = ref Unsafe.Add(ref block, (WordsPerBlock - 1) * sizeof(ulong));
        Unsafe.Add(ref s, WordsPerBlock - 1) ^= Vector512.Create(
            Word(ref last, 0), Word(ref last, stride), Word(ref last, 2 * stride), Word(ref last, 3 * stride),
            Word(ref last, 4 * stride), Word(ref last, 5 * stride), Word(ref last, 6 * stride),
            Word(ref last, 7 * stride));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Word(ref byte start, int offset) =>
        Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref start, offset));

    /// <summary>Reads eight words of each of eight messages and adds them turned: by word, not by message.</summary>
    private static void AbsorbSquare(ref Vector512<ulong> s, ref byte start, int stride)
    {
        Vector512<ulong> r0 = Row(ref start, 0), r1 = Row(ref start, stride);
        Vector512<ulong> r2 = Row(ref start, 2 * stride), r3 = Row(ref start, 3 * stride);
        Vector512<ulong> r4 = Row(ref start, 4 * stride), r5 = Row(ref start, 5 * stride);
        Vector512<ulong> r6 = Row(ref start, 6 * stride), r7 = Row(ref start, 7 * stride);

        // Pairs of neighbouring messages, even words and odd ones.
        Vector512<ulong> e01 = Avx512F.UnpackLow(r0, r1), o01 = Avx512F.UnpackHigh(r0, r1);
        Vector512<ulong> e23 = Avx512F.UnpackLow(r2, r3), o23 = Avx512F.UnpackHigh(r2, r3);
        Vector512<ulong> e45 = Avx512F.UnpackLow(r4, r5), o45 = Avx512F.UnpackHigh(r4, r5);
        Vector512<ulong> e67 = Avx512F.UnpackLow(r6, r7), o67 = Avx512F.UnpackHigh(r6, r7);
        AddWords(ref s, e01, e23, e45, e67);
        AddWords(ref Unsafe.Add(ref s, 1), o01, o23, o45, o67);
    }

    /// <summary>Adds words 0, 2, 4 and 6, counted from the first register.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddWords(
        ref Vector512<ulong> s,
        Vector512<ulong> p01,
        Vector512<ulong> p23,
        Vector512<ulong> p45,
        Vector512<ulong> p67)
    {
        // Quarters of 128 bits: of the first pair of inputs words 0 and 4, or 2 and 6; then those of all four inputs.
        Vector512<ulong> a04 = Avx512F.Shuffle4x128(p01, p23, 0b10_00_10_00);
        Vector512<ulong> a26 = Avx512F.Shuffle4x128(p01, p23, 0b11_01_11_01);
        Vector512<ulong> b04 = Avx512F.Shuffle4x128(p45, p67, 0b10_00_10_00);
        Vector512<ulong> b26 = Avx512F.Shuffle4x128(p45, p67, 0b11_01_11_01);
        s ^= Avx512F.Shuffle4x128(a04, b04, 0b10_00_10_00);
        Unsafe.Add(ref s, 2) ^= Avx512F.Shuffle4x128(a26, b26, 0b10_00_10_00);
        Unsafe.Add(ref s, 4) ^= Avx512F.Shuffle4x128(a04, b04, 0b11_01_11_01);
        Unsafe.Add(ref s, 6) ^= Avx512F.Shuffle4x128(a26, b26, 0b11_01_11_01);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<ulong> Row(ref byte start, int offset) =>
        Unsafe.ReadUnaligned<Vector512<ulong>>(ref Unsafe.Add(ref start, offset));

    /// <summary>Applies the 24 rounds.</summary>
    // Long because the 25 lanes are variables of their own: indexed, they would live in memory.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    [SkipLocalsInit]
    private static void Permute(ref Vector512<ulong> s)
    {
        Vector512<ulong> a0 = Unsafe.Add(ref s, 0), a1 = Unsafe.Add(ref s, 1), a2 = Unsafe.Add(ref s, 2),
            a3 = Unsafe.Add(ref s, 3), a4 = Unsafe.Add(ref s, 4);
        Vector512<ulong> a5 = Unsafe.Add(ref s, 5), a6 = Unsafe.Add(ref s, 6), a7 = Unsafe.Add(ref s, 7),
            a8 = Unsafe.Add(ref s, 8), a9 = Unsafe.Add(ref s, 9);
        Vector512<ulong> a10 = Unsafe.Add(ref s, 10), a11 = Unsafe.Add(ref s, 11), a12 = Unsafe.Add(ref s, 12),
            a13 = Unsafe.Add(ref s, 13), a14 = Unsafe.Add(ref s, 14);
        Vector512<ulong> a15 = Unsafe.Add(ref s, 15), a16 = Unsafe.Add(ref s, 16), a17 = Unsafe.Add(ref s, 17),
            a18 = Unsafe.Add(ref s, 18), a19 = Unsafe.Add(ref s, 19);
        Vector512<ulong> a20 = Unsafe.Add(ref s, 20), a21 = Unsafe.Add(ref s, 21), a22 = Unsafe.Add(ref s, 22),
            a23 = Unsafe.Add(ref s, 23), a24 = Unsafe.Add(ref s, 24);
        foreach (ulong roundConstant in KeccakState.RoundConstants)
        {
            Vector512<ulong> c0 = Xor3(Xor3(a0, a5, a10), a15, a20);
            Vector512<ulong> c1 = Xor3(Xor3(a1, a6, a11), a16, a21);
            Vector512<ulong> c2 = Xor3(Xor3(a2, a7, a12), a17, a22);
            Vector512<ulong> c3 = Xor3(Xor3(a3, a8, a13), a18, a23);
            Vector512<ulong> c4 = Xor3(Xor3(a4, a9, a14), a19, a24);
            Vector512<ulong> d0 = c4 ^ Avx512F.RotateLeft(c1, 1);
            Vector512<ulong> d1 = c0 ^ Avx512F.RotateLeft(c2, 1);
            Vector512<ulong> d2 = c1 ^ Avx512F.RotateLeft(c3, 1);
            Vector512<ulong> d3 = c2 ^ Avx512F.RotateLeft(c4, 1);
            Vector512<ulong> d4 = c3 ^ Avx512F.RotateLeft(c0, 1);

            Vector512<ulong> b0 = a0 ^ d0;
            Vector512<ulong> b1 = Avx512F.RotateLeft(a6 ^ d1, 44);
            Vector512<ulong> b2 = Avx512F.RotateLeft(a12 ^ d2, 43);
            Vector512<ulong> b3 = Avx512F.RotateLeft(a18 ^ d3, 21);
            Vector512<ulong> b4 = Avx512F.RotateLeft(a24 ^ d4, 14);
            Vector512<ulong> b5 = Avx512F.RotateLeft(a3 ^ d3, 28);
            Vector512<ulong> b6 = Avx512F.RotateLeft(a9 ^ d4, 20);
            Vector512<ulong> b7 = Avx512F.RotateLeft(a10 ^ d0, 3);
            Vector512<ulong> b8 = Avx512F.RotateLeft(a16 ^ d1, 45);
            Vector512<ulong> b9 = Avx512F.RotateLeft(a22 ^ d2, 61);
            Vector512<ulong> b10 = Avx512F.RotateLeft(a1 ^ d1, 1);
            Vector512<ulong> b11 = Avx512F.RotateLeft(a7 ^ d2, 6);
            Vector512<ulong> b12 = Avx512F.RotateLeft(a13 ^ d3, 25);
            Vector512<ulong> b13 = Avx512F.RotateLeft(a19 ^ d4, 8);
            Vector512<ulong> b14 = Avx512F.RotateLeft(a20 ^ d0, 18);
            Vector512<ulong> b15 = Avx512F.RotateLeft(a4 ^ d4, 27);
            Vector512<ulong> b16 = Avx512F.RotateLeft(a5 ^ d0, 36);
            Vector512<ulong> b17 = Avx512F.RotateLeft(a11 ^ d1, 10);
            Vector512<ulong> b18 = Avx512F.RotateLeft(a17 ^ d2, 15);
            Vector512<ulong> b19 = Avx512F.RotateLeft(a23 ^ d3, 56);
            Vector512<ulong> b20 = Avx512F.RotateLeft(a2 ^ d2, 62);
            Vector512<ulong> b21 = Avx512F.RotateLeft(a8 ^ d3, 55);
            Vector512<ulong> b22 = Avx512F.RotateLeft(a14 ^ d4, 39);
            Vector512<ulong> b23 = Avx512F.RotateLeft(a15 ^ d0, 41);
            Vector512<ulong> b24 = Avx512F.RotateLeft(a21 ^ d1, 2);

            a0 = Chi(b0, b1, b2) ^ Vector512.Create(roundConstant);
            a1 = Chi(b1, b2, b3);
            a2 = Chi(b2, b3, b4);
            a3 = Chi(b3, b4, b0);
            a4 = Chi(b4, b0, b1);
            a5 = Chi(b5, b6, b7);
            a6 = Chi(b6, b7, b8);
            a7 = Chi(b7, b8, b9);
            a8 = Chi(b8, b9, b5);
            a9 = Chi(b9, b5, b6);
            a10 = Chi(b10, b11, b12);
            a11 = Chi(b11, b12, b13);
            a12 = Chi(b12, b13, b14);
            a13 = Chi(b13, b14, b10);
            a14 = Chi(b14, b10, b11);
            a15 = Chi(b15, b16, b17);
            a16 = Chi(b16, b17, b18);
            a17 = Chi(b17, b18, b19);
            a18 = Chi(b18, b19, b15);
            a19 = Chi(b19, b15, b16);
            a20 = Chi(b20, b21, b22);
            a21 = Chi(b21, b22, b23);
            a22 = Chi(b22, b23, b24);
            a23 = Chi(b23, b24, b20);
            a24 = Chi(b24, b20, b21);
        }

        Unsafe.Add(ref s, 0) = a0;
        Unsafe.Add(ref s, 1) = a1;
        Unsafe.Add(ref s, 2) = a2;
        Unsafe.Add(ref s, 3) = a3;
        Unsafe.Add(ref s, 4) = a4;
        Unsafe.Add(ref s, 5) = a5;
        Unsafe.Add(ref s, 6) = a6;
        Unsafe.Add(ref s, 7) = a7;
        Unsafe.Add(ref s, 8) = a8;
        Unsafe.Add(ref s, 9) = a9;
        Unsafe.Add(ref s, 10) = a10;
        Unsafe.Add(ref s, 11) = a11;
        Unsafe.Add(ref s, 12) = a12;
        Unsafe.Add(ref s, 13) = a13;
        Unsafe.Add(ref s, 14) = a14;
        Unsafe.Add(ref s, 15) = a15;
        Unsafe.Add(ref s, 16) = a16;
        Unsafe.Add(ref s, 17) = a17;
        Unsafe.Add(ref s, 18) = a18;
        Unsafe.Add(ref s, 19) = a19;
        Unsafe.Add(ref s, 20) = a20;
        Unsafe.Add(ref s, 21) = a21;
        Unsafe.Add(ref s, 22) = a22;
        Unsafe.Add(ref s, 23) = a23;
        Unsafe.Add(ref s, 24) = a24;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<ulong> Xor3(Vector512<ulong> a, Vector512<ulong> b, Vector512<ulong> c) =>
        Avx512F.TernaryLogic(a, b, c, 0x96);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<ulong> Chi(Vector512<ulong> a, Vector512<ulong> b, Vector512<ulong> c) =>
        Avx512F.TernaryLogic(a, b, c, 0xD2);
}
