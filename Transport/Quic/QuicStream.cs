using Fragcast.Transport.Carriers;
using Fragcast.Transport.Libp2p;
using Fragcast.Transport.Quic.Native;

namespace Fragcast.Transport.Quic;

/// <summary>
/// A bidirectional stream. Any thread writes to its buffer, under the stream's lock; the I/O thread sends from it,
/// under the same lock for the moment of looking, and owns everything else.
/// </summary>
/// <remarks>
/// The sending side: open -> ended (the application said so) -> end sent; or open -> closed at any time, by the peer,
/// by a reset, or with the connection.
/// </remarks>
internal sealed class QuicStream : ISlotItem
{
    /// <summary>The number of a stream that the library has not opened yet.</summary>
    public const long Unopened = -1;

    // The second bit of a stream's number: unidirectional (RFC 9000, section 2.1).
    private const long UnidirectionalBit = 2;

    private readonly Lock _gate = new();
    private readonly StreamSendBuffer _buffer;
    private readonly int _bufferMax;
    private bool _endRequested;
    private bool _closed;
    private int _wanted;
    private bool _isStarving;
    private int _announced;

    public QuicStream(QuicConnection connection, ChunkBudget chunks, int bufferMax)
    {
        Connection = connection;
        _buffer = new StreamSendBuffer(chunks);
        _bufferMax = bufferMax;
    }

    public ulong Handle { get; set; }

    public QuicConnection Connection { get; }

    public StreamId Id => new(Connection.Id, Handle);

    /// <summary>The class of the last write.</summary>
    public EgressClass Class { get; private set; } = EgressClass.Control;

    /// <summary>The next stream in the endpoint's list of streams with news; see <see cref="StreamNews"/>.</summary>
    public QuicStream? NextNews { get; set; }

    // The rest belongs to the I/O thread.

    /// <summary>The stream's number in the connection (RFC 9000, section 2.1).</summary>
    public long Number { get; set; } = Unopened;

    /// <summary>The neighbours in the list of the connection's streams.</summary>
    public QuicStream? Previous { get; set; }

    /// <inheritdoc cref="Previous"/>
    public QuicStream? Next { get; set; }

    /// <summary>Whether it stands in the queue of streams that have something to send.</summary>
    public bool IsReady { get; set; }

    /// <summary>Whether the peer's window is used up; nothing is sent until it says more.</summary>
    public bool IsBlocked { get; set; }

    /// <summary>Whether the library has been given the end.</summary>
    public bool IsEndSent { get; set; }

    /// <summary>Whether the handler knows the stream: it opened it, or was told.</summary>
    public bool IsReported { get; set; }

    /// <summary>Whether it stands in the list of streams that wait for a bound that they share.</summary>
    public bool IsListed { get; set; }

    /// <summary>Set for a stream of the peer that carries datagrams; the handler never hears of it.</summary>
    public DatagramRecordReader? Records { get; init; }

    /// <summary>Set for a stream of a libp2p node; the handler never hears of it.</summary>
    public PingResponder? Responder { get; init; }

    /// <summary>Bytes not yet given to the library. Any thread; a moment's view.</summary>
    public int Unsent
    {
        get
        {
            lock (_gate)
            {
                return _buffer.Unsent;
            }
        }
    }

    /// <summary>Bytes not yet acknowledged. Any thread; a moment's view.</summary>
    public int Held
    {
        get
        {
            lock (_gate)
            {
                return _buffer.Held;
            }
        }
    }

    /// <summary>Whether a stream of that number carries datagrams: the unidirectional ones do.</summary>
    public static bool IsCarrier(long number) => number >= 0 && (number & UnidirectionalBit) != 0;

    /// <summary>Claims the announcement of news; true for the first who does since the I/O thread looked.</summary>
    public bool TryAnnounce() => Interlocked.Exchange(ref _announced, 1) == 0;

    /// <summary>Called by the I/O thread before it looks at the buffer: news from now on is announced again.</summary>
    // Full fence: a writer that finds the flag still set has written before we look.
    public void TakeAnnouncement() => Interlocked.Exchange(ref _announced, 0);

