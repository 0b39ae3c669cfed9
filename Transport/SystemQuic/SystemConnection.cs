using System.Net;
using System.Net.Quic;
using Fragcast.Transport.Buffers;
using Fragcast.Transport.Identity;
using Fragcast.Transport.Quic;
using EngineConnection = System.Net.Quic.QuicConnection;
using EngineStream = System.Net.Quic.QuicStream;

namespace Fragcast.Transport.SystemQuic;

/// <summary>
/// One connection. What the handler hears of it is decided on the endpoint's thread; the engine's operations run beside
/// it and post what has come of them.
/// </summary>
/// <remarks>
/// <para>Handshaking -> attached (the engine has agreed on keys; a dialling side does not know yet if it was accepted)
/// </para>
/// <para>attached -> reported (the handler knows it; the accepting side goes there at once, the dialling side with the
/// first thing that the peer sends)</para>
/// <para>any -> closed</para>
/// </remarks>
internal sealed class SystemConnection : ISlotItem
{
    private readonly PeerId? _expected;
    private readonly SystemCarrier[] _carriers = new SystemCarrier[(int)EgressClass.Bulk + 1];
    private readonly HashSet<SystemStream> _streams = [];
    private readonly Lock _causeGate = new();
    private EngineConnection? _connection;
    private DisconnectReason? _cause;
    private bool _isReported;
    private bool _isClosed;
    private int _held;
    private int _localStreams;
    private int _running;
    private DisconnectReason? _ended;

    public SystemConnection(SystemShared shared, IPEndPoint remote, PeerId? expected, bool isDialled)
    {
        Shared = shared;
        Remote = remote;
        IsDialled = isDialled;
        _expected = expected;
        for (int i = 0; i < _carriers.Length; i++)
            _carriers[i] = new SystemCarrier(shared, (EgressClass)i);
    }

    public ulong Handle { get; set; }

    public ConnectionId Id => new(Handle);

    public SystemShared Shared { get; }

    public IPEndPoint Remote { get; }

    public bool IsDialled { get; }

    /// <summary>Who accepted it, for its counting; null for a dialled one.</summary>
    public SystemAcceptor? Acceptor { get; init; }

    /// <summary>The identity that the peer has proven; none before.</summary>
    public PeerId Peer { get; private set; }

    public bool IsReported => Volatile.Read(ref _isReported);

    public bool IsClosed => Volatile.Read(ref _isClosed);

    /// <summary>Why the connection is ending, if this side knew before the engine did.</summary>
    public DisconnectReason? Cause
    {
        get
        {
            lock (_causeGate)
                return _cause;
        }
    }

    /// <summary>What is known of the path; the engine tells nothing of its measurements.</summary>
    public PathStatistics Path => new()
    {
        DatagramsDropped = _carriers.Sum(c => c.Dropped),
        QueuedBytes = _carriers.Sum(c => c.QueuedBytes),
        MaxDatagramBytes = TransportLimits.MaxDatagramBytes,
    };

    // Any thread.

    /// <summary>Reserves bytes of the bounds that streams share; false if they do not fit.</summary>
    public bool TryHold(int bytes)
    {
        if (Interlocked.Add(ref _held, bytes) <= Shared.Options.ConnectionSendBufferBytes && Shared.TryHold(bytes))
            return true;
        Interlocked.Add(ref _held, -bytes);
        return false;
    }

    public bool HasRoomFor(int bytes) =>
        Volatile.Read(ref _held) + bytes <= Shared.Options.ConnectionSendBufferBytes && Shared.HasRoomFor(bytes);

    public void Unhold(int bytes)
    {
        Interlocked.Add(ref _held, -bytes);
        Shared.Unhold(bytes);
    }

    /// <summary>Refuses the peer in the handshake.</summary>
    /// <returns>False.</returns>
    public bool Refuse(DisconnectKind kind, CertificateError error)
    {
        DisconnectReason reason = new(kind, (ulong)error);
        NoteCause(reason);
        // The engine does not say later which of the accepted handshakes it is that has failed.
        if (!IsDialled)
            Shared.Loop.Post(() => End(reason));
        return false;
    }

    /// <summary>Takes the identity that the peer has proven; false if another one was dialled.</summary>
    public bool Prove(PeerId peer)
    {
        if (_expected is { } expected && expected != peer)
            return false;
        Peer = peer;
        return true;
    }

    public void NoteCause(DisconnectReason reason)
    {
        lock (_causeGate)
            _cause ??= reason;
    }

    /// <summary>Opens a stream for the application.</summary>
    public SendResult TryOpenStream(out StreamId id)
    {
        id = default;
        if (Interlocked.Increment(ref _localStreams) > Shared.Options.MaxStreams)
        {
            Interlocked.Decrement(ref _localStreams);
            return SendResult.StreamLimit;
        }

        SystemStream stream = new(this, isLocal: true);
        _ = Shared.Streams.TryAdd(stream);
        id = stream.Id;
        Shared.Loop.Post(() => Adopt(stream, () => stream.Open(_connection!)));
        return SendResult.Accepted;
    }

    /// <summary>Queues a datagram; takes over the lease if accepted.</summary>
    public SendResult TrySendDatagram(in BufferLease datagram, EgressClass egressClass)
    {
        SystemCarrier carrier = _carriers[(int)egressClass];
        SendResult result = carrier.TryAdd(datagram, out bool isFirst);
        if (isFirst)
            Shared.Loop.Post(() => Start(carrier));
        return result;
    }

    /// <summary>Tells the endpoint's thread that a stream has ended.</summary>
    public void PostClosed(SystemStream stream, ulong error) => Shared.Loop.Post(() => Finish(stream, error));

    // The endpoint's thread.

