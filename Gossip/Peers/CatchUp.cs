using Fragcast.Gossip.Wire;

namespace Fragcast.Gossip.Peers;

/// <summary>
/// Decides when this node asks which peer for the messages of blocks that it has missed: what the repair of chunks
/// cannot bring any more. No I/O and no clock; one thread.
/// </summary>
/// <remarks>
/// <code>
/// event                                              asks
/// the first head notice of a peer after the start    it, for the running block
/// a peer has been ahead for <see cref="PatienceNs"/>  one of those that are ahead, for what comes next
/// something was lost for good                        those that are not behind, in turn, for the running block
/// the blocks asked for are committed, still behind   at once; else the next peer after <see cref="PatienceNs"/>
/// </code>
/// </remarks>
internal sealed class CatchUp
{
    /// <summary>Time that the broadcast has before a node asks, and between two requests.</summary>
    public const long PatienceNs = 300_000_000;

    // Peers that are asked after a loss: who relayed the same chunks may have lost them too.
    private const int LossAsksMax = 8;

    private readonly Dictionary<int, HeadNotice> _peers = [];
    private HeadNotice? _head;
    private HeadNotice _asked;
    private long _behindSinceNs = long.MaxValue;
    private long _lossNs = long.MaxValue;
    private long _lastAskNs = long.MinValue;
    private bool _hasAsked;
    private int _lastPeer = -1;
    private int _lossAsks;

    /// <summary>Requests made.</summary>
    public long Requests { get; private set; }

    /// <summary>When <see cref="TryAsk"/> is wanted; <see cref="long.MaxValue"/> for not until something
    /// happens.</summary>
    public long DueNs
    {
        get
        {
            if (_head is not { } head || _peers.Count == 0)
            {
                return long.MaxValue;
            }

            if (!_hasAsked)
            {
                return long.MinValue;
            }

            long wantedNs = _behindSinceNs == long.MaxValue ? _lossNs : Math.Min(_lossNs, _behindSinceNs + PatienceNs);
            bool isServed = _behindSinceNs != long.MaxValue && head.HasReached(_asked);
            return wantedNs == long.MaxValue || isServed ? wantedNs : Math.Max(wantedNs, _lastAskNs + PatienceNs);
        }
    }

    /// <summary>This node's head is known, or moved.</summary>
    public void OnOwnHead(HeadNotice head, long nowNs)
    {
        if (_head == head)
        {
            return;
        }

        _head = head;
        _lossNs = long.MaxValue;
        // Whoever has just moved may be on its way; one that answers to a request goes on at once.
        bool goesOn = _hasAsked && _behindSinceNs != long.MaxValue && head == _asked;
        _behindSinceNs = !IsBehind() ? long.MaxValue : goesOn ? nowNs - PatienceNs : nowNs;
    }

    /// <summary>A peer said how far it is.</summary>
    public void OnPeerHead(int peer, HeadNotice head, long nowNs)
    {
        _peers[peer] = head;
        if (_behindSinceNs == long.MaxValue && IsBehind())
        {
            _behindSinceNs = nowNs;
        }
    }

    /// <summary>A peer is gone.</summary>
    public void OnGone(int peer)
    {
        _peers.Remove(peer);
        if (!IsBehind())
        {
            _behindSinceNs = long.MaxValue;
        }
    }

    /// <summary>Messages past the head were lost, and chunks will not bring them.</summary>
    public void OnLoss(long nowNs)
    {
        _lossNs = Math.Min(_lossNs, nowNs);
        _lossAsks = Math.Min(_peers.Count, LossAsksMax);
    }

    /// <summary>Takes the next request, if one is due.</summary>
    /// <param name="nowNs">The time.</param>
    /// <param name="peer">Whom to ask.</param>
    /// <param name="request">What for.</param>
    public bool TryAsk(long nowNs, out int peer, out BlockRequest request)
    {
        peer = -1;
        request = default;
        if (DueNs > nowNs || _head is not { } head || (peer = Choose(head)) < 0)
        {
            return false;
        }

        HeadNotice theirs = _peers[peer];
        ulong ahead = theirs.Epoch == head.Epoch && theirs.Number > head.Number ? theirs.Number - head.Number : 0;
        // The running block too.
        ushort count = (ushort)Math.Min(ahead + 1, BlockRequest.CountMax);
        request = new BlockRequest(head.Epoch, head.Number + 1, count);
        // Of a peer in a later epoch nobody knows where this one ends.
        request = theirs.Epoch > head.Epoch ? request with { Count = BlockRequest.CountMax } : request;
        _asked = head with { Number = head.Number + Math.Clamp(ahead, 1, count) };
        _hasAsked = true;
        _lossNs = --_lossAsks > 0 ? nowNs : long.MaxValue;
        _lastAskNs = nowNs;
        _lastPeer = peer;
        Requests++;
        return true;
    }

    private bool IsBehind()
    {
        foreach (HeadNotice theirs in _peers.Values)
        {
            if (_head is { } head && !head.HasReached(theirs))
            {
                return true;
            }
        }

        return false;
    }

    // The next one in the order of numbers after the last that was asked, of those that are ahead; if none is, of all
    // that are not behind.
    private int Choose(HeadNotice head)
    {
        bool onlyAhead = IsBehind();
        int first = int.MaxValue;
        int next = int.MaxValue;
        foreach ((int peer, HeadNotice theirs) in _peers)
        {
            if (!theirs.HasReached(head) || (onlyAhead && theirs == head))
            {
                continue;
            }

            first = Math.Min(first, peer);
            next = peer > _lastPeer ? Math.Min(next, peer) : next;
        }

        return next != int.MaxValue ? next : first != int.MaxValue ? first : -1;
    }
}
