using Fragcast.Primitives;
using Fragcast.Primitives.Crypto;

namespace Fragcast.Execution.Precompiles;

/// <summary>0x01: the address that signed a digest, left-padded to a word; nothing when there is none.</summary>
internal static class EcRecover
{
    private const int InputLength = 128;

    public static long Price(ReadOnlySpan<byte> input) => 3000;

    /// <summary>Input: digest, v as a word (27 or 28), r, s; missing bytes are zero, further ones ignored.</summary>
    public static bool Run(ReadOnlySpan<byte> input, PrecompileOutput output)
    {
        Span<byte> padded = stackalloc byte[InputLength];
        padded.Clear();
        input[..Math.Min(InputLength, input.Length)].CopyTo(padded);
        var v = UInt256.FromBigEndian(padded.Slice(32, 32));
        if ((v == 27 || v == 28)
            && Secp256k1.TryRecover(
                Hash256.FromBytes(padded[..32]), padded.Slice(64, 64), (int)v.U0 - 27, out var signer))
        {
            var word = output.Resize(32);
            word.Clear();
            signer.CopyTo(word[12..]);
        }

        return true;
    }
}
