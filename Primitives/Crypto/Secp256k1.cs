using System.Runtime.CompilerServices;

namespace Fragcast.Primitives.Crypto;

/// <summary>
/// ECDSA on secp256k1 by the system's libsecp256k1. All members are thread-safe. Each throws
/// <see cref="NativeLibraryMissingException"/> if the library is not installed.
/// </summary>
public static unsafe class Secp256k1
{
    /// <summary>The size of a secret key in bytes.</summary>
    public const int SecretKeySize = 32;

    /// <summary>The size of a public key as x and y without the leading 0x04, in bytes.</summary>
    public const int PublicKeySize = 64;

    /// <summary>The size of a signature r, s, recovery id, in bytes.</summary>
    public const int SignatureSize = 65;

    /// <summary>The order n of the group (SEC 2, 2.4.1).</summary>
    public static UInt256 Order => new(0xBFD25E8CD0364141, 0xBAAEDCE6AF48A03B, 0xFFFFFFFFFFFFFFFE, ulong.MaxValue);

    /// <summary>n / 2, rounded down: the highest s that EIP-2 admits in a transaction.</summary>
    public static UInt256 HalfOrder =>
        new(0xDFE92F46681B20A0, 0x5D576E7357A4501D, ulong.MaxValue, 0x7FFFFFFFFFFFFFFF);

    /// <summary>Whether s is one of the lower half, so that (r, s) is not the mirror of another signature (EIP-2).
    /// </summary>
    public static bool IsLowS(in UInt256 s) => s <= HalfOrder;

    /// <summary>
    /// Recovers the address that signed <paramref name="digest"/>. Any r and s of the group are taken, high s included;
    /// false for all else.
    /// </summary>
    /// <param name="digest">What was signed.</param>
    /// <param name="rs">r and s, 32 big-endian bytes each.</param>
    /// <param name="recoveryId">0 to 3.</param>
    /// <param name="signer">The address, if true.</param>
    public static bool TryRecover(in Hash256 digest, ReadOnlySpan<byte> rs, int recoveryId, out Address signer)
    {
        Span<byte> publicKey = stackalloc byte[PublicKeySize];
        if (!TryRecoverPublicKey(digest, rs, recoveryId, publicKey))
        {
            signer = default;
            return false;
        }

        signer = AddressOf(publicKey);
        return true;
    }

    /// <summary>As <see cref="TryRecover"/>, giving the 64-byte public key.</summary>
    [SkipLocalsInit]
    public static bool TryRecoverPublicKey(
        in Hash256 digest, ReadOnlySpan<byte> rs, int recoveryId, Span<byte> publicKey)
    {
        CheckSize(publicKey.Length, PublicKeySize);
        if (rs.Length != 64 || (uint)recoveryId > 3) return false;
        Secp256k1Native native = Secp256k1Native.Instance;
        byte* signature = stackalloc byte[Secp256k1Native.RecoverableSignatureSize];
        byte* key = stackalloc byte[Secp256k1Native.PublicKeySize];
        fixed (byte* rsPointer = rs)
        fixed (byte* digestPointer = digest.Bytes)
        {
            if (native.ParseRecoverable(native.Context, signature, rsPointer, recoveryId) == 0) return false;
            if (native.Recover(native.Context, key, signature, digestPointer) == 0) return false;
        }

        Serialize(native, key, publicKey);
        return true;
    }

    /// <summary>
    /// Signs a digest with the deterministic nonce of RFC 6979; s is always low.
    /// </summary>
    /// <param name="digest">What to sign.</param>
    /// <param name="secretKey">32 big-endian bytes, from 1 to n - 1.</param>
    /// <param name="signature">Takes r (32 bytes), s (32 bytes) and the recovery id (0 or 1; 2 and 3 are possible in
    /// theory only).</param>
    /// <exception cref="ArgumentException">The key is out of range, or a size is wrong.</exception>
    [SkipLocalsInit]
    public static void Sign(in Hash256 digest, ReadOnlySpan<byte> secretKey, Span<byte> signature)
    {
        CheckSize(secretKey.Length, SecretKeySize);
        CheckSize(signature.Length, SignatureSize);
        Secp256k1Native native = Secp256k1Native.Instance;
        byte* recoverable = stackalloc byte[Secp256k1Native.RecoverableSignatureSize];
        int recoveryId;
        fixed (byte* keyPointer = secretKey)
        fixed (byte* digestPointer = digest.Bytes)
        fixed (byte* signaturePointer = signature)
        {
            if (native.SignRecoverable(native.Context, recoverable, digestPointer, keyPointer, 0, 0) == 0)
                throw new ArgumentException("The secret key is not between 1 and n - 1.", nameof(secretKey));
            _ = native.SerializeRecoverable(native.Context, signaturePointer, &recoveryId, recoverable);
        }

        signature[64] = (byte)recoveryId;
    }

    /// <summary>Computes the public key of a secret key; false if that is not between 1 and n - 1.</summary>
    /// <param name="secretKey">32 big-endian bytes.</param>
    /// <param name="publicKey">Takes x and y, 32 big-endian bytes each.</param>
    [SkipLocalsInit]
    public static bool TryGetPublicKey(ReadOnlySpan<byte> secretKey, Span<byte> publicKey)
    {
        CheckSize(publicKey.Length, PublicKeySize);
        if (secretKey.Length != SecretKeySize) return false;
        Secp256k1Native native = Secp256k1Native.Instance;
        byte* key = stackalloc byte[Secp256k1Native.PublicKeySize];
        fixed (byte* secretPointer = secretKey)
        {
            if (native.CreatePublicKey(native.Context, key, secretPointer) == 0) return false;
        }

        Serialize(native, key, publicKey);
        return true;
    }

    /// <summary>The low 20 bytes of the Keccak-256 hash of a 64-byte public key.</summary>
    public static Address AddressOf(ReadOnlySpan<byte> publicKey)
    {
        CheckSize(publicKey.Length, PublicKeySize);
        return Address.FromBytes(Keccak256.Hash(publicKey).Bytes[12..]);
    }

    private static void Serialize(Secp256k1Native native, byte* key, Span<byte> publicKey)
    {
        nuint length = PublicKeySize + 1;
        byte* encoded = stackalloc byte[PublicKeySize + 1];
        _ = native.SerializePublicKey(native.Context, encoded, &length, key, Secp256k1Native.SerializeUncompressed);
        new ReadOnlySpan<byte>(encoded + 1, PublicKeySize).CopyTo(publicKey);
    }

    private static void CheckSize(int length, int wanted) =>
        ArgumentOutOfRangeException.ThrowIfNotEqual(length, wanted);
}
