
namespace Fragcast.Gossip.Broadcast;

/// <summary>
/// Asks for the chunks that did not come, and answers who asks. Never asks for what is decodable, and answers each peer
/// within its bound.
/// </summary>
/// <remarks>
/// <code>
/// item         event                                             next
/// incomplete   a new chunk                                       due after the patience
/// incomplete   due                                               asks; due again after twice the round trip, longer
/// each time
/// incomplete   enough chunks                                     not due any more
/// incomplete   asked <see cref="BroadcastOptions.RepairAttemptsMax"/> times   not due any more: left to the sync of
/// blocks
/// </code>
/// Few missing chunks are asked of two peers at once, many of one first and of another when that does not answer.
/// </remarks>
internal sealed class RepairDesk<TChunk, TLink>
    where TLink : struct, IBroadcastLink<TChunk>
{
    // Up to so many chunks it costs less to get some twice than to wait for a peer that lost them too.
    private const int FewChunks = 3;

    // Chunks of an item that a node may have because it is their root.
    private const int EarlyChunks = 4;

    // So many attempts follow each other quickly; from then on the pause doubles.
    private const int QuickAttempts = 4;

    // From so many choices on, nodes of other regions are asked too.
    private const int FarTurn = 5;

    // The patience follows the 99th percentile of the time between two chunks: up by 99 parts for one that is longer,
    // down by one part for one that is not.
    private const long PatienceStepNs = 20_000;

    private const long SecondNs = 1_000_000_000;

    private readonly BroadcastOptions _options;
    private readonly ItemTable<TChunk> _items;
    private readonly EgressScheduler<TChunk, TLink> _egress;
    private readonly Dictionary<int, (long SinceNs, int Chunks)> _askers = [];
    private readonly Dictionary<int, (long SinceNs, int Chunks)> _asked = [];
    private readonly TLink _link;
    private NetworkMap _map;
    private int _self;
    private byte _region;
    private long _patienceNs;
    private int _usualData = 1;

    public RepairDesk(
        BroadcastOptions options, TLink link, ItemTable<TChunk> items, EgressScheduler<TChunk, TLink> egress,
        NetworkMap map, int self)
    {
        _options = options;
        _link = link;
        _items = items;
        _egress = egress;
        _map = map;
        _patienceNs = options.RepairPatienceMinNs;
        SetMap(map, self);
    }

    /// <summary>When an item is due at the earliest.</summary>
    public long DueNs { get; private set; } = long.MaxValue;

    /// <summary>Requests sent.</summary>
    public long Requests { get; private set; }

    /// <summary>Chunks sent as answers.</summary>
    public long Answered { get; private set; }

    /// <summary>Items that were given up.</summary>
    public long GivenUp { get; private set; }

    public void SetMap(NetworkMap map, int self)
    {
        _map = map;
        _self = self;
        _region = map.TryGet(self, out MapNode entry) ? entry.Region : (byte)0;
    }

    /// <summary>A new chunk came, which did not complete the item.</summary>
    public void OnProgress(ItemState<TChunk> item, long nowNs)
    {
        long gap = nowNs - item.LastNs;
        _patienceNs = Math.Clamp(
            gap > _patienceNs ? _patienceNs + (99 * PatienceStepNs) : _patienceNs - PatienceStepNs,
            _options.RepairPatienceMinNs, _options.RepairPatienceMaxNs);
        item.LastNs = nowNs;
        _usualData = item.Item.Data;
        if (item.RepairAttempts == 0)
        {
            // A root has its chunks two hops before its region has the others.
            bool isEarly = item.Have.Count <= EarlyChunks && !item.Item.IsCopied;
            SetDue(item, nowNs + _patienceNs + (isEarly ? 2 * _map.Latencies.OneWayNs(_region, _region) : 0));
        }
    }

    /// <summary>An item showed itself as missing.</summary>
    public void OnMissed(ItemState<TChunk> item, long nowNs) => SetDue(item, nowNs + _patienceNs);

    /// <summary>Asks for what is due.</summary>
    public void Tick(long nowNs)
    {
        if (nowNs < DueNs)
        {
            return;
        }

        DueNs = long.MaxValue;
        for (int i = 0; i < _items.Count; i++)
        {
            ItemState<TChunk>? item = _items[i];
            while (item is not null)
            {
                if (item.RepairDueNs <= nowNs)
                {
                    Ask(item, nowNs);
                }

                DueNs = Math.Min(DueNs, item.RepairDueNs);
                item = item.Rival;
            }
        }
    }

    /// <summary>Answers a peer, now or when there is something to give.</summary>
    public void OnRequest(int from, in RepairRequest request, uint epoch, long nowNs)
    {
        ItemState<TChunk>? item = Find(request, epoch);
        int wanted = Math.Min((int)request.Wanted, item is { IsKnown: true } ? item.Item.Data : 1);
        if (wanted == 0 || !Admit(from, wanted, nowNs))
        {
            _link.OnMisbehaviour(from, Refusal.RepairFlood);
            return;
        }

        if (item is null)
        {
            return;
        }

        if (!item.IsDecodable && item.Have.IsEmpty)
        {
            item.AddWaiting(from, request.Wanted, request.Have);
            return;
        }

        int sent = Answer(item, from, wanted, request.Have, nowNs);
        if (sent < wanted && !item.IsDecodable)
        {
            item.AddWaiting(from, (byte)(wanted - sent), request.Have);
        }
    }

    /// <summary>Those who waited get what there is now.</summary>
    public void OnDecodable(ItemState<TChunk> item, long nowNs)
    {
        item.RepairDueNs = long.MaxValue;
        foreach ((int node, byte wanted, ChunkSet have) in item.Waiting)
        {
            Answer(item, node, wanted, have, nowNs);
        }

        item.ClearWaiting();
    }

    private ItemState<TChunk>? Find(in RepairRequest request, uint epoch)
    {
        ulong key = ItemTable<TChunk>.KeyOf(request.Place, epoch);
        ItemState<TChunk>? item = key == ItemTable<TChunk>.NoKey ? null : _items.Find(key);
        if (item is not null && request.Tag != 0 && item.Item.Tag != request.Tag)
        {
            item = item.Rival is { } rival && rival.Item.Tag == request.Tag ? rival : null;
        }

        return item;
    }

    private bool Admit(int from, int chunks, long nowNs) =>
        Count(_askers, from, chunks, nowNs) <= _options.RepairChunksPerSecond;

    // Half of what the peer allows: its seconds begin at other times, and one of them may see two of these.
    private bool MayAsk(int peer, int chunks, long nowNs)
    {
        int limit = _options.RepairChunksPerSecond / 2;
        return !(_asked.TryGetValue(peer, out (long SinceNs, int Chunks) asked)
            && nowNs - asked.SinceNs <= SecondNs && asked.Chunks + chunks > limit);
    }

    // A second's sum, which begins anew when the second is over.
    private static int Count(Dictionary<int, (long SinceNs, int Chunks)> sums, int peer, int chunks, long nowNs)
    {
        const int PeersMax = 4096;
        if (!sums.TryGetValue(peer, out (long SinceNs, int Chunks) sum) || nowNs - sum.SinceNs > SecondNs)
        {
            if (sums.Count >= PeersMax)
            {
                sums.Clear();
            }

            sum = (nowNs, 0);
        }

        sum.Chunks += chunks;
        sums[peer] = sum;
        return sum.Chunks;
    }

    private int Answer(ItemState<TChunk> item, int to, int wanted, ChunkSet have, long nowNs)
    {
        // Every peer begins elsewhere, so that two answers to one asker rarely bring the same. A copy of what the asker
        // has is of no use to it.
        int different = item.Item.IsCopied ? item.Item.Data : item.Item.Total;
        int start = (int)(Draws.Mix(item.Seed + ((ulong)_self << 32)) % (ulong)different);
        int sent = 0;
        wanted = Math.Min(wanted, item.Item.Data);
        for (int pass = 0; pass < 2 && sent < wanted; pass++)
        {
            for (int i = 0; i < different && sent < wanted; i++)
            {
                byte index = (byte)((start + i) % different);
                if (!HasAny(item.Item, have, index)
                    && (TryFind(item, index, out byte found) || (pass == 1 && Make(item, index, out found))))
                {
                    have.Add(found);
                    _egress.AddSingle(item, found, to, Duty.None, JobRank.Repair, nowNs);
                    sent++;
                }
            }
        }

        Answered += sent;
        return sent;
    }

    private static bool HasAny(in ItemHeader item, in ChunkSet have, byte index)
    {
        int step = item.IsCopied ? item.Data : byte.MaxValue + 1;
        for (int i = index; i < item.Total; i += step)
        {
            if (have.Contains((byte)i))
            {
                return true;
            }
        }

        return false;
    }

    // The chunk, or a copy of it.
    private static bool TryFind(ItemState<TChunk> item, byte index, out byte found)
    {
        int step = item.Item.IsCopied ? item.Item.Data : byte.MaxValue + 1;
        for (int i = index; i < item.Item.Total; i += step)
        {
            if (item.Have.Contains((byte)i))
            {
                found = (byte)i;
                return true;
            }
        }

        found = index;
        return false;
    }

    private bool Make(ItemState<TChunk> item, byte index, out byte made)
    {
        made = index;
        if (!item.IsDecodable
            || !_link.TryMakeChunk(item.Item, item.Chunks, item.Have, index, out TChunk chunk))
        {
            return false;
        }

        item.Put(index, chunk);
        return true;
    }

    private void Ask(ItemState<TChunk> item, long nowNs)
    {
        if (item.RepairAttempts >= _options.RepairAttemptsMax)
        {
            item.RepairDueNs = long.MaxValue;
            GivenUp++;
            return;
        }

        int missing = item.Missing;
        int peers = missing <= FewChunks ? 2 : 1;
        var request = new RepairRequest(
            item.Item.Place, item.Item.Tag, item.IsKnown ? (byte)missing : byte.MaxValue, item.Have);
        int first = -1;
        long rttNs = 0;
        bool isHeldBack = true;

        // Of an item that did not show itself a peer that has it gives as many as make it up.
        int cost = item.IsKnown ? missing : _usualData;
        for (int i = 0; i < peers; i++)
        {
            int peer = Choose(item, (item.RepairAttempts * 2) + i, first);
            if (peer >= 0 && !MayAsk(peer, cost, nowNs))
            {
                first = peer;
                continue;
            }

            isHeldBack = false;
            if (peer >= 0 && _link.TrySendRepairRequest(peer, request))
            {
                Requests++;
                Count(_asked, peer, cost, nowNs);
                rttNs = Math.Max(rttNs, 2 * OneWayTo(peer));
            }

            first = peer;
        }

        if (isHeldBack)
        {
            // Every peer in question has been asked for as much as it gives in a second.
            item.RepairDueNs = nowNs + _options.RepairPatienceMaxNs;
            return;
        }

        item.RepairAttempts++;

        // Not answered within the round trip and what the answer takes to leave: ask others, ever more patiently, so
        // that a peer that stalls for a moment, or this node itself, does not use up all attempts: ten take over a
        // second.
        int attempts = item.RepairAttempts;
        int pauses = attempts <= QuickAttempts ? attempts : QuickAttempts << Math.Min(attempts - QuickAttempts, 6);
        item.RepairDueNs = nowNs + rttNs + (rttNs / 2) + (_options.RepairPatienceMinNs * pauses / 2);
    }

    // At first nodes near by, which mostly have what came here only in part; then who sent some of it; then nodes of
    // other regions. The leader, who would have to serve everybody, only when nothing else is left.
    private int Choose(ItemState<TChunk> item, int turn, int except)
    {
        RegionMembers near = _map.Region(_region);
        ulong draw = Draws.Mix(item.Seed ^ ((ulong)(uint)_self << 20) ^ (ulong)turn);
        bool isLast = item.RepairAttempts + 1 >= _options.RepairAttemptsMax;
        if (isLast && item.Leader >= 0 && item.Leader != _self)
        {
            return item.Leader;
        }

        if (turn >= FarTurn && turn % 2 == 1 && _map.SlowestFirst.Length > 1)
        {
            near = _map.Region(_map.SlowestFirst[(int)((draw >> 32) % (ulong)_map.SlowestFirst.Length)]);
        }

        if ((turn % 4 == 3 || near.Count <= 3) && item.Senders.Length > 0)
        {
            int sender = item.Senders[(int)(draw % (ulong)item.Senders.Length)];
            if (sender != except && sender != _self)
            {
                return sender;
            }
        }

        for (int i = 0; i < near.Count; i++)
        {
            int node = near[(int)((draw + (ulong)i) % (ulong)near.Count)].Node;
            if (node != _self && node != except && node != item.Leader)
            {
                return node;
            }
        }

        return item.Leader != _self && item.Leader != except ? item.Leader : FirstOther(except);
    }

    private int FirstOther(int except)
    {
        for (int node = 0; node < _map.Numbers; node++)
        {
            if (node != _self && node != except && _map.TryGet(node, out _))
            {
                return node;
            }
        }

        return -1;
    }

    private long OneWayTo(int node) =>
        _map.TryGet(node, out MapNode entry) ? _map.Latencies.OneWayNs(_region, entry.Region) : 0;

    private void SetDue(ItemState<TChunk> item, long dueNs)
    {
        item.RepairDueNs = dueNs;
        DueNs = Math.Min(DueNs, dueNs);
    }
}
