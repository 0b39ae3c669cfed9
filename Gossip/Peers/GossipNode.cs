using System.Net;
using Fragcast.Gossip.Wire;
using Fragcast.Transport;
using Fragcast.Transport.Buffers;
using Fragcast.Transport.Identity;

namespace Fragcast.Gossip.Peers;

/// <summary>
/// Joins the gossip protocol to a transport: keeps connections to the known peers, greets, cuts the streams into
/// messages for a sink, and pushes this node's own messages directly to every peer.
/// </summary>
/// <remarks>
/// <code>
/// link state   event                      next
/// (none)       connected                  Connected; the dialler opens the stream and greets
/// Connected    peer opens its stream      the acceptor greets back on it
/// Connected    greeting of our network    Ready: receives broadcasts
/// Connected    anything else              closed with <see cref="CloseProtocol"/>
/// Ready        frame                      envelope to the sink, or head notice noted
/// any          second link to the peer    one of the two is closed, the same one on both sides
/// </code>
/// Handler methods run on the transport's I/O thread; <see cref="Broadcast"/>, <see cref="AnnounceHead"/>,
/// <see cref="Tick"/> and the properties may be called from any thread.
/// </remarks>
public sealed class GossipNode : ITransportHandler, IDisposable
{
    /// <summary>Close code: the peer broke the protocol.</summary>
    public const ulong CloseProtocol = 1;

    /// <summary>Close code: there is another connection to the same peer.</summary>
    public const ulong CloseDuplicate = 2;

    private readonly ITransportEndpoint _endpoint;
    private readonly IGossipSink _sink;
    private readonly ulong _networkId;
    private readonly MessageBuffers _buffers;
    private readonly DialPlan _plan;
    private readonly Func<long> _nowNs;
    private readonly Lock _dialLock = new();
    private readonly Dictionary<ConnectionId, int> _dials = [];
    private readonly Dictionary<ConnectionId, PeerLink> _links = [];
    private readonly Dictionary<PeerId, int> _peerNumbers = [];
    private PeerLink[] _ready = [];
    private long _broadcastDrops;
    private HeadNotice? _head;

    /// <summary>Makes a node on an endpoint that is not yet started.</summary>
    /// <param name="endpoint">The transport; owned by the caller.</param>
    /// <param name="sink">Takes what is received.</param>
    /// <param name="networkId">See <see cref="NetworkId"/>.</param>
    /// <param name="buffers">Where received messages are gathered.</param>
    /// <param name="plan">Whom to dial.</param>
    /// <param name="nowNs">A monotonic clock in nanoseconds; thread-safe.</param>
    public GossipNode(
        ITransportEndpoint endpoint, IGossipSink sink, ulong networkId, MessageBuffers buffers, DialPlan plan,
        Func<long> nowNs)
    {
        _endpoint = endpoint;
        _sink = sink;
        _networkId = networkId;
        _buffers = buffers;
        _plan = plan;
        _nowNs = nowNs;
    }

    /// <summary>Peers that get broadcasts.</summary>
    public int ReadyCount => Volatile.Read(ref _ready).Length;

    /// <summary>Messages that a peer did not get because its send buffer was full; it alone lost them.</summary>
    public long BroadcastDrops => Interlocked.Read(ref _broadcastDrops);

    /// <summary>Starts the transport and the first dials.</summary>
    public void Start()
    {
        _endpoint.Start(this);
        Tick();
    }

    /// <summary>Dials whoever is due. Call every few tens of milliseconds.</summary>
    public void Tick()
    {
        while (_plan.TryNext(_nowNs(), out int index, out PeerAddress peer))
        {
            // The outcome may arrive before Dial returns its identifier, so both sides hold the lock.
            lock (_dialLock)
            {
                _dials[_endpoint.Dial(peer.Address, peer.Expected)] = index;
            }
        }
    }

