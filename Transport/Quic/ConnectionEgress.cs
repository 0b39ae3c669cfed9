using Fragcast.Transport.Buffers;
using Fragcast.Transport.Quic.Native;

namespace Fragcast.Transport.Quic;

/// <summary>
/// What waits to be sent to one peer, and the making of packets from it: class by class, datagrams before streams,
/// small pieces together in one packet. I/O thread.
/// </summary>
internal sealed unsafe class ConnectionEgress
{
    private const int ClassCount = 3;

    // Packets in one go, so that one peer's bulk does not hold up the others' frags: about 90 KiB.
    private const int PacketsPerFlush = 64;

    // Pieces of a stream's buffer in one packet: the smallest chunk is larger than a packet, so two always suffice to
    // fill it; four leave the end of the stream rarely for another packet.
    private const int VectorsMax = 4;

    private const uint MoreFlag = 1;
    private const uint EndFlag = 2;
    private const long NoStream = -1;

    // The library acknowledges a single packet after an eighth of the round trip, which on a local network is before
    // the application has answered: a packet more each way, and a timer of microseconds. So its deadlines come no
    // sooner than this after a flush, the granularity of its loss detection (RFC 9002, section 6.1.2); what is sent
    // until then takes the acknowledgement along. The peer is told of the delay, which is far below max_ack_delay.
    private const ulong DeadlineMinNs = 1_000_000;

    // More than any control frame takes.
    private const int SpareBytes = 128;

    // More than any handshake has: keys change only after it.
    private const long KeyUpdatePacketsMin = 16;

    // How often the statistics are published while a connection is busy.
    private const ulong PublishIntervalNs = 1_000_000;

    private readonly QuicConnection _connection;
    private readonly EndpointLoop _loop;
    private readonly DatagramQueue[] _datagrams = new DatagramQueue[ClassCount];
    private readonly Queue<QuicStream>[] _ready = new Queue<QuicStream>[ClassCount];
    private readonly LossProbe? _probe;
    private readonly long _keyUpdatePackets;
    private DatagramCarriers? _carriers;
    private bool _greets;
    private EgressPacer _pacer;
    private bool _isWindowUsedUp;
    private bool _hasData;
    private int _waiting;
    private long _packetsSent;
    private long _bytesSent;
    private long _dropped;
    private ulong _publishedNs;
    private ulong _nextDatagram;
    private long _nextKeyUpdate;

    public ConnectionEgress(QuicConnection connection, EndpointLoop loop)
    {
        _connection = connection;
        _loop = loop;
        _keyUpdatePackets = Math.Max(KeyUpdatePacketsMin, loop.Shared.Options.KeyUpdatePackets);
        _nextKeyUpdate = _keyUpdatePackets;
        _probe = loop.Library.Abi.IsVersion1 ? null : new LossProbe(connection);
        for (int i = 0; i < ClassCount; i++)
        {
            _datagrams[i] = new DatagramQueue(loop.Shared.Options.DatagramQueueBytes);
            _ready[i] = new Queue<QuicStream>();
        }
    }

    /// <summary>Payload bytes of the waiting datagrams. Any thread.</summary>
    public long QueuedBytes => (long)_datagrams[0].Bytes + _datagrams[1].Bytes + _datagrams[2].Bytes;

    /// <summary>Whether the class's bound allows so many bytes more. Any thread; a moment's view.</summary>
    public bool HasRoom(EgressClass egressClass, int length)
    {
        int queued = _datagrams[(int)egressClass].Bytes;
        return queued == 0 || queued + length <= _loop.Shared.Options.DatagramQueueBytes;
    }

    /// <summary>Queues a datagram by the rule of its class; takes over the lease.</summary>
    public void AddDatagram(in BufferLease datagram, EgressClass egressClass)
    {
        DatagramQueue queue = _datagrams[(int)egressClass];
        while (!queue.HasRoom(datagram.Length))
        {
            _dropped++;
            if (egressClass != EgressClass.Realtime)
            {
                _loop.Counters.Add(egressClass == EgressClass.Control
                    ? TransportCounter.ControlDropped
                    : TransportCounter.BulkDropped);
                datagram.Release();
                return;
            }

            _loop.Counters.Add(TransportCounter.RealtimeDropped);
            queue.RemoveFirst();
            _waiting--;
        }

        queue.Add(datagram);
        _waiting++;
        _loop.MarkDirty(_connection);
    }

