namespace Fragcast.Transport;

/// <summary>What became of something handed to the endpoint.</summary>
public enum SendResult : byte
{
    /// <summary>Taken; it will be sent unless the connection ends or its class drops it.</summary>
    Accepted,

    /// <summary>No room now: in the endpoint's ring, the peer's queue of the class, or the stream's buffer.</summary>
    QueueFull,

    /// <summary>A datagram larger than the path or the peer takes, a write larger than the stream's buffer.</summary>
    TooLarge,

    /// <summary>The handshake is not done yet.</summary>
    NotConnected,

    /// <summary>The connection or stream is gone, or the sending side of the stream has ended.</summary>
    Closed,

    /// <summary>The bound on streams that this side opens is reached.</summary>
    StreamLimit,
}

/// <summary>
/// Order of sending to one peer, and what happens when the peer takes less than is sent. A class is served only when
/// those before it have nothing to send.
/// </summary>
public enum EgressClass : byte
{
    /// <summary>Frags, and all for the next leaders. A full queue drops its oldest: news beats history.</summary>
    Realtime = 0,

    /// <summary>Repair, control, membership. A full queue refuses the newest.</summary>
    Control = 1,

    /// <summary>Sync of ranges. A full queue refuses the newest;
    /// meant for streams, which hold back their writer.</summary>
    Bulk = 2,
}
