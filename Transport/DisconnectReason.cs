using Fragcast.Transport.Identity;

namespace Fragcast.Transport;

/// <summary>Why a connection ended or never came about.</summary>
public enum DisconnectKind : byte
{
    /// <summary>This side closed it; the code is the one given to Close.</summary>
    LocalClose,

    /// <summary>The peer's application closed it; the code is the peer's.</summary>
    PeerClose,

    /// <summary>The peer's transport closed it; the code is a QUIC transport error (RFC 9000, section 20.1).</summary>
    PeerTransportError,

    /// <summary>The peer broke the protocol and was told so; the code is a library error.</summary>
    ProtocolError,

    /// <summary>Nothing was heard for the idle time.</summary>
    IdleTimeout,

    /// <summary>The handshake took longer than allowed; also when nobody answers.</summary>
    HandshakeTimeout,

    /// <summary>The TLS handshake failed; the code is the alert that was sent or received.</summary>
    TlsAlert,

    /// <summary>No application protocol in common (TLS alert 120).</summary>
    NoCommonProtocol,

    /// <summary>The peer's certificate was refused; the code is a <see cref="CertificateError"/>.</summary>
    BadCertificate,

    /// <summary>The peer proved another identity than the one that was dialled.</summary>
    WrongPeer,

    /// <summary>The peer speaks no QUIC version that this side does.</summary>
    VersionMismatch,

    /// <summary>The peer has no memory of the connection, and said so by a stateless reset.</summary>
    StatelessReset,

    /// <summary>A limit of this side was reached: connections in all, or per address.</summary>
    LocalLimit,

    /// <summary>The address cannot be reached from this endpoint (for example IPv6 from an IPv4 one).</summary>
    Unreachable,

    /// <summary>The endpoint was disposed.</summary>
    EndpointClosed,

    /// <summary>A handler threw.</summary>
    HandlerFault,

    /// <summary>The library failed on this side; the code is its error.</summary>
    InternalError,
}

/// <summary>Why a connection ended.</summary>
/// <param name="Kind">The case.</param>
/// <param name="Code">A number that the case gives a meaning, 0 otherwise.</param>
public readonly record struct DisconnectReason(DisconnectKind Kind, ulong Code = 0)
{
    /// <summary>One short phrase for logs.</summary>
    public override string ToString() => Kind switch
    {
        DisconnectKind.BadCertificate => $"bad certificate ({(CertificateError)Code})",
        DisconnectKind.LocalClose or DisconnectKind.PeerClose or DisconnectKind.PeerTransportError
            or DisconnectKind.ProtocolError or DisconnectKind.TlsAlert or DisconnectKind.InternalError
            => $"{Kind} {unchecked((long)Code)}",
        _ => Kind.ToString(),
    };
}
