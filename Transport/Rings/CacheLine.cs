using System.Runtime.InteropServices;

namespace Fragcast.Transport.Rings;

/// <summary>The one distance that keeps two independently written values from slowing each other down.</summary>
public static class CacheLine
{
    /// <summary>
    /// Bytes between values written by different threads: two 64-byte lines, because x86 prefetches lines in
    /// adjacent pairs and some ARM cores have lines of 128 bytes.
    /// </summary>
    public const int Size = 2 * LineBytes;

    private const int LineBytes = 64;
}

/// <summary>A 64-bit value with a full <see cref="CacheLine.Size"/> of nothing on either side of it.</summary>
[StructLayout(LayoutKind.Explicit, Size = 2 * CacheLine.Size)]
internal struct PaddedInt64
{
    [FieldOffset(CacheLine.Size)]
    public long Value;
}

/// <summary>
/// The two numbers that the owner of a position keeps to itself: how far it has gone, and how far it may go before it
/// has to look at shared sequences again. Padded as <see cref="PaddedInt64"/>.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = 3 * CacheLine.Size)]
internal struct LocalPosition
{
    [FieldOffset(CacheLine.Size)]
    public long Position;

    [FieldOffset(CacheLine.Size + sizeof(long))]
    public long Limit;
}

/// <summary>One <see cref="CacheLine.Size"/> of nothing.</summary>
[StructLayout(LayoutKind.Explicit, Size = CacheLine.Size)]
internal struct CacheLinePadding;
