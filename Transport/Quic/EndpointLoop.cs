using Fragcast.Transport.Quic.Native;
using Fragcast.Transport.Rings;
using Fragcast.Transport.Udp;

namespace Fragcast.Transport.Quic;

/// <summary>
/// The work of an endpoint's I/O thread: packets in, requests of other threads, deadlines, packets out. Owns every
/// connection; nothing else calls the library.
/// </summary>
internal sealed unsafe class EndpointLoop : IStageWork
{
    // Items of the ring per round: a quarter of the default ring, so that arrivals are looked at in between.
    private const int ItemsPerRound = 1024;

    // Time per round for packets of connections that are not established: one handshake, or many that are refused.
    private const ulong StrangersNs = 50_000;

    [ThreadStatic]
    private static EndpointLoop? _current;

    private readonly RingReader<EgressItem> _reader;
    private readonly DatagramReceiver _receiver;
    private readonly PacketRouter _router;
    private readonly ConnectionOpener _opener;
    private readonly ExpiryHeap<QuicConnection> _expiries = new();
    private readonly PinnedArray<SocketAddressNative> _local = new(1);
    private readonly PinnedArray<SocketAddressNative> _written = new(2);
    private readonly PinnedArray<NativePath> _writtenPath = new(1);
    private readonly ulong _spinNs;
    private readonly StrangerBacklog _strangers = new();
    private List<QuicConnection> _dirty = [];
    private List<QuicConnection> _flushing = [];
    private ulong _spinUntilNs;
    private bool _hasFault;
    private bool _hasWorkedSince;
    private int _toldSince;

    public EndpointLoop(EndpointShared shared, ITransportHandler handler)
    {
        Shared = shared;
        Handler = new HandlerGuard(handler, NoteFault);
        Cids = new CidTable();
        Closed = new ClosedConnections(Cids);
        Sender = new DatagramSender(shared.Port);
        _receiver = new DatagramReceiver(shared.Port);
        _opener = new ConnectionOpener(this);
        Acceptor = new Acceptor(this, _opener);
        _router = new PacketRouter(this);
        _reader = shared.Ring.NewReader();
        _reader.WakeOn(shared.Signal);
        _spinNs = (ulong)shared.Options.Spin.Ticks * 100;
        KeepAliveNs = shared.Options.KeepAlive > TimeSpan.Zero
            ? (ulong)shared.Options.KeepAlive.Ticks * 100
            : 0;
        if (!SocketAddressNative.TryFrom(shared.Port.LocalEndPoint, shared.Port.Family, out _local[0]))
        {
            throw new InvalidOperationException("A socket has an address of its own family.");
        }

        _writtenPath[0] = new NativePath
        {
            Local = new NativeAddress { Address = _written.Pointer },
            Remote = new NativeAddress { Address = _written.Pointer + 1 },
        };
    }

    /// <summary>The loop of the calling thread, if it is an I/O thread at work.</summary>
    public static EndpointLoop? Current => _current;

    public EndpointShared Shared { get; }

    public HandlerGuard Handler { get; }

    public NgtcpLibrary Library => Shared.Library;

    public NgtcpErrors Errors => Shared.Library.Abi.Errors;

    public TransportCounters Counters => Shared.Counters;

    public SlotTable<QuicConnection> Connections => Shared.Connections;

    public SlotTable<QuicStream> Streams => Shared.Streams;

    public CidTable Cids { get; }

    public ResetTokens ResetTokens { get; } = new();

    public ClosedConnections Closed { get; }

    /// <summary>Streams that wait for room which others hold.</summary>
    public StarvingStreams Starving { get; } = new();

    public Acceptor Acceptor { get; }

    public DatagramSender Sender { get; }

    /// <summary>Nanoseconds; 0 for none.</summary>
    public ulong KeepAliveNs { get; }

    /// <summary>Where the library writes the path of a packet that it has written.</summary>
    public NativePath* WrittenPath => _writtenPath.Pointer;

