using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Fragcast.Primitives;
using Fragcast.Transport.Identity;

namespace Fragcast.Transport.Tests.Identity;

public sealed class PeerCertificateTests
{
    // The vectors of the libp2p TLS specification.
    private const string Ed25519Vector =
        "308201ae30820156a0030201020204499602d2300a06082a8648ce3d040302302031123010060355040a13096c6962703270" +
        "2e696f310a300806035504051301313020170d3735303130313133303030305a180f34303936303130313133303030305a30" +
        "2031123010060355040a13096c69627032702e696f310a300806035504051301313059301306072a8648ce3d020106082a86" +
        "48ce3d030107034200040c901d423c831ca85e27c73c263ba132721bb9d7a84c4f0380b2a6756fd601331c8870234dec8785" +
        "04c174144fa4b14b66a651691606d8173e55bd37e381569ea37c307a3078060a2b0601040183a25a0101046a306804240801" +
        "1220a77f1d92fedb59dddaea5a1c4abd1ac2fbde7d7b879ed364501809923d7c11b90440d90d2769db992d5e6195dbb08e70" +
        "6b6651e024fda6cfb8846694a435519941cac215a8207792e42849cccc6cd8136c6e4bde92a58c5e08cfd4206eb5fe0bf909" +
        "300a06082a8648ce3d0403020346003043021f50f6b6c52711a881778718238f650c9fb48943ae6ee6d28427dc6071ae55e7" +
        "02203625f116a7a454db9c56986c82a25682f7248ea1cb764d322ea983ed36a31b77";

    private const string EcdsaVector =
        "308201f63082019da0030201020204499602d2300a06082a8648ce3d040302302031123010060355040a13096c6962703270" +
        "2e696f310a300806035504051301313020170d3735303130313133303030305a180f34303936303130313133303030305a30" +
        "2031123010060355040a13096c69627032702e696f310a300806035504051301313059301306072a8648ce3d020106082a86" +
        "48ce3d030107034200040c901d423c831ca85e27c73c263ba132721bb9d7a84c4f0380b2a6756fd601331c8870234dec8785" +
        "04c174144fa4b14b66a651691606d8173e55bd37e381569ea381c23081bf3081bc060a2b0601040183a25a01010481ad3081" +
        "aa045f0803125b3059301306072a8648ce3d020106082a8648ce3d03010703420004bf30511f909414ebdd3242178fd290f0" +
        "93a551cf75c973155de0bb5a96fedf6cb5d52da7563e794b512f66e60c7f55ba8a3acf3dd72a801980d205e8a1ad29f20447" +
        "30450220064ea8124774caf8f50e57f436aa62350ce652418c019df5d98a3ac666c9386a022100aa59d704a931b5f72fb922" +
        "2cb6cc51f954d04a4e2e5450f8805fe8918f71eaae300a06082a8648ce3d04030203470030440220799395b0b6c1e940a7e4" +
        "484705f610ab51ed376f19ff9d7c16757cfbf61b8d4302206205c03fbb0f95205c779be86581d3e31c01871ad5d1f3435bcf" +
        "375cb0e5088a";

    private const string Secp256k1Vector =
        "308201ba3082015fa0030201020204499602d2300a06082a8648ce3d040302302031123010060355040a13096c6962703270" +
        "2e696f310a300806035504051301313020170d3735303130313133303030305a180f34303936303130313133303030305a30" +
        "2031123010060355040a13096c69627032702e696f310a300806035504051301313059301306072a8648ce3d020106082a86" +
        "48ce3d030107034200040c901d423c831ca85e27c73c263ba132721bb9d7a84c4f0380b2a6756fd601331c8870234dec8785" +
        "04c174144fa4b14b66a651691606d8173e55bd37e381569ea38184308181307f060a2b0601040183a25a01010471306f0425" +
        "080212210206dc6968726765b820f050263ececf7f71e4955892776c0970542efd689d2382044630440220145e15a991961f" +
        "0d08cd15425bb95ec93f6ffa03c5a385eedc34ecf464c7a8ab022026b3109b8a3f40ef833169777eb2aa337cfb6282f188de" +
        "0666d1bcec2a4690dd300a06082a8648ce3d0403020349003046022100e1a217eeef9ec9204b3f774a08b70849646b6a1e6b" +
        "8b27f93dc00ed58545d9fe022100b00dafa549d0f03547878338c7b15e7502888f6d45db387e5ae6b5d46899cef0";

