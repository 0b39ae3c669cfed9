using System.Net;
using Fragcast.Transport.Buffers;
using Fragcast.Transport.Identity;
using Fragcast.Transport.Rings;
using Fragcast.Transport.Udp;

namespace Fragcast.Transport.Quic;

/// <summary>The engine on ngtcp2 as other threads see it; its I/O thread is <see cref="EndpointLoop"/>.</summary>
internal sealed class NgtcpEndpoint : ITransportEndpoint
{
    private readonly EndpointShared _shared;
    private readonly EndpointLife _life = new();
    private EndpointLoop? _loop;
    private long _failedDials;

    public NgtcpEndpoint(HostIdentity identity, TransportOptions options)
        : this(identity, HostCertificate.Create(identity, options.Time), options)
    {
    }

    /// <summary>With a certificate that need not be good, for tests of how peers take it.</summary>
    internal NgtcpEndpoint(HostIdentity identity, HostCertificate certificate, TransportOptions options)
    {
        _shared = new EndpointShared(identity, certificate, options);
        Description = new TransportDescription(
            "ngtcp2",
            $"ngtcp2 {_shared.Library.Version}, GnuTLS {TlsCredentials.LibraryVersion}",
            _shared.Port.ModeText,
            options.Engine == TransportEngine.Auto ? "the first choice" : "asked for");
    }

    public PeerId LocalPeer => _shared.LocalPeer;

    public IPEndPoint LocalEndPoint => _shared.Port.LocalEndPoint;

    public TransportDescription Description { get; }

    public TransportCounters Counters => _shared.Counters;

    /// <summary>What the tests look at.</summary>
    internal EndpointShared Shared => _shared;

    private bool IsIoThread => EndpointLoop.Current is { } current && current == _loop;

    public void Start(ITransportHandler handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        _life.Begin(this, () =>
        {
            _loop = new EndpointLoop(_shared, handler);
            return Stage.Start<EndpointLife.ParkAtOnce>(
                _shared.Options.ThreadName,
                _loop,
                new StageOptions { Signal = _shared.Signal, OnFault = NoteStageFault });
        });
    }

    public ConnectionId Dial(IPEndPoint remote, PeerId? expectedPeer)
    {
        ArgumentNullException.ThrowIfNull(remote);
        EndpointLoop loop = _loop ?? throw new InvalidOperationException("An endpoint is started before it dials.");
        DialRequest request = MakeDial(loop, remote, expectedPeer);
        Ask(new ControlItem(ControlKind.Dial, 0, 0, request));
        return request.Id;
    }

    public SendResult TrySendDatagram(ConnectionId connection, ReadOnlySpan<byte> payload, EgressClass egressClass)
    {
        SendResult result = CheckDatagram(connection, payload.Length, egressClass);
        if (result != SendResult.Accepted)
        {
            return result;
        }

        if (!_shared.SendPool.TryRent(out BufferLease slot))
        {
            _shared.Counters.AddShared(TransportCounter.RingFull);
            return SendResult.QueueFull;
        }

        BufferLease datagram = slot.Slice(0, payload.Length);
        payload.CopyTo(datagram.Span);
        return Send(connection, datagram, egressClass);
    }

    public SendResult TrySendDatagram(ConnectionId connection, BufferLease payload, EgressClass egressClass)
    {
        SendResult result = CheckDatagram(connection, payload.Length, egressClass);
        return result == SendResult.Accepted ? Send(connection, payload.Retain(), egressClass) : result;
    }

    public SendResult TryOpenStream(ConnectionId connection, out StreamId stream)
    {
        stream = default;
        QuicConnection? found = _shared.Connections.Find(connection.Value);
        if (found is null || found.IsClosed)
        {
            return SendResult.Closed;
        }

        if (!found.IsReported)
        {
            return SendResult.NotConnected;
        }

        if (!found.TryReserveLocalStream())
        {
            return SendResult.StreamLimit;
        }

        QuicStream opened = new(found, _shared.Chunks, _shared.Options.StreamSendBufferBytes);
        _ = _shared.Streams.TryAdd(opened);
        stream = opened.Id;
        Announce(opened);
        return SendResult.Accepted;
    }

