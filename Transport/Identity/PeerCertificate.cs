using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Fragcast.Transport.Identity;

/// <summary>
/// Checks the one certificate of a peer as the libp2p TLS specification asks, and finds the identity it proves. That
/// the peer has the certificate's key is proven by the handshake itself.
/// </summary>
internal static class PeerCertificate
{
    private const byte UtcTime = 0x17;
    private const byte GeneralizedTime = 0x18;

    // Handshakes with larger certificates than this are refused unread; ours are about 450 bytes.
    private const int MaxLength = 4096;

    private const int PointLength = 65;
    private const byte Uncompressed = 0x04;

    // AlgorithmIdentifier: ecdsa-with-SHA256, no parameters (RFC 5758).
    private static ReadOnlySpan<byte> EcdsaWithSha256 => [0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03, 0x02];

    // AlgorithmIdentifier: id-ecPublicKey, named curve prime256v1 (RFC 5480). Explicit parameters never match.
    private static ReadOnlySpan<byte> EcPublicKeyP256 =>
    [
        0x06, 0x07, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01,
        0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07,
    ];

    /// <summary>Checks a certificate in DER against a point in time.</summary>
    /// <param name="der">Bytes from the peer.</param>
    /// <param name="now">The time for the validity.</param>
    /// <param name="peer">The proven identity, if the result is <see cref="CertificateError.None"/>.</param>
    public static CertificateError Verify(ReadOnlySpan<byte> der, DateTimeOffset now, out PeerId peer)
    {
        peer = default;
        CertificateError error = TryParse(der, out Parts parts);
        if (error != CertificateError.None)
        {
            return error;
        }

        if (now < parts.NotBefore)
        {
            return CertificateError.NotYetValid;
        }

        if (now > parts.NotAfter)
        {
            return CertificateError.Expired;
        }

        if (!VerifySelfSignature(parts))
        {
            return CertificateError.BadSelfSignature;
        }

        error = FindExtension(parts.Extensions, out ReadOnlySpan<byte> signedKey);
        return error == CertificateError.None ? SignedKey.Verify(signedKey, parts.PublicKeyInfo, out peer) : error;
    }

    // Certificate ::= SEQUENCE { tbsCertificate, signatureAlgorithm, signature BIT STRING } (RFC 5280, section 4.1)
    private static CertificateError TryParse(ReadOnlySpan<byte> der, out Parts parts)
    {
        parts = default;
        DerReader outer = new(der);
        if (der.Length > MaxLength || !outer.TryReadSequence(out DerReader certificate) || !outer.IsAtEnd ||
            !certificate.TryRead(DerReader.Sequence, out ReadOnlySpan<byte> body, out parts.Signed) ||
            !certificate.TryRead(DerReader.Sequence, out ReadOnlySpan<byte> algorithm) ||
            !certificate.TryReadBits(out parts.Signature) || !certificate.IsAtEnd)
        {
            return CertificateError.Malformed;
        }

        return algorithm.SequenceEqual(EcdsaWithSha256)
            ? TryParseBody(new DerReader(body), algorithm, ref parts)
            : CertificateError.UnsupportedAlgorithm;
    }

    private static CertificateError TryParseBody(
        DerReader body, ReadOnlySpan<byte> algorithm, ref Parts parts)
    {
        if (!body.TryRead(DerReader.Explicit(0), out ReadOnlySpan<byte> version) || !version.SequenceEqual(Version3) ||
            !body.TryRead(DerReader.Integer, out _) ||
            !body.TryRead(DerReader.Sequence, out ReadOnlySpan<byte> innerAlgorithm) ||
            !innerAlgorithm.SequenceEqual(algorithm) ||
            !body.TryRead(DerReader.Sequence, out _) ||
            !body.TryReadSequence(out DerReader validity) ||
            !TryReadTime(ref validity, out parts.NotBefore) || !TryReadTime(ref validity, out parts.NotAfter) ||
            !validity.IsAtEnd ||
            !body.TryRead(DerReader.Sequence, out _) ||
            !body.TryRead(DerReader.Sequence, out ReadOnlySpan<byte> keyInfo, out parts.PublicKeyInfo))
        {
            return CertificateError.Malformed;
        }

        // The deprecated issuerUniqueID and subjectUniqueID, [1] and [2], would stand here and are refused.
        if (body.IsAtEnd)
        {
            return CertificateError.ExtensionMissing;
        }

        DerReader info = new(keyInfo);
        if (!body.TryRead(DerReader.Explicit(3), out parts.Extensions) || !body.IsAtEnd ||
            !info.TryRead(DerReader.Sequence, out ReadOnlySpan<byte> keyAlgorithm) ||
            !info.TryReadBits(out parts.Point) || !info.IsAtEnd)
        {
            return CertificateError.Malformed;
        }

        return keyAlgorithm.SequenceEqual(EcPublicKeyP256) && parts.Point.Length == PointLength &&
            parts.Point[0] == Uncompressed
            ? CertificateError.None
            : CertificateError.UnsupportedAlgorithm;
    }

