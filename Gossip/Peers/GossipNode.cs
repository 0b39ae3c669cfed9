using System.Net;
using Fragcast.Gossip.Broadcast;
using Fragcast.Gossip.Evidence;
using Fragcast.Gossip.Membership;
using Fragcast.Gossip.Wire;
using Fragcast.Schedule;
using Fragcast.Transport;
using Fragcast.Transport.Buffers;
using Fragcast.Transport.Identity;

namespace Fragcast.Gossip.Peers;

/// <summary>
/// Joins the gossip protocol to a transport: keeps connections to the known peers, greets, exchanges records, carries
/// messages as chunks by the broadcast, and hands what is complete to a sink.
/// </summary>
/// <remarks>
/// <code>
/// link state   event                      next
/// (none)       connected                  Connected; the dialler opens the stream and greets
/// Connected    peer opens its stream      the acceptor greets back on it
/// Connected    greeting of our network    Ready: receives broadcasts
/// Connected    anything else              closed with <see cref="CloseProtocol"/>
/// Ready        frame                      envelope to the sink, head noted, records taken, blocks given
/// Ready        datagram                   chunk, request or report to the broadcast
/// any          second link to the peer    one of the two is closed, the same one on both sides
/// </code>
/// Handler methods run on the transport's I/O thread; <see cref="Broadcast"/>, <see cref="AnnounceHead"/>,
/// <see cref="Push"/>, <see cref="AddEvidence"/>, <see cref="Tick"/> and the properties may be called from any thread.
/// </remarks>
public sealed class GossipNode : ITransportHandler, IDisposable
{
    /// <summary>Close code: the peer broke the protocol.</summary>
    public const ulong CloseProtocol = 1;

    /// <summary>Close code: there is another connection to the same peer.</summary>
    public const ulong CloseDuplicate = 2;

    /// <summary>Close code: the peer is banned.</summary>
    public const ulong CloseBanned = 3;

    // Records are exchanged and heads compared at least so often.
    private const long TurnMaxNs = 50_000_000;

    // Nothing is tried again within less.
    private const long RetryNs = 10_000_000;

    // What answers a request is on its way for so long at most.
    private const long AnswerNs = 2_000_000_000;

    private readonly ITransportEndpoint _endpoint;
    private readonly IGossipSink _sink;
    private readonly ulong _networkId;
    private readonly MessageBuffers _buffers;
    private readonly DialPlan _plan;
    private readonly Func<long> _nowNs;
    private readonly Lock _dialLock = new();
    private readonly Dictionary<ConnectionId, int> _dials = [];
    private readonly Dictionary<ConnectionId, PeerLink> _links = [];
    private readonly PeerLinks _greeted;
    private readonly PeerRoster _roster;
    private readonly Broadcaster _broadcaster;
    private readonly BlockServer _blocks;
    private readonly CatchUp _catchUp = new();
    private PeerLink[] _ready = [];
    private int _reached;
    private long _broadcastDrops;
    private HeadNotice? _head;

