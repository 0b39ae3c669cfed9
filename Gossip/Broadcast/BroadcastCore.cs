using Fragcast.Gossip.Wire;

namespace Fragcast.Gossip.Broadcast;

/// <summary>What a node did since it began.</summary>
/// <param name="ChunksSent">Chunks sent, own ones, relayed ones and answers.</param>
/// <param name="ChunksRefused">Chunks that the link did not take.</param>
/// <param name="ChunksDropped">Relaying given up: too much, or too late.</param>
/// <param name="Duplicates">Chunks that had come before.</param>
/// <param name="RepairRequests">Requests sent.</param>
/// <param name="RepairAnswers">Chunks sent on request.</param>
/// <param name="RepairGivenUp">Items that were left to the sync of blocks.</param>
public readonly record struct BroadcastCounters(
    long ChunksSent, long ChunksRefused, long ChunksDropped, long Duplicates, long RepairRequests,
    long RepairAnswers, long RepairGivenUp);

/// <summary>
/// The broadcast of one node: takes chunks, sends them on at once as their duty says, tells when an item is complete,
/// asks for what is missing, and sends own items by a plan.
/// </summary>
/// <remarks>
/// No I/O and no clock: events come in with the time, sending goes out by <typeparamref name="TLink"/>. One thread.
/// After every call <see cref="DueNs"/> says when <see cref="Tick"/> is wanted. A received chunk comes in two steps, so
/// that proofs are computed only for what is wanted: <see cref="Screen"/>, then, once it is proven, <see
/// cref="OnChunk"/>.
/// </remarks>
/// <typeparam name="TChunk">A chunk as the owner keeps it.</typeparam>
/// <typeparam name="TLink">The outside.</typeparam>
public sealed class BroadcastCore<TChunk, TLink>
    where TLink : struct, IBroadcastLink<TChunk>
{
    // How far back a gap is noticed at once; what is further back is the sync's.
    private const int GapMax = 64;

    // A root or head is accepted so many ranks from where this node's own map has it: maps differ while nodes come and
    // go.
    private const int RankTolerance = 3;

    private readonly BroadcastOptions _options;
    private readonly ItemTable<TChunk> _items;
    private readonly EgressScheduler<TChunk, TLink> _egress;
    private readonly RepairDesk<TChunk, TLink> _repair;
    private readonly ReceptionMeter<TChunk> _meter;
    private readonly Redundancy _redundancy = new();
    private readonly LeafFactor _leaves = new();
    private readonly PlanCache _plans;
    private TLink _link;
    private NetworkMap _map;
    private MapNode _entry;
    private readonly int _self;
    private uint _epoch;
    private ulong _headBlock;
    private long _egressDueNs = long.MaxValue;
    private long _reportDueNs;
    private int _lastLeader = -1;
    private long _duplicates;

    /// <summary>Makes a core.</summary>
    /// <param name="options">Settings.</param>
    /// <param name="link">The outside; copied.</param>
    /// <param name="map">The nodes known so far.</param>
    /// <param name="self">This node's number in it.</param>
    public BroadcastCore(BroadcastOptions options, TLink link, NetworkMap map, int self)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(map);
        _options = options;
        _link = link;
        _map = map;
        _self = self;
        map.TryGet(self, out _entry);
        _items = new ItemTable<TChunk>(options.ItemsMax);
        _egress = new EgressScheduler<TChunk, TLink>(options, link, map, self);
        _repair = new RepairDesk<TChunk, TLink>(options, link, _items, _egress, map, self);
        _meter = new ReceptionMeter<TChunk>(_items);
        _plans = new PlanCache(options, _redundancy);
    }

    /// <summary>When <see cref="Tick"/> is wanted next; <see cref="long.MaxValue"/> for never.</summary>
    public long DueNs => Math.Min(Math.Min(_egressDueNs, _repair.DueNs), _reportDueNs);

    /// <summary>
    /// Whether own items still wait for the uplink: an owner with more to publish waits as well, since only so many
    /// items are kept.
    /// </summary>
    public bool IsSendingOwn => _egress.HasOwn;

    /// <summary>What was done so far.</summary>
    public BroadcastCounters Counters => new(
        _egress.Sent, _egress.Refused, _egress.Dropped, _duplicates, _repair.Requests, _repair.Answered,
        _repair.GivenUp);

    /// <summary>Takes a newer map.</summary>
    public void SetMap(NetworkMap map)
    {
        ArgumentNullException.ThrowIfNull(map);
        _map = map;
        map.TryGet(_self, out _entry);
        _egress.SetMap(map, _self);
        _repair.SetMap(map, _self);
    }

    /// <summary>
    /// The chain's head moved. Items of committed blocks stay for peers that ask, until there is no room.
    /// </summary>
    /// <param name="epoch">How often the chain was started anew.</param>
    /// <param name="block">Number of the last committed block.</param>
    public void SetHead(uint epoch, ulong block)
    {
        if (epoch != _epoch)
        {
            _items.Clear(ref _link);
            _epoch = epoch;
        }

        _headBlock = block;
    }

    /// <summary>The plan for own messages of a length, as things are now.</summary>
    /// <param name="length">Bytes of the message, or of a segment of it.</param>
    /// <exception cref="ArgumentOutOfRangeException">Longer than an item; see <see cref="SegmentsOf"/>.</exception>
    public BroadcastPlan PlanFor(int length) => _plans.Get(_map, _self, _options.UplinkMbps, length);

    /// <summary>Into how many segments a message of a length is cut.</summary>
    public int SegmentsOf(int length)
    {
        int most = Planner.DataMax * _options.ChunkBytesMax;
        return (length + most - 1) / most;
    }

    /// <summary>Sends an own item.</summary>
    /// <param name="item">Its header, of the form that <paramref name="plan"/> says.</param>
    /// <param name="chunks">All its chunks by index; the core takes them over.</param>
    /// <param name="plan">From <see cref="PlanFor"/>.</param>
    /// <param name="nextLeaders">
    /// The next leaders, the nearest in time first; they get all that is needed first.
    /// </param>
    /// <param name="nowNs">The time.</param>
    public void Publish(
        in ItemHeader item, ReadOnlySpan<TChunk> chunks, BroadcastPlan plan, ReadOnlySpan<int> nextLeaders, long nowNs)
    {
        ItemState<TChunk>? state = TryOpen(item, nowNs, out _);
        if (state is null || state.IsKnown && state.Item != item)
        {
            ReleaseAll(chunks[..item.Total]);
            return;
        }

        state.IsOwn = true;
        state.Plan = plan;
        for (int i = 0; i < item.Total; i++)
        {
            state.Put((byte)i, chunks[i]);
            state.Relayed.Add((byte)i);
        }

        state.IsDecodable = true;
        _plans.NotePublished(item.Length, nowNs);
        if (plan.Kind == PlanKind.Relayed)
        {
            SendToLeaders(state, nextLeaders, nowNs);
        }

        _egress.AddPublish(state, nowNs);
        _repair.OnDecodable(state, nowNs);
        Pump(nowNs);
    }

    /// <summary>Decides whether a chunk is worth its proof. Costs a few compares.</summary>
    /// <param name="place">Its item's place.</param>
    /// <param name="tag">Its item's tag if the signature was seen before, otherwise 0.</param>
    /// <param name="index">Its index.</param>
    /// <param name="hasDuty">Whether it comes with a duty.</param>
    public Refusal Screen(in ItemPlace place, ulong tag, byte index, bool hasDuty)
    {
        ulong key = ItemTable<TChunk>.KeyOf(place, _epoch);
        if (key == ItemTable<TChunk>.NoKey)
        {
            return place.Epoch < _epoch ? Refusal.Stale : Refusal.TooFarAhead;
        }

        ItemState<TChunk>? state = _items.Find(key);
        if (state is not null)
        {
            ItemState<TChunk>? same = SameTag(state, tag);
            if (same is not null && same.Have.Contains(index) && (!hasDuty || same.Relayed.Contains(index)))
            {
                _duplicates++;
                return Refusal.Duplicate;
            }

            // A third item for one place is worth nothing: two are the evidence.
            return tag == 0 && state.IsKnown && state.Rival is not null ? Refusal.Equivocation : Refusal.None;
        }

        bool isBehind = place.Epoch == _epoch && place.Block <= _headBlock;
        if (isBehind || key <= _items.Frontier)
        {
            return Refusal.Stale;
        }

        // A chain that starts anew does so at or below the head, whatever its first number is.
        ulong ahead = place.Block > _headBlock ? place.Block - _headBlock : 0;
        return ahead > _options.BlocksAheadMax ? Refusal.TooFarAhead : Refusal.None;
    }

    /// <summary>A proven chunk came in.</summary>
    /// <param name="from">Who sent it.</param>
    /// <param name="item">Its item.</param>
    /// <param name="index">Its index.</param>
    /// <param name="duty">What this node is to do with it.</param>
    /// <param name="chunk">The chunk; the core takes it over.</param>
    /// <param name="isRepair">Whether it is an answer to a request.</param>
    /// <param name="nowNs">The time.</param>
    public void OnChunk(
        int from, in ItemHeader item, byte index, in Duty duty, TChunk chunk, bool isRepair, long nowNs)
    {
        ItemState<TChunk>? state = TryOpen(item, nowNs, out bool isNew);
        if (state is null || (state.IsKnown && state.Item.Tag != item.Tag))
        {
            state = state is null ? null : Rival(state, item, index, chunk, nowNs);
        }

        if (state is null)
        {
            _link.Release(chunk);
            return;
        }

        if (!state.IsKnown)
        {
            state.Learn(item);
        }

        if (state.Enough == 0)
        {
            state.Enough = _leaves.EnoughOf(item.Data);
        }

        if (state.Have.Contains(index))
        {
            // Perhaps an answer to a request overtook it: the duty stands.
            _duplicates++;
            _link.Release(chunk);
        }
        else
        {
            Take(state, from, index, chunk, nowNs);
        }

        Relay(state, from, index, duty, isRepair, nowNs);
        if (isNew)
        {
            NoticeGap(item.Place, nowNs);
        }

        Pump(nowNs);
    }

    /// <summary>A peer asks for chunks.</summary>
    public void OnRepairRequest(int from, in RepairRequest request, long nowNs)
    {
        _repair.OnRequest(from, request, _epoch, nowNs);
        Pump(nowNs);
    }

    /// <summary>A node reports what it got of this node's items.</summary>
    public void OnReception(int from, in ReceptionReport report, long nowNs)
    {
        if (_map.TryGet(from, out MapNode node) && node.Region == report.Region)
        {
            _redundancy.Add(from, report, nowNs);
        }
    }

    /// <summary>
    /// The owner knows that an item exists which did not come: asks for it unless it comes by itself soon.
    /// </summary>
    public void Want(in ItemPlace place, long nowNs)
    {
        if (Screen(place, 0, 0, hasDuty: true) == Refusal.None
            && TryOpenPlace(place, nowNs) is { IsDecodable: false } state
            && state.RepairDueNs == long.MaxValue)
        {
            _repair.OnMissed(state, nowNs);
        }
    }

    /// <summary>Does what is due.</summary>
    public void Tick(long nowNs)
    {
        _repair.Tick(nowNs);
        if (nowNs >= _reportDueNs)
        {
            Report(nowNs);
        }

        Pump(nowNs);
    }

    /// <summary>
    /// Gives up the oldest item, for an owner that is short of buffers. False when there is none.
    /// </summary>
    public bool TryDropOldest()
    {
        if (_items.Count == 0)
        {
            return false;
        }

        _items.RemoveUpTo(_items[0].Key, ref _link);
        return true;
    }

    /// <summary>Gives back every chunk.</summary>
    public void Clear() => _items.Clear(ref _link);

    private static ItemState<TChunk>? SameTag(ItemState<TChunk> state, ulong tag) =>
        state.Item.Tag == tag ? state : state.Rival is { } rival && rival.Item.Tag == tag ? rival : null;

    private void Take(ItemState<TChunk> state, int from, byte index, TChunk chunk, long nowNs)
    {
        state.Put(index, chunk);
        state.AddSender(from);
        if (state.IsDecodable)
        {
            return;
        }

        if (state.Missing <= 0)
        {
            state.IsDecodable = true;
            state.LastNs = nowNs;
            _leaves.OnDecodable(wasLate: state.RepairAttempts > 0);
            _link.OnDecodable(state.Item, state.Chunks, state.Have);
            _repair.OnDecodable(state, nowNs);
        }
        else
        {
            _repair.OnProgress(state, nowNs);
        }
    }

    private void Relay(ItemState<TChunk> state, int from, byte index, in Duty duty, bool isRepair, long nowNs)
    {
        if (isRepair || duty.IsNone || state.Relayed.Contains(index))
        {
            return;
        }

        if (IsPlausible(state, index, duty) && MayGive(state, from, index, duty))
        {
            state.Relayed.Add(index);
            _egress.AddDuty(state, index, duty, from, nowNs);
        }
        else
        {
            _link.OnMisbehaviour(from, Refusal.BadDuty);
        }
    }

    // The draws are the same for everybody, so a duty that is not near this node's rank was not meant for it.
    private bool IsPlausible(ItemState<TChunk> state, byte index, in Duty duty)
    {
        RegionMembers members = _map.Region(_entry.Region);
        if (members.Count == 0)
        {
            return false;
        }

        int lane = EgressScheduler<TChunk, TLink>.LaneOf(state.Item, index);
        int rank = members.RankOf(_entry.Position);
        if (duty.IsRoot)
        {
            return IsNear(rank, DrawnRoot(state, lane, members), members.Count);
        }

        // A part goes to its first node, or to one of the next if that cannot be reached.
        EgressScheduler<TChunk, TLink>.RangeOf(members, duty, out int first, out int ranks);
        int offset = rank - first;
        offset = offset < 0 ? offset + members.Count : offset;
        return offset < ranks && offset <= RankTolerance;
    }

    // A root has its duty from the leader; a head of another region from a root, one of this region from anybody in it.
    private bool MayGive(ItemState<TChunk> state, int from, byte index, in Duty duty)
    {
        if (duty.IsRoot)
        {
            return from == state.Leader || state.Leader < 0;
        }

        if (!_map.TryGet(from, out MapNode giver))
        {
            return false;
        }

        RegionMembers members = _map.Region(giver.Region);
        int drawn = DrawnRoot(state, EgressScheduler<TChunk, TLink>.LaneOf(state.Item, index), members);
        return giver.Region == _entry.Region || IsNear(members.RankOf(giver.Position), drawn, members.Count);
    }

    private int DrawnRoot(ItemState<TChunk> state, int lane, RegionMembers members)
    {
        int leader = _map.TryGet(state.Leader, out MapNode entry) ? members.RankOf(entry.Position) : -1;
        bool isMember = leader >= 0 && leader < members.Count && members[leader].Node == state.Leader;
        return EgressScheduler<TChunk, TLink>.DrawRoot(
            members, state.Seed, lane, EgressScheduler<TChunk, TLink>.LanesOf(state.Item), isMember ? leader : -1);
    }

    private static bool IsNear(int rank, int drawn, int count)
    {
        int distance = Math.Abs(rank - drawn);
        return Math.Min(distance, count - distance) <= RankTolerance + (count / 64);
    }

    private ItemState<TChunk>? TryOpen(in ItemHeader item, long nowNs, out bool isNew)
    {
        isNew = false;
        ulong key = ItemTable<TChunk>.KeyOf(item.Place, _epoch);
        if (key == ItemTable<TChunk>.NoKey)
        {
            return null;
        }

        ItemState<TChunk>? state = _items.Find(key);
        return state ?? Open(item, key, nowNs, out isNew);
    }

    private ItemState<TChunk>? Open(in ItemHeader item, ulong key, long nowNs, out bool isNew)
    {
        isNew = false;
        if (!_link.TryGetLeader(item.Place, out int leader, out ulong leaderKey))
        {
            return null;
        }

        ItemState<TChunk>? state = _items.Insert(key, ref _link);
        if (state is not null)
        {
            state.Open(item, key, Draws.Seed(_options.NetworkId, item.Place, leaderKey), leader, nowNs);
            isNew = true;
            _lastLeader = leader;
            if (_reportDueNs == 0)
            {
                _reportDueNs = nowNs + _options.ReceptionIntervalNs;
            }
        }

        return state;
    }

    private ItemState<TChunk>? TryOpenPlace(in ItemPlace place, long nowNs) =>
        TryOpen(new ItemHeader(place, 0, 0, 0, 0), nowNs, out _);

    private ItemState<TChunk>? Rival(
        ItemState<TChunk> first, in ItemHeader item, byte index, TChunk chunk, long nowNs)
    {
        if (first.Rival is { } rival)
        {
            return rival.Item.Tag == item.Tag ? rival : null;
        }

        int of = 0;
        while (!first.Have.Contains((byte)of))
        {
            of++;
        }

        _link.OnEquivocation(first.Item, first.Chunks[of], item, chunk);
        ItemState<TChunk> second = _items.NewState();
        second.Open(item, first.Key, first.Seed, first.Leader, nowNs);
        first.Rival = second;
        return second;
    }

    // What stands before a new item and is not here was lost whole, or is late.
    private void NoticeGap(in ItemPlace place, long nowNs)
    {
        ItemPlace before = place;
        for (int i = 0; i < GapMax && TryGetBefore(before, out before); i++)
        {
            if (Screen(before, 0, 0, hasDuty: true) != Refusal.None
                || _items.Find(ItemTable<TChunk>.KeyOf(before, _epoch)) is not null)
            {
                return;
            }

            if (TryOpenPlace(before, nowNs) is { } missed)
            {
                _repair.OnMissed(missed, nowNs);
            }
        }
    }

    private static bool TryGetBefore(ItemPlace place, out ItemPlace before)
    {
        before = place with { Segment = (ushort)(place.Segment - 1) };
        if (place.Segment > 0)
        {
            return true;
        }

        bool isFollower = place.Kind is EnvelopeKind.Frag or EnvelopeKind.Seal;
        before = AttemptSequence.Number(place.Sequence) > 0
            ? place with { Kind = EnvelopeKind.Frag, Sequence = place.Sequence - 1 }
            : place with { Kind = EnvelopeKind.Env };
        return isFollower;
    }

    private void SendToLeaders(ItemState<TChunk> state, ReadOnlySpan<int> nextLeaders, long nowNs)
    {
        // Each gets k chunks and a little more, another part of the n than the other, for the case that they help each
        // other.
        ItemHeader item = state.Item;
        int count = Math.Min(item.Total, item.Data + (item.IsCopied ? 0 : (item.Data + 15) / 16));
        for (int i = 0; i < count; i++)
        {
            for (int j = 0; j < Math.Min(nextLeaders.Length, _options.NextLeaders); j++)
            {
                if (nextLeaders[j] != _self && nextLeaders[j] >= 0)
                {
                    _egress.AddSingle(state, (byte)i, nextLeaders[j], Duty.None, JobRank.Own, nowNs);
                }
            }
        }
    }

    private void Report(long nowNs)
    {
        _reportDueNs = nowNs + _options.ReceptionIntervalNs;
        bool isTurn = ReceptionMeter<TChunk>.IsReporter(
            _self, _map.Region(_entry.Region).Count, nowNs / _options.ReceptionIntervalNs);
        if (_meter.TryTake(_entry.Region, nowNs, out ReceptionReport report) && isTurn
            && _lastLeader >= 0 && _lastLeader != _self)
        {
            _link.TrySendReception(_lastLeader, report);
        }
    }

    private void Pump(long nowNs) => _egressDueNs = _egress.Pump(nowNs);

    private void ReleaseAll(ReadOnlySpan<TChunk> chunks)
    {
        foreach (TChunk chunk in chunks)
        {
            _link.Release(chunk);
        }
    }
}
