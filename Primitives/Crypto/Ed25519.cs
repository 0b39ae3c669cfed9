namespace Fragcast.Primitives.Crypto;

/// <summary>
/// Ed25519 signatures (RFC 8032) by the system's libsodium. All members are thread-safe. Each throws
/// <see cref="NativeLibraryMissingException"/> if the library is not installed, and
/// <see cref="ArgumentOutOfRangeException"/> for a span of the wrong size, except that <see cref="Verify"/> is total.
/// </summary>
public static unsafe class Ed25519
{
    /// <summary>The size of a seed, which is what RFC 8032 calls the private key, in bytes.</summary>
    public const int SeedSize = 32;

    /// <summary>The size of a public key in bytes.</summary>
    public const int PublicKeySize = 32;

    /// <summary>The size of a secret key in bytes: the seed, and the public key behind it.</summary>
    public const int SecretKeySize = 64;

    /// <summary>The size of a signature in bytes.</summary>
    public const int SignatureSize = 64;

    /// <summary>Draws a key pair from the operating system's random source.</summary>
    /// <param name="publicKey">Takes 32 bytes.</param>
    /// <param name="secretKey">Takes 64 bytes, the first 32 of which are the seed.</param>
    public static void GenerateKeyPair(Span<byte> publicKey, Span<byte> secretKey)
    {
        Check(publicKey.Length, PublicKeySize);
        Check(secretKey.Length, SecretKeySize);
        fixed (byte* publicPointer = publicKey)
        fixed (byte* secretPointer = secretKey)
            _ = SodiumNative.Instance.KeyPair(publicPointer, secretPointer);
    }

    /// <summary>Computes the key pair of a seed.</summary>
    /// <param name="seed">32 bytes.</param>
    /// <param name="publicKey">Takes 32 bytes.</param>
    /// <param name="secretKey">Takes 64 bytes: the seed, and the public key behind it.</param>
    public static void FromSeed(ReadOnlySpan<byte> seed, Span<byte> publicKey, Span<byte> secretKey)
    {
        Check(seed.Length, SeedSize);
        Check(publicKey.Length, PublicKeySize);
        Check(secretKey.Length, SecretKeySize);
        fixed (byte* seedPointer = seed)
        fixed (byte* publicPointer = publicKey)
        fixed (byte* secretPointer = secretKey)
            _ = SodiumNative.Instance.SeedKeyPair(publicPointer, secretPointer, seedPointer);
    }

    /// <summary>Signs a message; the same key and message always give the same signature.</summary>
    /// <param name="message">Any number of bytes.</param>
    /// <param name="secretKey">64 bytes from <see cref="FromSeed"/> or <see cref="GenerateKeyPair"/>.</param>
    /// <param name="signature">Takes 64 bytes.</param>
    public static void Sign(ReadOnlySpan<byte> message, ReadOnlySpan<byte> secretKey, Span<byte> signature)
    {
        Check(secretKey.Length, SecretKeySize);
        Check(signature.Length, SignatureSize);
        fixed (byte* messagePointer = message)
        fixed (byte* secretPointer = secretKey)
        fixed (byte* signaturePointer = signature)
        {
            _ = SodiumNative.Instance.Sign(
                signaturePointer, null, messagePointer, (ulong)message.Length, secretPointer);
        }
    }

    /// <summary>
    /// Whether the signature is good. Keys of small order and signatures that are not in canonical form are refused;
    /// so is a signature or key of the wrong size.
    /// </summary>
    public static bool Verify(ReadOnlySpan<byte> signature, ReadOnlySpan<byte> message, ReadOnlySpan<byte> publicKey)
    {
        if (signature.Length != SignatureSize || publicKey.Length != PublicKeySize) return false;
        fixed (byte* signaturePointer = signature)
        fixed (byte* messagePointer = message)
        fixed (byte* publicPointer = publicKey)
        {
            return SodiumNative.Instance.Verify(
                signaturePointer, messagePointer, (ulong)message.Length, publicPointer) == 0;
        }
    }

    private static void Check(int length, int wanted) =>
        ArgumentOutOfRangeException.ThrowIfNotEqual(length, wanted);
}
