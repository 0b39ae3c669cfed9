using System.Buffers;
using Fragcast.Transport.Carriers;
using Fragcast.Transport.Libp2p;

namespace Fragcast.Transport.Quic;

/// <summary>The streams of one connection, and what the library reports about them. I/O thread.</summary>
internal sealed class ConnectionStreams(QuicConnection connection, EndpointLoop loop)
{
    // What the handler is told of streams that end with their connection.
    private const ulong NoError = 0;

    // Streams opened here that wait for the peer to allow them.
    private readonly Queue<QuicStream> _unopened = new();
    private QuicStream? _first;
    private bool _mayOpen = true;

    /// <summary>Takes the news of a stream: it is new, or has something to send, or its end.</summary>
    public void TakeNews(QuicStream stream)
    {
        stream.TakeAnnouncement();
        if (loop.Streams.Find(stream.Handle) != stream)
        {
            return;
        }

        if (connection.IsClosed)
        {
            Discard(stream);
            return;
        }

        if (stream.IsStarving)
        {
            loop.Starving.Add(stream);
        }

        if (stream.Number != QuicStream.Unopened)
        {
            MakeReady(stream);
            return;
        }

        if (!stream.IsReported)
        {
            // Opened by this side: the application has had its id from the start.
            stream.IsReported = true;
            Link(stream);
            _unopened.Enqueue(stream);
            OpenAllowed();
        }
    }

    /// <summary>Opens what waits, as far as the peer allows; not within callbacks.</summary>
    public void OpenAllowed()
    {
        while (_mayOpen && _unopened.TryPeek(out QuicStream? stream))
        {
            if (loop.Streams.Find(stream.Handle) != stream)
            {
                _unopened.Dequeue();
                continue;
            }

            int result = connection.Native.OpenStream(out long number, stream.Handle);
            if (result == loop.Errors.StreamIdBlocked)
            {
                _mayOpen = false;
                return;
            }

            if (result != 0)
            {
                // Only a connection that is about to end refuses for another reason; its end closes the stream.
                return;
            }

            _unopened.Dequeue();
            stream.Number = number;
            loop.Counters.Add(TransportCounter.StreamsOpened);
            MakeReady(stream);
        }
    }

    /// <summary>Opens a stream that carries datagrams; false if the peer does not allow it now.</summary>
    public bool TryOpenCarrier(out QuicStream? stream)
    {
        stream = new QuicStream(connection, loop.Shared.Chunks, loop.Shared.Options.StreamSendBufferBytes);
        if (!loop.Streams.TryAdd(stream) || connection.Native.OpenCarrier(out long number, stream.Handle) != 0)
        {
            loop.Streams.Remove(stream);
            stream = null;
            return false;
        }

        stream.Number = number;
        Link(stream);
        return true;
    }

    /// <summary>The peer allows more streams; opened at the next flush.</summary>
    public void NoteMoreAllowed() => _mayOpen = true;

    /// <summary>Gives up a stream, for the application; not within callbacks.</summary>
    public void Reset(QuicStream stream, ulong error)
    {
        stream.CloseWrites();
        if (stream.Number == QuicStream.Unopened)
        {
            Finish(stream, error);
        }
        else
        {
            _ = connection.Native.ShutdownStream(stream.Number, error);
            connection.RequestPacket();
        }
    }

    /// <summary>Ends all streams with their connection; the library's connection is gone already.</summary>
    public void CloseAll()
    {
        _unopened.Clear();
        while (_first is not null)
        {
            Finish(_first, NoError);
        }
    }

    // From here on: within callbacks.

    public bool OnOpened(long number)
    {
        bool isCarrier = QuicStream.IsCarrier(number);
        QuicStream stream = new(connection, loop.Shared.Chunks, loop.Shared.Options.StreamSendBufferBytes)
        {
            Responder = connection.IsLibp2p && !isCarrier ? new PingResponder() : null,
            Records = isCarrier ? new DatagramRecordReader() : null,
        };
        if (!loop.Streams.TryAdd(stream))
        {
            return false;
        }

        stream.Number = number;
        Link(stream);
        if (!connection.Native.SetStreamUser(number, stream.Handle) || !connection.EnsureReported())
        {
            return false;
        }

        if (isCarrier)
        {
            return true;
        }

        loop.Counters.Add(TransportCounter.StreamsAccepted);
        if (stream.Responder is not null)
        {
            return true;
        }

        stream.IsReported = true;
        return loop.Handler.OnStreamOpened(connection.Id, stream.Id);
    }

