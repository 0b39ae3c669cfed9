namespace Fragcast.Transport.Identity;

/// <summary>What is wrong with a peer's certificate (libp2p TLS specification, section Peer Authentication).</summary>
public enum CertificateError : byte
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>No certificate was sent.</summary>
    Missing,

    /// <summary>More than one certificate was sent.</summary>
    Chain,

    /// <summary>Not a DER-encoded X.509 version 3 certificate of the allowed form.</summary>
    Malformed,

    /// <summary>The validity has not begun.</summary>
    NotYetValid,

    /// <summary>The validity has ended.</summary>
    Expired,

    /// <summary>Signed with an algorithm other than ECDSA with SHA-256 on P-256.</summary>
    UnsupportedAlgorithm,

    /// <summary>The certificate is not signed by its own key.</summary>
    BadSelfSignature,

    /// <summary>A critical extension is not understood.</summary>
    UnknownCriticalExtension,

    /// <summary>The libp2p public key extension is missing.</summary>
    ExtensionMissing,

    /// <summary>The libp2p extension is there twice, or is not a well-formed SignedKey.</summary>
    ExtensionMalformed,

    /// <summary>The host key is not an Ed25519 key.</summary>
    UnsupportedKeyType,

    /// <summary>The host key did not sign this certificate's key.</summary>
    BadHostSignature,
}
