using Fragcast.Transport.Quic.Native;

namespace Fragcast.Transport.Quic;

/// <summary>The end of a connection: why, what the peer is told, what is kept for late packets. I/O thread.</summary>
internal static unsafe class ConnectionEnd
{
    // TLS alerts are QUIC errors 0x0100 to 0x01ff (RFC 9001, section 4.8).
    private const ulong TlsAlertFirst = 0x100;
    private const ulong TlsAlertLast = 0x1FF;
    private const byte AlertNoApplicationProtocol = 120;
    private const byte AlertBadCertificate = 42;

    // The closing and draining periods last three probe time-outs (RFC 9000, section 10.2).
    private const ulong ProbeTimeouts = 3;

    /// <summary>The library has returned an error.</summary>
    public static void AfterError(QuicConnection connection, EndpointLoop loop, int error, ulong now)
    {
        NgtcpErrors errors = loop.Errors;
        if (error == errors.Draining)
        {
            DisconnectReason reason = connection.Cause ?? FromPeer(connection.Native.CloseError);
            Finish(connection, loop, reason, [], now);
        }
        else if (error == errors.IdleClose)
        {
            Forget(connection, loop, new DisconnectReason(DisconnectKind.IdleTimeout));
        }
        else if (error == errors.HandshakeTimeout)
        {
            Forget(connection, loop, new DisconnectReason(DisconnectKind.HandshakeTimeout));
        }
        else if (error == errors.ReceivedVersionNegotiation)
        {
            Forget(connection, loop, new DisconnectReason(DisconnectKind.VersionMismatch));
        }
        else if (error == errors.DropConnection || error == errors.Retry || error == errors.Closing)
        {
            Forget(connection, loop, connection.Cause ?? FromLibrary(error));
        }
        else
        {
            (DisconnectReason reason, NativeCloseError close) = Explain(connection, loop, error);
            Finish(connection, loop, reason, WriteClose(connection, loop, close, now), now);
        }
    }

    /// <summary>This side wants to end it.</summary>
    public static void Close(
        QuicConnection connection, EndpointLoop loop, DisconnectReason reason, ulong applicationError, ulong now)
    {
        NativeCloseError close = loop.Library.CloseErrorFromApplication(applicationError);
        Finish(connection, loop, reason, WriteClose(connection, loop, close, now), now);
    }

    private static (DisconnectReason Reason, NativeCloseError Close) Explain(
        QuicConnection connection, EndpointLoop loop, int error)
    {
        NgtcpLibrary library = loop.Library;
        if (error == loop.Errors.Crypto)
        {
            byte alert = connection.Native.TlsAlert;
            DisconnectReason reason = connection.Cause ?? FromAlert(alert);
            return (reason, library.CloseErrorFromAlert(alert == 0 ? AlertBadCertificate : alert));
        }

        if (error == NgtcpErrors.CallbackFailure)
        {
            bool isFault = loop.TakeFault();
            DisconnectReason reason = connection.Cause ?? new DisconnectReason(
                isFault ? DisconnectKind.HandlerFault : DisconnectKind.InternalError, unchecked((ulong)error));
            return reason.Kind switch
            {
                DisconnectKind.NoCommonProtocol => (reason, library.CloseErrorFromAlert(AlertNoApplicationProtocol)),
                DisconnectKind.BadCertificate => (reason, library.CloseErrorFromAlert(AlertBadCertificate)),
                _ => (reason, library.CloseErrorFromLibrary(error)),
            };
        }

        loop.Counters.Add(TransportCounter.ProtocolErrors);
        return (FromLibrary(error), library.CloseErrorFromLibrary(error));
    }

    private static DisconnectReason FromLibrary(int error) =>
        new(DisconnectKind.ProtocolError, unchecked((ulong)error));

    private static DisconnectReason FromAlert(byte alert) => alert == AlertNoApplicationProtocol
        ? new DisconnectReason(DisconnectKind.NoCommonProtocol)
        : new DisconnectReason(DisconnectKind.TlsAlert, alert);

    private static DisconnectReason FromPeer(in NativeCloseError error) => error switch
    {
        { Type: NativeCloseError.TypeApplication } => new DisconnectReason(DisconnectKind.PeerClose, error.Code),
        { Code: >= TlsAlertFirst and <= TlsAlertLast } => FromAlert((byte)error.Code),
        _ => new DisconnectReason(DisconnectKind.PeerTransportError, error.Code),
    };

    private static byte[] WriteClose(
        QuicConnection connection, EndpointLoop loop, in NativeCloseError close, ulong now)
    {
        byte* destination = loop.Sender.Slot();
        nint length = connection.Native.WriteClose(loop.WrittenPath, destination, close, now);
        if (length <= 0)
        {
            return [];
        }

        byte[] packet = new ReadOnlySpan<byte>(destination, (int)length).ToArray();
        loop.Sender.Commit((int)length, loop.WrittenTarget);
        return packet;
    }

    private static void Finish(
        QuicConnection connection, EndpointLoop loop, DisconnectReason reason, byte[] packet, ulong now)
    {
        ulong until = now + (ProbeTimeouts * connection.Native.ProbeTimeout);
        ClosedConnection closed = new(packet, connection.Remote, connection.Release());
        loop.Closed.Add(closed, until);
        loop.NoteEnd(connection, reason);
    }

    private static void Forget(QuicConnection connection, EndpointLoop loop, DisconnectReason reason)
    {
        _ = connection.Release();
        loop.NoteEnd(connection, reason);
    }
}
