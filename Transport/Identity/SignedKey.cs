using Fragcast.Primitives.Crypto;

namespace Fragcast.Transport.Identity;

/// <summary>
/// The content of the libp2p certificate extension: SEQUENCE { publicKey OCTET STRING, signature OCTET STRING }, where
/// the public key is the protobuf message { 1: key type, 2: key } and the signature, by that key, is over a prefix and
/// the certificate's own public key (libp2p TLS specification, section libp2p Public Key Extension).
/// </summary>
internal static class SignedKey
{
    public const string ExtensionOid = "1.3.6.1.4.1.53594.1.1";

    // Field 1, varint; 1 = Ed25519. Field 2, 32 bytes.
    private const int KeyPrefixLength = 4;
    private const int KeyLength = KeyPrefixLength + PeerId.KeyLength;

    private const byte MaxKeyType = 3;

    /// <summary>The extension's object identifier, encoded.</summary>
    public static ReadOnlySpan<byte> ExtensionOidBytes => [0x2B, 0x06, 0x01, 0x04, 0x01, 0x83, 0xA2, 0x5A, 0x01, 0x01];

    private static ReadOnlySpan<byte> KeyPrefix => [0x08, 0x01, 0x12, 0x20];

    private static ReadOnlySpan<byte> MessagePrefix => "libp2p-tls-handshake:"u8;

    /// <summary>The extension's content for a certificate key (SubjectPublicKeyInfo in DER).</summary>
    public static byte[] Create(HostIdentity identity, ReadOnlySpan<byte> subjectPublicKeyInfo)
    {
        Span<byte> signature = stackalloc byte[Ed25519.SignatureSize];
        identity.Sign(Message(subjectPublicKeyInfo), signature);
        return
        [
            DerReader.Sequence, 4 + KeyLength + Ed25519.SignatureSize,
            DerReader.OctetString, KeyLength, .. KeyPrefix, .. identity.Peer.PublicKey,
            DerReader.OctetString, Ed25519.SignatureSize, .. signature,
        ];
    }

    /// <summary>Reads the content and checks the signature over the certificate's key.</summary>
    public static CertificateError Verify(
        ReadOnlySpan<byte> extension, ReadOnlySpan<byte> subjectPublicKeyInfo, out PeerId peer)
    {
        peer = default;
        DerReader outer = new(extension);
        if (!outer.TryReadSequence(out DerReader items) || !outer.IsAtEnd ||
            !items.TryRead(DerReader.OctetString, out ReadOnlySpan<byte> publicKey) ||
            !items.TryRead(DerReader.OctetString, out ReadOnlySpan<byte> signature) || !items.IsAtEnd)
        {
            return CertificateError.ExtensionMalformed;
        }

        if (publicKey.Length != KeyLength || !publicKey.StartsWith(KeyPrefix))
        {
            // A message that begins with another known key type is well-formed, only not one of ours.
            return publicKey.Length > 2 && publicKey[0] == 0x08 && publicKey[1] is not 1 and <= MaxKeyType
                ? CertificateError.UnsupportedKeyType
                : CertificateError.ExtensionMalformed;
        }

        ReadOnlySpan<byte> key = publicKey[KeyPrefixLength..];
        if (!Ed25519.Verify(signature, Message(subjectPublicKeyInfo), key))
        {
            return CertificateError.BadHostSignature;
        }

        peer = PeerId.FromPublicKey(key);
        return CertificateError.None;
    }

    private static byte[] Message(ReadOnlySpan<byte> subjectPublicKeyInfo) =>
        [.. MessagePrefix, .. subjectPublicKeyInfo];
}
