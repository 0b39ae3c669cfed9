namespace Fragcast.Execution.Precompiles;

/// <summary>0x100: verifies an ECDSA signature on P-256 (EIP-7951; RIP-7212 on OP-stack chains).</summary>
internal static class P256Verify
{
    private const int InputLength = 160;

    /// <summary>EIP-7951.</summary>
    public static long Price(ReadOnlySpan<byte> input) => 6900;

    /// <summary>RIP-7212.</summary>
    public static long RollupPrice(ReadOnlySpan<byte> input) => 3450;

    /// <summary>
    /// Input: digest, r, s, public key x, y, 32 bytes each. Output: the word 1, or nothing when the signature is not
    /// valid or the input not of this form; never a failure.
    /// </summary>
    public static bool Run(ReadOnlySpan<byte> input, PrecompileOutput output)
    {
        if (input.Length == InputLength
            && P256.Verify(input[..32], input[32..64], input[64..96], input[96..128], input[128..]))
        {
            var word = output.Resize(32);
            word.Clear();
            word[31] = 1;
        }

        return true;
    }
}
