using System.Net;
using System.Net.Quic;
using System.Net.Security;
using System.Net.Sockets;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Security.Authentication;
using Fragcast.Transport.Carriers;
using EngineConnection = System.Net.Quic.QuicConnection;

namespace Fragcast.Transport.SystemQuic;

/// <summary>Listens for an endpoint: takes handshakes within the limits, and hands over what came of them.</summary>
internal sealed class SystemAcceptor
{
    private readonly SystemShared _shared;
    private readonly ConditionalWeakTable<EngineConnection, SystemConnection> _handshaking = [];
    private readonly Dictionary<IPAddress, int> _perAddress = [];
    private readonly Lock _gate = new();
    private QuicListener _listener = null!;
    private Task _accepting = Task.CompletedTask;
    private int _handshakes;

    private SystemAcceptor(SystemShared shared) => _shared = shared;

    /// <summary>The bound address and port.</summary>
    public IPEndPoint LocalEndPoint => _listener.LocalEndPoint;

    /// <summary>Binds the port of the options; handshakes are answered from <see cref="Start"/> on.</summary>
    /// <exception cref="EndpointBindException">The port is taken or the address is not this machine's.</exception>
    public static SystemAcceptor Bind(SystemShared shared)
    {
        SystemAcceptor acceptor = new(shared);
        CheckFree(shared.Options.Listen);
        try
        {
            // Binding is done when this returns: the task is there for name resolution, of which there is none.
            acceptor._listener = QuicListener.ListenAsync(new QuicListenerOptions
            {
                ListenEndPoint = shared.Options.Listen,
                ApplicationProtocols = shared.Protocols,
                ListenBacklog = shared.Options.MaxHandshakes,
                ConnectionOptionsCallback = acceptor.Choose,
            }).AsTask().GetAwaiter().GetResult();
        }
        catch (Exception e) when (e is QuicException or SocketException)
        {
            throw new EndpointBindException(shared.Options.Listen, e.Message);
        }

        return acceptor;
    }

    /// <summary>The engine's form of the keep-alive option.</summary>
    public static TimeSpan KeepAlive(TransportOptions options) =>
        options.KeepAlive > TimeSpan.Zero ? options.KeepAlive : Timeout.InfiniteTimeSpan;

    /// <summary>Receive windows; the engine takes powers of two.</summary>
    public static QuicReceiveWindowSizes Windows(TransportOptions options)
    {
        int stream = (int)BitOperations.RoundUpToPowerOf2((uint)options.StreamWindowBytes);
        return new QuicReceiveWindowSizes
        {
            Connection = options.ConnectionWindowBytes,
            LocallyInitiatedBidirectionalStream = stream,
            RemotelyInitiatedBidirectionalStream = stream,
            UnidirectionalStream = stream,
        };
    }

    /// <summary>Begins to take connections.</summary>
    public void Start() => _accepting = Accept();

    /// <summary>Ends the listening.</summary>
    public async Task Stop()
    {
        await _listener.DisposeAsync().ConfigureAwait(false);
        await _accepting.ConfigureAwait(false);
    }

    /// <summary>A connection that was accepted has ended.</summary>
    public void NoteEnd(SystemConnection connection)
    {
        lock (_gate)
        {
            IPAddress address = connection.Remote.Address;
            if (_perAddress.TryGetValue(address, out int count) && count > 1)
                _perAddress[address] = count - 1;
            else
                _perAddress.Remove(address);
        }
    }

    // The engine may share a port between sockets; a second node on it must be told instead.
    private static void CheckFree(IPEndPoint endPoint)
    {
        if (endPoint.Port == 0)
            return;
        try
        {
            using Socket probe = new(endPoint.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            probe.ExclusiveAddressUse = true;
            probe.Bind(endPoint);
        }
        catch (SocketException e)
        {
            throw new EndpointBindException(endPoint, e.Message);
        }
    }

    private async Task Accept()
    {
        while (true)
        {
            try
            {
                EngineConnection accepted = await _listener.AcceptConnectionAsync().ConfigureAwait(false);
                if (_handshaking.TryGetValue(accepted, out SystemConnection? connection))
                    _shared.Loop.Post(() => connection.Attach(accepted));
                else
                    await accepted.DisposeAsync().ConfigureAwait(false);
                Interlocked.Decrement(ref _handshakes);
            }
            catch (Exception e) when (e is ObjectDisposedException
                || e is QuicException { QuicError: QuicError.OperationAborted })
            {
                return;
            }
            catch (Exception e) when (e is QuicException or AuthenticationException or IOException
                or OperationCanceledException)
            {
                // Of one handshake, not of the listener. Whose it was, the certificate's check has noted, or its time
                // runs out.
                Interlocked.Decrement(ref _handshakes);
            }
        }
    }

    private ValueTask<QuicServerConnectionOptions> Choose(
        EngineConnection connection, SslClientHelloInfo hello, CancellationToken cancellation)
    {
        IPEndPoint remote = Plain(connection.RemoteEndPoint);
        SystemConnection accepted = new(_shared, remote, expected: null, isDialled: false) { Acceptor = this };
        _shared.Counters.AddShared(TransportCounter.HandshakesAccepted);
        if (Interlocked.Increment(ref _handshakes) > _shared.Options.MaxHandshakes || !TryEnter(accepted))
        {
            _shared.Counters.AddShared(TransportCounter.HandshakesRefusedByLimit);
            throw new AuthenticationException("A limit on connections is reached.");
        }

        _handshaking.Add(connection, accepted);
        _ = Expire(accepted);
        return ValueTask.FromResult(new QuicServerConnectionOptions
        {
            ServerAuthenticationOptions = new SslServerAuthenticationOptions
            {
                ApplicationProtocols = _shared.Protocols,
                ServerCertificateContext = _shared.Tls.Context,
                ClientCertificateRequired = true,
                RemoteCertificateValidationCallback =
                    (_, certificate, chain, _) => _shared.Tls.Accepts(accepted, certificate, chain),
            },
            DefaultCloseErrorCode = 0,
            DefaultStreamErrorCode = 0,
            MaxInboundBidirectionalStreams = Math.Min(_shared.Options.MaxStreams, ushort.MaxValue),
            MaxInboundUnidirectionalStreams = DatagramRecords.CarriersMax,
            IdleTimeout = _shared.Options.IdleTimeout,
            KeepAliveInterval = KeepAlive(_shared.Options),
            HandshakeTimeout = _shared.Options.HandshakeTimeout,
            InitialReceiveWindowSizes = Windows(_shared.Options),
        });
    }

    private bool TryEnter(SystemConnection connection)
    {
        IPAddress address = connection.Remote.Address;
        lock (_gate)
        {
            int count = _perAddress.GetValueOrDefault(address);
            if (count >= _shared.Options.MaxConnectionsPerAddress || !_shared.Connections.TryAdd(connection))
                return false;
            _perAddress[address] = count + 1;
            return true;
        }
    }

    private async Task Expire(SystemConnection connection)
    {
        await Task.Delay(_shared.Options.HandshakeTimeout).ConfigureAwait(false);
        _shared.Loop.Post(connection.EndUnlessAttached);
    }

    private static IPEndPoint Plain(IPEndPoint endPoint) => endPoint.Address.IsIPv4MappedToIPv6
        ? new IPEndPoint(endPoint.Address.MapToIPv4(), endPoint.Port)
        : endPoint;
}
