using System.Runtime.InteropServices;
using System.Text;
using Fragcast.Primitives.Crypto;

namespace Fragcast.Transport.Quic.Native;

/// <summary>The part of GnuTLS that sets up sessions; the handshake itself is driven by the helper library.</summary>
internal sealed unsafe class GnuTlsLibrary
{
    public const uint FlagServer = 1;
    public const uint FlagClient = 1 << 1;
    public const uint FlagForceClientCertificate = 1 << 9;
    public const uint FlagNoTickets = 1 << 10;
    public const uint FlagNoEndOfEarlyData = 1 << 22;
    public const int CredentialsCertificate = 1;
    public const int FormatPem = 1;
    public const int CertificateRequire = 2;
    public const uint AlpnMandatory = 1;
    public const int ErrorCertificate = -43;

    private const string Name = "GnuTLS";
    private const string Package = "libgnutls30";

    // Before it, sessions for QUIC miss what ngtcp2's helper needs.
    private const string MinimumVersion = "3.7.5";

    private static readonly Lazy<GnuTlsLibrary> Shared = new(() => new GnuTlsLibrary());

    private readonly nint _library = NativeLibraries.Load(Name, Package, "libgnutls.so.30");
    private readonly delegate* unmanaged<void**, uint, int> _init;
    private readonly delegate* unmanaged<void*, void> _deinit;
    private readonly delegate* unmanaged<void**, int> _allocateCredentials;
    private readonly delegate* unmanaged<void*, void> _freeCredentials;
    private readonly delegate* unmanaged<void*, GnuTlsDatum*, GnuTlsDatum*, int, int> _setKey;
    private readonly delegate* unmanaged<void*, delegate* unmanaged<void*, int>, void> _setVerify;
    private readonly delegate* unmanaged<void*, int, void*, int> _setCredentials;
    private readonly delegate* unmanaged<void**, byte*, byte**, int> _initPriority;
    private readonly delegate* unmanaged<void*, void*, int> _setPriority;
    private readonly delegate* unmanaged<void*, void> _freePriority;
    private readonly delegate* unmanaged<void*, GnuTlsDatum*, uint, uint, int> _setAlpn;
    private readonly delegate* unmanaged<void*, GnuTlsDatum*, int> _getAlpn;
    private readonly delegate* unmanaged<void*, int, void> _requestCertificate;
    private readonly delegate* unmanaged<void*, void*, void> _setPointer;
    private readonly delegate* unmanaged<void*, void*> _getPointer;
    private readonly delegate* unmanaged<void*, uint*, GnuTlsDatum*> _getPeers;

    private GnuTlsLibrary()
    {
        var checkVersion = (delegate* unmanaged<byte*, byte*>)Function("gnutls_check_version");
        Version = Marshal.PtrToStringUTF8((nint)checkVersion(null)) ?? "unknown";
        fixed (byte* minimum = Encoding.ASCII.GetBytes(MinimumVersion + '\0'))
        {
            if (checkVersion(minimum) == null)
            {
                throw new NativeLibraryMissingException(
                    Name, $"is {Version}, and {MinimumVersion} is the oldest that works", Package);
            }
        }

        _init = (delegate* unmanaged<void**, uint, int>)Function("gnutls_init");
        _deinit = (delegate* unmanaged<void*, void>)Function("gnutls_deinit");
        _allocateCredentials = (delegate* unmanaged<void**, int>)Function("gnutls_certificate_allocate_credentials");
        _freeCredentials = (delegate* unmanaged<void*, void>)Function("gnutls_certificate_free_credentials");
        _setKey = (delegate* unmanaged<void*, GnuTlsDatum*, GnuTlsDatum*, int, int>)
            Function("gnutls_certificate_set_x509_key_mem");
        _setVerify = (delegate* unmanaged<void*, delegate* unmanaged<void*, int>, void>)
            Function("gnutls_certificate_set_verify_function");
        _setCredentials = (delegate* unmanaged<void*, int, void*, int>)Function("gnutls_credentials_set");
        _initPriority = (delegate* unmanaged<void**, byte*, byte**, int>)Function("gnutls_priority_init");
        _setPriority = (delegate* unmanaged<void*, void*, int>)Function("gnutls_priority_set");
        _freePriority = (delegate* unmanaged<void*, void>)Function("gnutls_priority_deinit");
        _setAlpn = (delegate* unmanaged<void*, GnuTlsDatum*, uint, uint, int>)Function("gnutls_alpn_set_protocols");
        _getAlpn = (delegate* unmanaged<void*, GnuTlsDatum*, int>)Function("gnutls_alpn_get_selected_protocol");
        _requestCertificate = (delegate* unmanaged<void*, int, void>)
            Function("gnutls_certificate_server_set_request");
        _setPointer = (delegate* unmanaged<void*, void*, void>)Function("gnutls_session_set_ptr");
        _getPointer = (delegate* unmanaged<void*, void*>)Function("gnutls_session_get_ptr");
        _getPeers = (delegate* unmanaged<void*, uint*, GnuTlsDatum*>)Function("gnutls_certificate_get_peers");
    }

