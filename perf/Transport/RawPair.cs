using System.Net;
using System.Net.Sockets;
using Fragcast.Primitives.Metrics;
using Fragcast.Transport.Udp;

namespace Fragcast.Perf.Transport;

/// <summary>
/// The limit: two threads with a connected UDP socket each, that send what the engines send without encryption, order
/// or acknowledgement. Several datagrams go by sendmmsg and come by recvmmsg.
/// </summary>
internal sealed class RawPair(bool spins) : IExchangePair
{
    public const string Blocking = "raw UDP blocking";
    public const string Spinning = "raw UDP spinning";

    private readonly RawSocket _near = new(spins);
    private readonly RawSocket _far = new(spins);
    private long _arrivedNs;

    public string Name => spins ? Spinning : Blocking;

    public bool MustNotAllocate => true;

    public string? Limit => null;

    public long AllocatedBytes { get; private set; }

    public void Dispose()
    {
        _near.Dispose();
        _far.Dispose();
    }

    public bool Run(Exchange exchange, int count, LatencyHistogram durations)
    {
        _near.Connect(_far);
        _far.Connect(_near);
        bool isFarGood = false;
        Thread far = new(() => isFarGood = RunFar(exchange, count)) { IsBackground = true, Name = "raw far" };
        far.Start();
        bool isGood = RunNear(exchange, count, durations);
        far.Join();
        return isGood && isFarGood;
    }

    private bool RunNear(Exchange exchange, int count, LatencyHistogram durations)
    {
        MessageBytes message = new(exchange.Bytes);
        MessageBytes answer = new(Exchange.AnswerBytes);
        long allocatedBefore = 0;
        for (int i = 0; i < count; i++)
        {
            message.Number(i);
            answer.Number(i);
            if (i == 1)
                allocatedBefore = GC.GetTotalAllocatedBytes(precise: true);
            long startedNs = Cost.NowNs;
            _near.Send(message.Span);
            if (!_near.TryReceive(exchange.IsOneWay ? answer : message))
                return false;
            // Acquire: written by the far thread before it answered.
            long endedNs = exchange.IsOneWay ? Volatile.Read(ref _arrivedNs) : Cost.NowNs;
            if (i > 0)
                durations.Record(endedNs - startedNs);
        }

        AllocatedBytes = GC.GetTotalAllocatedBytes(precise: true) - allocatedBefore;
        return true;
    }

    private bool RunFar(Exchange exchange, int count)
    {
        MessageBytes message = new(exchange.Bytes);
        MessageBytes answer = new(Exchange.AnswerBytes);
        for (int i = 0; i < count; i++)
        {
            message.Number(i);
            answer.Number(i);
            if (!_far.TryReceive(message))
                return false;
            // Release: read by the near thread after our answer.
            Volatile.Write(ref _arrivedNs, Cost.NowNs);
            _far.Send(exchange.IsOneWay ? answer.Span : message.Span);
        }

        return true;
    }
}

/// <summary>A UDP socket on the loopback that sends messages in pieces of one datagram.</summary>
internal sealed unsafe class RawSocket : IDisposable
{
    private const int BatchMax = 256;
    private const int SlotBytes = 2048;
    private const int WaitForOne = 0x10000;
    private const int BufferBytes = 4 << 20;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly bool _spins;
    private readonly Socket _socket;
    private readonly int _handle;
    private readonly PinnedArray<byte> _outgoing = new(BatchMax * SlotBytes);
    private readonly PinnedArray<byte> _incoming = new(BatchMax * SlotBytes);
    private readonly PinnedArray<Libc.Message> _sends = new(BatchMax);
    private readonly PinnedArray<Libc.Message> _receives = new(BatchMax);
    private readonly PinnedArray<Libc.IoVector> _vectors = new(2 * BatchMax);