    /// <summary>The target of the packet last written.</summary>
    public ref readonly SocketAddressNative WrittenTarget
    {
        get
        {
            ref SocketAddressNative target = ref _written[1];
            target.Length = (int)_writtenPath[0].Remote.Length;
            return ref target;
        }
    }

    /// <inheritdoc/>
    public bool IsEnded => false;

    /// <summary>The path on which a packet has come, or goes first.</summary>
    public NativePath PathFrom(SocketAddressNative* remote) => new()
    {
        Local = new NativeAddress { Address = _local.Pointer, Length = (uint)_local[0].Length },
        Remote = new NativeAddress { Address = remote, Length = (uint)remote->Length },
    };

    /// <inheritdoc/>
    public int DoWork()
    {
        _current = this;
        bool looks = MayHaveInput();
        int work = looks ? Receive() : 0;
        work += TakeItems() + TakeControl() + TakeNews();
        work += Starving.Feed(this);
        long turnNs = Handler.OnTurn();
        work += turnNs == 0 ? 1 : 0;
        ulong now = TransportClock.NowNs;
        _toldSince = Expire(now);
        work += _toldSince + Flush(now);
        Sender.Flush();
        work += TakeStrangers();
        UpdateCounters();
        bool hasWorked = work > 0;
        _hasWorkedSince = hasWorked && !looks;
        if (hasWorked)
        {
            _spinUntilNs = now + _spinNs;
            if (_spinNs != 0 || !IsDone)
            {
                return work;
            }

            // Nothing is left: to sleep without another round. Others wake this thread from then on.
        }
        else if (now < _spinUntilNs)
        {
            Thread.SpinWait(1);
            return 1;
        }

        ulong next = Math.Min(Math.Min(_expiries.NextNs, Closed.NextNs), now + (ulong)turnNs);
        if (next <= now)
        {
            return 1;
        }

        Shared.Signal.NextTimeoutNs = next > long.MaxValue ? WakeSignal.InfiniteNs : (long)(next - now);
        return 0;
    }

    /// <inheritdoc/>
    public void OnStop()
    {
        _current = this;
        ulong now = TransportClock.NowNs;
        foreach (QuicConnection connection in Connections.ToArray())
        {
            ConnectionEnd.Close(connection, this, new DisconnectReason(DisconnectKind.EndpointClosed), 0, now);
        }

        Sender.Flush();
        UpdateCounters();
        _reader.Complete();
        while (_reader.TryRead(ItemsPerRound, out long low, out long high))
        {
            for (long i = low; i <= high; i++)
            {
                Shared.Ring[i].Datagram.Release();
            }

            _reader.Release(high);
        }

        Shared.Port.Dispose();
        Shared.Tls.Dispose();
        _current = null;
    }

    /// <summary>Has a connection flushed at the end of this round.</summary>
    public void MarkDirty(QuicConnection connection)
    {
        if (!connection.IsDirty)
        {
            connection.IsDirty = true;
            _dirty.Add(connection);
        }
    }

    public void SetExpiry(QuicConnection connection, ulong expiryNs)
    {
        if (!connection.IsClosed)
        {
            _expiries.Set(connection, expiryNs);
        }
    }

    /// <summary>Resets a stream at the next round; for callbacks, which must not.</summary>
    public void RequestReset(StreamId stream, ulong error) =>
        Shared.Control.Enqueue(new ControlItem(ControlKind.ResetStream, stream.Value, error));

    /// <summary>Counts a connection that the handler is about to be told of.</summary>
    public void NoteConnected(QuicConnection connection)
    {
        Counters.Add(TransportCounter.Connected);
        if (!connection.IsDialled)
        {
            Acceptor.Handshakes--;
        }
    }

    /// <summary>Counts a libp2p node, and shows it to the observer.</summary>
#pragma warning disable CA1031 // The caller is called by native code; what the observer throws is a handler's fault.
    public void NoteLibp2p(Identity.PeerId peer)
    {
        Counters.Add(TransportCounter.Libp2pConnected);
        try
        {
            Shared.Options.Libp2pObserver?.Invoke(peer);
        }
        catch (Exception e)
        {
            NoteFault(e);
        }
    }
#pragma warning restore CA1031

