using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Fragcast.Primitives;

/// <summary>
/// keccak-f[1600] with a plane of five lanes in each of five 512-bit registers; lanes 5 to 7 hold nothing of use. Theta
/// and rho work on rows. A permutation inside each row then lines up what pi brings together, so that chi works across
/// the registers, and leaves the state transposed: register x, lane y. Turning it back ends the round.
/// </summary>
internal static class KeccakAvx512
{
    /// <summary>Whether this processor has the instructions, and runs them at full speed.</summary>
    public static bool IsSupported => Vector512.IsHardwareAccelerated && Avx512BW.IsSupported;

    /// <summary>The digest of <paramref name="data"/>, with the state in registers from the start to the end.</summary>
    [SkipLocalsInit]
    public static unsafe Hash256 Hash(ReadOnlySpan<byte> data)
    {
        Vector512<ulong> a0 = default, a1 = default, a2 = default, a3 = default, a4 = default;
        fixed (byte* start = data)
        {
            byte* block = start;
            int left = data.Length;
            for (; left >= KeccakState.Rate; left -= KeccakState.Rate)
            {
                AddBlock(ref *block, ref a0, ref a1, ref a2, ref a3);
                Permute(ref a0, ref a1, ref a2, ref a3, ref a4);
                block += KeccakState.Rate;
            }

            a0 ^= LoadPadded(block, left);
            a1 ^= LoadPadded(block + (5 * sizeof(ulong)), left - (5 * sizeof(ulong)));
            a2 ^= LoadPadded(block + (10 * sizeof(ulong)), left - (10 * sizeof(ulong)));
            a3 ^= LoadPadded(block + (15 * sizeof(ulong)), left - (15 * sizeof(ulong)));
            a3 ^= Vector512.Create(0, 0x8000000000000000, 0, 0, 0, 0, 0, 0);
        }

        Permute(ref a0, ref a1, ref a2, ref a3, ref a4);
        return Unsafe.BitCast<Vector256<ulong>, Hash256>(a0.GetLower());
    }

