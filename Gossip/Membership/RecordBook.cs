using System.Net;
using Fragcast.Gossip.Broadcast;
using Fragcast.Primitives;
using Fragcast.Transport.Identity;

namespace Fragcast.Gossip.Membership;

/// <summary>What became of a record that was offered to the book.</summary>
public enum RecordOutcome : byte
{
    /// <summary>A node that was not known.</summary>
    Added = 0,

    /// <summary>A newer record of a known node.</summary>
    Updated,

    /// <summary>Not newer than what is known, or expired here before.</summary>
    Stale,

    /// <summary>There is no room for it: the book or the source's quota is full.</summary>
    Full,
}

/// <summary>Bounds of a book.</summary>
public sealed record RecordBookOptions
{
    /// <summary>Most nodes with a record: 10,000 of about 1 KB each are 10 MB.</summary>
    public int NodesMax { get; init; } = 10_000;

    /// <summary>
    /// Most nodes that one peer may be the only witness of: a quarter of the book, so that an honest book fills from a
    /// few peers, and a liar alone never fills it.
    /// </summary>
    public int HeardOfOneSourceMax { get; init; } = 2_500;

    /// <summary>
    /// How long a record counts after it came without a newer one; nodes sign anew every third of it.
    /// </summary>
    public long LifetimeNs { get; init; } = 1_800_000_000_000;

    /// <summary>Shortest time between two maps.</summary>
    public long MapIntervalNs { get; init; } = 1_000_000_000;

    /// <summary>
    /// The same for each node in the book. A map takes about 10 µs a node to make, so at the default it is 1% of a
    /// core.
    /// </summary>
    public long MapIntervalNsPerNode { get; init; } = 1_000_000;
}

/// <summary>
/// The records of all nodes that are known: bounded, indexed by number, identity, record hash and sequencer, and the
/// source of <see cref="NetworkMap"/>s. No I/O and no clock; one thread.
/// </summary>
/// <remarks>
/// When the book is full, a node that stands more firmly (<see cref="NodeStanding"/>) puts out one that is only heard
/// of: the longest unrefreshed one of the peer that is the only witness of most. One that is only heard of does so as
/// well if its own source is the witness of fewer. So made-up identities cost their makers' own share, and nobody who
/// shook hands, is scheduled or trusted ever goes for them.
/// </remarks>
public sealed class RecordBook
{
    /// <summary>Failed dials in a row after which plans no longer count on a node.</summary>
    public const int FailedDialsMax = 3;

    /// <summary>The number of this node itself, and the source of what the operator gave.</summary>
    public const int Self = 0;

    private readonly RecordBookOptions _options;
    private readonly Dictionary<PeerId, BookNode> _nodes = [];
    private readonly List<BookNode?> _byNumber = [];
    private readonly Dictionary<ulong, BookNode> _byHash = [];
    private readonly Dictionary<Address, BookNode> _bySequencer = [];
    private readonly Dictionary<int, int> _heardBySource = [];
    private readonly HashSet<Address> _scheduled = [];
    private readonly ExpiredRecords _expired;
    private bool _mapChanged;
    private long _mapMadeNs = long.MinValue;

    /// <summary>Makes a book that knows this node only.</summary>
    /// <param name="self">This node.</param>
    /// <param name="options">Bounds.</param>
    public RecordBook(PeerId self, RecordBookOptions? options = null)
    {
        _options = options ?? new RecordBookOptions();
        _expired = new ExpiredRecords(_options.NodesMax);
        Trust(self);
    }

    /// <summary>Nodes with a record.</summary>
    public int Count => _byHash.Count;

    /// <summary>One past the greatest number given so far.</summary>
    public int Numbers => _byNumber.Count;

    /// <summary>All nodes, those without a record included; not to be changed while enumerated.</summary>
    public IReadOnlyCollection<BookNode> Nodes => _nodes.Values;

    /// <summary>Nodes that were put out for lack of room.</summary>
    public long Evicted { get; private set; }

    /// <summary>The node with a number; null once it is out of the book.</summary>
    public BookNode? this[int number] => (uint)number < (uint)_byNumber.Count ? _byNumber[number] : null;

    /// <summary>The node of an identity; null if it is not known.</summary>
    public BookNode? Find(PeerId peer) => _nodes.GetValueOrDefault(peer);

    /// <summary>The node whose record has a hash; null if there is none.</summary>
    public BookNode? FindHash(ulong hash) => _byHash.GetValueOrDefault(hash);

    /// <summary>The node that acts for a sequencer, by that sequencer's signature; null if it is not known.</summary>
    public BookNode? FindSequencer(in Address sequencer) => _bySequencer.GetValueOrDefault(sequencer);

    /// <summary>Names a node that is never put out: from the operator's list.</summary>
    public BookNode Trust(PeerId peer)
    {
        BookNode node = Find(peer) ?? Add(peer, Self);
        CountHeard(node, -1);
        node.IsTrusted = true;
        return node;
    }