    public SendResult TryWriteStream(
        StreamId stream, ReadOnlySpan<byte> data, EgressClass egressClass, bool end = false)
    {
        QuicStream? found = _shared.Streams.Find(stream.Value);
        if (found is null)
        {
            return SendResult.Closed;
        }

        SendResult result = found.TryWrite(data, egressClass, end);
        // A refusal is news too where the room has to come from others: the I/O thread then watches for it.
        if (result == SendResult.Accepted || (result == SendResult.QueueFull && found.IsStarving))
        {
            Announce(found);
        }

        return result;
    }

    public void ResetStream(StreamId stream, ulong applicationError) =>
        Ask(new ControlItem(ControlKind.ResetStream, stream.Value, applicationError));

    public void Close(ConnectionId connection, ulong applicationError) =>
        Ask(new ControlItem(ControlKind.Close, connection.Value, applicationError));

    public void Wake()
    {
        // StoreLoad: what the caller wrote is visible before we look whether the thread is about to sleep.
        Interlocked.MemoryBarrier();
        _shared.Signal.WakeIfArmed();
    }

    public bool TryGetPath(ConnectionId connection, out PathStatistics statistics)
    {
        QuicConnection? found = _shared.Connections.Find(connection.Value);
        statistics = found?.Path ?? default;
        return found is not null;
    }

    public void Dispose() => _life.End(IsIoThread, () =>
    {
        _shared.Port.Dispose();
        _shared.Tls.Dispose();
    });

    private DialRequest MakeDial(EndpointLoop loop, IPEndPoint remote, PeerId? expectedPeer)
    {
        if (!SocketAddressNative.TryFrom(remote, _shared.Port.Family, out SocketAddressNative address))
        {
            return new DialRequest(remote, NoConnection(), null, DisconnectKind.Unreachable);
        }

        QuicConnection connection = new(loop, address, isDialled: true, expectedPeer);
        return _shared.Connections.TryAdd(connection)
            ? new DialRequest(remote, connection.Id, connection, default)
            : new DialRequest(remote, NoConnection(), null, DisconnectKind.LocalLimit);
    }

    // Generation 0 is never given out, so this names nothing but the failed dial.
    private ConnectionId NoConnection() => new((uint)Interlocked.Increment(ref _failedDials));

    private SendResult CheckDatagram(ConnectionId connection, int length, EgressClass egressClass)
    {
        QuicConnection? found = _shared.Connections.Find(connection.Value);
        if (found is null || found.IsClosed)
        {
            return SendResult.Closed;
        }

        if (!found.IsReported)
        {
            return SendResult.NotConnected;
        }

        if (length > found.MaxDatagram)
        {
            return SendResult.TooLarge;
        }

        // The newest may push out the oldest of its own class only there, where the oldest is worth less.
        return egressClass == EgressClass.Realtime || found.Egress.HasRoom(egressClass, length)
            ? SendResult.Accepted
            : SendResult.QueueFull;
    }

    private SendResult Send(ConnectionId connection, in BufferLease datagram, EgressClass egressClass)
    {
        if (IsIoThread)
        {
            _loop!.Enqueue(connection.Value, datagram, egressClass);
            return SendResult.Accepted;
        }

        if (!_shared.Ring.TryNext(out long sequence))
        {
            datagram.Release();
            _shared.Counters.AddShared(TransportCounter.RingFull);
            return _shared.Ring.IsClosed ? SendResult.Closed : SendResult.QueueFull;
        }

        ref EgressItem item = ref _shared.Ring[sequence];
        item.Connection = connection.Value;
        item.Datagram = datagram;
        item.Class = egressClass;
        _shared.Ring.Publish(sequence);
        return SendResult.Accepted;
    }

    private void Announce(QuicStream stream)
    {
        if (_shared.News.TryAdd(stream) && !IsIoThread)
        {
            _shared.Wake();
        }
    }

    private void Ask(in ControlItem item)
    {
        _shared.Control.Enqueue(item);
        if (!IsIoThread)
        {
            _shared.Wake();
        }
    }

    private void NoteStageFault(Stage stage, Exception exception) => _loop!.NoteFault(exception);
}
