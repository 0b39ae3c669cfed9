using Fragcast.Transport.Quic.Native;

namespace Fragcast.Transport.Quic;

/// <summary>
/// Streams whose last write did not fit a bound that they share with others: what a connection's streams hold together,
/// or what the endpoint's do. They are told when it fits, looked at whenever something was freed. I/O thread.
/// </summary>
internal sealed class StarvingStreams
{
    private readonly List<QuicStream> _streams = [];
    private bool _isDue;

    /// <summary>Whether there may be somebody to tell.</summary>
    public bool IsDue => _isDue;

    /// <summary>Puts a stream in unless it is in.</summary>
    public void Add(QuicStream stream)
    {
        if (!stream.IsListed)
        {
            stream.IsListed = true;
            _streams.Add(stream);
            // What it waits for may have been freed between its write and now.
            _isDue = true;
        }
    }

    /// <summary>Something was freed.</summary>
    public void NoteFreed() => _isDue |= _streams.Count > 0;

    /// <summary>Tells those for whom there is room; not within callbacks.</summary>
    /// <returns>How many.</returns>
    public int Feed(EndpointLoop loop)
    {
        if (!_isDue)
        {
            return 0;
        }

        _isDue = false;
        int fed = 0;
        // Backwards: the handler may write at once, which puts the stream in again, at the end.
        for (int i = _streams.Count - 1; i >= 0; i--)
        {
            QuicStream stream = _streams[i];
            bool fits = stream.TryTakeRoomRequest();
            if (!fits && stream.IsStarving)
            {
                continue;
            }

            _streams.RemoveAt(i);
            stream.IsListed = false;
            if (fits)
            {
                fed++;
                Tell(stream, loop);
            }
        }

        return fed;
    }

    private static void Tell(QuicStream stream, EndpointLoop loop)
    {
        if (!loop.Handler.OnStreamWritable(stream.Id))
        {
            stream.Connection.Fail(NgtcpErrors.CallbackFailure, TransportClock.NowNs);
        }
    }
}
