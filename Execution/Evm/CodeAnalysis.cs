using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Fragcast.Execution.Evm;

/// <summary>What is derived from a code once, before it runs for the first time.</summary>
internal static class CodeAnalysis
{
    private const byte JumpDest = 0x5B;
    private const byte Push0 = 0x5F;
    private const byte Push1 = 0x60;
    private const byte PushMask = 0xE0;
    private const int WordBits = 64;

    /// <summary>
    /// Sets the bits of the jump destinations in zeroed <paramref name="bits"/>, one per code byte, at least one word
    /// more than the code fills.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void FindJumpDestinations(ReadOnlySpan<byte> code, Span<ulong> bits)
    {
        Span<byte> last = stackalloc byte[WordBits];
        int immediate = 0;
        int word = 0;
        for (; code.Length >= WordBits; word++)
        {
            bits[word] = OfWord(code, ref immediate);
            code = code[WordBits..];
        }

        last.Clear();
        code.CopyTo(last);
        bits[word] = OfWord(last, ref immediate);
    }

    // The destinations among 64 bytes, of which the first few may belong to an immediate that began before. Only the
    // PUSHes are looked at one by one.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong OfWord(ReadOnlySpan<byte> code, ref int immediate)
    {
        Vector512<byte> bytes = Vector512.LoadUnsafe(ref MemoryMarshal.GetReference(code));
        ulong destinations = Vector512.Equals(bytes, Vector512.Create(JumpDest)).ExtractMostSignificantBits();
        ulong pushes = Vector512.Equals(bytes & Vector512.Create(PushMask), Vector512.Create(Push1))
            .ExtractMostSignificantBits();
        ulong instructions = ulong.MaxValue << immediate;
        immediate = 0;
        for (pushes &= instructions; pushes != 0;)
        {
            int at = BitOperations.TrailingZeroCount(pushes);
            int length = code[at] - Push0;

            // Shifts are by at most 63: the immediate begins behind the PUSH, which may be in the next word.
            ulong data = ((1UL << length) - 1) << at << 1;
            instructions &= ~data;
            pushes &= ~data & (pushes - 1);
            immediate = Math.Max(0, at + 1 + length - WordBits);
        }

        return destinations & instructions;
    }
}
