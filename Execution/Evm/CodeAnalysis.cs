using System.Diagnostics;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Fragcast.Execution.Evm;

/// <summary>What is derived from a code: found as far as execution needs it.</summary>
internal static class CodeAnalysis
{
    private const byte JumpDest = 0x5B;
    private const byte Push0 = 0x5F;
    private const byte Push1 = 0x60;
    private const byte PushMask = 0xE0;
    private const int WordBits = 64;

    // Words that are looked at at a time, at least: 60 ns, a few times what coming here takes.
    private const int WordsAtATime = 2;

    // Progress is the number of words that are done, and how many bytes of the next one belong to an immediate.
    private const int CarryBits = 8;

    // How often the search for an instruction's start goes further back before the code is read from its beginning.
    private const int StepsBackMax = 4;

    /// <summary>Words of bits that a code of so many bytes takes.</summary>
    public static int WordsOf(int codeLength) => (codeLength >> 6) + 1;

    /// <summary>
    /// Whether there is a jump destination at an offset: found from the bytes before it where they decide, as mostly,
    /// and noted; else by <see cref="FindJumpDestinations"/>.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static bool IsJumpDestination(ReadOnlySpan<byte> code, Span<ulong> bits, ref int progress, int offset)
    {
        if (Volatile.Read(ref progress) >> CarryBits > offset >> 6 || IsInstruction(code, offset) is not { } isFound)
            return FindJumpDestinations(code, bits, ref progress, offset);

        // Atomic, so that no word that another thread has done meanwhile is written over.
        isFound &= code[offset] == JumpDest;
        if (isFound) Interlocked.Or(ref bits[offset >> 6], 1UL << offset);
        return isFound;
    }

    /// <summary>
    /// Sets the bits of the jump destinations up to an offset of the code, at least, in the words of bits that were
    /// not done before. Threads that do this for one code at the same time write the same.
    /// </summary>
    /// <param name="code">The code.</param>
    /// <param name="bits">One per code byte, <see cref="WordsOf"/> of them.</param>
    /// <param name="progress">How far the words are done; 0 at first.</param>
    /// <param name="offset">An offset within the code.</param>
    /// <returns>Whether there is a jump destination at the offset.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static bool FindJumpDestinations(ReadOnlySpan<byte> code, Span<ulong> bits, ref int progress, int offset)
    {
        Debug.Assert((uint)offset < (uint)code.Length, "within the code");

        // The bits are read after the progress that says that they are there, and written before it.
        int known = Volatile.Read(ref progress);
        int word = known >> CarryBits;
        if (word <= offset >> 6)
        {
            int end = Math.Min(bits.Length, Math.Max((offset >> 6) + 1, word + WordsAtATime));
            int immediate = known & ((1 << CarryBits) - 1);
            for (; word < end; word++) bits[word] = OfWord(code, word, ref immediate);
            Volatile.Write(ref progress, (end << CarryBits) | immediate);
        }

        return ((bits[offset >> 6] >> offset) & 1) != 0;
    }

    // Whether an instruction starts at an offset; null where the bytes shortly before do not tell. An offset that no
    // byte before it would reach, were it a PUSH, is the start of an instruction; from there on one follows the other.
    private static bool? IsInstruction(ReadOnlySpan<byte> code, int offset)
    {
        int start = offset;
        for (int step = 0; step < StepsBackMax; step++)
        {
            int first = Math.Max(0, start - Vector256<byte>.Count);
            if (code.Length - first < Vector256<byte>.Count) return null;
            uint reaching = Reaching(code[first..], start - first);
            if (reaching == 0)
            {
                while (start < offset) start += code[start] is var op && (op & PushMask) == Push1 ? op - Push0 + 1 : 1;
                return start == offset;
            }

            start = first + BitOperations.TrailingZeroCount(reaching);
        }

        return null;
    }

    // Which of the first bytes, up to 32 before an offset, have the immediate of a PUSH reach to the offset.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Reaching(ReadOnlySpan<byte> code, int offset)
    {
        Vector256<byte> bytes = Vector256.LoadUnsafe(ref MemoryMarshal.GetReference(code));
        Vector256<byte> isPush = Vector256.Equals(bytes & Vector256.Create(PushMask), Vector256.Create(Push1));
        Vector256<sbyte> ends = (bytes - Vector256.Create(Push0) + Vector256<byte>.Indices).AsSByte();
        uint reaching = (Vector256.GreaterThanOrEqual(ends, Vector256.Create((sbyte)offset)).AsByte() & isPush)
            .ExtractMostSignificantBits();
        return reaching & (uint)((1UL << offset) - 1);
    }

    private static ulong OfWord(ReadOnlySpan<byte> code, int word, ref int immediate)
    {
        ReadOnlySpan<byte> bytes = code[(word * WordBits)..];
        if (bytes.Length >= WordBits) return OfWord(bytes, ref immediate);
        Span<byte> last = stackalloc byte[WordBits];
        last.Clear();
        bytes.CopyTo(last);
        return OfWord(last, ref immediate);
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
