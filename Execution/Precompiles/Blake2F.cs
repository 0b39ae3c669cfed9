using System.Buffers.Binary;
using System.Numerics;

namespace Fragcast.Execution.Precompiles;

/// <summary>0x09: the compression function F of BLAKE2b with a chosen number of rounds (EIP-152, RFC 7693).</summary>
internal static class Blake2F
{
    private const int InputLength = 213;

    private static readonly ulong[] Iv =
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

        Span<ulong> v = stackalloc ulong[16];
        Span<ulong> m = stackalloc ulong[16];
        var h = input.Slice(4, 64);
        for (var i = 0; i < 8; i++)
        {
            v[i] = BinaryPrimitives.ReadUInt64LittleEndian(h[(8 * i)..]);
            v[8 + i] = Iv[i];
        }

        for (var i = 0; i < 16; i++)
        {
            m[i] = BinaryPrimitives.ReadUInt64LittleEndian(input[(68 + (8 * i))..]);
        }

        v[12] ^= BinaryPrimitives.ReadUInt64LittleEndian(input[196..]);
        v[13] ^= BinaryPrimitives.ReadUInt64LittleEndian(input[204..]);
        v[14] = input[^1] == 1 ? ~v[14] : v[14];
        Compress(v, m, BinaryPrimitives.ReadUInt32BigEndian(input));
        var result = output.Resize(64);
        for (var i = 0; i < 8; i++)
        {
            var word = BinaryPrimitives.ReadUInt64LittleEndian(h[(8 * i)..]);
            BinaryPrimitives.WriteUInt64LittleEndian(result[(8 * i)..], word ^ v[i] ^ v[8 + i]);
        }

        return true;
    }

    private static void Compress(Span<ulong> v, ReadOnlySpan<ulong> m, uint rounds)
    {
        var row = 0;
        for (uint round = 0; round < rounds; round++)
        {
            var s = Sigma.Slice(row, 16);
            Mix(ref v[0], ref v[4], ref v[8], ref v[12], m[s[0]], m[s[1]]);
            Mix(ref v[1], ref v[5], ref v[9], ref v[13], m[s[2]], m[s[3]]);
            Mix(ref v[2], ref v[6], ref v[10], ref v[14], m[s[4]], m[s[5]]);
            Mix(ref v[3], ref v[7], ref v[11], ref v[15], m[s[6]], m[s[7]]);
            Mix(ref v[0], ref v[5], ref v[10], ref v[15], m[s[8]], m[s[9]]);
            Mix(ref v[1], ref v[6], ref v[11], ref v[12], m[s[10]], m[s[11]]);
            Mix(ref v[2], ref v[7], ref v[8], ref v[13], m[s[12]], m[s[13]]);
            Mix(ref v[3], ref v[4], ref v[9], ref v[14], m[s[14]], m[s[15]]);
            row = row == 144 ? 0 : row + 16;
        }
    }

    private static void Mix(ref ulong a, ref ulong b, ref ulong c, ref ulong d, ulong x, ulong y)
    {
        a += b + x;
        d = BitOperations.RotateRight(d ^ a, 32);
        c += d;
        b = BitOperations.RotateRight(b ^ c, 24);
        a += b + y;
        d = BitOperations.RotateRight(d ^ a, 16);
        c += d;
        b = BitOperations.RotateRight(b ^ c, 63);
    }
}
