using System.Numerics;

namespace Fragcast.Execution.Evm;

/// <summary>
/// Pinned buffers for the memories of frames, which a machine's frames of all depths share, so that a steady load asks
/// for nothing of the heap. Lengths are powers of two; contents are whatever they were. One thread.
/// </summary>
internal sealed class FrameMemory
{
    /// <summary>The least length of a buffer.</summary>
    public const int LengthMin = 1 << 12;

    // What is given back beyond this drops all that is kept. A transaction of 100 million gas can use 20 MiB of memory
    // in one frame; growing to it has left 20 MiB of smaller buffers behind.
    private const long KeptMax = 64 << 20;

    // By the logarithm of the length.
    private readonly Stack<byte[]>?[] _kept = new Stack<byte[]>?[32];
    private long _keptSize;

    /// <summary>A buffer of at least this length, which may be up to 2^30.</summary>
    public byte[] Take(int lengthMin)
    {
        int length = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(lengthMin, LengthMin));
        if (_kept[BitOperations.Log2((uint)length)] is { Count: > 0 } stack)
        {
            _keptSize -= length;
            return stack.Pop();
        }

        return GC.AllocateUninitializedArray<byte>(length, pinned: true);
    }

    /// <summary>Gives a buffer back that was taken here, or an empty array.</summary>
    public void Give(byte[] buffer)
    {
        if (buffer.Length == 0 || buffer.Length > KeptMax) return;
        if (_keptSize + buffer.Length > KeptMax) Clear();
        (_kept[BitOperations.Log2((uint)buffer.Length)] ??= new Stack<byte[]>()).Push(buffer);
        _keptSize += buffer.Length;
    }

    private void Clear()
    {
        Array.Clear(_kept);
        _keptSize = 0;
    }
}