    /// <summary>Forgets a connection that has been released, and tells the handler.</summary>
    public void NoteEnd(QuicConnection connection, DisconnectReason reason)
    {
        _toldSince++;
        _expiries.Remove(connection);
        Connections.Remove(connection);
        if (!connection.IsDialled)
        {
            Acceptor.NoteEnd(connection);
        }

        ConnectionCounting.NoteEnd(Counters, connection.IsReported, reason);
        if (connection.IsLibp2p)
        {
            return;
        }

        if (connection.IsReported)
        {
            _ = Handler.OnDisconnected(connection.Id, reason);
        }
        else if (connection.IsDialled)
        {
            _ = Handler.OnDialFailed(connection.Id, connection.Remote.ToEndPoint(), reason);
        }
    }

    /// <summary>Notes an exception that must not go further.</summary>
#pragma warning disable CA1031 // The caller is called by native code, and an observer that fails has nobody to tell.
    public void NoteFault(Exception exception)
    {
        _hasFault = true;
        Counters.Add(TransportCounter.HandlerFaults);
        try
        {
            Shared.Options.FaultObserver?.Invoke(exception);
        }
        catch (Exception)
        {
            Counters.Add(TransportCounter.HandlerFaults);
        }
    }
#pragma warning restore CA1031

    /// <summary>Whether there was one since the last call.</summary>
    public bool TakeFault()
    {
        bool had = _hasFault;
        _hasFault = false;
        return had;
    }

    // After a read that has emptied the socket, it is left to the sleep to find new input, which saves two system calls
    // per sleep; unless other work keeps this thread from sleeping, or it spins.
    private bool MayHaveInput() =>
        Shared.Signal.TakeInput() || !_receiver.IsDrained || !_strangers.IsEmpty || _hasWorkedSince || _spinNs != 0;

    // Whether a round has left nothing of its own for the next one; what others bring they announce.
    // What the handler was told after its turn gives it another.
    private bool IsDone =>
        _toldSince == 0 && _receiver.IsDrained && _strangers.IsEmpty && _dirty.Count == 0 && !Starving.IsDue &&
        Shared.Control.IsEmpty && Shared.News.IsEmpty;

    private int Receive()
    {
        ReadOnlySpan<DatagramReceiver.Packet> packets = _receiver.Receive();
        if (packets.IsEmpty)
        {
            return 0;
        }

        ulong now = TransportClock.NowNs;
        long bytes = 0;
        int marked = 0;
        foreach (ref readonly DatagramReceiver.Packet packet in packets)
        {
            bytes += packet.Length;
            marked += packet.Mark == DatagramReceiver.Packet.CongestionMark ? 1 : 0;
            _hasFault = false;
            if (!_router.TryRouteEstablished(packet, now) && !_strangers.TryAdd(packet))
            {
                Counters.Add(TransportCounter.HandshakesRefusedByLimit);
            }
        }

        Counters.Add(TransportCounter.PacketsIn, packets.Length);
        Counters.Add(TransportCounter.BytesIn, bytes);
        Counters.Add(TransportCounter.PacketsInMarked, marked);
        return packets.Length;
    }

    // After the answers of established connections have gone, and for so long that they do not wait for many: a
    // handshake costs a hundred times what a packet does.
    private int TakeStrangers()
    {
        if (_strangers.IsEmpty)
        {
            return 0;
        }

        int count = 0;
        ulong now = TransportClock.NowNs;
        ulong untilNs = now + StrangersNs;
        while (now < untilNs && _strangers.TryTake(out DatagramReceiver.Packet packet))
        {
            _hasFault = false;
            _router.Route(packet, now);
            count++;
            now = TransportClock.NowNs;
        }

        _ = Flush(now);
        Sender.Flush();
        _toldSince += count;
        return count;
    }