    /// <summary>Says which sequencers are in the schedule; the nodes that act for them are kept more firmly.</summary>
    public void SetScheduled(ReadOnlySpan<Address> sequencers)
    {
        _scheduled.Clear();
        foreach (Address sequencer in sequencers)
        {
            _scheduled.Add(sequencer);
        }

        foreach (BookNode node in _nodes.Values)
        {
            UpdateScheduled(node);
        }
    }

    /// <summary>A handshake proved an identity; the peer has a number from now on.</summary>
    /// <param name="peer">Who it is.</param>
    /// <param name="remote">
    /// Where it answered; null if it dialled, since it then says nothing of where it listens.
    /// </param>
    public BookNode OnConnected(PeerId peer, IPEndPoint? remote)
    {
        BookNode node = Find(peer) ?? Add(peer, Self);
        bool wasUsable = node.IsUsable;
        CountHeard(node, -1);
        node.IsProven = true;
        node.IsConnected = true;
        node.FailedDials = 0;
        node.ProvenAddress = remote ?? node.ProvenAddress;
        _mapChanged |= wasUsable != node.IsUsable;
        return node;
    }

    /// <summary>The last connection to a node ended.</summary>
    public void OnDisconnected(int number)
    {
        if (this[number] is { } node)
        {
            node.IsConnected = false;
            if (node.Record is null && !node.IsTrusted)
            {
                Remove(node);
            }
        }
    }

    /// <summary>A node could not be reached at any of its addresses.</summary>
    public void OnDialFailed(int number)
    {
        if (this[number] is { IsConnected: false } node)
        {
            bool wasUsable = node.IsUsable;
            node.FailedDials++;
            _mapChanged |= wasUsable != node.IsUsable;
            if (node.FailedDials >= FailedDialsMax && node is { IsProven: true, IsTrusted: false })
            {
                node.IsProven = false;
                CountHeard(node, 1);
            }
        }
    }

    /// <summary>Takes a node out of the plans, or back.</summary>
    public void SetBanned(int number, bool isBanned)
    {
        if (this[number] is { } node && node.IsBanned != isBanned)
        {
            node.IsBanned = isBanned;
            _mapChanged |= node.Record is not null;
        }
    }

    /// <summary>Whether a record with this sequence would be news, so that it is worth verifying.</summary>
    public bool IsNews(PeerId peer, ulong sequence) =>
        Find(peer) is { Record: { } known } ? sequence >= known.Sequence : !_expired.Covers(peer, sequence);

    /// <summary>Takes a record in.</summary>
    /// <param name="record">The record.</param>
    /// <param name="source">
    /// Number of the node that passed it on; <see cref="Self"/> for what is the operator's.
    /// </param>
    /// <param name="nowNs">The time.</param>
    /// <param name="node">The node; null unless the record was taken.</param>
    public RecordOutcome Offer(NodeRecord record, int source, long nowNs, out BookNode? node)
    {
        ArgumentNullException.ThrowIfNull(record);
        node = Find(record.Peer);
        if (node?.Record is { } known)
        {
            if (!record.Replaces(known) || _byHash.ContainsKey(record.Hash))
            {
                return RecordOutcome.Stale;
            }

            _byHash.Remove(known.Hash);
            _mapChanged |= MatterForPlans(known, record);
            Put(node, record, nowNs);
            return RecordOutcome.Updated;
        }

        if (_expired.Covers(record.Peer, record.Sequence) || _byHash.ContainsKey(record.Hash))
        {
            return RecordOutcome.Stale;
        }

        bool isScheduled = record.Role is { } role && _scheduled.Contains(role.Sequencer);
        bool isHeard = node is null && !isScheduled;
        if ((isHeard && source != Self && HeardBy(source) >= _options.HeardOfOneSourceMax
                && this[source] is not { IsTrusted: true })
            || (Count >= _options.NodesMax && !TryMakeRoom(isHeard ? source : null)))
        {
            node = null;
            return RecordOutcome.Full;
        }

        node ??= Add(record.Peer, source);
        Put(node, record, nowNs);
        _mapChanged = true;
        return RecordOutcome.Added;
    }

    /// <summary>Puts out nodes whose records nobody refreshed for the lifetime. Call about once a minute.</summary>
    public void Expire(long nowNs)
    {
        foreach (BookNode node in _nodes.Values.Where(
            n => n is { Record: not null, IsTrusted: false, IsConnected: false }
                && nowNs - n.RefreshedNs > _options.LifetimeNs).ToArray())
        {
            _expired.Add(node.Peer, node.Record!.Sequence);
            Remove(node);
        }
    }

    /// <summary>Makes a map, if something in it changed and the last one is old enough.</summary>
    public bool TryTakeMap(long nowNs, out NetworkMap? map)
    {
        map = null;
        long interval = Math.Max(_options.MapIntervalNs, Count * _options.MapIntervalNsPerNode);
        if (!_mapChanged || (_mapMadeNs != long.MinValue && nowNs - _mapMadeNs < interval))
        {
            return false;
        }

        _mapChanged = false;
        _mapMadeNs = nowNs;
        var usable = new List<BookNode>(Count);
        usable.AddRange(_nodes.Values.Where(node => node.IsUsable));
        map = new NetworkMap(
            usable.ConvertAll(
                n => new MapNode(n.Number, n.Record!.RingPosition, n.Record.Region, n.Record.UplinkMbps)),
            LatencySurvey.Aggregate(usable));
        return true;
    }

