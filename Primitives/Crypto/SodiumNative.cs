namespace Fragcast.Primitives.Crypto;

/// <summary>The functions of libsodium's crypto_sign (Ed25519) that are used.</summary>
internal sealed unsafe class SodiumNative
{
    public readonly delegate* unmanaged<byte*, byte*, int> KeyPair;
    public readonly delegate* unmanaged<byte*, byte*, byte*, int> SeedKeyPair;
    public readonly delegate* unmanaged<byte*, ulong*, byte*, ulong, byte*, int> Sign;
    public readonly delegate* unmanaged<byte*, byte*, ulong, byte*, int> Verify;

    private const string Library = "libsodium";
    private const string Package = "libsodium23";

    private static readonly Lazy<SodiumNative> Shared = new(static () => new SodiumNative());

    private SodiumNative()
    {
        nint handle = NativeLibraries.Load(Library, Package, "libsodium.so.26", "libsodium.so.23", "libsodium.so");
        nint Find(string name) => NativeLibraries.Function(handle, name, Library, Package);

        KeyPair = (delegate* unmanaged<byte*, byte*, int>)Find("crypto_sign_ed25519_keypair");
        SeedKeyPair = (delegate* unmanaged<byte*, byte*, byte*, int>)Find("crypto_sign_ed25519_seed_keypair");
        Sign = (delegate* unmanaged<byte*, ulong*, byte*, ulong, byte*, int>)Find("crypto_sign_ed25519_detached");
        Verify = (delegate* unmanaged<byte*, byte*, ulong, byte*, int>)Find("crypto_sign_ed25519_verify_detached");

        // Negative on failure; 0 or 1 (done before) are both good.
        if (((delegate* unmanaged<int>)Find("sodium_init"))() < 0)
            throw new NativeLibraryMissingException(Library, "does not initialise", Package);
    }

    /// <summary>The loaded library.</summary>
    /// <exception cref="NativeLibraryMissingException">It is not there, on every call.</exception>
    public static SodiumNative Instance => Shared.Value;
}
