using System.Runtime.InteropServices;
using System.Text;
using Fragcast.Transport.Identity;
using Fragcast.Transport.Libp2p;
using Fragcast.Transport.Quic.Native;

namespace Fragcast.Transport.Quic;

/// <summary>The certificate, key and TLS policy of one endpoint, and the sessions made from them.</summary>
internal sealed unsafe class TlsCredentials : IDisposable
{
    // TLS 1.3 only, AEAD ciphers only. QUIC has no use for middlebox compatibility, and peers must refuse a session
    // that offers it (RFC 9001, section 8.4).
    private const string Policy =
        "NORMAL:-VERS-ALL:+VERS-TLS1.3:-CIPHER-ALL:+AES-128-GCM:+AES-256-GCM:+CHACHA20-POLY1305"
        + ":-GROUP-ALL:+GROUP-X25519:+GROUP-SECP256R1:%DISABLE_TLS13_COMPAT_MODE";

    private static readonly GnuTlsLibrary Library = GnuTlsLibrary.Instance;

    private readonly byte[] _protocol;
    private readonly byte[][] _accepted;
    private void* _credentials;
    private void* _policy;

    public TlsCredentials(HostCertificate certificate, TransportOptions options)
    {
        _protocol = Encoding.ASCII.GetBytes(options.ApplicationProtocol);
        _accepted = options.AcceptLibp2p
            ? [_protocol, Encoding.ASCII.GetBytes(PingResponder.ApplicationProtocol)]
            : [_protocol];
        Check(Library.AllocateCredentials(out _credentials), "credentials");
        Check(Library.SetKey(_credentials, certificate.CertificatePem, certificate.KeyPem), "certificate");
        Library.SetVerify(_credentials, &Verify);
        Check(Library.InitPriority(out _policy, Policy), "policy");
    }

    /// <summary>For the description of the endpoint.</summary>
    public static string LibraryVersion => Library.Version;

    /// <summary>Makes a session bound to a connection; null if the library cannot.</summary>
    /// <param name="isServer">The side of the handshake.</param>
    /// <param name="reference">What the helper library finds the connection by; outlives the session.</param>
    /// <param name="quic">The helper library.</param>
    public void* NewSession(bool isServer, NativeConnectionReference* reference, NgtcpLibrary quic)
    {
        // No tickets: sessions are long, and resumption would need state that survives them.
        uint flags = GnuTlsLibrary.FlagNoTickets | GnuTlsLibrary.FlagNoEndOfEarlyData |
            (isServer ? GnuTlsLibrary.FlagServer : GnuTlsLibrary.FlagClient | GnuTlsLibrary.FlagForceClientCertificate);
        if (Library.Init(out void* session, flags) < 0)
        {
            return null;
        }

        bool done = Library.SetPriority(session, _policy) >= 0
            && (isServer ? quic.ConfigureServerSession(session) : quic.ConfigureClientSession(session)) == 0
            && Library.SetCredentials(session, _credentials) >= 0
            && Library.SetAlpn(session, isServer ? _accepted : [_protocol]) >= 0;
        if (!done)
        {
            Library.Deinit(session);
            return null;
        }

        Library.SetPointer(session, reference);
        if (isServer)
        {
            Library.RequireCertificate(session);
        }

        return session;
    }

    public static void DeleteSession(void* session) => Library.Deinit(session);

    /// <summary>Whether the session has agreed on our application protocol.</summary>
    public bool HasProtocol(void* session) => Library.GetAlpn(session).SequenceEqual(_protocol);

    /// <summary>Whether it has agreed on that of libp2p.</summary>
    public bool HasLibp2p(void* session) =>
        _accepted.Length > 1 && Library.GetAlpn(session).SequenceEqual(_accepted[1]);

    public void Dispose()
    {
        if (_credentials != null)
        {
            Library.FreeCredentials(_credentials);
            Library.FreePriority(_policy);
            _credentials = null;
            _policy = null;
        }
    }

    private static void Check(int result, string what)
    {
        if (result < 0)
        {
            throw new InvalidOperationException($"GnuTLS {Library.Version} refused the {what} (error {result}).");
        }
    }

    // Called by GnuTLS within the handshake, on the I/O thread of the connection.
    [UnmanagedCallersOnly]
#pragma warning disable CA1031 // No exception may pass through native frames; a failed check refuses the peer.
    private static int Verify(void* session)
    {
        try
        {
            var reference = (NativeConnectionReference*)Library.GetPointer(session);
            QuicConnection? connection = EndpointLoop.Current?.Connections.Find((ulong)reference->Handle);
            if (connection is null)
            {
                return GnuTlsLibrary.ErrorCertificate;
            }

            GnuTlsDatum* peers = Library.GetPeers(session, out int count);
            ReadOnlySpan<byte> first = count > 0 ? new ReadOnlySpan<byte>(peers->Data, (int)peers->Size) : default;
            return connection.AcceptsCertificate(first, count) ? 0 : GnuTlsLibrary.ErrorCertificate;
        }
        catch (Exception e)
        {
            EndpointLoop.Current?.NoteFault(e);
            return GnuTlsLibrary.ErrorCertificate;
        }
    }
#pragma warning restore CA1031
}
