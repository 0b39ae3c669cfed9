using Fragcast.Gossip.Wire;
using Fragcast.Transport;
using Fragcast.Transport.Identity;

namespace Fragcast.Gossip.Peers;

/// <summary>
/// One live connection to a peer and its gossip stream. The I/O thread writes; other threads read what is marked so.
/// </summary>
internal sealed class PeerLink(
    int peer, PeerId identity, ConnectionId connection, bool dialled, MessageBuffers buffers) : IDisposable
{
    // A node asks again after 300 ms; faster only while it gets on.
    private const int RequestsPerSecond = 8;
    private const int RequestsBurst = 16;

    private readonly Lock _headLock = new();
    private HeadNotice? _head;
    private TokenBucket _requests = new(RequestsPerSecond, RequestsBurst);

    /// <summary>The peer's place in the ledger, the same for all its connections.</summary>
    public int Peer { get; } = peer;

    /// <summary>Who it is, proven by the handshake.</summary>
    public PeerId Identity { get; } = identity;

    /// <summary>The connection.</summary>
    public ConnectionId Connection { get; } = connection;

    /// <summary>Whether this node dialled.</summary>
    public bool Dialled { get; } = dialled;

    /// <summary>The gossip stream, once it is open.</summary>
    public StreamId Stream { get; set; }

    /// <summary>The place in the dial plan that this connection serves; null for a peer that is not in it.</summary>
    public int? DialIndex { get; set; }

    /// <summary>Whether the peer's greeting was read.</summary>
    public bool Greeted { get; set; }

    /// <summary>
    /// Until when envelopes on its stream answer a request of this node; what is known is no news then.
    /// </summary>
    public long AskedUntilNs { get; set; } = long.MinValue;

    /// <summary>What the peer asked for and did not get whole yet, its buffer being full; null for nothing.</summary>
    public BlockRequest? Owed { get; set; }

    /// <summary>The number of the first message that it did not get.</summary>
    public long OwedFrom { get; set; }

    /// <summary>Whether the peer may ask for blocks now.</summary>
    public bool TryTakeRequest(long nowNs) => _requests.TryTake(1, nowNs);

    /// <summary>Cuts the stream into frames.</summary>
    public FrameReader Frames { get; } = new(buffers);

    /// <summary>How far the peer last said it was; null before it said anything. Any thread.</summary>
    public HeadNotice? Head
    {
        get
        {
            lock (_headLock)
            {
                return _head;
            }
        }

        set
        {
            lock (_headLock)
            {
                _head = value;
            }
        }
    }

    /// <summary>Gives back what was half received.</summary>
    public void Dispose() => Frames.Dispose();
}