    private void Put(BookNode node, NodeRecord record, long nowNs)
    {
        RoleClaim? before = node.Record?.Role;
        node.Record = record;
        node.RefreshedNs = nowNs;
        _byHash.Add(record.Hash, node);
        if (before is { } left && FindSequencer(left.Sequencer) == node
            && (record.Role is not { } kept || kept.Sequencer != left.Sequencer || kept.Serial < left.Serial))
        {
            ChooseAgain(left.Sequencer);
        }

        if (record.Role is { } role)
        {
            Prefer(node, FindSequencer(role.Sequencer), role.Sequencer);
        }

        UpdateScheduled(node);
    }

    // The greatest serial is meant; of two with the same the smaller identity, so that all nodes choose alike.
    private void Prefer(BookNode node, BookNode? other, in Address sequencer)
    {
        if (other is null || other == node || IsMeant(node, other))
        {
            _bySequencer[sequencer] = node;
            if (other is not null)
            {
                UpdateScheduled(other);
            }

            UpdateScheduled(node);
        }
    }

    private static bool IsMeant(BookNode node, BookNode other)
    {
        uint serial = node.Record!.Role!.Value.Serial;
        uint otherSerial = other.Record!.Role!.Value.Serial;
        return serial > otherSerial || (serial == otherSerial && node.Peer.CompareTo(other.Peer) < 0);
    }

    private void ChooseAgain(Address sequencer)
    {
        _bySequencer.Remove(sequencer);
        foreach (BookNode node in _nodes.Values)
        {
            if (node.Record?.Role is { } role && role.Sequencer == sequencer)
            {
                Prefer(node, FindSequencer(sequencer), sequencer);
            }
        }
    }

    private void UpdateScheduled(BookNode node)
    {
        bool isScheduled = node.Record?.Role is { } role && _scheduled.Contains(role.Sequencer)
            && FindSequencer(role.Sequencer) == node;
        if (isScheduled == node.IsScheduled)
        {
            return;
        }

        if (isScheduled)
        {
            CountHeard(node, -1);
        }

        node.IsScheduled = isScheduled;
        if (!isScheduled)
        {
            CountHeard(node, 1);
        }
    }

    private BookNode Add(PeerId peer, int source)
    {
        var node = new BookNode(_byNumber.Count, peer) { Source = source };
        _byNumber.Add(node);
        _nodes.Add(peer, node);
        CountHeard(node, 1);
        return node;
    }

    private void Remove(BookNode node)
    {
        CountHeard(node, -1);
        _nodes.Remove(node.Peer);
        _byNumber[node.Number] = null;
        if (node.Record is not { } record)
        {
            return;
        }

        _byHash.Remove(record.Hash);
        _mapChanged = true;
        if (record.Role is { } role && FindSequencer(role.Sequencer) == node)
        {
            ChooseAgain(role.Sequencer);
        }
    }

    // Counts a node to or from its source's share, while it is only heard of.
    private void CountHeard(BookNode node, int change)
    {
        if (node.Standing == NodeStanding.Heard)
        {
            _heardBySource[node.Source] = HeardBy(node.Source) + change;
        }
    }

    private int HeardBy(int source) => _heardBySource.GetValueOrDefault(source);

    /// <param name="source">The source of a node that is only heard of; null for one that stands more firmly.</param>
    private bool TryMakeRoom(int? source)
    {
        int greediest = -1;
        int most = source is { } own ? HeardBy(own) : 0;
        foreach ((int witness, int count) in _heardBySource)
        {
            if (count > most)
            {
                (greediest, most) = (witness, count);
            }
        }

        BookNode? victim = null;
        foreach (BookNode node in _nodes.Values)
        {
            if (node.Standing == NodeStanding.Heard && node.Source == greediest && node.Record is not null
                && (victim is null || node.RefreshedNs < victim.RefreshedNs))
            {
                victim = node;
            }
        }

        if (victim is null)
        {
            return false;
        }

        Evicted++;
        Remove(victim);
        return true;
    }

    // Round trips move a little with every record; a new map is for moves that could change a plan.
    private static bool MatterForPlans(NodeRecord before, NodeRecord after)
    {
        if (before.Region != after.Region || before.UplinkMbps != after.UplinkMbps)
        {
            return true;
        }

        for (int region = 0; region < Math.Max(before.RoundTripCount, after.RoundTripCount); region++)
        {
            int change = Math.Abs(before.RoundTripTenthsMs(region) - after.RoundTripTenthsMs(region));
            if (change > 10 && change * 10 > before.RoundTripTenthsMs(region))
            {
                return true;
            }
        }

        return false;
    }
}