    /// <summary>Gives up a handshake that was accepted and has led to nothing.</summary>
    public void EndUnlessAttached()
    {
        if (_connection is null)
            End(new DisconnectReason(DisconnectKind.HandshakeTimeout));
    }

    /// <summary>Takes the engine's connection once its handshake is done, and begins to hear from it.</summary>
    public void Attach(EngineConnection connection)
    {
        _connection = connection;
        if (Cause is not null || _isClosed)
        {
            _ = Shutdown(connection, 0);
            return;
        }

        _ = Listen(connection);
        if (!IsDialled && EnsureReported())
        {
            SystemCarrier control = _carriers[(int)EgressClass.Control];
            control.Greet();
            if (control.TryStart())
                Start(control);
        }
    }

    /// <summary>Tells the handler of the connection unless it knows already; false if it is closed.</summary>
    public bool EnsureReported()
    {
        if (_isReported || _isClosed)
            return !_isClosed;
        Volatile.Write(ref _isReported, true);
        Shared.Counters.AddShared(TransportCounter.Connected);
        if (!Shared.Loop.Handler.OnConnected(Id, Peer, Remote, IsDialled))
            Fail(DisconnectKind.HandlerFault);
        return !_isClosed;
    }

    /// <summary>Ends the connection for a reason of this side.</summary>
    public void Fail(DisconnectKind kind) => _ = Close(new DisconnectReason(kind), 0);

    /// <summary>Ends the connection; the handler is told when the engine has done it.</summary>
    public Task Close(DisconnectReason reason, ulong applicationError)
    {
        NoteCause(reason);
        return _connection is { } connection ? Shutdown(connection, applicationError) : Task.CompletedTask;
    }

    /// <summary>Forgets the connection and tells the handler.</summary>
    public void End(DisconnectReason reason)
    {
        if (_isClosed)
            return;
        foreach (SystemStream stream in _streams.ToArray())
            Finish(stream, 0);
        Volatile.Write(ref _isClosed, true);
        foreach (SystemCarrier carrier in _carriers)
            carrier.End();
        Shared.Connections.Remove(this);
        Acceptor?.NoteEnd(this);
        ConnectionCounting.NoteEnd(Shared.Counters, IsReported, reason);
        if (IsReported)
            _ = Shared.Loop.Handler.OnDisconnected(Id, reason);
        else if (IsDialled)
            _ = Shared.Loop.Handler.OnDialFailed(Id, Remote, reason);
    }

    private static async Task Shutdown(EngineConnection connection, ulong applicationError)
    {
        try
        {
            await connection.CloseAsync((long)applicationError).ConfigureAwait(false);
        }
        catch (Exception e) when (e is QuicException or ObjectDisposedException)
        {
            // It has ended already.
        }
    }

    // Takes the peer's streams until the connection ends, which shows here first; then waits for all that ran on it.
    private async Task Listen(EngineConnection connection)
    {
        DisconnectReason reason = new(DisconnectKind.InternalError);
        await using (connection.ConfigureAwait(false))
        {
            try
            {
                while (true)
                {
                    EngineStream stream = await connection.AcceptInboundStreamAsync().ConfigureAwait(false);
                    Shared.Loop.Post(() => Take(stream));
                }
            }
            catch (Exception e) when (e is QuicException or ObjectDisposedException)
            {
                reason = Cause ?? EndReasons.OfEnd(e);
            }
        }

        Shared.Loop.Post(() => EndWhenQuiet(reason));
    }

    // What the streams have received before the end is on its way to this thread: it comes first.
    private void EndWhenQuiet(DisconnectReason reason)
    {
        _ended = reason;
        foreach (SystemCarrier carrier in _carriers)
            carrier.End();
        if (_running == 0)
            End(reason);
    }

    private void Take(EngineStream stream)
    {
        if (!EnsureReported())
        {
            Run(() => stream.DisposeAsync().AsTask());
            return;
        }

        if (stream.Type == QuicStreamType.Unidirectional)
        {
            Run(() => new SystemCarrierReader(this, stream).Run());
            return;
        }

        SystemStream accepted = new(this, isLocal: false);
        _ = Shared.Streams.TryAdd(accepted);
        Shared.Counters.AddShared(TransportCounter.StreamsAccepted);
        _streams.Add(accepted);
        if (!Shared.Loop.Handler.OnStreamOpened(Id, accepted.Id))
            Fail(DisconnectKind.HandlerFault);
        Run(() => accepted.Run(stream));
    }

    private void Adopt(SystemStream stream, Func<Task> run)
    {
        _streams.Add(stream);
        if (_isClosed)
            Finish(stream, 0);
        else
            Run(run);
    }

    private void Start(SystemCarrier carrier)
    {
        if (_isClosed || _connection is null)
            carrier.End();
        else
            Run(() => carrier.Run(_connection));
    }

    // Counts what runs beside this thread, so that the end comes after it.
    private void Run(Func<Task> work)
    {
        _running++;
        _ = RunCounted(work);
    }

    private async Task RunCounted(Func<Task> work)
    {
        try
        {
            await work().ConfigureAwait(false);
        }
        finally
        {
            Shared.Loop.Post(NoteDone);
        }
    }

    private void NoteDone()
    {
        if (--_running == 0 && _ended is { } reason)
            End(reason);
    }

    private void Finish(SystemStream stream, ulong error)
    {
        if (!_streams.Remove(stream))
            return;
        stream.Free();
        if (stream.IsLocal)
            Interlocked.Decrement(ref _localStreams);
        StreamId id = stream.Id;
        Shared.Streams.Remove(stream);
        if (IsReported && !Shared.Loop.Handler.OnStreamClosed(id, error))
            Fail(DisconnectKind.HandlerFault);
    }
}
