using System.Runtime.InteropServices;
using Fragcast.Primitives.Crypto;

namespace Fragcast.Transport.Quic.Native;

/// <summary>
/// One loaded generation of libngtcp2 and of its GnuTLS helper, as function pointers. Both generations may be loaded
/// side by side: each helper library is bound to its own core library by soname.
/// </summary>
internal sealed unsafe partial class NgtcpLibrary
{
    private const string Package0 = "libngtcp2-9 libngtcp2-crypto-gnutls2";
    private const string Package1 = "libngtcp2-16 libngtcp2-crypto-gnutls8";

    private static readonly Lock Loading = new();
    private static readonly Dictionary<(string? Directory, bool IsVersion1), NgtcpLibrary> Loaded = [];

    private readonly nint _core;
    private readonly nint _helper;
    private readonly string _package;

    private NgtcpLibrary(NgtcpAbi abi, nint core, nint helper)
    {
        Abi = abi;
        _core = core;
        _helper = helper;
        _package = abi.IsVersion1 ? Package1 : Package0;
        BindCore();
        BindGenerations();
        BindHelper();
        byte* info = (byte*)((delegate* unmanaged<int, void*>)Core("ngtcp2_version"))(0);
        Version = Marshal.PtrToStringUTF8(*(nint*)(info + 8)) ?? "unknown";
    }

    /// <summary>Layouts and error numbers of this generation.</summary>
    public NgtcpAbi Abi { get; }

    /// <summary>For example "1.11.0".</summary>
    public string Version { get; }

    /// <summary>Loads the wanted generation, or returns it if it is loaded already.</summary>
    /// <param name="preference">The generation.</param>
    /// <param name="directory">Where the libraries are; null for the system's search path.</param>
    /// <exception cref="NativeLibraryMissingException">Not installed, or not what it says it is.</exception>
    public static NgtcpLibrary Get(NgtcpLibraryPreference preference, string? directory)
    {
        lock (Loading)
        {
            if (preference != NgtcpLibraryPreference.Version0 && TryGet(directory, isVersion1: true) is { } newest)
            {
                return newest;
            }

            if (preference != NgtcpLibraryPreference.Version1 && TryGet(directory, isVersion1: false) is { } older)
            {
                return older;
            }
        }

        string where = directory is null ? "" : $" in {directory}";
        throw preference switch
        {
            NgtcpLibraryPreference.Version1 => Missing($"is not installed{where} (libngtcp2.so.16)", Package1),
            NgtcpLibraryPreference.Version0 => Missing($"is not installed{where} (libngtcp2.so.9)", Package0),
            _ => Missing($"is not installed{where} (libngtcp2.so.16 or libngtcp2.so.9)", PackageOfThisSystem()),
        };
    }

    private static NativeLibraryMissingException Missing(string problem, string package) =>
        new("libngtcp2 with its GnuTLS helper", problem, package);

    // Debian 12 has the older generation; what follows has the newer one.
    private static string PackageOfThisSystem()
    {
        const string Release = "/etc/debian_version";
        return File.Exists(Release) && File.ReadAllText(Release).StartsWith("12", StringComparison.Ordinal)
            ? Package0
            : Package1;
    }

    private static NgtcpLibrary? TryGet(string? directory, bool isVersion1)
    {
        if (Loaded.TryGetValue((directory, isVersion1), out NgtcpLibrary? library))
        {
            return library;
        }

        (string core, string helper) = isVersion1
            ? ("libngtcp2.so.16", "libngtcp2_crypto_gnutls.so.8")
            : ("libngtcp2.so.9", "libngtcp2_crypto_gnutls.so.2");
        if (!NativeLibrary.TryLoad(InDirectory(directory, core), out nint coreHandle) ||
            !NativeLibrary.TryLoad(InDirectory(directory, helper), out nint helperHandle))
        {
            return null;
        }

        library = new NgtcpLibrary(isVersion1 ? NgtcpAbi.Version1 : NgtcpAbi.Version0, coreHandle, helperHandle);
        string? difference = NgtcpSelfTest.FindDifference(library, library.Abi);
        if (difference is not null)
        {
            throw Missing($"{library.Version} is not laid out as expected ({difference})", library._package);
        }

        Loaded.Add((directory, isVersion1), library);
        return library;
    }

    private static string InDirectory(string? directory, string name) =>
        directory is null ? name : Path.Combine(directory, name);

    private nint Core(string function) =>
        NativeLibraries.Function(_core, function, $"libngtcp2 {Version}", _package);

    private nint Helper(string function) =>
        NativeLibraries.Function(_helper, function, "libngtcp2_crypto_gnutls", _package);
}
