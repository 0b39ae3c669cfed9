namespace Fragcast.Transport.Quic;

/// <summary>
/// The streams that got something to send since the I/O thread last looked: a list that any thread pushes to and the
/// I/O thread takes whole. Each stream is in it at most once, so that it is bounded by the number of streams and needs
/// no memory of its own.
/// </summary>
internal sealed class StreamNews
{
    private QuicStream? _last;

    /// <summary>Whether there is any; a moment's view.</summary>
    public bool IsEmpty => Volatile.Read(ref _last) is null;

    /// <summary>Puts a stream in unless it is in. The caller wakes the I/O thread if the result is true.</summary>
    public bool TryAdd(QuicStream stream)
    {
        if (!stream.TryAnnounce())
        {
            return false;
        }

        QuicStream? seen = Volatile.Read(ref _last);
        while (true)
        {
            stream.NextNews = seen;
            // Full fence: the link and what was written to the stream are visible before the stream is found.
            QuicStream? found = Interlocked.CompareExchange(ref _last, stream, seen);
            if (found == seen)
            {
                return true;
            }

            seen = found;
        }
    }

    /// <summary>Takes all, linked by <see cref="QuicStream.NextNews"/>, in the order of their adding.</summary>
    public QuicStream? TakeAll()
    {
        if (IsEmpty)
        {
            return null;
        }

        QuicStream? reversed = null;
        for (QuicStream? stream = Interlocked.Exchange(ref _last, null); stream is not null;)
        {
            QuicStream? next = stream.NextNews;
            stream.NextNews = reversed;
            reversed = stream;
            stream = next;
        }

        return reversed;
    }
}