    private static ReadOnlySpan<byte> Version3 => [DerReader.Integer, 1, 2];

    private static bool VerifySelfSignature(in Parts parts)
    {
        ECParameters parameters = new()
        {
            Curve = ECCurve.NamedCurves.nistP256,
            Q = new ECPoint { X = parts.Point[1..33].ToArray(), Y = parts.Point[33..].ToArray() },
        };
        try
        {
            using var key = ECDsa.Create(parameters);
            return key.VerifyData(
                parts.Signed, parts.Signature, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
        }
        catch (CryptographicException)
        {
            // The point is not on the curve: there is no other way to ask.
            return false;
        }
    }

    // Extensions ::= SEQUENCE OF SEQUENCE { extnID, critical BOOLEAN DEFAULT FALSE, extnValue OCTET STRING }
    private static CertificateError FindExtension(ReadOnlySpan<byte> extensions, out ReadOnlySpan<byte> signedKey)
    {
        signedKey = default;
        bool found = false;
        DerReader outer = new(extensions);
        if (!outer.TryReadSequence(out DerReader items) || !outer.IsAtEnd)
        {
            return CertificateError.Malformed;
        }

        while (!items.IsAtEnd)
        {
            ReadOnlySpan<byte> critical = default;
            if (!items.TryReadSequence(out DerReader extension) ||
                !extension.TryRead(DerReader.ObjectId, out ReadOnlySpan<byte> id) ||
                (extension.NextIs(DerReader.Boolean) && !extension.TryRead(DerReader.Boolean, out critical)) ||
                !extension.TryRead(DerReader.OctetString, out ReadOnlySpan<byte> value) || !extension.IsAtEnd)
            {
                return CertificateError.Malformed;
            }

            if (id.SequenceEqual(SignedKey.ExtensionOidBytes))
            {
                if (found)
                {
                    return CertificateError.ExtensionMalformed;
                }

                found = true;
                signedKey = value;
            }
            else if (critical.IndexOfAnyExcept((byte)0) >= 0)
            {
                return CertificateError.UnknownCriticalExtension;
            }
        }

        return found ? CertificateError.None : CertificateError.ExtensionMissing;
    }

    // UTCTime YYMMDDHHMMSSZ up to 2049, GeneralizedTime YYYYMMDDHHMMSSZ (RFC 5280, section 4.1.2.5).
    private static bool TryReadTime(ref DerReader reader, out DateTimeOffset time)
    {
        time = default;
        if (!reader.TryReadAny(out byte tag, out ReadOnlySpan<byte> text, out _))
        {
            return false;
        }

        Span<byte> full = stackalloc byte[15];
        if (tag == UtcTime && text.Length == 13)
        {
            (text[0] < (byte)'5' ? "20"u8 : "19"u8).CopyTo(full);
            text.CopyTo(full[2..]);
        }
        else if (tag == GeneralizedTime && text.Length == 15)
        {
            text.CopyTo(full);
        }
        else
        {
            return false;
        }

        return DateTimeOffset.TryParseExact(
            Encoding.ASCII.GetString(full), "yyyyMMddHHmmss'Z'", CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal, out time);
    }

    /// <summary>The parts of a certificate that are checked; slices of the certificate.</summary>
    private ref struct Parts
    {
        public ReadOnlySpan<byte> Signed;
        public ReadOnlySpan<byte> Signature;
        public ReadOnlySpan<byte> PublicKeyInfo;
        public ReadOnlySpan<byte> Point;
        public ReadOnlySpan<byte> Extensions;
        public DateTimeOffset NotBefore;
        public DateTimeOffset NotAfter;
    }
}
