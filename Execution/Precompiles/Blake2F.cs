using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Fragcast.Execution.Precompiles;

/// <summary>0x09: the compression function F of BLAKE2b with a chosen number of rounds (EIP-152, RFC 7693).</summary>
internal static class Blake2F
{
    private const int InputLength = 213;

    private const int Schedules = 10;

    private static ReadOnlySpan<ulong> Iv =>
    [
        0x6A09E667F3BCC908, 0xBB67AE8584CAA73B, 0x3C6EF372FE94F82B, 0xA54FF53A5F1D36F1,
        0x510E527FADE682D1, 0x9B05688C2B3E6C1F, 0x1F83D9ABFB41BD6B, 0x5BE0CD19137E2179,
    ];

    // The ten message schedules; round r uses row r mod 10.
    private static ReadOnlySpan<byte> Sigma =>
    [
        0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
        14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3,
        11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4,
        7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8,
        9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13,
        2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9,
        12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11,
        13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10,
        6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5,
        10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0,
    ];

    /// <summary>One gas a round; input of another length is refused by <see cref="Run"/>.</summary>
    public static long Price(ReadOnlySpan<byte> input) =>
        input.Length == InputLength ? BinaryPrimitives.ReadUInt32BigEndian(input) : 0;

    /// <summary>
    /// Input: rounds (4 bytes big-endian), h (64), m (128), t (16) little-endian, final flag (0 or 1).
    /// </summary>
    public static bool Run(ReadOnlySpan<byte> input, PrecompileOutput output)
    {
        if (input.Length != InputLength || input[^1] > 1)
        {
            return false;
        }

        Span<ulong> h = stackalloc ulong[8];
        Span<ulong> m = stackalloc ulong[16];
        ReadWords(input[4..], h);
        ReadWords(input[68..], m);
        var t0 = BinaryPrimitives.ReadUInt64LittleEndian(input[196..]);
        var t1 = BinaryPrimitives.ReadUInt64LittleEndian(input[204..]);
        var final = input[^1] == 1 ? ulong.MaxValue : 0;
        Compress(h, m, Vector256.Create(t0, t1, final, 0), BinaryPrimitives.ReadUInt32BigEndian(input));
        var result = output.Resize(64);
        for (var i = 0; i < h.Length; i++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(result[(8 * i)..], h[i]);
        }

        return true;
    }

    private static void ReadWords(ReadOnlySpan<byte> bytes, Span<ulong> words)
    {
        for (var i = 0; i < words.Length; i++)
        {
            words[i] = BinaryPrimitives.ReadUInt64LittleEndian(bytes[(8 * i)..]);
        }
    }

    // The state's four rows are vectors: a step mixes four columns, or four diagonals, at once.
    [SkipLocalsInit]
    private static void Compress(Span<ulong> h, ReadOnlySpan<ulong> m, Vector256<ulong> tweak, uint rounds)
    {
        Span<Vector256<ulong>> words = stackalloc Vector256<ulong>[4 * Schedules];
        Schedule(m, words[..(4 * (int)Math.Min(rounds, Schedules))]);
        var a = Vector256.Create<ulong>(h);
        var b = Vector256.Create<ulong>(h[4..]);
        var c = Vector256.Create(Iv);
        var d = Vector256.Create(Iv[4..]) ^ tweak;
        var next = 0;
        for (uint round = 0; round < rounds; round++)
        {
            Mix(ref a, ref b, ref c, ref d, words[next], words[next + 1]);
            b = Vector256.Shuffle(b, Vector256.Create(1UL, 2, 3, 0));
            c = Vector256.Shuffle(c, Vector256.Create(2UL, 3, 0, 1));
            d = Vector256.Shuffle(d, Vector256.Create(3UL, 0, 1, 2));
            Mix(ref a, ref b, ref c, ref d, words[next + 2], words[next + 3]);
            b = Vector256.Shuffle(b, Vector256.Create(3UL, 0, 1, 2));
            c = Vector256.Shuffle(c, Vector256.Create(2UL, 3, 0, 1));
            d = Vector256.Shuffle(d, Vector256.Create(1UL, 2, 3, 0));
            next = next == words.Length - 4 ? 0 : next + 4;
        }

        (Vector256.Create<ulong>(h) ^ a ^ c).CopyTo(h);
        (Vector256.Create<ulong>(h[4..]) ^ b ^ d).CopyTo(h[4..]);
    }

    // For each schedule the words of the columns' first and second halves, then those of the diagonals'.
    private static void Schedule(ReadOnlySpan<ulong> m, Span<Vector256<ulong>> words)
    {
        for (var i = 0; i < words.Length; i++)
        {
            var s = Sigma[((i & ~1) * 4)..];
            var odd = i & 1;
            words[i] = Vector256.Create(m[s[odd]], m[s[2 + odd]], m[s[4 + odd]], m[s[6 + odd]]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Mix(
        ref Vector256<ulong> a,
        ref Vector256<ulong> b,
        ref Vector256<ulong> c,
        ref Vector256<ulong> d,
        Vector256<ulong> x,
        Vector256<ulong> y)
    {
        a += b + x;
        d = RotateRight(d ^ a, 32);
        c += d;
        b = RotateRight(b ^ c, 24);
        a += b + y;
        d = RotateRight(d ^ a, 16);
        c += d;
        b = RotateRight(b ^ c, 63);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<ulong> RotateRight(Vector256<ulong> value, [ConstantExpected] byte count) =>
        Avx512F.VL.IsSupported
            ? Avx512F.VL.RotateRight(value, count)
            : (value >>> count) | (value << (64 - count));
}
