using System.Security.Cryptography;

namespace Fragcast.Execution.Precompiles;

/// <summary>0x02 SHA-256, 0x03 RIPEMD-160, 0x04 identity.</summary>
internal static unsafe class HashPrecompiles
{
    private static readonly delegate* unmanaged<byte*, nuint, byte*, byte*> NativeRipemd160 =
        (delegate* unmanaged<byte*, nuint, byte*, byte*>)LibCrypto.Function("RIPEMD160");

    public static long Sha256Price(ReadOnlySpan<byte> input) => 60 + (12 * Words(input));

    public static long Ripemd160Price(ReadOnlySpan<byte> input) => 600 + (120 * Words(input));

    public static long IdentityPrice(ReadOnlySpan<byte> input) => 15 + (3 * Words(input));

    public static bool Sha256(ReadOnlySpan<byte> input, PrecompileOutput output)
    {
        SHA256.HashData(input, output.Resize(SHA256.HashSizeInBytes));
        return true;
    }

    /// <summary>The 20-byte hash, left-padded to a word.</summary>
    public static bool Ripemd160(ReadOnlySpan<byte> input, PrecompileOutput output)
    {
        var word = output.Resize(32);
        word.Clear();
        fixed (byte* data = input)
        fixed (byte* digest = word[12..])
        {
            NativeRipemd160(data, (nuint)input.Length, digest);
        }

        return true;
    }

    public static bool Identity(ReadOnlySpan<byte> input, PrecompileOutput output)
    {
        input.CopyTo(output.Resize(input.Length));
        return true;
    }

    private static long Words(ReadOnlySpan<byte> input) => (input.Length + 31L) / 32;
}