    /// <summary>The library, loaded at first use.</summary>
    /// <exception cref="NativeLibraryMissingException">Not installed, or too old.</exception>
    public static GnuTlsLibrary Instance => Shared.Value;

    /// <summary>For example "3.7.9".</summary>
    public string Version { get; }

    public int Init(out void* session, uint flags)
    {
        fixed (void** result = &session)
        {
            return _init(result, flags);
        }
    }

    public void Deinit(void* session) => _deinit(session);

    public int AllocateCredentials(out void* credentials)
    {
        fixed (void** result = &credentials)
        {
            return _allocateCredentials(result);
        }
    }

    public void FreeCredentials(void* credentials) => _freeCredentials(credentials);

    /// <summary>Sets certificate and private key, both in PEM.</summary>
    public int SetKey(void* credentials, ReadOnlySpan<byte> certificatePem, ReadOnlySpan<byte> keyPem)
    {
        fixed (byte* certificate = certificatePem)
        fixed (byte* key = keyPem)
        {
            GnuTlsDatum certificateDatum = new() { Data = certificate, Size = (uint)certificatePem.Length };
            GnuTlsDatum keyDatum = new() { Data = key, Size = (uint)keyPem.Length };
            return _setKey(credentials, &certificateDatum, &keyDatum, FormatPem);
        }
    }

    public void SetVerify(void* credentials, delegate* unmanaged<void*, int> verify) =>
        _setVerify(credentials, verify);

    public int SetCredentials(void* session, void* credentials) =>
        _setCredentials(session, CredentialsCertificate, credentials);

    public int InitPriority(out void* priority, string text)
    {
        fixed (void** result = &priority)
        fixed (byte* bytes = Encoding.ASCII.GetBytes(text + '\0'))
        {
            return _initPriority(result, bytes, null);
        }
    }

    public void FreePriority(void* priority) => _freePriority(priority);

    public int SetPriority(void* session, void* priority) => _setPriority(session, priority);

    /// <summary>Sets the protocols, one or two; the library copies them.</summary>
    public int SetAlpn(void* session, ReadOnlySpan<byte[]> protocols)
    {
        fixed (byte* first = protocols[0])
        fixed (byte* last = protocols[^1])
        {
            GnuTlsDatum* data = stackalloc GnuTlsDatum[2];
            data[0] = new GnuTlsDatum { Data = first, Size = (uint)protocols[0].Length };
            data[1] = new GnuTlsDatum { Data = last, Size = (uint)protocols[^1].Length };
            return _setAlpn(session, data, (uint)protocols.Length, AlpnMandatory);
        }
    }

    /// <summary>The agreed protocol; empty if none. Valid as long as the session.</summary>
    public ReadOnlySpan<byte> GetAlpn(void* session)
    {
        GnuTlsDatum datum;
        return _getAlpn(session, &datum) == 0 ? new ReadOnlySpan<byte>(datum.Data, (int)datum.Size) : default;
    }

    public void RequireCertificate(void* session) => _requestCertificate(session, CertificateRequire);

    public void SetPointer(void* session, void* pointer) => _setPointer(session, pointer);

    public void* GetPointer(void* session) => _getPointer(session);

    /// <summary>The peer's chain, in DER; null if there is none. Valid as long as the session.</summary>
    public GnuTlsDatum* GetPeers(void* session, out int count)
    {
        uint found = 0;
        GnuTlsDatum* peers = _getPeers(session, &found);
        count = peers == null ? 0 : (int)found;
        return peers;
    }

    private nint Function(string name) => NativeLibraries.Function(_library, name, Name, Package);
}
