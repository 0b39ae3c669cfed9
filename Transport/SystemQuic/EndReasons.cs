using System.Net.Quic;
using System.Net.Sockets;
using System.Security.Authentication;

namespace Fragcast.Transport.SystemQuic;

/// <summary>What the exceptions of System.Net.Quic mean for a connection.</summary>
internal static class EndReasons
{
    // TLS alerts are QUIC errors 0x0100 to 0x01ff (RFC 9001, section 4.8).
    private const long TlsAlertFirst = 0x100;
    private const long TlsAlertLast = 0x1FF;
    private const long AlertNoApplicationProtocol = 120;

    /// <summary>Why a connection that existed has ended.</summary>
    public static DisconnectReason OfEnd(Exception exception) => exception is QuicException quic
        ? OfEnd(quic)
        : new DisconnectReason(DisconnectKind.InternalError);

    /// <summary>Why a handshake did not become a connection.</summary>
    public static DisconnectReason OfHandshake(Exception exception) => exception switch
    {
        OperationCanceledException => new DisconnectReason(DisconnectKind.HandshakeTimeout),
        SocketException => new DisconnectReason(DisconnectKind.Unreachable),
        QuicException { QuicError: QuicError.ConnectionTimeout or QuicError.ConnectionIdle } =>
            new DisconnectReason(DisconnectKind.HandshakeTimeout),
        // The engine says of a missing protocol that the authentication failed, and gives no alert with it.
        QuicException { QuicError: QuicError.ConnectionRefused } =>
            new DisconnectReason(DisconnectKind.PeerTransportError),
        QuicException quic => OfEnd(quic),
        AuthenticationException { InnerException: QuicException inner } => OfEnd(inner),
        AuthenticationException => new DisconnectReason(DisconnectKind.NoCommonProtocol),
        _ => new DisconnectReason(DisconnectKind.InternalError),
    };

    private static DisconnectReason OfEnd(QuicException exception) => exception.QuicError switch
    {
        QuicError.ConnectionAborted =>
            new DisconnectReason(DisconnectKind.PeerClose, (ulong)(exception.ApplicationErrorCode ?? 0)),
        QuicError.ConnectionIdle or QuicError.ConnectionTimeout => new DisconnectReason(DisconnectKind.IdleTimeout),
        QuicError.VersionNegotiationError => new DisconnectReason(DisconnectKind.VersionMismatch),
        QuicError.OperationAborted => new DisconnectReason(DisconnectKind.EndpointClosed),
        QuicError.TransportError => OfTransportError(exception.TransportErrorCode ?? 0),
        _ => new DisconnectReason(DisconnectKind.InternalError, (ulong)exception.QuicError),
    };

    private static DisconnectReason OfTransportError(long code) => code switch
    {
        TlsAlertFirst + AlertNoApplicationProtocol => new DisconnectReason(DisconnectKind.NoCommonProtocol),
        >= TlsAlertFirst and <= TlsAlertLast =>
            new DisconnectReason(DisconnectKind.TlsAlert, (ulong)(code - TlsAlertFirst)),
        _ => new DisconnectReason(DisconnectKind.PeerTransportError, (ulong)code),
    };
}
