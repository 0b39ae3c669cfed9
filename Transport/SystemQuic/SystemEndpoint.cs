using System.Net;
using System.Net.Sockets;
using Fragcast.Transport.Buffers;
using Fragcast.Transport.Identity;
using Fragcast.Transport.Rings;

namespace Fragcast.Transport.SystemQuic;

/// <summary>
/// The engine on System.Net.Quic. It listens on one port and dials from others, since the engine does not share one.
/// It has neither datagrams nor path statistics nor packet counters nor an order among streams: datagrams go over
/// carriers (see <see cref="Carriers.DatagramRecords"/>), and what cannot be known is 0.
/// </summary>
internal sealed class SystemEndpoint : ITransportEndpoint
{
    // How long the peers are given to hear of the end when an endpoint is disposed.
    private static readonly TimeSpan GoodbyeMax = TimeSpan.FromSeconds(2);

    private readonly SystemShared _shared;
    private readonly SystemAcceptor _acceptor;
    private readonly EndpointLife _life = new();
    private SystemLoop? _loop;
    private long _failedDials;

    public SystemEndpoint(HostIdentity identity, HostCertificate certificate, TransportOptions options)
    {
        _shared = new SystemShared(identity, certificate, options);
        _acceptor = SystemAcceptor.Bind(_shared);
        Description = new TransportDescription(
            "System.Net.Quic", $".NET {Environment.Version}, MsQuic", "the engine's own",
            options.Engine == TransportEngine.Auto ? "libngtcp2 is not installed" : "asked for");
    }

    public PeerId LocalPeer => _shared.LocalPeer;

    public IPEndPoint LocalEndPoint => _acceptor.LocalEndPoint;

    public TransportDescription Description { get; }

    public TransportCounters Counters => _shared.Counters;

    public void Start(ITransportHandler handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        _life.Begin(this, () =>
        {
            _shared.Loop = _loop = new SystemLoop(_shared, handler, Stop);
            var stage = Stage.Start<EndpointLife.ParkAtOnce>(
                _shared.Options.ThreadName,
                _loop,
                new StageOptions { Signal = _loop.Signal, OnFault = (_, error) => _loop.NoteFault(error) });
            _acceptor.Start();
            return stage;
        });
    }

    public ConnectionId Dial(IPEndPoint remote, PeerId? expectedPeer)
    {
        ArgumentNullException.ThrowIfNull(remote);
        if (_loop is null)
            throw new InvalidOperationException("An endpoint is started before it dials.");
        if (LocalEndPoint.AddressFamily == AddressFamily.InterNetwork
            && remote.AddressFamily != AddressFamily.InterNetwork)
        {
            return FailDial(remote, DisconnectKind.Unreachable);
        }

        SystemConnection connection = new(_shared, remote, expectedPeer, isDialled: true);
        if (!_shared.Connections.TryAdd(connection))
            return FailDial(remote, DisconnectKind.LocalLimit);
        _ = new SystemDialler(_shared, LocalEndPoint.Address).Dial(connection);
        return connection.Id;
    }

    public SendResult TrySendDatagram(ConnectionId connection, ReadOnlySpan<byte> payload, EgressClass egressClass)
    {
        SendResult result = CheckDatagram(connection, payload.Length, out SystemConnection? found);
        if (result != SendResult.Accepted)
            return result;
        if (!_shared.SendPool.TryRent(out BufferLease slot))
        {
            _shared.Counters.AddShared(TransportCounter.RingFull);
            return SendResult.QueueFull;
        }

        BufferLease datagram = slot.Slice(0, payload.Length);
        payload.CopyTo(datagram.Span);
        return Send(found!, datagram, egressClass);
    }

    public SendResult TrySendDatagram(ConnectionId connection, BufferLease payload, EgressClass egressClass)
    {
        SendResult result = CheckDatagram(connection, payload.Length, out SystemConnection? found);
        return result == SendResult.Accepted ? Send(found!, payload.Retain(), egressClass) : result;
    }

    public SendResult TryOpenStream(ConnectionId connection, out StreamId stream)
    {
        stream = default;
        SendResult result = Find(connection, out SystemConnection? found);
        return result == SendResult.Accepted ? found!.TryOpenStream(out stream) : result;
    }

    public SendResult TryWriteStream(
        StreamId stream, ReadOnlySpan<byte> data, EgressClass egressClass, bool end = false) =>
        _shared.Streams.Find(stream.Value)?.TryWrite(data, end) ?? SendResult.Closed;

    public void ResetStream(StreamId stream, ulong applicationError) =>
        _shared.Streams.Find(stream.Value)?.Reset(applicationError);

    public void Close(ConnectionId connection, ulong applicationError)
    {
        if (_shared.Connections.Find(connection.Value) is { } found)
        {
            DisconnectReason reason = new(DisconnectKind.LocalClose, applicationError);
            _shared.Loop.Post(() => _ = found.Close(reason, applicationError));
        }
    }

    public void Wake() => _loop?.Wake();

    public bool TryGetPath(ConnectionId connection, out PathStatistics statistics)
    {
        SystemConnection? found = _shared.Connections.Find(connection.Value);
        statistics = found?.Path ?? default;
        return found is not null;
    }

    public void Dispose() => _life.End(_loop is not null && Thread.CurrentThread == _loop.Thread, () =>
    {
        Wait(_acceptor.Stop());
        _shared.Tls.Dispose();
    });

    // The last on the endpoint's thread: the peers are told, then the handler.
    private void Stop()
    {
        SystemConnection[] connections = _shared.Connections.ToArray();
        DisconnectReason reason = new(DisconnectKind.EndpointClosed);
        Wait(Task.WhenAll(connections.Select(c => c.Close(reason, 0)).Append(_acceptor.Stop())));
        foreach (SystemConnection connection in connections)
            connection.End(connection.Cause ?? reason);
        _shared.Tls.Dispose();
    }

    private static void Wait(Task task)
    {
        // Not all peers answer; those that do not will find out by silence.
        _ = Task.WaitAny([task], GoodbyeMax);
    }

    private ConnectionId FailDial(IPEndPoint remote, DisconnectKind kind)
    {
        // Generation 0 is never given out, so this names nothing but the failed dial.
        ConnectionId id = new((uint)Interlocked.Increment(ref _failedDials));
        _shared.Loop.Post(() =>
        {
            _shared.Counters.AddShared(TransportCounter.HandshakesFailed);
            _ = _shared.Loop.Handler.OnDialFailed(id, remote, new DisconnectReason(kind));
        });
        return id;
    }

    private SendResult Find(ConnectionId connection, out SystemConnection? found)
    {
        found = _shared.Connections.Find(connection.Value);
        if (found is null || found.IsClosed)
            return SendResult.Closed;
        return found.IsReported ? SendResult.Accepted : SendResult.NotConnected;
    }

    private SendResult CheckDatagram(ConnectionId connection, int length, out SystemConnection? found)
    {
        SendResult result = Find(connection, out found);
        return result == SendResult.Accepted && length > TransportLimits.MaxDatagramBytes
            ? SendResult.TooLarge
            : result;
    }

    private static SendResult Send(SystemConnection connection, in BufferLease datagram, EgressClass egressClass)
    {
        SendResult result = connection.TrySendDatagram(datagram, egressClass);
        if (result != SendResult.Accepted)
            datagram.Release();
        return result;
    }
}
