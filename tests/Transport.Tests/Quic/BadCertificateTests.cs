using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Fragcast.Transport.Identity;
using Fragcast.Transport.Quic;

namespace Fragcast.Transport.Tests.Quic;

/// <summary>Handshakes with peers whose certificates are not good, on either side.</summary>
public sealed class BadCertificateTests : TransportFixture
{
    private static readonly DateTimeOffset Now = TimeProvider.System.GetUtcNow();

    public static TheoryData<string, string> Cases
    {
        get
        {
            TheoryData<string, string> cases = [];
            foreach (string engine in EnginePairs.Names)
            {
                foreach (string kind in new[] { "expired", "future", "plain", "forged" })
                {
                    cases.Add(engine, kind);
                }
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Dial_AcceptorWithBadCertificate_Fails(string engine, string kind)
    {
        (ITransportEndpoint server, RecordingHandler serverEvents) = StartBad(engine, kind);
        (ITransportEndpoint client, RecordingHandler clientEvents) = Start(engine);

        client.Dial(server.LocalEndPoint, null);

        DisconnectReason reason = clientEvents.WaitForDialFailure();
        Assert.Equal(new DisconnectReason(DisconnectKind.BadCertificate, (ulong)Expected(kind)), reason);
        Assert.Equal(1, client.Counters[TransportCounter.HandshakeBadCertificate]);
        serverEvents.WaitUntil(() => server.Counters[TransportCounter.HandshakeTlsAlert] == 1, "the alert");
        Assert.Empty(serverEvents.Connects);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Accept_DiallerWithBadCertificate_Refuses(string engine, string kind)
    {
        (ITransportEndpoint server, RecordingHandler serverEvents) = Start(engine);
        (ITransportEndpoint client, RecordingHandler clientEvents) = StartBad(engine, kind);

        client.Dial(server.LocalEndPoint, server.LocalPeer);

        Assert.Equal(DisconnectKind.TlsAlert, clientEvents.WaitForDialFailure().Kind);
        serverEvents.WaitUntil(
            () => server.Counters[TransportCounter.HandshakeBadCertificate] == 1, "the refusal");
        Assert.Empty(serverEvents.Connects);
        Assert.Empty(clientEvents.Connects);
    }

    private static CertificateError Expected(string kind) => kind switch
    {
        "expired" => CertificateError.Expired,
        "future" => CertificateError.NotYetValid,
        "plain" => CertificateError.ExtensionMissing,
        _ => CertificateError.BadHostSignature,
    };

    private (ITransportEndpoint Endpoint, RecordingHandler Events) StartBad(string engine, string kind)
    {
        var identity = HostIdentity.Generate();
        RecordingHandler events = new();
        NgtcpEndpoint endpoint = Own(new NgtcpEndpoint(
            identity, Certificate(identity, kind), EnginePairs.Configure(engine, Loopback)));
        events.Endpoint = endpoint;
        endpoint.Start(events);
        return (endpoint, events);
    }

    private static HostCertificate Certificate(HostIdentity identity, string kind) => kind switch
    {
        "expired" => HostCertificate.Create(identity, Now.AddDays(-3), Now.AddDays(-2)),
        "future" => HostCertificate.Create(identity, Now.AddDays(2), Now.AddDays(3)),
        "plain" => Certificate(_ => null),
        _ => Certificate(keyInfo => SignedKey.Create(identity, [.. keyInfo, 0])),
    };

    private static HostCertificate Certificate(Func<byte[], byte[]?> extension)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new("O=test", key, HashAlgorithmName.SHA256);
        if (extension(request.PublicKey.ExportSubjectPublicKeyInfo()) is { } signedKey)
        {
            request.CertificateExtensions.Add(new X509Extension(SignedKey.ExtensionOid, signedKey, critical: false));
        }

        using X509Certificate2 certificate = request.CreateSelfSigned(Now.AddDays(-1), Now.AddDays(1));
        return new HostCertificate(
            Encoding.ASCII.GetBytes(certificate.ExportCertificatePem()),
            Encoding.ASCII.GetBytes(key.ExportPkcs8PrivateKeyPem()),
            certificate.RawData);
    }
}
