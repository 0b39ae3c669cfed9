using System.Buffers;
using System.Net.Quic;
using Fragcast.Transport.Quic;
using EngineStream = System.Net.Quic.QuicStream;

namespace Fragcast.Transport.SystemQuic;

/// <summary>
/// A bidirectional stream. Any thread writes to its buffer; one asynchronous method sends from it, one reads and hands
/// each piece to the endpoint's thread before it reads the next.
/// </summary>
#pragma warning disable CA1001 // A cancellation without a timer holds nothing that needs to be disposed.
internal sealed class SystemStream : ISlotItem
#pragma warning restore CA1001
{
    private const int ReadBytes = 32 << 10;

    private readonly SystemConnection _connection;
    private readonly SystemShared _shared;
    private readonly Lock _gate = new();
    private readonly AsyncPulse _written = new();
    private readonly AsyncPulse _taken = new();
    private readonly CancellationTokenSource _opening = new();
    private readonly Action _deliver;
    private readonly Action _tellWritable;
    private ArrayBufferWriter<byte> _filling = new();
    private ArrayBufferWriter<byte> _sending = new();
    private EngineStream? _stream;
    private byte[] _received = [];
    private int _receivedLength;
    private bool _receivedEnd;
    private int _held;
    private int _wanted;
    private bool _isStarving;
    private bool _endRequested;
    private bool _closed;
    private ulong _error;

    public SystemStream(SystemConnection connection, bool isLocal)
    {
        _connection = connection;
        _shared = connection.Shared;
        IsLocal = isLocal;
        _deliver = Deliver;
        _tellWritable = TellWritable;
    }

    public ulong Handle { get; set; }

    /// <summary>Whether this side has opened it.</summary>
    public bool IsLocal { get; }

    public StreamId Id => new(_connection.Id, Handle);

    /// <summary>Whether the last write was refused for a bound that streams share.</summary>
    public bool Wants
    {
        get
        {
            lock (_gate)
                return _isStarving && !_closed;
        }
    }

    /// <summary>Appends everything or nothing. Any thread.</summary>
    public SendResult TryWrite(ReadOnlySpan<byte> data, bool end)
    {
        bool starves;
        lock (_gate)
        {
            if (_closed || _endRequested)
                return SendResult.Closed;
            int max = _shared.Options.StreamSendBufferBytes;
            if (data.Length > max)
                return SendResult.TooLarge;
            bool isOwnFull = _held + data.Length > max;
            if (!isOwnFull && _connection.TryHold(data.Length))
            {
                _held += data.Length;
                _filling.Write(data);
                _endRequested = end;
                _written.Set();
                return SendResult.Accepted;
            }

            _wanted = data.Length;
            starves = _isStarving = !isOwnFull;
        }

        if (starves)
            _shared.AddStarving(this);
        return SendResult.QueueFull;
    }

    /// <summary>True once, if the writer waits and what it wanted to write now fits.</summary>
    public bool TryTakeRoomRequest()
    {
        lock (_gate)
        {
            // Half of the buffer at least, so that a writer of small pieces is not woken for each.
            int max = _shared.Options.StreamSendBufferBytes;
            bool fitsOwn = _wanted > 0 && !_closed && _held <= max / 2 && _held + _wanted <= max;
            bool fits = fitsOwn && _connection.HasRoomFor(_wanted);
            // What frees the rest may be another stream's.
            _isStarving = (_isStarving || fitsOwn) && !fits;
            if (fits)
                _wanted = 0;

            return fits;
        }
    }

    /// <summary>Endpoint's thread: tells the handler of room.</summary>
    public void TellWritable()
    {
        if (_shared.Streams.Find(Handle) == this && !_shared.Loop.Handler.OnStreamWritable(Id))
            _connection.Fail(DisconnectKind.HandlerFault);
    }

    /// <summary>Opens the stream when the peer allows it, then runs it to its end.</summary>
    public async Task Open(System.Net.Quic.QuicConnection connection)
    {
        EngineStream? stream = null;
        try
        {
            stream = await connection.OpenOutboundStreamAsync(QuicStreamType.Bidirectional, _opening.Token)
                .ConfigureAwait(false);
        }
        catch (Exception e) when (e is QuicException or OperationCanceledException or ObjectDisposedException)
        {
            // Given up, or the connection has ended: nobody over there knows the stream.
        }

        if (stream is null)
        {
            _connection.PostClosed(this, Volatile.Read(ref _error));
            return;
        }

        _shared.Counters.AddShared(TransportCounter.StreamsOpened);
        await Run(stream).ConfigureAwait(false);
    }

    /// <summary>Runs an open stream to its end.</summary>
    public async Task Run(EngineStream stream)
    {
        await using (stream.ConfigureAwait(false))
        {
            lock (_gate)
                _stream = stream;
            if (_opening.IsCancellationRequested)
                Abort(stream);
            await Task.WhenAll(Read(stream), Send(stream)).ConfigureAwait(false);
        }

        _connection.PostClosed(this, Volatile.Read(ref _error));
    }

    /// <summary>Gives up both directions. Any thread.</summary>
    public void Reset(ulong error)
    {
        EngineStream? stream;
        lock (_gate)
        {
            if (_closed)
                return;
            _closed = true;
            stream = _stream;
        }

        Volatile.Write(ref _error, error);
        // A stream that is not open yet sees this when it is.
        _opening.Cancel();
        if (stream is not null)
            Abort(stream);
        _written.Set();
    }

    /// <summary>Lets go of what waits to be sent, and of a reader that nobody serves any more.</summary>
    public void Free()
    {
        int held;
        lock (_gate)
        {
            _closed = true;
            held = _held;
            _held = 0;
        }

        _connection.Unhold(held);
        _written.Set();
        _taken.Set();
    }

    private void Abort(EngineStream stream)
    {
        try
        {
            stream.Abort(QuicAbortDirection.Both, (long)Volatile.Read(ref _error));
        }
        catch (ObjectDisposedException)
        {
            // It ended meanwhile.
        }
    }

    private async Task Read(EngineStream stream)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(ReadBytes);
        try
        {
            bool end = false;
            while (!end)
            {
                int length = await stream.ReadAsync(buffer).ConfigureAwait(false);
                end = length == 0 || stream.ReadsClosed.IsCompletedSuccessfully;
                (_received, _receivedLength, _receivedEnd) = (buffer, length, end);
                _shared.Loop.Post(_deliver);
                await _taken.Wait().ConfigureAwait(false);
            }
        }
        catch (QuicException e)
        {
            NoteAbandoned(e);
        }
        catch (Exception e) when (e is ObjectDisposedException or OperationCanceledException)
        {
            // Reset by this side.
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private async Task Send(EngineStream stream)
    {
        try
        {
            while (true)
            {
                await _written.Wait().ConfigureAwait(false);
                bool end = TakeWritten(out bool isClosed);
                if (isClosed)
                    return;
                if (_sending.WrittenCount > 0 || end)
                    await stream.WriteAsync(_sending.WrittenMemory, completeWrites: end).ConfigureAwait(false);
                NoteSent(_sending.WrittenCount);
                if (end)
                {
                    await stream.WritesClosed.ConfigureAwait(false);
                    return;
                }
            }
        }
        catch (QuicException e)
        {
            NoteAbandoned(e);
        }
        catch (Exception e) when (e is ObjectDisposedException or OperationCanceledException)
        {
            // Reset by this side.
        }
    }

    private bool TakeWritten(out bool isClosed)
    {
        lock (_gate)
        {
            (_filling, _sending) = (_sending, _filling);
            _filling.ResetWrittenCount();
            isClosed = _closed;
            return _endRequested;
        }
    }

    private void NoteSent(int bytes)
    {
        lock (_gate)
        {
            int freed = Math.Min(bytes, _held);
            _held -= freed;
            bytes = freed;
        }

        _connection.Unhold(bytes);
        if (TryTakeRoomRequest())
            _shared.Loop.Post(_tellWritable);
        else if (Wants)
            _shared.AddStarving(this);
    }

    // The peer has reset its side or refuses ours, or the connection is gone: both sides of the stream end.
    private void NoteAbandoned(QuicException exception)
    {
        if (exception.QuicError == QuicError.StreamAborted)
            Reset((ulong)(exception.ApplicationErrorCode ?? 0));
        else
            Reset(0);
    }

    private void Deliver()
    {
        // After the connection's end, or for a stream that was given up, nobody hears of it.
        if (_shared.Streams.Find(Handle) == this && !_connection.IsClosed)
        {
            ReadOnlySpan<byte> data = _received.AsSpan(0, _receivedLength);
            if (!_shared.Loop.Handler.OnStreamData(Id, data, _receivedEnd))
                _connection.Fail(DisconnectKind.HandlerFault);
        }

        _taken.Set();
    }
}