    /// <summary>Queues a stream that has something to send.</summary>
    public void AddReady(QuicStream stream)
    {
        _ready[(int)stream.Class].Enqueue(stream);
        _waiting++;
    }

    /// <summary>The peer takes datagrams on streams only. Within callbacks too.</summary>
    public void UseCarriers()
    {
        _carriers = new DatagramCarriers(_connection, _loop);
        _greets = !_connection.IsDialled;
    }

    /// <summary>Releases everything that waits.</summary>
    public void Clear()
    {
        foreach (DatagramQueue queue in _datagrams)
        {
            _loop.Counters.Add(TransportCounter.DatagramsUnsendable, queue.Clear());
        }

        foreach (Queue<QuicStream> queue in _ready)
        {
            queue.Clear();
        }

        _waiting = 0;
    }

    /// <summary>Writes packets until nothing waits, a window is full, or its turn is over.</summary>
    /// <returns>Whether it stopped only because its turn is over.</returns>
    public bool Flush(ulong now)
    {
        if (_connection.Native.IsAlive && _connection.IsReported)
        {
            _connection.Streams.OpenAllowed();
            if (_packetsSent >= _nextKeyUpdate)
            {
                UpdateKey(now);
            }
        }

        _isWindowUsedUp = false;
        int packets = 0;
        bool isBlocked = false;
        while (packets < PacketsPerFlush && !isBlocked && (_waiting > 0 || _connection.NeedsPacket))
        {
            FillCarriers();
            bool mayData = _pacer.MaySend(now);
            byte* destination = _loop.Sender.Slot();
            _hasData = false;
            nint length = mayData ? FillPacket(destination, now) : WriteControl(destination, now);
            if (length < 0)
            {
                _connection.Fail((int)length, now);
                return false;
            }

            isBlocked = length == 0 && !(_probe?.TryOpen() ?? false);
            if (length > 0)
            {
                _loop.Sender.Commit((int)length, _loop.WrittenTarget, _connection.Native.Mark);
                _pacer.NoteSent((int)length);
                _packetsSent++;
                _bytesSent += length;
                packets++;
                if (IsLast((int)length))
                {
                    _connection.NeedsPacket = false;
                }
            }
        }

        bool isTurnOver = packets == PacketsPerFlush;
        _connection.NeedsPacket &= isTurnOver;
        _connection.IsProbing &= isTurnOver;
        AfterFlush(now);
        return isTurnOver;
    }

    // Refused while the last keys are not confirmed, or were less than three probe time-outs ago: tried again.
    private void UpdateKey(ulong now)
    {
        if (_connection.Native.InitiateKeyUpdate(now) == 0)
        {
            _loop.Counters.Add(TransportCounter.KeyUpdates);
            _nextKeyUpdate = _packetsSent + _keyUpdatePackets;
        }
    }

    // Path validation, MTU discovery and handshakes have packets of their own, which come before any data, and so do
    // the two probes after a deadline. What else the library has to send goes into the packet with the data.
    private bool IsLast(int length) =>
        _hasData && _connection.IsReported && !_connection.IsProbing && length + SpareBytes < _connection.PathPayload;

    private void FillCarriers()
    {
        if (_carriers is null || !_connection.IsReported)
        {
            return;
        }

        if (_greets)
        {
            _greets = false;
            _carriers.Greet();
        }

        for (int i = 0; i < ClassCount; i++)
        {
            _waiting -= _carriers.Move(_datagrams[i], (EgressClass)i);
        }
    }

    private void AfterFlush(ulong now)
    {
        ulong expiry = NextDeadline(now);
        if (_pacer.ResumeNs != 0 && _waiting > 0)
        {
            expiry = Math.Min(expiry, _pacer.ResumeNs);
        }

        _loop.SetExpiry(_connection, expiry);
        if (!_connection.IsReported)
        {
            return;
        }

        _connection.RefreshMaxDatagram();
        if (now - _publishedNs >= PublishIntervalNs)
        {
            _publishedNs = now;
            Publish();
        }
    }