    /// <summary>Sends a message to every ready peer. A peer that cannot take it loses it alone.</summary>
    /// <param name="framed">The envelope behind its length prefix.</param>
    public void Broadcast(ReadOnlySpan<byte> framed)
    {
        foreach (PeerLink link in Volatile.Read(ref _ready))
        {
            if (_endpoint.TryWriteStream(link.Stream, framed, EgressClass.Realtime) != SendResult.Accepted)
            {
                Interlocked.Increment(ref _broadcastDrops);
            }
        }
    }

    /// <summary>Tells every peer, and those to come, how far this node is.</summary>
    public void AnnounceHead(HeadNotice head)
    {
        lock (_dialLock)
        {
            _head = head;
        }

        foreach (PeerLink link in Volatile.Read(ref _ready))
        {
            SendHead(link, head);
        }
    }

    /// <summary>Whether every ready peer said that it is at or past a head.</summary>
    public bool AllPeersReached(HeadNotice head)
    {
        foreach (PeerLink link in Volatile.Read(ref _ready))
        {
            if (link.Head is not { } theirs || !theirs.HasReached(head))
            {
                return false;
            }
        }

        return true;
    }

    /// <inheritdoc/>
    public void OnConnected(ConnectionId connection, PeerId peer, IPEndPoint remote, bool dialled)
    {
        int? dialIndex = TakeDial(connection);
        if (dialIndex is { } index)
        {
            _plan.OnConnected(index);
        }

        if (peer == _endpoint.LocalPeer)
        {
            _endpoint.Close(connection, CloseDuplicate);
            return;
        }

        if (FindOther(peer) is { } other)
        {
            if (!ReplacesOther(other, dialled))
            {
                // The plan's entry is served by the connection that stays.
                other.DialIndex ??= dialIndex;
                _endpoint.Close(connection, CloseDuplicate);
                return;
            }

            dialIndex ??= other.DialIndex;
            other.DialIndex = null;
            _endpoint.Close(other.Connection, CloseDuplicate);
        }

        Adopt(connection, peer, dialled, dialIndex);
    }

    /// <inheritdoc/>
    public void OnDialFailed(ConnectionId connection, IPEndPoint remote, DisconnectReason reason)
    {
        if (TakeDial(connection) is { } index)
        {
            _plan.OnLost(index, _nowNs());
        }

        _sink.OnDialFailed(remote, reason);
    }

    /// <inheritdoc/>
    public void OnDisconnected(ConnectionId connection, DisconnectReason reason)
    {
        if (!_links.Remove(connection, out PeerLink? link))
        {
            return;
        }

        link.Dispose();
        if (link.DialIndex is { } index)
        {
            _plan.OnLost(index, _nowNs());
        }

        if (link.Greeted)
        {
            // Release: the new array's contents are complete before other threads see it.
            Volatile.Write(ref _ready, _ready.Where(l => l != link).ToArray());
            _sink.OnPeerLost(link.Peer, link.Identity, reason);
        }
    }

    /// <inheritdoc/>
    public void OnDatagram(ConnectionId connection, BufferLease datagram) => datagram.Release();

    /// <inheritdoc/>
    public void OnStreamOpened(ConnectionId connection, StreamId stream)
    {
        if (!_links.TryGetValue(connection, out PeerLink? link))
        {
            return;
        }

        if (link.Dialled || !link.Stream.IsNone)
        {
            Break(link, Refusal.BadGreeting);
            return;
        }

        link.Stream = stream;
        Greet(stream);
    }

    /// <inheritdoc/>
    public void OnStreamData(StreamId stream, ReadOnlySpan<byte> data, bool end)
    {
        if (!_links.TryGetValue(stream.Connection, out PeerLink? link) || link.Stream != stream)
        {
            return;
        }

        while (!data.IsEmpty)
        {
            switch (link.Frames.Read(ref data, out BufferLease frame))
            {
                case FrameStep.Frame:
                    OnFrame(link, frame);
                    break;
                case FrameStep.Dropped:
                    _sink.OnRefused(link.Peer, Refusal.NoBuffer);
                    break;
                case FrameStep.Broken:
                    Break(link, Refusal.TooLong);
                    return;
                default:
                    break;
            }
        }
    }