    public RawSocket(bool spins)
    {
        _spins = spins;
        _socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp)
        {
            ReceiveTimeout = (int)Patience.TotalMilliseconds,
            ReceiveBufferSize = BufferBytes,
            SendBufferSize = BufferBytes,
        };
        _handle = (int)_socket.Handle;
        _ = Libc.TrySetOption(_handle, Libc.LevelSocket, Libc.ReceiveBufferForce, BufferBytes);
        _socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        for (int i = 0; i < BatchMax; i++)
        {
            _vectors[i] = new Libc.IoVector { Base = _outgoing.Pointer + (i * SlotBytes) };
            _vectors[BatchMax + i] = new Libc.IoVector
            {
                Base = _incoming.Pointer + (i * SlotBytes), Length = SlotBytes,
            };
            _sends[i] = new Libc.Message { Vectors = _vectors.Pointer + i, VectorCount = 1 };
            _receives[i] = new Libc.Message { Vectors = _vectors.Pointer + BatchMax + i, VectorCount = 1 };
        }
    }

    /// <summary>Where others reach it.</summary>
    public IPEndPoint LocalEndPoint => (IPEndPoint)_socket.LocalEndPoint!;

    public void Dispose() => _socket.Dispose();

    public void Connect(RawSocket other) => Connect(other.LocalEndPoint);

    public void Connect(IPEndPoint other) => _socket.Connect(other);

    /// <summary>Sends back all that comes, for the rest of the process.</summary>
    public void EchoAll()
    {
        while (true)
        {
            if (Receive(1) > 0)
                Send(_incoming.Span[..(int)_receives[0].Length]);
        }
    }

    /// <summary>Sends a message in pieces, in one system call.</summary>
    public void Send(ReadOnlySpan<byte> message)
    {
        if (message.Length <= Exchange.PieceMax)
        {
            message.CopyTo(_outgoing.Span);
            _ = Libc.SendTo(_handle, _outgoing.Pointer, (nuint)message.Length, 0, null, 0);
            return;
        }

        int pieces = 0;
        for (; !message.IsEmpty; pieces++)
        {
            int length = Math.Min(message.Length, Exchange.PieceMax);
            message[..length].CopyTo(_outgoing.Span[(pieces * SlotBytes)..]);
            _vectors[pieces].Length = (nuint)length;
            message = message[length..];
        }

        SendAll(pieces);
    }

    /// <summary>Sends the same datagram many times, by sendmmsg.</summary>
    public void SendCopies(ReadOnlySpan<byte> datagram, int count)
    {
        for (int i = 0; i < count; i++)
        {
            datagram.CopyTo(_outgoing.Span[(i * SlotBytes)..]);
            _vectors[i].Length = (nuint)datagram.Length;
        }

        SendAll(count);
    }

    /// <summary>Takes datagrams until a message is whole; false when another comes, or none.</summary>
    public bool TryReceive(MessageBytes message)
    {
        while (!message.IsWhole)
        {
            int count = Receive(message.Span.Length <= Exchange.PieceMax ? 1 : BatchMax);
            if (count <= 0)
                return false;
            for (int i = 0; i < count; i++)
            {
                if (!message.TryTake(_incoming.Span.Slice(i * SlotBytes, (int)_receives[i].Length)))
                    return false;
            }
        }

        return true;
    }

    /// <summary>Takes copies of one datagram; false when another comes, or too few.</summary>
    public bool TryReceiveCopies(ReadOnlySpan<byte> datagram, int count)
    {
        while (count > 0)
        {
            int received = Receive(Math.Min(count, BatchMax));
            if (received <= 0)
                return false;
            for (int i = 0; i < received; i++)
            {
                if (!datagram.SequenceEqual(_incoming.Span.Slice(i * SlotBytes, (int)_receives[i].Length)))
                    return false;
            }

            count -= received;
        }

        return true;
    }

    private void SendAll(int count)
    {
        for (int sent = 0; sent < count;)
        {
            int taken = Libc.SendMessages(_handle, _sends.Pointer + sent, (uint)(count - sent), 0);
            if (taken <= 0)
                return;
            sent += taken;
        }
    }

    private int Receive(int max)
    {
        if (!_spins)
            return Libc.ReceiveMessages(_handle, _receives.Pointer, (uint)max, WaitForOne, null);
        long untilNs = Cost.NowNs + (Patience.Ticks * 100);
        do
        {
            int count = Libc.ReceiveMessages(_handle, _receives.Pointer, (uint)max, Libc.MessageDontWait, null);
            if (count > 0)
                return count;
        }
        while (Cost.NowNs < untilNs);
        return 0;
    }
}
