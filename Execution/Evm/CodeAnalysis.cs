namespace Fragcast.Execution.Evm;

/// <summary>What is derived from a code once, before it runs for the first time.</summary>
internal static class CodeAnalysis
{
    private const byte JumpDest = 0x5B;
    private const byte Push1 = 0x60;
    private const byte Push32 = 0x7F;

    /// <summary>A bit per code byte in a pinned array, set at each valid jump destination.</summary>
    public static ulong[] FindJumpDestinations(ReadOnlySpan<byte> code)
    {
        var bits = GC.AllocateArray<ulong>((code.Length >> 6) + 1, pinned: true);
        FindJumpDestinations(code, bits);
        return bits;
    }

    /// <summary>Sets the bits of the jump destinations in zeroed <paramref name="bits"/>, one per code byte.</summary>
    public static void FindJumpDestinations(ReadOnlySpan<byte> code, Span<ulong> bits)
    {
        for (var i = 0; i < code.Length; i++)
        {
            var op = code[i];
            if (op is >= Push1 and <= Push32)
            {
                i += op - Push1 + 1;
            }
            else if (op == JumpDest)
            {
                bits[i >> 6] |= 1UL << i;
            }
        }
    }
}
