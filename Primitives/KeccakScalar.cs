using System.Runtime.CompilerServices;
using static System.Numerics.BitOperations;

namespace Fragcast.Primitives;

/// <summary>keccak-f[1600] with the 25 lanes in scalar variables, for processors without 512-bit vectors.</summary>
internal static class KeccakScalar
{
    /// <summary>
    /// Absorbs <paramref name="count"/> blocks of <see cref="KeccakState.Rate"/> bytes, the first of them at
    /// <paramref name="block"/>, into the lanes at <paramref name="s"/>, 24 rounds each.
    /// </summary>
    public static void Absorb(ref ulong s, ref byte block, int count)
    {
        for (; count > 0; count--)
        {
            for (int i = 0; i < KeccakState.Rate / sizeof(ulong); i++)
                Unsafe.Add(ref s, i) ^= Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref block, i * sizeof(ulong)));
            Permute(ref s);
            block = ref Unsafe.Add(ref block, KeccakState.Rate);
        }
    }

    /// <summary>Applies the 24 rounds to the lanes at <paramref name="s"/>.</summary>
    // Long because the 25 lanes are variables of their own: indexed, they would live in memory.
    [SkipLocalsInit]
    private static void Permute(ref ulong s)
    {
        ulong a0 = Unsafe.Add(ref s, 0), a1 = Unsafe.Add(ref s, 1), a2 = Unsafe.Add(ref s, 2),
            a3 = Unsafe.Add(ref s, 3), a4 = Unsafe.Add(ref s, 4);
        ulong a5 = Unsafe.Add(ref s, 5), a6 = Unsafe.Add(ref s, 6), a7 = Unsafe.Add(ref s, 7),
            a8 = Unsafe.Add(ref s, 8), a9 = Unsafe.Add(ref s, 9);
        ulong a10 = Unsafe.Add(ref s, 10), a11 = Unsafe.Add(ref s, 11), a12 = Unsafe.Add(ref s, 12),
            a13 = Unsafe.Add(ref s, 13), a14 = Unsafe.Add(ref s, 14);
        ulong a15 = Unsafe.Add(ref s, 15), a16 = Unsafe.Add(ref s, 16), a17 = Unsafe.Add(ref s, 17),
            a18 = Unsafe.Add(ref s, 18), a19 = Unsafe.Add(ref s, 19);
        ulong a20 = Unsafe.Add(ref s, 20), a21 = Unsafe.Add(ref s, 21), a22 = Unsafe.Add(ref s, 22),
            a23 = Unsafe.Add(ref s, 23), a24 = Unsafe.Add(ref s, 24);

        foreach (ulong roundConstant in KeccakState.RoundConstants)
        {
            ulong c0 = a0 ^ a5 ^ a10 ^ a15 ^ a20;
            ulong c1 = a1 ^ a6 ^ a11 ^ a16 ^ a21;
            ulong c2 = a2 ^ a7 ^ a12 ^ a17 ^ a22;
            ulong c3 = a3 ^ a8 ^ a13 ^ a18 ^ a23;
            ulong c4 = a4 ^ a9 ^ a14 ^ a19 ^ a24;
            ulong d0 = c4 ^ RotateLeft(c1, 1);
            ulong d1 = c0 ^ RotateLeft(c2, 1);
            ulong d2 = c1 ^ RotateLeft(c3, 1);
            ulong d3 = c2 ^ RotateLeft(c4, 1);
            ulong d4 = c3 ^ RotateLeft(c0, 1);

            ulong b0 = a0 ^ d0;
            ulong b1 = RotateLeft(a6 ^ d1, 44);
            ulong b2 = RotateLeft(a12 ^ d2, 43);
            ulong b3 = RotateLeft(a18 ^ d3, 21);
            ulong b4 = RotateLeft(a24 ^ d4, 14);
            ulong b5 = RotateLeft(a3 ^ d3, 28);
            ulong b6 = RotateLeft(a9 ^ d4, 20);
            ulong b7 = RotateLeft(a10 ^ d0, 3);
            ulong b8 = RotateLeft(a16 ^ d1, 45);
            ulong b9 = RotateLeft(a22 ^ d2, 61);
            ulong b10 = RotateLeft(a1 ^ d1, 1);
            ulong b11 = RotateLeft(a7 ^ d2, 6);
            ulong b12 = RotateLeft(a13 ^ d3, 25);
            ulong b13 = RotateLeft(a19 ^ d4, 8);
            ulong b14 = RotateLeft(a20 ^ d0, 18);
            ulong b15 = RotateLeft(a4 ^ d4, 27);
            ulong b16 = RotateLeft(a5 ^ d0, 36);
            ulong b17 = RotateLeft(a11 ^ d1, 10);
            ulong b18 = RotateLeft(a17 ^ d2, 15);
            ulong b19 = RotateLeft(a23 ^ d3, 56);
            ulong b20 = RotateLeft(a2 ^ d2, 62);
            ulong b21 = RotateLeft(a8 ^ d3, 55);
            ulong b22 = RotateLeft(a14 ^ d4, 39);
            ulong b23 = RotateLeft(a15 ^ d0, 41);
            ulong b24 = RotateLeft(a21 ^ d1, 2);

            a0 = b0 ^ (~b1 & b2) ^ roundConstant;
            a1 = b1 ^ (~b2 & b3);
            a2 = b2 ^ (~b3 & b4);
            a3 = b3 ^ (~b4 & b0);
            a4 = b4 ^ (~b0 & b1);
            a5 = b5 ^ (~b6 & b7);
            a6 = b6 ^ (~b7 & b8);
            a7 = b7 ^ (~b8 & b9);
            a8 = b8 ^ (~b9 & b5);
            a9 = b9 ^ (~b5 & b6);
            a10 = b10 ^ (~b11 & b12);
            a11 = b11 ^ (~b12 & b13);
            a12 = b12 ^ (~b13 & b14);
            a13 = b13 ^ (~b14 & b10);
            a14 = b14 ^ (~b10 & b11);
            a15 = b15 ^ (~b16 & b17);
            a16 = b16 ^ (~b17 & b18);
            a17 = b17 ^ (~b18 & b19);
            a18 = b18 ^ (~b19 & b15);
            a19 = b19 ^ (~b15 & b16);
            a20 = b20 ^ (~b21 & b22);
            a21 = b21 ^ (~b22 & b23);
            a22 = b22 ^ (~b23 & b24);
            a23 = b23 ^ (~b24 & b20);
            a24 = b24 ^ (~b20 & b21);
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
}
