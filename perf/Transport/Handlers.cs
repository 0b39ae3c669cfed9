using System.Net;
using Fragcast.Primitives.Metrics;
using Fragcast.Transport;
using Fragcast.Transport.Buffers;
using Fragcast.Transport.Identity;

namespace Fragcast.Perf.Transport;

/// <summary>A handler that does nothing but release what comes, for others to build on.</summary>
internal abstract class QuietHandler : ITransportHandler
{
    public virtual void OnConnected(ConnectionId connection, PeerId peer, IPEndPoint remote, bool dialled)
    {
    }

    public virtual void OnDialFailed(ConnectionId connection, IPEndPoint remote, DisconnectReason reason)
    {
    }

    public virtual void OnDisconnected(ConnectionId connection, DisconnectReason reason)
    {
    }

    public virtual void OnDatagram(ConnectionId connection, BufferLease datagram) => datagram.Release();

    public virtual void OnStreamOpened(ConnectionId connection, StreamId stream)
    {
    }

    public virtual void OnStreamData(StreamId stream, ReadOnlySpan<byte> data, bool end)
    {
    }

    public virtual void OnStreamWritable(StreamId stream)
    {
    }

    public virtual void OnStreamClosed(StreamId stream, ulong error)
    {
    }
}

/// <summary>
/// The far side: sends everything back, or, after <see cref="Expect"/>, checks messages and answers each.
/// </summary>
internal sealed class Responder : QuietHandler
{
    private MessageBytes? _expected;
    private long _count;
    private long _arrivedNs;
    private int _wrong;

    public ITransportEndpoint Endpoint { get; set; } = null!;

    /// <summary>When the last message had arrived, on the clock of <see cref="Cost"/>.</summary>
    // Acquire: written by our I/O thread before it answered.
    public long ArrivedNs => Volatile.Read(ref _arrivedNs);

    /// <summary>Messages that were not what was expected.</summary>
    public int Wrong => Volatile.Read(ref _wrong);

    /// <summary>
    /// What comes next, to be answered once it is whole; null to send all back. To be called while nothing is sent.
    /// </summary>
    public void Expect(MessageBytes? message)
    {
        _count = 0;
        message?.Number(0);
        // Release: the rest is seen by the I/O thread that finds the message.
        Volatile.Write(ref _expected, message);
    }

    public override void OnDatagram(ConnectionId connection, BufferLease datagram)
    {
        if (Volatile.Read(ref _expected) is { } expected)
            Take(expected, connection, datagram.Span);
        else
            _ = Endpoint.TrySendDatagram(connection, datagram, EgressClass.Realtime);
        datagram.Release();
    }

    public override void OnStreamData(StreamId stream, ReadOnlySpan<byte> data, bool end)
    {
        if (Volatile.Read(ref _expected) is { } expected)
            Take(expected, stream.Connection, data);
        else if (Endpoint.TryWriteStream(stream, data, EgressClass.Realtime, end) != SendResult.Accepted)
            Interlocked.Increment(ref _wrong);
    }

    private void Take(MessageBytes expected, ConnectionId connection, ReadOnlySpan<byte> data)
    {
        if (!expected.TryTake(data))
        {
            Interlocked.Increment(ref _wrong);
            return;
        }

        if (!expected.IsWhole)
            return;
        // Release: read by the near side's thread after our answer.
        Volatile.Write(ref _arrivedNs, Cost.NowNs);
        Span<byte> answer = stackalloc byte[Exchange.AnswerBytes];
        expected.Span[..answer.Length].CopyTo(answer);
        expected.Number(++_count);
        _ = Endpoint.TrySendDatagram(connection, answer, EgressClass.Realtime);
    }
}

