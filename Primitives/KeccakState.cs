using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Fragcast.Primitives;

/// <summary>
/// The state of keccak-f[1600]: 25 lanes, lane (x, y) at index x + 5y, each little-endian in memory, and three lanes
/// behind them that the vector form writes over.
/// </summary>
[InlineArray(LaneCount)]
internal struct KeccakState
{
    /// <summary>Bytes absorbed per permutation with a capacity of 512 bits.</summary>
    public const int Rate = 136;

    /// <summary>25 lanes, and room for whole 512-bit rows.</summary>
    public const int LaneCount = 28;

    private ulong _lane0;

    /// <summary>What the iota step adds in each of the 24 rounds.</summary>
    public static ReadOnlySpan<ulong> RoundConstants =>
    [
        0x0000000000000001, 0x0000000000008082, 0x800000000000808A, 0x8000000080008000,
        0x000000000000808B, 0x0000000080000001, 0x8000000080008081, 0x8000000000008009,
        0x000000000000008A, 0x0000000000000088, 0x0000000080008009, 0x000000008000000A,
        0x000000008000808B, 0x800000000000008B, 0x8000000000008089, 0x8000000000008003,
        0x8000000000008002, 0x8000000000000080, 0x000000000000800A, 0x800000008000000A,
        0x8000000080008081, 0x8000000000008080, 0x0000000080000001, 0x8000000080008008,
    ];

    /// <summary>The first 32 bytes, which are the digest after the last block.</summary>
    public readonly Hash256 Digest => Unsafe.As<ulong, Hash256>(ref Unsafe.AsRef(in _lane0));

    /// <summary>Absorbs whole blocks of <see cref="Rate"/> bytes; what is left over is not looked at.</summary>
    public void Absorb(ReadOnlySpan<byte> data)
    {
        int count = (int)((uint)data.Length / Rate);
        if (KeccakAvx512.IsSupported)
            KeccakAvx512.Absorb(ref _lane0, ref MemoryMarshal.GetReference(data), count);
        else
            KeccakScalar.Absorb(ref _lane0, ref MemoryMarshal.GetReference(data), count);
    }

    /// <summary>Absorbs the last, partial block with its padding.</summary>
    /// <param name="tail">0 to <see cref="Rate"/> - 1 bytes.</param>
    [SkipLocalsInit]
    public void AbsorbLast(ReadOnlySpan<byte> tail)
    {
        Span<byte> block = stackalloc byte[Rate];
        tail.CopyTo(block);
        block[tail.Length..].Clear();
        block[tail.Length] = 0x01;
        block[Rate - 1] |= 0x80;
        Absorb(block);
    }
}
