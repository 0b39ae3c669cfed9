namespace Fragcast.Execution.Evm;

/// <summary>
/// Zeroed, pinned memory for what lives as long as a code. Pinned arrays are slow to come by, so small pieces are cut
/// from larger ones, a different one for each thread; one is collected when nothing refers to any of its pieces.
/// </summary>
internal static unsafe class CodeMemory
{
    // Some twenty contracts of middle size. What is longer than a quarter gets an array of its own.
    private const int SlabSize = 1 << 18;
    private const int CutMax = SlabSize / 4;

    [ThreadStatic]
    private static byte[]? _slab;

    [ThreadStatic]
    private static int _used;

    /// <summary>Takes so many bytes, aligned to eight.</summary>
    /// <param name="size">How many.</param>
    /// <param name="owner">What keeps them alive.</param>
    public static byte* Take(int size, out byte[] owner)
    {
        int rounded = (size + sizeof(ulong) - 1) & -sizeof(ulong);
        int offset = 0;
        if (rounded > CutMax)
            owner = GC.AllocateArray<byte>(rounded, pinned: true);
        else
        {
            if (_slab is null || rounded > SlabSize - _used)
                (_slab, _used) = (GC.AllocateArray<byte>(SlabSize, pinned: true), 0);
            owner = _slab;
            offset = _used;
            _used += rounded;
        }

        fixed (byte* first = owner)
        {
            // The array lives on the pinned object heap.
            return first + offset;
        }
    }
}
