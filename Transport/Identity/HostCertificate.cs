using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Fragcast.Transport.Identity;

/// <summary>
/// A self-signed certificate over a fresh ECDSA P-256 key that carries the host identity in the libp2p extension.
/// Made once per endpoint and start; the key never leaves the process.
/// </summary>
internal sealed class HostCertificate
{
    // Clocks of peers may be behind. The end is far: a node must not go dark because it was not restarted.
    private static readonly TimeSpan ClockTolerance = TimeSpan.FromDays(1);
    private const int ValidYears = 100;

    /// <summary>Takes a certificate and key made elsewhere.</summary>
    public HostCertificate(byte[] certificatePem, byte[] keyPem, byte[] der)
    {
        CertificatePem = certificatePem;
        KeyPem = keyPem;
        Der = der;
    }

    /// <summary>The certificate in PEM, ASCII.</summary>
    public byte[] CertificatePem { get; }

    /// <summary>The private key as PKCS #8 in PEM, ASCII.</summary>
    public byte[] KeyPem { get; }

    /// <summary>The certificate in DER.</summary>
    public byte[] Der { get; }

    /// <summary>Makes a certificate that is valid from a day ago on.</summary>
    public static HostCertificate Create(HostIdentity identity, TimeProvider time)
    {
        DateTimeOffset now = time.GetUtcNow();
        return Create(identity, now - ClockTolerance, now.AddYears(ValidYears));
    }

    /// <summary>Makes a certificate with the given validity.</summary>
    public static HostCertificate Create(HostIdentity identity, DateTimeOffset notBefore, DateTimeOffset notAfter)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new("O=libp2p.io", key, HashAlgorithmName.SHA256);
        byte[] signedKey = SignedKey.Create(identity, request.PublicKey.ExportSubjectPublicKeyInfo());
        request.CertificateExtensions.Add(new X509Extension(SignedKey.ExtensionOid, signedKey, critical: false));
        using X509Certificate2 certificate = request.CreateSelfSigned(notBefore, notAfter);
        return new HostCertificate(
            Encoding.ASCII.GetBytes(certificate.ExportCertificatePem()),
            Encoding.ASCII.GetBytes(key.ExportPkcs8PrivateKeyPem()),
            certificate.RawData);
    }
}
