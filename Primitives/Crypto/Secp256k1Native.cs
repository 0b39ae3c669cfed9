using System.Security.Cryptography;

namespace Fragcast.Primitives.Crypto;

/// <summary>
/// The functions of libsecp256k1 that are used, and one context for all threads: the library only reads it after it was
/// randomised. Opaque structures: public key 64 bytes, recoverable signature 65 bytes (secp256k1.h,
/// secp256k1_recovery.h).
/// </summary>
internal sealed unsafe class Secp256k1Native
{
    public const int PublicKeySize = 64;
    public const int RecoverableSignatureSize = 65;
    public const uint SerializeUncompressed = 2;

    private const uint ContextSignVerify = 0x301;
    private const string Library = "libsecp256k1";
    private const string Package = "libsecp256k1-1";

    public readonly nint Context;
    public readonly delegate* unmanaged<nint, byte*, byte*, int, int> ParseRecoverable;
    public readonly delegate* unmanaged<nint, byte*, int*, byte*, int> SerializeRecoverable;
    public readonly delegate* unmanaged<nint, byte*, byte*, byte*, int> Recover;
    public readonly delegate* unmanaged<nint, byte*, byte*, byte*, nint, nint, int> SignRecoverable;
    public readonly delegate* unmanaged<nint, byte*, byte*, int> CreatePublicKey;
    public readonly delegate* unmanaged<nint, byte*, nuint*, byte*, uint, int> SerializePublicKey;

    private static readonly Lazy<Secp256k1Native> Shared = new(static () => new Secp256k1Native());

    private Secp256k1Native()
    {
        nint handle = NativeLibraries.Load(
            Library, Package, "libsecp256k1.so.2", "libsecp256k1.so.1", "libsecp256k1.so.0");
        nint Find(string name) => NativeLibraries.Function(handle, "secp256k1_" + name, Library, Package);

        ParseRecoverable = (delegate* unmanaged<nint, byte*, byte*, int, int>)
            Find("ecdsa_recoverable_signature_parse_compact");
        SerializeRecoverable = (delegate* unmanaged<nint, byte*, int*, byte*, int>)
            Find("ecdsa_recoverable_signature_serialize_compact");
        Recover = (delegate* unmanaged<nint, byte*, byte*, byte*, int>)Find("ecdsa_recover");
        SignRecoverable = (delegate* unmanaged<nint, byte*, byte*, byte*, nint, nint, int>)
            Find("ecdsa_sign_recoverable");
        CreatePublicKey = (delegate* unmanaged<nint, byte*, byte*, int>)Find("ec_pubkey_create");
        SerializePublicKey = (delegate* unmanaged<nint, byte*, nuint*, byte*, uint, int>)Find("ec_pubkey_serialize");

        Context = ((delegate* unmanaged<uint, nint>)Find("context_create"))(ContextSignVerify);
        byte* seed = stackalloc byte[32];
        RandomNumberGenerator.Fill(new Span<byte>(seed, 32));
        // Blinds the secret key against side channels; the signatures stay the same.
        _ = ((delegate* unmanaged<nint, byte*, int>)Find("context_randomize"))(Context, seed);
        CryptographicOperations.ZeroMemory(new Span<byte>(seed, 32));
    }

    /// <summary>The loaded library.</summary>
    /// <exception cref="NativeLibraryMissingException">It is not there, on every call.</exception>
    public static Secp256k1Native Instance => Shared.Value;
}