    private const string InvalidVector =
        "308201f73082019da0030201020204499602d2300a06082a8648ce3d040302302031123010060355040a13096c6962703270" +
        "2e696f310a300806035504051301313020170d3735303130313133303030305a180f34303936303130313133303030305a30" +
        "2031123010060355040a13096c69627032702e696f310a300806035504051301313059301306072a8648ce3d020106082a86" +
        "48ce3d030107034200040c901d423c831ca85e27c73c263ba132721bb9d7a84c4f0380b2a6756fd601331c8870234dec8785" +
        "04c174144fa4b14b66a651691606d8173e55bd37e381569ea381c23081bf3081bc060a2b0601040183a25a01010481ad3081" +
        "aa045f0803125b3059301306072a8648ce3d020106082a8648ce3d03010703420004bf30511f909414ebdd3242178fd290f0" +
        "93a551cf75c973155de0bb5a96fedf6cb5d52da7563e794b512f66e60c7f55ba8a3acf3dd72a801980d205e8a1ad29f20447" +
        "3045022100bb6e03577b7cc7a3cd1558df0da2b117dfdcc0399bc2504ebe7de6f65cade72802206de96e2a5be9b6202adba2" +
        "4ee0362e490641ac45c240db71fe955f2c5cf8df6e300a06082a8648ce3d0403020348003045022100e847f267f43717358f" +
        "850355bdcabbefb2cfbf8a3c043b203a14788a092fe8db022027c1d04a2d41fd6b57a7e8b3989e470325de4406e52e084e34" +
        "a3fd56eef0d0df";
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly HostIdentity _identity = HostIdentity.Generate();

    [Fact]
    public void Verify_SpecificationsEd25519Vector_GivesItsPeer()
    {
        CertificateError error = PeerCertificate.Verify(Hex.Decode(Ed25519Vector), Now, out PeerId peer);

        Assert.Equal(CertificateError.None, error);
        Assert.Equal("12D3KooWM6CgA9iBFZmcYAHA6A2qvbAxqfkmrYiRQuz3XEsk4Ksv", peer.ToString());
    }

    [Theory]
    [InlineData(EcdsaVector)]
    [InlineData(Secp256k1Vector)]
    [InlineData(InvalidVector)] // also an ECDSA host key, so the mismatch is not even looked at
    public void Verify_SpecificationsOtherKeyTypes_AreUnsupported(string vector)
    {
        CertificateError error = PeerCertificate.Verify(Hex.Decode(vector), Now, out PeerId peer);

        Assert.Equal(CertificateError.UnsupportedKeyType, error);
        Assert.True(peer.IsNone);
    }

    [Fact]
    public void Verify_OwnCertificate_GivesOwnPeer()
    {
        var certificate = HostCertificate.Create(_identity, TimeProvider.System);

        CertificateError error =
            PeerCertificate.Verify(certificate.Der, TimeProvider.System.GetUtcNow(), out PeerId peer);

        Assert.Equal(CertificateError.None, error);
        Assert.Equal(_identity.Peer, peer);
        Assert.InRange(certificate.Der.Length, 300, 600);
    }

    [Fact]
    public void Verify_OutsideValidity_IsRefused()
    {
        var certificate = HostCertificate.Create(_identity, Now.AddDays(-10), Now.AddDays(10));

        Assert.Equal(CertificateError.None, PeerCertificate.Verify(certificate.Der, Now, out _));
        Assert.Equal(CertificateError.NotYetValid, PeerCertificate.Verify(certificate.Der, Now.AddDays(-11), out _));
        Assert.Equal(CertificateError.Expired, PeerCertificate.Verify(certificate.Der, Now.AddDays(11), out _));
    }

    [Fact]
    public void Verify_NoExtension_IsRefused() =>
        Assert.Equal(CertificateError.ExtensionMissing, Verify(Certify((_, _) => { })));