    /// <summary>Appends everything or nothing. Any thread.</summary>
    public SendResult TryWrite(ReadOnlySpan<byte> data, EgressClass egressClass, bool end)
    {
        lock (_gate)
        {
            if (_closed || _endRequested)
            {
                return SendResult.Closed;
            }

            if (data.Length > _bufferMax)
            {
                return SendResult.TooLarge;
            }

            if (_buffer.Held + data.Length > _bufferMax)
            {
                _wanted = data.Length;
                return SendResult.QueueFull;
            }

            if (!TryWriteShared(data))
            {
                _wanted = data.Length;
                _isStarving = true;
                return SendResult.QueueFull;
            }

            Class = egressClass;
            _endRequested = end;
            return SendResult.Accepted;
        }
    }

    /// <summary>What to send next.</summary>
    /// <param name="vectors">Filled from the front; what they point at stays until acknowledged.</param>
    /// <param name="count">Vectors filled.</param>
    /// <param name="isEnd">Whether the stream ends right behind what is pointed at.</param>
    /// <returns>Whether there is anything, be it only the end.</returns>
    public bool TryGather(Span<NativeVec> vectors, out int count, out bool isEnd)
    {
        lock (_gate)
        {
            count = _buffer.Gather(vectors, out int bytes);
            isEnd = _endRequested && bytes == _buffer.Unsent;
            return !_closed && (count > 0 || (isEnd && !IsEndSent));
        }
    }

    /// <summary>Notes what the library took; true if there is more to send.</summary>
    public bool Advance(int bytes, bool withEnd)
    {
        lock (_gate)
        {
            _buffer.Advance(bytes);
            IsEndSent |= withEnd && _buffer.Unsent == 0;
            return _buffer.Unsent > 0 || (_endRequested && !IsEndSent);
        }
    }

    /// <summary>Frees what the peer has acknowledged; true if the writer is to be told that there is room.</summary>
    public bool Acknowledge(ulong position)
    {
        lock (_gate)
        {
            Connection.Unhold(_buffer.Acknowledge(position));
            return TakeRoomRequest();
        }
    }

    /// <summary>
    /// Whether a write was refused for a bound that all streams share, so that no acknowledgement of its own need come.
    /// </summary>
    public bool IsStarving
    {
        get
        {
            lock (_gate)
            {
                return _isStarving && !_closed;
            }
        }
    }

    /// <summary>True once, if the writer waits and what it wanted to write now fits.</summary>
    public bool TryTakeRoomRequest()
    {
        lock (_gate)
        {
            return TakeRoomRequest();
        }
    }

    /// <summary>Refuses writes. The buffer stays until <see cref="Free"/>: the library points at it.</summary>
    public void CloseWrites()
    {
        lock (_gate)
        {
            _closed = true;
        }
    }

    /// <summary>Closes and frees the buffer; the library knows the stream no more.</summary>
    public void Free()
    {
        lock (_gate)
        {
            _closed = true;
            Connection.Unhold(_buffer.Clear());
        }
    }

    private bool TryWriteShared(ReadOnlySpan<byte> data)
    {
        if (!Connection.TryHold(data.Length))
        {
            return false;
        }

        if (!_buffer.TryWrite(data))
        {
            Connection.Unhold(data.Length);
            return false;
        }

        return true;
    }

    // Half of the buffer at least, so that a writer of small pieces is not woken for each.
    private bool TakeRoomRequest()
    {
        bool fits = _wanted > 0 && !_closed && _buffer.Held <= _bufferMax / 2 && _buffer.Held + _wanted <= _bufferMax
            && Connection.HasRoomFor(_wanted) && _buffer.HasChunksFor(_wanted);
        if (!fits)
        {
            // What frees the rest may be another stream's.
            _isStarving |= _wanted > 0 && _buffer.Held == 0;
            return false;
        }

        _wanted = 0;
        _isStarving = false;
        return true;
    }
}
