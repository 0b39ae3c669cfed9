using System.Security.Cryptography;

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
        if (input.Length == InputLength && IsValid(input))
        {
            var word = output.Resize(32);
            word.Clear();
            word[31] = 1;
        }

        return true;
    }

    private static bool IsValid(ReadOnlySpan<byte> input)
    {
        var point = new ECPoint { X = input.Slice(96, 32).ToArray(), Y = input.Slice(128, 32).ToArray() };
        try
        {
            using var key = ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = point });
            return key.VerifyHash(input[..32], input.Slice(32, 64));
        }
        catch (CryptographicException)
        {
            // The key is not a point of the curve.
            return false;
        }
    }
}