    /// <summary>
    /// Absorbs blocks of <see cref="KeccakState.Rate"/> bytes, 24 rounds each.
    /// </summary>
    /// <param name="s"><see cref="KeccakState.LaneCount"/> lanes; those from 25 on are overwritten.</param>
    /// <param name="block">The first byte of the first block.</param>
    /// <param name="count">How many blocks there are.</param>
    [SkipLocalsInit]
    public static void Absorb(ref ulong s, ref byte block, int count)
    {
        Vector512<ulong> a0 = Vector512.LoadUnsafe(ref s);
        Vector512<ulong> a1 = Vector512.LoadUnsafe(ref s, 5);
        Vector512<ulong> a2 = Vector512.LoadUnsafe(ref s, 10);
        Vector512<ulong> a3 = Vector512.LoadUnsafe(ref s, 15);
        Vector512<ulong> a4 = Vector512.LoadUnsafe(ref s, 20);
        for (; count > 0; count--)
        {
            AddBlock(ref block, ref a0, ref a1, ref a2, ref a3);
            Permute(ref a0, ref a1, ref a2, ref a3, ref a4);
            block = ref Unsafe.Add(ref block, KeccakState.Rate);
        }

        // In this order each row overwrites the useless lanes of the row before.
        a0.StoreUnsafe(ref s);
        a1.StoreUnsafe(ref s, 5);
        a2.StoreUnsafe(ref s, 10);
        a3.StoreUnsafe(ref s, 15);
        a4.StoreUnsafe(ref s, 20);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddBlock(
        ref byte block,
        ref Vector512<ulong> a0,
        ref Vector512<ulong> a1,
        ref Vector512<ulong> a2,
        ref Vector512<ulong> a3)
    {
        // The block ends with lane 16, so row 2 is read from lane 9 on, and row 3 has two lanes.
        a0 ^= Vector512.LoadUnsafe(ref block).AsUInt64();
        a1 ^= Vector512.LoadUnsafe(ref block, 5 * sizeof(ulong)).AsUInt64();
        Vector512<ulong> from9 = Vector512.LoadUnsafe(ref block, 9 * sizeof(ulong)).AsUInt64();
        a2 ^= Permute(from9, Vector512.Create(1ul, 2, 3, 4, 5, 5, 6, 7));
        Vector128<ulong> from15 = Vector128.LoadUnsafe(ref block, 15 * sizeof(ulong)).AsUInt64();
        a3 ^= from15.ToVector256().ToVector512();
    }

    /// <summary>
    /// The bytes before <paramref name="end"/>, a padding byte 0x01 at it, and zeros behind. Nothing is read at the end
    /// or behind it; an end below 0 or above 63 is outside the row.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe Vector512<ulong> LoadPadded(byte* row, int end)
    {
        Vector512<byte> index = Vector512<byte>.Indices;
        Vector512<byte> inside = Vector512.LessThan(index, Vector512.Create((byte)Math.Max(end, 0)));
        Vector512<byte> padding = Vector512.Equals(index, Vector512.Create((byte)end)) & Vector512<byte>.One;
        return (Avx512BW.MaskLoad(row, inside, Vector512<byte>.Zero) | padding).AsUInt64();
    }

    /// <summary>The 24 rounds.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Permute(
        ref Vector512<ulong> a0,
        ref Vector512<ulong> a1,
        ref Vector512<ulong> a2,
        ref Vector512<ulong> a3,
        ref Vector512<ulong> a4)
    {
        foreach (ulong roundConstant in KeccakState.RoundConstants)
        {
            // Theta: each lane takes the parity of the column before and, rotated, of the column behind.
            Vector512<ulong> parity = Xor3(Xor3(a0, a1, a2), a3, a4);
            Vector512<ulong> before = Permute(parity, Vector512.Create(4ul, 0, 1, 2, 3, 5, 6, 7));
            Vector512<ulong> behind = Permute(
                Avx512F.RotateLeft(parity, 1), Vector512.Create(1ul, 2, 3, 4, 0, 5, 6, 7));

            // Rho, and the part of pi inside a row: lane x of row y goes to lane 2x + 3y.
            Vector512<ulong> b0 = Permute(
                Rotate(Xor3(a0, before, behind), Vector512.Create(0ul, 1, 62, 28, 27, 0, 0, 0)),
                Vector512.Create(0ul, 3, 1, 4, 2, 5, 6, 7));
            Vector512<ulong> b1 = Permute(
                Rotate(Xor3(a1, before, behind), Vector512.Create(36ul, 44, 6, 55, 20, 0, 0, 0)),
                Vector512.Create(1ul, 4, 2, 0, 3, 5, 6, 7));
            Vector512<ulong> b2 = Permute(
                Rotate(Xor3(a2, before, behind), Vector512.Create(3ul, 10, 43, 25, 39, 0, 0, 0)),
                Vector512.Create(2ul, 0, 3, 1, 4, 5, 6, 7));
            Vector512<ulong> b3 = Permute(
                Rotate(Xor3(a3, before, behind), Vector512.Create(41ul, 45, 15, 21, 8, 0, 0, 0)),
                Vector512.Create(3ul, 1, 4, 2, 0, 5, 6, 7));
            Vector512<ulong> b4 = Permute(
                Rotate(Xor3(a4, before, behind), Vector512.Create(18ul, 2, 61, 56, 14, 0, 0, 0)),
                Vector512.Create(4ul, 2, 0, 3, 1, 5, 6, 7));

            // Chi and iota.
            Vector512<ulong> e0 = Chi(b0 ^ Vector512.CreateScalar(roundConstant), b1, b2);
            Vector512<ulong> e1 = Chi(b1, b2, b3);
            Vector512<ulong> e2 = Chi(b2, b3, b4);
            Vector512<ulong> e3 = Chi(b3, b4, b0);
            Vector512<ulong> e4 = Chi(b4, b0, b1);

            // Back to rows: even and odd lanes of neighbours, then the last register joins the second pair.
            Vector512<ulong> even01 = Avx512F.UnpackLow(e0, e1);
            Vector512<ulong> odd01 = Avx512F.UnpackHigh(e0, e1);
            Vector512<ulong> even23 = Avx512F.UnpackLow(e2, e3);
            Vector512<ulong> odd23 = Avx512F.UnpackHigh(e2, e3);
            Vector512<ulong> even234 = Join(even23, Vector512.Create(0ul, 1, 8, 2, 3, 10, 6, 7), e4);
            Vector512<ulong> odd234 = Join(odd23, Vector512.Create(0ul, 1, 9, 2, 3, 11, 6, 7), e4);
            Vector512<ulong> last234 = Join(even23, Vector512.Create(4ul, 5, 12, 3, 4, 5, 6, 7), e4);
            a0 = Join(even01, Vector512.Create(0ul, 1, 8, 9, 10, 5, 6, 7), even234);
            a1 = Join(odd01, Vector512.Create(0ul, 1, 8, 9, 10, 5, 6, 7), odd234);
            a2 = Join(even01, Vector512.Create(2ul, 3, 11, 12, 13, 5, 6, 7), even234);
            a3 = Join(odd01, Vector512.Create(2ul, 3, 11, 12, 13, 5, 6, 7), odd234);
            a4 = Join(even01, Vector512.Create(4ul, 5, 8, 9, 10, 5, 6, 7), last234);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<ulong> Xor3(Vector512<ulong> a, Vector512<ulong> b, Vector512<ulong> c) =>
        Avx512F.TernaryLogic(a, b, c, 0x96);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<ulong> Chi(Vector512<ulong> a, Vector512<ulong> b, Vector512<ulong> c) =>
        Avx512F.TernaryLogic(a, b, c, 0xD2);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<ulong> Rotate(Vector512<ulong> a, Vector512<ulong> counts) =>
        Avx512F.RotateLeftVariable(a, counts);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<ulong> Permute(Vector512<ulong> a, Vector512<ulong> indices) =>
        Avx512F.PermuteVar8x64(a, indices);

    /// <summary>Lanes of <paramref name="low"/> (0 to 7) and <paramref name="high"/> (8 to 15) by index.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<ulong> Join(Vector512<ulong> low, Vector512<ulong> indices, Vector512<ulong> high) =>
        Avx512F.PermuteVar8x64x2(low, indices, high);
}