    private int TakeItems()
    {
        if (!_reader.TryRead(ItemsPerRound, out long low, out long high))
        {
            return 0;
        }

        for (long i = low; i <= high; i++)
        {
            ref EgressItem item = ref Shared.Ring[i];
            Enqueue(item.Connection, item.Datagram, item.Class);
            item.Datagram = default;
        }

        _reader.Release(high);
        return (int)(high - low + 1);
    }

    /// <summary>Queues a datagram at its connection; takes over the lease.</summary>
    public void Enqueue(ulong handle, in Buffers.BufferLease datagram, EgressClass egressClass)
    {
        QuicConnection? connection = Connections.Find(handle);
        if (connection is null || !connection.IsReported)
        {
            Counters.Add(TransportCounter.DatagramsUnsendable);
            datagram.Release();
            return;
        }

        connection.Egress.AddDatagram(datagram, egressClass);
    }

    private int TakeControl()
    {
        int count = 0;
        while (Shared.Control.TryDequeue(out ControlItem item))
        {
            count++;
            ulong now = TransportClock.NowNs;
            switch (item.Kind)
            {
                case ControlKind.Dial:
                    Dial(item.Dial!, now);
                    break;
                case ControlKind.Close when Connections.Find(item.Handle) is { } connection:
                    _ = connection.Egress.Flush(now);
                    if (!connection.IsClosed)
                    {
                        DisconnectReason reason = new(DisconnectKind.LocalClose, item.Error);
                        ConnectionEnd.Close(connection, this, reason, item.Error, now);
                    }

                    break;
                case ControlKind.ResetStream when Streams.Find(item.Handle) is { } stream:
                    stream.Connection.Streams.Reset(stream, item.Error);
                    break;
            }
        }

        return count;
    }

    private void Dial(DialRequest request, ulong now)
    {
        QuicConnection? connection = request.Connection;
        if (connection is null)
        {
            Counters.Add(TransportCounter.HandshakesFailed);
            _ = Handler.OnDialFailed(request.Id, request.Remote, new DisconnectReason(request.Failure));
        }
        else if (_opener.TryDial(connection, now))
        {
            connection.RequestPacket();
        }
        else
        {
            connection.NoteCause(DisconnectKind.InternalError);
            connection.Fail(Errors.DropConnection, now);
        }
    }

    private int TakeNews()
    {
        int count = 0;
        for (QuicStream? stream = Shared.News.TakeAll(); stream is not null; count++)
        {
            // Read first: the stream may be announced again as soon as its announcement is taken.
            QuicStream? next = stream.NextNews;
            stream.NextNews = null;
            stream.Connection.Streams.TakeNews(stream);
            stream = next;
        }

        return count;
    }

    private int Expire(ulong now)
    {
        int count = 0;
        while (_expiries.NextNs <= now)
        {
            QuicConnection connection = _expiries.First!;
            // Set again by the flush that follows; until then this deadline is done.
            _expiries.Set(connection, ulong.MaxValue);
            connection.Expire(now);
            count++;
        }

        Closed.Expire(now);
        return count;
    }

    private int Flush(ulong now)
    {
        int count = _dirty.Count;
        (_dirty, _flushing) = (_flushing, _dirty);
        foreach (QuicConnection connection in _flushing)
        {
            connection.IsDirty = false;
            if (!connection.IsClosed && connection.Egress.Flush(now))
            {
                MarkDirty(connection);
            }
        }

        _flushing.Clear();
        return count;
    }

    private void UpdateCounters()
    {
        Counters.Set(TransportCounter.ReceiveCalls, _receiver.Calls);
        Counters.Set(TransportCounter.SendCalls, Sender.Calls);
        Counters.Set(TransportCounter.PacketsOut, Sender.Packets);
        Counters.Set(TransportCounter.BytesOut, Sender.Bytes);
        Counters.Set(TransportCounter.PacketsOutRefused, Sender.Refused);
    }
}
