using System.Net;
using System.Net.Quic;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using Fragcast.Transport.Carriers;
using EngineConnection = System.Net.Quic.QuicConnection;

namespace Fragcast.Transport.SystemQuic;

/// <summary>Dials for an endpoint, from a port of the system's choice.</summary>
internal sealed class SystemDialler(SystemShared shared, IPAddress local)
{
    /// <summary>Brings a connection about, or reports on the endpoint's thread why not.</summary>
    public async Task Dial(SystemConnection connection)
    {
        // One deadline for the handshake and the peer's word that we are accepted.
        using CancellationTokenSource deadline = new(shared.Options.HandshakeTimeout);
        try
        {
            EngineConnection dialled = await EngineConnection.ConnectAsync(Options(connection), deadline.Token)
                .ConfigureAwait(false);
            shared.Loop.Post(() => connection.Attach(dialled));
            await Task.Delay(Timeout.Infinite, deadline.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (connection.IsReported)
        {
            // Accepted in time.
        }
        catch (Exception e) when (e is QuicException or AuthenticationException or SocketException
            or OperationCanceledException or ArgumentException)
        {
            DisconnectReason reason = connection.Cause ?? EndReasons.OfHandshake(e);
            shared.Loop.Post(() => GiveUp(connection, reason));
        }
    }

    // A dial that has got as far as the engine's connection ends with that.
    private static void GiveUp(SystemConnection connection, DisconnectReason reason)
    {
        if (!connection.IsReported && !connection.IsClosed)
        {
            _ = connection.Close(reason, 0);
            connection.End(reason);
        }
    }

    private QuicClientConnectionOptions Options(SystemConnection connection) => new()
    {
        RemoteEndPoint = connection.Remote,
        LocalEndPoint = LocalFor(connection.Remote.AddressFamily),
        ClientAuthenticationOptions = new SslClientAuthenticationOptions
        {
            ApplicationProtocols = shared.Protocols,
            ClientCertificateContext = shared.Tls.Context,
            RemoteCertificateValidationCallback =
                (_, certificate, chain, _) => shared.Tls.Accepts(connection, certificate, chain),
        },
        DefaultCloseErrorCode = 0,
        DefaultStreamErrorCode = 0,
        MaxInboundBidirectionalStreams = Math.Min(shared.Options.MaxStreams, ushort.MaxValue),
        MaxInboundUnidirectionalStreams = DatagramRecords.CarriersMax,
        IdleTimeout = shared.Options.IdleTimeout,
        KeepAliveInterval = SystemAcceptor.KeepAlive(shared.Options),
        HandshakeTimeout = shared.Options.HandshakeTimeout,
        InitialReceiveWindowSizes = SystemAcceptor.Windows(shared.Options),
    };

    // The wildcard dials either family, each from its own.
    private IPEndPoint? LocalFor(AddressFamily family) =>
        local.AddressFamily == family && !local.Equals(IPAddress.IPv6Any) && !local.Equals(IPAddress.Any)
            ? new IPEndPoint(local, 0)
            : null;
}