    /// <summary>Makes a node on an endpoint that is not yet started.</summary>
    /// <param name="endpoint">The transport; owned by the caller.</param>
    /// <param name="sink">Takes what is received.</param>
    /// <param name="settings">Settings.</param>
    /// <param name="schedule">Who leads when.</param>
    /// <param name="buffers">Where messages are gathered.</param>
    /// <param name="nowNs">A monotonic clock in nanoseconds; thread-safe.</param>
    public GossipNode(
        ITransportEndpoint endpoint, IGossipSink sink, GossipSettings settings, ILeaderSchedule schedule,
        MessageBuffers buffers, Func<long> nowNs)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        ArgumentNullException.ThrowIfNull(settings);
        _endpoint = endpoint;
        _sink = sink;
        _networkId = settings.NetworkId;
        _buffers = buffers;
        _plan = settings.Dials;
        _nowNs = nowNs;
        _greeted = new PeerLinks(endpoint);
        _roster = new PeerRoster(settings, endpoint, sink, schedule, _greeted, nowNs);
        _broadcaster = new Broadcaster(settings, endpoint, sink, schedule, _roster, _greeted, buffers, nowNs);
        _blocks = new BlockServer(endpoint, _broadcaster.History);
    }

    /// <summary>Peers that get broadcasts: connected, greeted, and with a record that is in the plans.</summary>
    public int ReadyCount => Volatile.Read(ref _reached);

    /// <summary>
    /// Chunks that a peer did not get, because it was not connected or its queue was full, or relaying came too late;
    /// and own messages that could not be sent at all.
    /// </summary>
    public long BroadcastDrops => Interlocked.Read(ref _broadcastDrops) + _broadcaster.Unpublished
        + _broadcaster.Counters.ChunksRefused + _broadcaster.Counters.ChunksDropped;

    /// <summary>What the broadcast did. To be read when the transport is disposed; before, a moment's view.</summary>
    public BroadcastCounters Counters => _broadcaster.Counters;

    /// <summary>Requests for blocks that were missed.</summary>
    public long CatchUpRequests => _catchUp.Requests;

    /// <summary>Nodes with a record in the book, this one included.</summary>
    public int KnownNodes => _roster.Book.Count;

    /// <summary>Peers that were banned.</summary>
    public long Bans => _roster.Bans;

    /// <summary>Chunk buffers that are out; zero after Dispose, or there is a leak.</summary>
    public int ChunksOutstanding => _broadcaster.ChunksOutstanding;

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

    /// <summary>
    /// Publishes a message of this node, cut into chunks, by the broadcast's plan. Only for who has the leader's key.
    /// </summary>
    /// <param name="framed">The envelope behind its length prefix; copied.</param>
    public void Broadcast(ReadOnlySpan<byte> framed)
    {
        if (!_broadcaster.TryPublish(framed[GreetingLayout.LengthPrefix..]))
        {
            Interlocked.Increment(ref _broadcastDrops);
        }
    }

    /// <summary>
    /// Writes bytes on the stream of every greeted peer: for a node that has a whole message and not the leader's key.
    /// A peer that cannot take them loses them alone.
    /// </summary>
    /// <param name="framed">An envelope behind its length prefix.</param>
    public void Push(ReadOnlySpan<byte> framed)
    {
        foreach (PeerLink link in Volatile.Read(ref _ready))
        {
            if (_endpoint.TryWriteStream(link.Stream, framed, EgressClass.Realtime) != SendResult.Accepted)
            {
                Interlocked.Increment(ref _broadcastDrops);
            }
        }
    }

    /// <summary>This node found evidence of a leader that signed twice: it is passed on.</summary>
    public void AddEvidence(EvidenceRecord evidence) => _roster.Report(evidence);

    /// <summary>Tells every peer, and those to come, how far this node is.</summary>
    public void AnnounceHead(HeadNotice head)
    {
        lock (_dialLock)
        {
            _head = head;
        }

        _broadcaster.SetHead(head.Epoch, head.Number);
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
        int? known = peer == _endpoint.LocalPeer ? RecordBook.Self : _roster.OnHandshake(peer, remote, dialled);
        if (known is not { } number)
        {
            // Counts as a dial that failed, so that the pauses grow.
            LoseDial(dialIndex);
            _endpoint.Close(connection, CloseBanned);
            return;
        }

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

        Adopt(connection, number, peer, dialled, dialIndex);
    }

    /// <inheritdoc/>
    public void OnDialFailed(ConnectionId connection, IPEndPoint remote, DisconnectReason reason)
    {
        if (TakeDial(connection) is { } index)
        {
            _plan.OnLost(index, _nowNs());
            _roster.OnDialFailed(_plan[index]);
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
        LoseDial(link.DialIndex);
        bool wasUsed = _greeted.Remove(link);
        if (FindOther(link.Identity) is null)
        {
            _roster.OnGone(link.Peer);
        }

        if (link.Greeted)
        {
            // Release: the new array's contents are complete before other threads see it.
            Volatile.Write(ref _ready, _ready.Where(l => l != link).ToArray());
            if (wasUsed)
            {
                _catchUp.OnGone(link.Peer);
            }

            CountReached();
            _sink.OnPeerLost(link.Peer, link.Identity, reason);
        }
    }

    /// <inheritdoc/>
    public void OnDatagram(ConnectionId connection, BufferLease datagram)
    {
        if (_links.TryGetValue(connection, out PeerLink? link) && link.Greeted)
        {
            _broadcaster.OnDatagram(link, datagram);
        }
        else
        {
            datagram.Release();
        }
    }

    /// <inheritdoc/>
    public long OnTurn()
    {
        long now = _nowNs();
        long wait = Math.Min(TurnMaxNs, _roster.OnTurn(now));
        NetworkMap map = _broadcaster.Map;
        wait = Math.Min(wait, _broadcaster.OnTurn(now, out bool hasLost));
        if (map != _broadcaster.Map)
        {
            CountReached();
        }

        if (hasLost)
        {
            _catchUp.OnLoss(now);
        }

        return Math.Min(wait, Ask(now));
    }

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
        // Only what a peer asked for waits for room; anything else that did not fit was dropped and counted.
        if (_links.TryGetValue(stream.Connection, out PeerLink? link) && link.Stream == stream)
        {
            _blocks.GoOn(link);
        }
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
        _broadcaster.Dispose();
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

    private void Adopt(ConnectionId connection, int number, PeerId peer, bool dialled, int? dialIndex)
    {
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
        else
        {
            OnGreetedFrame(link, frame);
        }
    }

    private void OnGreetedFrame(PeerLink link, BufferLease frame)
    {
        ReadOnlySpan<byte> bytes = frame.Span;
        if (MembershipFrames.IsOne(bytes))
        {
            _roster.OnFrame(link, bytes);
        }
        else if (ControlFrames.TryReadHead(bytes, out HeadNotice head))
        {
            // An older notice may follow a newer one, sent by another thread of the peer as the link became ready.
            link.Head = link.Head is { } known && known.HasReached(head) ? known : head;
            _catchUp.OnPeerHead(link.Peer, link.Head.Value, _nowNs());
        }
        else if (ControlFrames.TryReadBlockRequest(bytes, out BlockRequest request))
        {
            Answer(link, request);
        }
        else if (!IsKnownAnswer(link, bytes))
        {
            _sink.OnEnvelope(link.Peer, frame);
            return;
        }

        frame.Release();
    }

    // What this node asked for comes whole, with what it had of it already.
    private bool IsKnownAnswer(PeerLink link, ReadOnlySpan<byte> envelope) =>
        _nowNs() < link.AskedUntilNs && Envelope.TryRead(envelope, out Envelope head) == Refusal.None
        && _broadcaster.History.Contains(
            new ItemPlace(head.Epoch, head.BlockNumber, head.Sequence, head.Kind), envelope);

    private void Answer(PeerLink link, BlockRequest request)
    {
        if (link.TryTakeRequest(_nowNs()))
        {
            _blocks.Answer(link, request);
        }
        else
        {
            _roster.Blame(link.Peer, Refusal.RateExceeded);
        }
    }

    private long Ask(long now)
    {
        HeadNotice? head;
        lock (_dialLock)
        {
            head = _head;
        }

        if (head is { } own)
        {
            _catchUp.OnOwnHead(own, now);
        }

        if (_catchUp.TryAsk(now, out int peer, out BlockRequest request) && _greeted.Find(peer) is { } link)
        {
            Span<byte> frame = stackalloc byte[ControlFrames.FramedLength];
            ControlFrames.WriteBlockRequest(frame, request);
            _endpoint.TryWriteStream(link.Stream, frame, EgressClass.Control);
            link.AskedUntilNs = now + AnswerNs;
        }

        return _catchUp.DueNs <= now ? RetryNs : Math.Max(_catchUp.DueNs - now, RetryNs);
    }

    private void MakeReady(PeerLink link)
    {
        link.Greeted = true;
        _greeted.Add(link);
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

        _roster.OnReady(link);
        CountReached();
        _sink.OnPeerReady(link.Peer, link.Identity);
    }

    // Release: whoever sees the number and publishes does so by that map, which this thread has taken.
    private void CountReached() =>
        Volatile.Write(ref _reached, _greeted.All.Count(l => _broadcaster.Map.TryGet(l.Peer, out _)));

    private void LoseDial(int? dialIndex)
    {
        if (dialIndex is { } index)
        {
            _plan.OnLost(index, _nowNs());
        }
    }

    private void Break(PeerLink link, Refusal reason)
    {
        _roster.Blame(link.Peer, reason);
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
