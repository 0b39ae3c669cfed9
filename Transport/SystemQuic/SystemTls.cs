using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Fragcast.Transport.Identity;

namespace Fragcast.Transport.SystemQuic;

/// <summary>The certificate of an endpoint, and the check of its peers' in the handshake.</summary>
internal sealed class SystemTls : IDisposable
{
    private readonly TimeProvider _time;
    private readonly X509Certificate2 _certificate;

    public SystemTls(HostCertificate certificate, TransportOptions options)
    {
        _time = options.Time;
        _certificate = X509Certificate2.CreateFromPem(
            Encoding.ASCII.GetString(certificate.CertificatePem), Encoding.ASCII.GetString(certificate.KeyPem));
        if (OperatingSystem.IsWindows())
        {
            // The TLS library there takes keys of its own store only.
            using X509Certificate2 ephemeral = _certificate;
            _certificate = X509CertificateLoader.LoadPkcs12(ephemeral.Export(X509ContentType.Pkcs12), null);
        }

        Context = SslStreamCertificateContext.Create(_certificate, null, offline: true);
    }

    /// <summary>The certificate as handshakes take it.</summary>
    public SslStreamCertificateContext Context { get; }

    /// <summary>Checks a peer's certificate; notes on the connection whose it is, or what is wrong.</summary>
    public bool Accepts(SystemConnection connection, X509Certificate? certificate, X509Chain? chain)
    {
        if (certificate is null)
            return connection.Refuse(DisconnectKind.BadCertificate, CertificateError.Missing);
        // What the peer has sent besides, if the runtime did not put the certificate itself there as well.
        byte[] der = certificate.GetRawCertData();
        if (chain?.ChainPolicy.ExtraStore.Any(other => !other.RawDataMemory.Span.SequenceEqual(der)) ?? false)
            return connection.Refuse(DisconnectKind.BadCertificate, CertificateError.Chain);
        CertificateError error = PeerCertificate.Verify(der, _time.GetUtcNow(), out PeerId peer);
        if (error != CertificateError.None)
            return connection.Refuse(DisconnectKind.BadCertificate, error);
        return connection.Prove(peer) || connection.Refuse(DisconnectKind.WrongPeer, CertificateError.None);
    }

    public void Dispose() => _certificate.Dispose();
}