    public bool OnData(long number, ulong handle, ReadOnlySpan<byte> data, bool end)
    {
        QuicStream? stream = loop.Streams.Find(handle);
        bool done = stream switch
        {
            null => true,
            { Responder: { } responder } => Respond(stream, responder, data, end),
            { Records: { } records } => TakeRecords(records, data),
            _ => loop.Handler.OnStreamData(stream.Id, data, end),
        };
        // Handlers take everything at once, so the peer may send as much again.
        connection.Native.ExtendReceiveWindow(number, (ulong)data.Length);
        connection.RequestPacket();
        return done;
    }

    public bool OnAcknowledged(ulong handle, ulong position)
    {
        loop.Starving.NoteFreed();
        QuicStream? stream = loop.Streams.Find(handle);
        if (stream is null)
        {
            return true;
        }

        bool fits = stream.Acknowledge(position);
        if (!fits && stream.IsStarving)
        {
            loop.Starving.Add(stream);
        }

        return !fits || loop.Handler.OnStreamWritable(stream.Id);
    }

    public void OnWindow(ulong handle)
    {
        QuicStream? stream = loop.Streams.Find(handle);
        if (stream is not null)
        {
            stream.IsBlocked = false;
            MakeReady(stream);
        }
    }

    /// <summary>The peer has reset its side or refuses ours: both sides of the stream end.</summary>
    public bool OnAbandoned(ulong handle, ulong error)
    {
        QuicStream? stream = loop.Streams.Find(handle);
        if (stream is not null)
        {
            stream.CloseWrites();
            loop.RequestReset(stream.Id, error);
        }

        return true;
    }

    public bool OnClosed(long number, ulong handle, ulong error)
    {
        if (connection.IsPeersStream(number) && !QuicStream.IsCarrier(number))
        {
            connection.Native.ExtendPeerStreams();
        }

        QuicStream? stream = loop.Streams.Find(handle);
        return stream is null || Finish(stream, error);
    }

    private bool Respond(QuicStream stream, PingResponder responder, ReadOnlySpan<byte> data, bool end)
    {
        ArrayBufferWriter<byte> answer = new();
        bool wasPinging = responder.IsPinging;
        bool isFine = responder.Take(data, answer);
        if (responder.IsPinging && !wasPinging)
        {
            loop.Counters.Add(TransportCounter.Libp2pPings);
        }

        // A peer that does not read what it asked for loses the stream.
        SendResult result = stream.TryWrite(answer.WrittenSpan, EgressClass.Control, end);
        if (isFine && result == SendResult.Accepted)
        {
            MakeReady(stream);
        }
        else
        {
            loop.RequestReset(stream.Id, NoError);
        }

        return true;
    }

    private bool TakeRecords(DatagramRecordReader records, ReadOnlySpan<byte> data)
    {
        while (true)
        {
            switch (records.Read(ref data, out ReadOnlySpan<byte> payload))
            {
                case RecordStep.NeedsMore:
                    return true;
                case RecordStep.TooLong:
                    connection.NoteCause(DisconnectKind.ProtocolError);
                    return false;
                default:
                    if (!payload.IsEmpty && !connection.OnDatagram(payload))
                    {
                        return false;
                    }

                    break;
            }
        }
    }

    /// <summary>Queues a stream that has something to send.</summary>
    public void MakeReady(QuicStream stream)
    {
        if (!stream.IsReady && !stream.IsBlocked)
        {
            stream.IsReady = true;
            connection.Egress.AddReady(stream);
            loop.MarkDirty(connection);
        }
    }

    private bool Finish(QuicStream stream, ulong error)
    {
        Unlink(stream);
        Discard(stream);
        return !stream.IsReported || !connection.IsReported || loop.Handler.OnStreamClosed(stream.Id, error);
    }

    private void Discard(QuicStream stream)
    {
        stream.Free();
        loop.Starving.NoteFreed();
        if (!connection.IsPeersStream(stream.Number) && !QuicStream.IsCarrier(stream.Number))
        {
            connection.ReleaseLocalStream();
        }

        loop.Streams.Remove(stream);
    }

    private void Link(QuicStream stream)
    {
        stream.Next = _first;
        if (_first is not null)
        {
            _first.Previous = stream;
        }

        _first = stream;
    }

    private void Unlink(QuicStream stream)
    {
        if (stream.Previous is not null)
        {
            stream.Previous.Next = stream.Next;
        }
        else if (_first == stream)
        {
            _first = stream.Next;
        }

        if (stream.Next is not null)
        {
            stream.Next.Previous = stream.Previous;
        }

        stream.Previous = null;
        stream.Next = null;
    }
}
