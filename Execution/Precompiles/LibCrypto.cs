using Fragcast.Primitives.Crypto;

namespace Fragcast.Execution.Precompiles;

/// <summary>OpenSSL's libcrypto of the system.</summary>
internal static class LibCrypto
{
    private const string Library = "libcrypto";
    private const string Package = "libssl3";

    private static readonly nint Handle = NativeLibraries.Load(Library, Package, "libcrypto.so.3", "libcrypto.so");

    /// <summary>Address of an exported function.</summary>
    public static nint Function(string name) => NativeLibraries.Function(Handle, name, Library, Package);
}