    [Fact]
    public void Verify_OnlyOtherExtensions_IsRefused() =>
        Assert.Equal(CertificateError.ExtensionMissing, Verify(Certify((request, _) =>
            request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, critical: false)))));

    [Fact]
    public void Verify_UnknownCriticalExtension_IsRefused() =>
        Assert.Equal(CertificateError.UnknownCriticalExtension, Verify(Certify((request, keyInfo) =>
        {
            request.CertificateExtensions.Add(new X509Extension("1.2.3.4", [5, 0], critical: true));
            Add(request, SignedKey.Create(_identity, keyInfo));
        })));

    [Fact]
    public void Verify_UnknownUncriticalExtension_IsIgnored() =>
        Assert.Equal(CertificateError.None, Verify(Certify((request, keyInfo) =>
        {
            request.CertificateExtensions.Add(new X509Extension("1.2.3.4", [5, 0], critical: false));
            Add(request, SignedKey.Create(_identity, keyInfo), critical: true);
        })));

    [Fact]
    public void Verify_HostSignatureOverAnotherKey_IsRefused() =>
        Assert.Equal(CertificateError.BadHostSignature, Verify(Certify((request, keyInfo) =>
        {
            byte[] other = [.. keyInfo];
            other[^1] ^= 1;
            Add(request, SignedKey.Create(_identity, other));
        })));

    [Fact]
    public void Verify_MalformedExtension_IsRefused() =>
        Assert.Equal(CertificateError.ExtensionMalformed, Verify(Certify((request, keyInfo) =>
            Add(request, SignedKey.Create(_identity, keyInfo)[..^1]))));

    [Fact]
    public void Verify_ChangedBody_BreaksTheSelfSignature()
    {
        byte[] der = HostCertificate.Create(_identity, Now.AddDays(-1), Now.AddDays(1)).Der;
        int at = der.AsSpan().IndexOf("libp2p.io"u8);
        der[at] ^= 1;

        Assert.Equal(CertificateError.BadSelfSignature, Verify(der));
    }

    [Fact]
    public void Verify_OtherAlgorithm_IsUnsupported()
    {
        using var key = RSA.Create(2048);
        CertificateRequest request =
            new("CN=rsa", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        Add(request, SignedKey.Create(_identity, request.PublicKey.ExportSubjectPublicKeyInfo()));
        using X509Certificate2 certificate = request.CreateSelfSigned(Now.AddDays(-1), Now.AddDays(1));

        Assert.Equal(CertificateError.UnsupportedAlgorithm, Verify(certificate.RawData));
    }

    [Fact]
    public void Verify_PointNotOnCurve_IsRefused()
    {
        byte[] der = HostCertificate.Create(_identity, Now.AddDays(-1), Now.AddDays(1)).Der;
        // BIT STRING of 66 bytes: no unused bits, uncompressed point.
        int at = der.AsSpan().IndexOf(new byte[] { 0x03, 0x42, 0x00, 0x04 }) + 4;
        der.AsSpan(at, 64).Fill(7);

        Assert.Equal(CertificateError.BadSelfSignature, Verify(der));
    }

    [Fact]
    public void Verify_EveryTruncationAndByteChange_GivesAnError()
    {
        byte[] der = HostCertificate.Create(_identity, Now.AddDays(-1), Now.AddDays(1)).Der;
        for (int i = 0; i < der.Length; i++)
        {
            Assert.NotEqual(CertificateError.None, Verify(der[..i]));
            byte[] changed = [.. der];
            changed[i] ^= 0xFF;
            Assert.NotEqual(CertificateError.None, Verify(changed));
        }
    }

    private static CertificateError Verify(byte[] der) => PeerCertificate.Verify(der, Now, out _);

    private static void Add(CertificateRequest request, byte[] signedKey, bool critical = false) =>
        request.CertificateExtensions.Add(new X509Extension(SignedKey.ExtensionOid, signedKey, critical));

    private static byte[] Certify(Action<CertificateRequest, byte[]> extend)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new("O=test", key, HashAlgorithmName.SHA256);
        extend(request, request.PublicKey.ExportSubjectPublicKeyInfo());
        using X509Certificate2 certificate = request.CreateSelfSigned(Now.AddDays(-1), Now.AddDays(1));
        return certificate.RawData;
    }
}