    // A deadline that stands is not put off by further flushes.
    private ulong NextDeadline(ulong now)
    {
        ulong expiry = _connection.Native.Expiry;
        ulong earliest = now + DeadlineMinNs;
        if (expiry >= earliest || !_connection.IsReported)
        {
            return expiry;
        }

        return Math.Min(earliest, Math.Max(expiry, _connection.ExpiryNs));
    }

    // Anything but the application's data: acknowledgements, handshake, probes, window updates.
    private nint WriteControl(byte* destination, ulong now)
    {
        NativePath* path = _loop.WrittenPath;
        return _connection.Native.WriteStream(path, destination, null, 0, NoStream, null, 0, now);
    }

    // One packet. The library keeps it open while it answers "write more"; then only these calls may follow, and the
    // last of them closes it.
    private nint FillPacket(byte* destination, ulong now)
    {
        int egressClass = 0;
        while (egressClass < ClassCount)
        {
            nint result;
            if (_carriers is null && !_datagrams[egressClass].IsEmpty)
            {
                result = WriteDatagram(_datagrams[egressClass], destination, now);
            }
            else if (_ready[egressClass].Count > 0 && !_isWindowUsedUp)
            {
                result = WriteStream(_ready[egressClass], destination, now);
            }
            else
            {
                egressClass++;
                continue;
            }

            if (result == 0)
            {
                // The window is full for this; acknowledgements and probes go all the same.
                break;
            }

            if (result != _loop.Errors.WriteMore)
            {
                return result;
            }
        }

        return WriteControl(destination, now);
    }

    // Answers "write more" also where nothing was written and the next piece is to be tried.
    private nint WriteDatagram(DatagramQueue queue, byte* destination, ulong now)
    {
        ref readonly BufferLease datagram = ref queue.First;
        if (datagram.Length > _connection.MaxDatagram)
        {
            RemoveUnsendable(queue);
            return _loop.Errors.WriteMore;
        }

        ulong needed = (ulong)datagram.Length + LossProbe.RoomBytes;
        if (_probe is not null && _connection.Native.CongestionWindowLeft < needed)
        {
            return _probe.Take() is { } carrier ? WriteFrom(carrier, destination, now) : 0;
        }

        NativeVec data = new() { Base = datagram.Pointer, Length = (nuint)datagram.Length };
        uint flags = FitsAnother(queue, datagram.Length) ? MoreFlag : 0;
        int accepted = 0;
        nint result = _connection.Native.WriteDatagram(
            _loop.WrittenPath, destination, &accepted, flags, _nextDatagram, &data, now);
        if (accepted != 0)
        {
            _hasData = true;
            _nextDatagram++;
            _waiting--;
            queue.RemoveFirst();
            _loop.Counters.Add(TransportCounter.DatagramsOut);
        }
        else if (result == NgtcpErrors.InvalidArgument)
        {
            RemoveUnsendable(queue);
            return _loop.Errors.WriteMore;
        }

        return result;
    }

    // Closes the packet. What the library takes it repeats until it is acknowledged.
    private nint WriteFrom(QuicStream carrier, byte* destination, ulong now)
    {
        NativeVec data = default;
        _ = carrier.TryGather(new Span<NativeVec>(ref data), out int count, out _);
        nint consumed = -1;
        nint result = _connection.Native.WriteStream(
            _loop.WrittenPath, destination, &consumed, 0, carrier.Number, &data, count, now);
        if (consumed >= 0)
        {
            _ = carrier.Advance((int)consumed, withEnd: false);
        }

        // A peer that refuses the carrier has no more of it than the silence.
        bool isRefused = result == _loop.Errors.StreamDataBlocked || result == _loop.Errors.StreamShutWrite
            || result == _loop.Errors.StreamNotFound;
        return isRefused ? 0 : result;
    }

