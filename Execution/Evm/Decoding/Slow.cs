using System.Runtime.CompilerServices;
using Fragcast.Primitives;

namespace Fragcast.Execution.Evm.Decoding;

/// <summary>Operations on memory where it may have to grow: kept out of the loop, which they would burden.</summary>
internal static unsafe class Slow
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static long Load(Frame frame, in UInt256 offset, UInt256* result, long gas)
    {
        *result = offset;
        return MemoryOps.MLoad(frame, result, gas);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static long Load(Frame frame, ulong offset, UInt256* result, long gas)
    {
        Words.Set(result, offset);
        return MemoryOps.MLoad(frame, result, gas);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static long Store(Frame frame, in UInt256 offset, UInt256* value, long gas)
    {
        gas = frame.EnsureMemory(offset, 32, gas);
        if (gas >= 0)
        {
            Words.Store(value, frame.Memory + offset.U0);
        }

        return gas;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static long Store(Frame frame, ulong offset, UInt256* value, long gas) =>
        Store(frame, (UInt256)offset, value, gas);

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static long Keccak(Frame frame, ulong offset, ulong length, UInt256* result, long gas) =>
        MemoryOps.Keccak(frame, offset, length, result, gas);
}
