using Fragcast.Transport.Carriers;

namespace Fragcast.Transport.Quic;

/// <summary>
/// What makes libngtcp2 0.12 notice that a window full of datagrams is lost: a record of length 0 on a carrier, sent
/// when datagrams have used up the window. That generation sets no probe time-out for packets that carry nothing but
/// DATAGRAM or PING frames, and would be silent for ever; for a stream's bytes it does, and repeats them. 1.x needs
/// none of it, and its window would not grow while some of it is left free. I/O thread, not within callbacks.
/// </summary>
internal sealed class LossProbe(QuicConnection connection)
{
    /// <summary>What datagrams leave free in the window, so that the probe fits.</summary>
    public const ulong RoomBytes = 256;

    private static readonly byte[] Record = new byte[DatagramRecords.HeadBytes];

    private QuicStream? _stream;
    private bool _isWanted;

    /// <summary>Opens the carrier if one was wanted in vain; not while a packet is kept open.</summary>
    /// <returns>Whether there is one only now.</returns>
    public bool TryOpen()
    {
        bool opens = _isWanted && _stream is null && connection.Streams.TryOpenCarrier(out _stream);
        _isWanted = false;
        return opens;
    }

    /// <summary>The carrier with a probe to be sent; null if one is on its way already, or cannot be.</summary>
    public QuicStream? Take()
    {
        _isWanted = _stream is null;
        if (_stream is null)
            return null;
        bool isThere = _stream.Unsent > 0
            || (_stream.Held == 0 && _stream.TryWrite(Record, EgressClass.Realtime, end: false) == SendResult.Accepted);
        return isThere ? _stream : null;
    }
}