    private nint WriteStream(Queue<QuicStream> ready, byte* destination, ulong now)
    {
        QuicStream stream = ready.Peek();
        NativeVec* data = stackalloc NativeVec[VectorsMax];
        if (stream.IsBlocked || !stream.TryGather(new Span<NativeVec>(data, VectorsMax), out int count, out bool isEnd))
        {
            RemoveReady(ready);
            return _loop.Errors.WriteMore;
        }

        uint flags = (isEnd ? EndFlag : 0) | (_waiting > 1 ? MoreFlag : 0);
        nint consumed = -1;
        nint result = _connection.Native.WriteStream(
            _loop.WrittenPath, destination, &consumed, flags, stream.Number, data, count, now);
        if (consumed >= 0)
        {
            bool isWhole = isEnd && consumed == TotalLength(data, count);
            bool hasMore = stream.Advance((int)consumed, isWhole);
            _hasData = true;
            RemoveReady(ready);
            if (hasMore)
            {
                // To the end of the queue: streams of a class take turns.
                stream.IsReady = true;
                AddReady(stream);
            }
        }

        return result < 0 ? AfterStreamError(ready, stream, (int)result) : result;
    }

    private nint AfterStreamError(Queue<QuicStream> ready, QuicStream stream, int error)
    {
        if (error == _loop.Errors.StreamDataBlocked)
        {
            if (_connection.Native.IsWindowUsedUp)
            {
                // Tried again at the next flush: what opens this window is a packet from the peer.
                _isWindowUsedUp = true;
            }
            else
            {
                stream.IsBlocked = true;
                RemoveReady(ready);
            }

            return _loop.Errors.WriteMore;
        }

        if (error == _loop.Errors.StreamShutWrite || error == _loop.Errors.StreamNotFound)
        {
            stream.CloseWrites();
            RemoveReady(ready);
            return _loop.Errors.WriteMore;
        }

        return error;
    }

    private static nint TotalLength(NativeVec* data, int count)
    {
        nuint total = 0;
        for (int i = 0; i < count; i++)
        {
            total += data[i].Length;
        }

        return (nint)total;
    }

    // Whether it is worth to keep the packet open: for the next datagram, or for any stream if there is some room.
    private bool FitsAnother(DatagramQueue queue, int length)
    {
        const int FrameHead = 3;
        const int WorthwhileBytes = 64;
        int room = _connection.MaxDatagram - length;
        int next = queue.SecondLength;
        return _waiting > 1 && room >= (next > 0 ? next + FrameHead : WorthwhileBytes);
    }

    private void RemoveReady(Queue<QuicStream> ready)
    {
        ready.Dequeue().IsReady = false;
        _waiting--;
    }

    private void RemoveUnsendable(DatagramQueue queue)
    {
        queue.RemoveFirst();
        _waiting--;
        _dropped++;
        _loop.Counters.Add(TransportCounter.DatagramsUnsendable);
    }

    /// <summary>Makes the newest statistics known; within callbacks too.</summary>
    public void Publish()
    {
        byte* native = stackalloc byte[NgtcpAbi.StructCapacity];
        if (!_connection.Native.TryGetStatistics(native))
        {
            return;
        }

        NgtcpAbi abi = _loop.Library.Abi;
        PathStatistics statistics = new()
        {
            SmoothedRttNs = *(long*)(native + NgtcpAbi.Statistics.SmoothedRtt),
            MinRttNs = Math.Max(*(long*)(native + NgtcpAbi.Statistics.MinRtt), 0),
            RttVariationNs = *(long*)(native + NgtcpAbi.Statistics.RttVariation),
            CongestionWindowBytes = *(long*)(native + abi.StatisticsWindow),
            BytesInFlight = *(long*)(native + abi.StatisticsInFlight),
            PacketsSent = _packetsSent,
            BytesSent = _bytesSent,
            PacketsReceived = _connection.PacketsReceived,
            BytesReceived = _connection.BytesReceived,
            DatagramsLost = _connection.DatagramsLost,
            DatagramsDropped = _dropped,
            PathMtuBytes = _connection.Native.PathPayload,
        };
        _pacer.SetPath(statistics.CongestionWindowBytes, statistics.SmoothedRttNs);
        _connection.Publish(statistics);
    }
}