/// <summary>The near side: sends the next message from its I/O thread when the answer to the last has come.</summary>
internal sealed class Pinger(Func<long> arrivedNs) : QuietHandler, IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly ManualResetEventSlim _connected = new();
    private readonly ManualResetEventSlim _done = new(false, 0);
    private ConnectionId _connection;
    private StreamId _stream;
    private Exchange _exchange;
    private MessageBytes _message = new(Exchange.AnswerBytes);
    private LatencyHistogram _durations = new(1);
    private int _left;
    private long _number;
    private long _startedNs;
    private long _allocatedBefore;
    private bool _isWrong;

    public ITransportEndpoint Endpoint { get; set; } = null!;

    /// <inheritdoc cref="IExchangePair.AllocatedBytes"/>
    public long AllocatedBytes { get; private set; }

    public void Dispose()
    {
        _connected.Dispose();
        _done.Dispose();
    }

    /// <summary>Dials, and waits until datagrams of the largest size measured here fit the path.</summary>
    public bool TryConnect(IPEndPoint remote, PeerId peer)
    {
        _connection = Endpoint.Dial(remote, peer);
        if (!_connected.Wait(Patience) || Endpoint.TryOpenStream(_connection, out _stream) != SendResult.Accepted)
            return false;
        return SpinWait.SpinUntil(
            () => Endpoint.TryGetPath(_connection, out PathStatistics path)
                && path.MaxDatagramBytes >= Exchange.PieceMax,
            Patience);
    }

    /// <summary>As <see cref="IExchangePair.Run"/>.</summary>
    public bool Run(Exchange exchange, int count, LatencyHistogram durations)
    {
        _exchange = exchange;
        _message = new MessageBytes(exchange.Bytes);
        _durations = durations;
        _left = count;
        _number = 0;
        _isWrong = false;
        _done.Reset();
        SendNext();
        return _done.Wait(Patience) && !_isWrong;
    }

    public override void OnConnected(ConnectionId connection, PeerId peer, IPEndPoint remote, bool dialled) =>
        _connected.Set();

    public override void OnDatagram(ConnectionId connection, BufferLease datagram)
    {
        if (_exchange.IsOneWay)
        {
            if (datagram.Span.SequenceEqual(_message.Span[..Exchange.AnswerBytes]))
                Complete(arrivedNs());
            else
                Fail();
        }
        else
        {
            Take(datagram.Span);
        }

        datagram.Release();
    }

    public override void OnStreamData(StreamId stream, ReadOnlySpan<byte> data, bool end) => Take(data);

    private void Take(ReadOnlySpan<byte> data)
    {
        if (!_message.TryTake(data))
            Fail();
        else if (_message.IsWhole)
            Complete(Cost.NowNs);
    }

    private void Complete(long endedNs)
    {
        // The first came from another thread and is not measured.
        if (_number > 1)
            _durations.Record(endedNs - _startedNs);
        else
            _allocatedBefore = GC.GetTotalAllocatedBytes(precise: true);
        if (--_left > 0)
        {
            SendNext();
            return;
        }

        AllocatedBytes = GC.GetTotalAllocatedBytes(precise: true) - _allocatedBefore;
        _done.Set();
    }

    private void SendNext()
    {
        _message.Number(_number++);
        _startedNs = Cost.NowNs;
        if (_exchange.Carrier == Carrier.Stream)
        {
            Check(Endpoint.TryWriteStream(_stream, _message.Span, EgressClass.Realtime));
            return;
        }

        ReadOnlySpan<byte> rest = _message.Span;
        while (!rest.IsEmpty)
        {
            int length = Math.Min(rest.Length, Exchange.PieceMax);
            Check(Endpoint.TrySendDatagram(_connection, rest[..length], EgressClass.Realtime));
            rest = rest[length..];
        }
    }

    private void Check(SendResult result)
    {
        if (result != SendResult.Accepted)
            Fail();
    }

    private void Fail()
    {
        _isWrong = true;
        _done.Set();
    }
}

/// <summary>Two endpoints of an engine in this process, connected.</summary>
internal sealed class EnginePair : IExchangePair
{
    // Longer than any answer takes on an idle machine.
    private static readonly TimeSpan SpinTime = TimeSpan.FromMicroseconds(200);

    private readonly Responder _responder = new();
    private readonly Pinger _pinger;
    private readonly EngineChoice _engine;

    public EnginePair(EngineChoice engine, bool spins = false)
    {
        _engine = engine;
        Name = spins ? $"{engine.Name} spinning" : engine.Name;
        Limit = spins ? RawPair.Spinning : RawPair.Blocking;
        TransportOptions Change(TransportOptions options) => spins ? options with { Spin = SpinTime } : options;
        _pinger = new Pinger(() => _responder.ArrivedNs);
        Far = _responder.Endpoint = engine.Start(_responder, Change);
        Near = _pinger.Endpoint = engine.Start(_pinger, Change);
        IsConnected = _pinger.TryConnect(Far.LocalEndPoint, Far.LocalPeer);
    }

    public ITransportEndpoint Near { get; }

    public ITransportEndpoint Far { get; }

    /// <summary>Whether there is a connection; without one every run fails.</summary>
    public bool IsConnected { get; }

    public string Name { get; }

    public bool MustNotAllocate => _engine.MustNotAllocate;

    public string? Limit { get; }

    public long AllocatedBytes => _pinger.AllocatedBytes;

    public void Dispose()
    {
        Near.Dispose();
        Far.Dispose();
        _pinger.Dispose();
    }

    public bool Run(Exchange exchange, int count, LatencyHistogram durations)
    {
        if (!IsConnected)
            return false;
        _responder.Expect(exchange.IsOneWay ? new MessageBytes(exchange.Bytes) : null);
        return _pinger.Run(exchange, count, durations) && _responder.Wrong == 0;
    }
}