    /// <inheritdoc/>
    public void OnStreamWritable(StreamId stream)
    {
        // Nothing waits for room: what did not fit was dropped and counted.
    }

    /// <inheritdoc/>
    public void OnStreamClosed(StreamId stream, ulong error)
    {
        if (_links.TryGetValue(stream.Connection, out PeerLink? link) && link.Stream == stream)
        {
            _endpoint.Close(link.Connection, CloseProtocol);
        }
    }

    /// <summary>Releases what was half received. The transport must be disposed first.</summary>
    public void Dispose()
    {
        foreach (PeerLink link in _links.Values)
        {
            link.Dispose();
        }

        _links.Clear();
    }

    private PeerLink? FindOther(PeerId peer)
    {
        foreach (PeerLink link in _links.Values)
        {
            if (link.Identity == peer)
            {
                return link;
            }
        }

        return null;
    }

    // Two nodes may dial each other at the same time. Both keep the connection that the smaller identity dialled; of
    // two in the same direction the newer one lives, since the peer has given up the older.
    private bool ReplacesOther(PeerLink other, bool dialled)
    {
        bool preferDialled = _endpoint.LocalPeer.CompareTo(other.Identity) < 0;
        return other.Dialled == dialled || other.Dialled != preferDialled;
    }

    private void Adopt(ConnectionId connection, PeerId peer, bool dialled, int? dialIndex)
    {
        if (!_peerNumbers.TryGetValue(peer, out int number))
        {
            number = _peerNumbers.Count;
            _peerNumbers.Add(peer, number);
        }

        var link = new PeerLink(number, peer, connection, dialled, _buffers) { DialIndex = dialIndex };
        _links.Add(connection, link);
        if (dialled && _endpoint.TryOpenStream(connection, out StreamId stream) == SendResult.Accepted)
        {
            link.Stream = stream;
            Greet(stream);
        }
    }

    private void OnFrame(PeerLink link, BufferLease frame)
    {
        ReadOnlySpan<byte> bytes = frame.Span;
        if (!link.Greeted)
        {
            Refusal refusal = ControlFrames.ReadGreeting(bytes, _networkId);
            frame.Release();
            if (refusal == Refusal.None)
            {
                MakeReady(link);
            }
            else
            {
                Break(link, refusal);
            }
        }
        else if (ControlFrames.TryReadHead(bytes, out HeadNotice head))
        {
            frame.Release();
            // An older notice may follow a newer one, sent by another thread of the peer as the link became ready.
            link.Head = link.Head is { } known && known.HasReached(head) ? known : head;
        }
        else
        {
            _sink.OnEnvelope(link.Peer, frame);
        }
    }

    private void MakeReady(PeerLink link)
    {
        link.Greeted = true;
        // Release: the new array's contents are complete before other threads see it.
        Volatile.Write(ref _ready, [.. _ready, link]);
        HeadNotice? head;
        lock (_dialLock)
        {
            head = _head;
        }

        if (head is { } notice)
        {
            SendHead(link, notice);
        }

        _sink.OnPeerReady(link.Peer, link.Identity);
    }

    private void Break(PeerLink link, Refusal reason)
    {
        _sink.OnRefused(link.Peer, reason);
        _endpoint.Close(link.Connection, CloseProtocol);
    }

    private void Greet(StreamId stream)
    {
        Span<byte> frame = stackalloc byte[ControlFrames.FramedLength];
        ControlFrames.WriteGreeting(frame, _networkId);
        _endpoint.TryWriteStream(stream, frame, EgressClass.Control);
    }

    private void SendHead(PeerLink link, HeadNotice head)
    {
        Span<byte> frame = stackalloc byte[ControlFrames.FramedLength];
        ControlFrames.WriteHead(frame, head);
        _endpoint.TryWriteStream(link.Stream, frame, EgressClass.Control);
    }

    private int? TakeDial(ConnectionId connection)
    {
        lock (_dialLock)
        {
            return _dials.Remove(connection, out int index) ? index : null;
        }
    }
}
