using System.Numerics;
using Fragcast.Transport;

namespace Fragcast.Gossip.Broadcast;

/// <summary>
/// Sends what waits, piece by piece, in the order of ranks and not faster than the uplink: what relays further comes
/// before what ends at a leaf, so that a burst of leaves holds up one node each and never a subtree.
/// </summary>
internal sealed class EgressScheduler<TChunk, TLink>
    where TLink : struct, IBroadcastLink<TChunk>
{
    private const int RankCount = 4;

    // What may be ahead of the uplink: enough to keep it busy between two calls, too little to delay what is urgent.
    private const long AheadNs = 300_000;

    private readonly BroadcastOptions _options;
    private readonly JobQueue<TChunk>[] _queues = new JobQueue<TChunk>[RankCount];
    private NetworkMap _map;
    private readonly TLink _link;
    private int _self;
    private MapNode _selfEntry;
    private long _freeNs;

    public EgressScheduler(BroadcastOptions options, TLink link, NetworkMap map, int self)
    {
        _options = options;
        _link = link;
        _map = map;
        for (int i = 0; i < RankCount; i++)
        {
            _queues[i] = new JobQueue<TChunk>();
        }

        SetMap(map, self);
    }

    /// <summary>Whether own items still wait for the uplink.</summary>
    public bool HasOwn => !_queues[(int)JobRank.Own].IsEmpty;

    /// <summary>Jobs given up because there were too many, or they were too old.</summary>
    public long Dropped { get; private set; }

    /// <summary>Chunks sent.</summary>
    public long Sent { get; private set; }

    /// <summary>Chunks that the link did not take.</summary>
    public long Refused { get; private set; }

    /// <summary>What one datagram of a usual chunk takes on this node's uplink.</summary>
    private long ChunkNs(in ItemHeader item, int uplinkMbps) =>
        CostModel.SerialiseNs(BytesOf(item), uplinkMbps);

    public void SetMap(NetworkMap map, int self)
    {
        _map = map;
        _self = self;
        map.TryGet(self, out _selfEntry);
    }

    /// <summary>One chunk to one node.</summary>
    public void AddSingle(ItemState<TChunk> item, byte index, int node, in Duty duty, JobRank rank, long nowNs) =>
        Add(rank, new EgressJob<TChunk>
        {
            Item = item, Generation = item.Generation, Kind = JobKind.Single, Index = index, Node = node, Duty = duty,
            QueuedNs = nowNs,
        });

    /// <summary>The whole of an own item by its plan.</summary>
    public void AddPublish(ItemState<TChunk> item, long nowNs) =>
        Add(JobRank.Own, new EgressJob<TChunk>
        {
            Item = item, Generation = item.Generation, Kind = JobKind.Publish, QueuedNs = nowNs,
        });

    /// <summary>What a received duty asks for.</summary>
    public void AddDuty(ItemState<TChunk> item, byte index, in Duty duty, int from, long nowNs)
    {
        var job = new EgressJob<TChunk>
        {
            Item = item, Generation = item.Generation, Index = index, Duty = duty, Node = from, QueuedNs = nowNs,
        };
        if (duty.IsRoot)
        {
            AddRoot(job);
        }
        else
        {
            AddCover(job);
        }
    }

    /// <summary>Sends what the uplink allows now.</summary>
    /// <returns>When there is more to send, or <see cref="long.MaxValue"/>.</returns>
    public long Pump(long nowNs)
    {
        _freeNs = Math.Max(_freeNs, nowNs);
        for (int rank = 0; rank < RankCount; rank++)
        {
            JobQueue<TChunk> queue = _queues[rank];
            while (!queue.IsEmpty)
            {
                if (_freeNs > nowNs + AheadNs)
                {
                    return _freeNs - (AheadNs / 2);
                }

                // A copy: what a step adds to the queues may move them.
                EgressJob<TChunk> job = queue.First;
                bool isOver = job.Item.Generation != job.Generation
                    || nowNs - job.QueuedNs > _options.RelayAgeMaxNs;
                if (isOver)
                {
                    Dropped++;
                }

                if (isOver || Step(ref job))
                {
                    queue.RemoveFirst();
                }
                else
                {
                    queue.First.Cursor = job.Cursor;
                }
            }
        }

        return long.MaxValue;
    }

    private void Add(JobRank rank, in EgressJob<TChunk> job)
    {
        if (!_queues[(int)rank].Add(job))
        {
            Dropped++;
        }
    }

    private void AddRoot(EgressJob<TChunk> job)
    {
        ulong regions = job.Duty.Regions & _map.Present;
        int members = 0;
        long hopNs = 0;
        for (ulong left = regions; left != 0; left &= left - 1)
        {
            int region = BitOperations.TrailingZeroCount(left);
            members += _map.Region(region).Count;
            hopNs += _map.Latencies.OneWayNs(region, region);
        }

        int count = BitOperations.PopCount(regions);
        if (count == 0)
        {
            return;
        }

        RegionMembers own = _map.Region(_selfEntry.Region);
        int usualMbps = (int)(own.TotalUplinkMbps / Math.Max(own.Count, 1));
        job.Kind = JobKind.Root;
        job.Duty = new Duty(regions, 0, 0);
        job.Parts = CostModel.Heads(
            count, members, ChunkNs(job.Item.Item, _options.UplinkMbps), ChunkNs(job.Item.Item, usualMbps),
            hopNs / count);
        Add(JobRank.Onward, job);
    }

    private void AddCover(EgressJob<TChunk> job)
    {
        RegionMembers members = _map.Region(_selfEntry.Region);
        if (members.Count == 0)
        {
            return;
        }

        RangeOf(members, job.Duty, out int first, out int ranks);
        long hopNs = _map.Latencies.OneWayNs(_selfEntry.Region, _selfEntry.Region);
        job.Kind = JobKind.Cover;
        job.FirstRank = first;
        job.Ranks = ranks;
        job.Parts = CostModel.SubHeads(ranks, ChunkNs(job.Item.Item, _options.UplinkMbps), hopNs);
        Add(job.Parts == 0 ? JobRank.Leaf : JobRank.Onward, job);
    }

    /// <summary>The ranks of a part of a ring.</summary>
    public static void RangeOf(RegionMembers members, in Duty duty, out int first, out int ranks)
    {
        int from = members.RankOf(duty.From);
        uint end = duty.From + duty.Width;
        int to = members.RankOf(end);
        first = from == members.Count ? 0 : from;
        ranks = end >= duty.From ? to - from : members.Count - from + to;
    }

    // Does the next piece of a job; true when it was the last.
    private bool Step(ref EgressJob<TChunk> job)
    {
        switch (job.Kind)
        {
            case JobKind.Single:
                Send(job.Node, job, job.Index, job.Duty);
                return true;
            case JobKind.Publish:
                return StepPublish(ref job);
            case JobKind.Root:
                return StepRoot(ref job);
            default:
                return StepCover(ref job);
        }
    }

    private bool StepPublish(ref EgressJob<TChunk> job)
    {
        BroadcastPlan plan = job.Item.Plan!;
        if (plan.Kind == PlanKind.Direct)
        {
            return StepDirect(ref job);
        }

        byte index = (byte)job.Cursor++;
        ChunkRoute route = plan.Routes[index];
        RegionMembers members = _map.Region(route.RootRegion);
        int lane = LaneOf(job.Item.Item, index);
        int rank = DrawRoot(members, job.Item.Seed, lane, LanesOf(job.Item.Item), RankIn(members, _self));
        // A root that cannot be reached is passed over; its neighbours count as roots too.
        for (int i = 0; i <= DrawTolerance; i++)
        {
            ref readonly MapNode root = ref members[(rank + i) % members.Count];
            if (root.Node != _self && Send(root.Node, job, index, new Duty(route.Regions, 0, 0)))
            {
                break;
            }
        }

        return job.Cursor >= job.Item.Item.Total;
    }

    // Chunk by chunk, each to all: so a node's k-th chunk does not wait for another node's n-th.
    private bool StepDirect(ref EgressJob<TChunk> job)
    {
        int numbers = _map.Numbers;
        int index = job.Cursor / numbers;
        int node = ((job.Cursor % numbers) + Draws.First(job.Item.Seed, index, job.Item.Item.Total, numbers)) % numbers;
        job.Cursor++;
        if (node != _self && _map.TryGet(node, out _))
        {
            Send(node, job, (byte)index, Duty.None);
        }

        return job.Cursor >= job.Item.Item.Total * numbers;
    }

    private bool StepRoot(ref EgressJob<TChunk> job)
    {
        ulong regions = job.Duty.Regions;
        int region = NthRegion(regions, job.Cursor, out int part);
        while (true)
        {
            RegionMembers members = _map.Region(region);
            int parts = job.Parts == 0 ? members.Count : Math.Min(job.Parts, members.Count);
            if (part < parts)
            {
                SendToPart(job, members, region, parts, part);
            }

            // The cursor holds the ordinal of the region and the part.
            bool isRegionDone = part + 1 >= parts;
            job.Cursor = isRegionDone ? (job.Cursor & ~PartMask) + PartMask + 1 : job.Cursor + 1;
            return job.Cursor >> PartBits >= BitOperations.PopCount(regions);
        }
    }

    private const int PartBits = 16;
    private const int PartMask = (1 << PartBits) - 1;

    private const int DrawTolerance = 2;

    // Regions in the map's order, those with the longest hops first: for them the rest of the way is longest.
    private int NthRegion(ulong regions, int cursor, out int part)
    {
        part = cursor & PartMask;
        int nth = cursor >> PartBits;
        foreach (byte region in _map.SlowestFirst)
        {
            if ((regions >> region & 1) != 0 && nth-- == 0)
            {
                return region;
            }
        }

        return -1;
    }

    // Heads are drawn evenly over the lanes of an item and the parts of a lane, so that no node is one much more often
    // than another; a part goes from its head to the next.
    private void SendToPart(in EgressJob<TChunk> job, RegionMembers members, int region, int parts, int part)
    {
        if (parts == members.Count)
        {
            SendToRange(job, members, region, part, 1);
            return;
        }

        int leader = RankIn(members, job.Item.Leader);
        int first = HeadOf(job, members, region, parts, part, leader);
        int next = HeadOf(job, members, region, parts, (part + 1) % parts, leader);
        int ranks = parts == 1 ? members.Count : (next - first + members.Count) % members.Count;
        SendToRange(job, members, region, first, ranks);
    }

    private static int HeadOf(
        in EgressJob<TChunk> job, RegionMembers members, int region, int parts, int part, int leaderRank)
    {
        ItemHeader item = job.Item.Item;
        uint draw = Draws.Head(job.Item.Seed, LaneOf(item, job.Index), LanesOf(item), region, part, parts);
        return members.Draw(draw, leaderRank);
    }

    // A range of ranks goes to its first node that can be reached; this node, if it is in the range, serves it itself.
    private void SendToRange(in EgressJob<TChunk> job, RegionMembers members, int region, int first, int ranks)
    {
        if (ranks == 0)
        {
            return;
        }

        uint from = members[first].Position;
        uint end = members[(first + ranks) % members.Count].Position;
        Duty duty = ranks == 1 ? Duty.None : new Duty(0, from, ranks == members.Count ? uint.MaxValue : end - from);
        if (region == _selfEntry.Region && IsInRange(members, first, ranks))
        {
            if (!duty.IsNone)
            {
                AddDuty(job.Item, job.Index, duty, job.Node, job.QueuedNs);
            }

            return;
        }

        for (int i = 0; i < ranks && i <= DrawTolerance; i++)
        {
            int node = members[(first + i) % members.Count].Node;
            if (node != job.Item.Leader && node != job.Node && Send(node, job, job.Index, duty))
            {
                return;
            }
        }
    }

    private bool IsInRange(RegionMembers members, int first, int ranks)
    {
        int offset = RankIn(members, _self) - first;
        return (offset < 0 ? offset + members.Count : offset) < ranks;
    }

    // The rank of a node; the number of members if it is not one.
    private int RankIn(RegionMembers members, int node)
    {
        if (!_map.TryGet(node, out MapNode entry))
        {
            return members.Count;
        }

        int rank = members.RankOf(entry.Position);
        while (rank < members.Count && members[rank].Node != node)
        {
            rank = members[rank].Position == entry.Position ? rank + 1 : members.Count;
        }

        return rank;
    }

    private bool StepCover(ref EgressJob<TChunk> job)
    {
        // Looked at before every send: a burst that has begun ends when the leaves have enough.
        if (job.Item.IsEnough)
        {
            return true;
        }

        RegionMembers members = _map.Region(_selfEntry.Region);
        int pieces = job.Parts == 0 ? job.Ranks : Math.Min(job.Parts, job.Ranks);
        if (pieces == 0)
        {
            return true;
        }

        int turn = Draws.First(
            job.Item.Seed, LaneOf(job.Item.Item, job.Index), LanesOf(job.Item.Item), pieces);
        int piece = (job.Cursor + turn) % pieces;
        job.Cursor++;
        if (job.Parts == 0)
        {
            int node = members[(job.FirstRank + piece) % members.Count].Node;
            if (node != _self && node != job.Item.Leader && node != job.Node)
            {
                Send(node, job, job.Index, Duty.None);
            }
        }
        else
        {
            int first = (int)((long)piece * job.Ranks / pieces);
            int ranks = (int)((long)(piece + 1) * job.Ranks / pieces) - first;
            SendToRange(job, members, _selfEntry.Region, (job.FirstRank + first) % members.Count, ranks);
        }

        return job.Cursor >= pieces;
    }

    private bool Send(int node, in EgressJob<TChunk> job, byte index, in Duty duty)
    {
        ItemHeader item = job.Item.Item;
        EgressClass egressClass = job.Kind == JobKind.Single && !job.Item.IsOwn
            ? EgressClass.Control
            : EgressClass.Realtime;
        if (!_link.TrySendChunk(node, item, index, job.Item.Chunks[index], duty, egressClass))
        {
            Refused++;
            return false;
        }

        Sent++;
        _freeNs += CostModel.SerialiseNs(BytesOf(item), _options.UplinkMbps);
        return true;
    }

    private int BytesOf(in ItemHeader item) =>
        ((item.Length + item.Data - 1) / Math.Max((int)item.Data, 1)) + _options.OverheadBytes;

    /// <summary>What the draws of a chunk go by: its index, or the number of its copy.</summary>
    public static int LaneOf(in ItemHeader item, byte index) => item.IsCopied ? index / item.Data : index;

    /// <summary>How many of them an item has.</summary>
    public static int LanesOf(in ItemHeader item) => item.IsCopied ? item.Total / item.Data : item.Total;

    /// <summary>The rank of a lane's root.</summary>
    public static int DrawRoot(RegionMembers members, ulong seed, int lane, int lanes, int leaderRank) =>
        members.Draw(Draws.Root(seed, lane, lanes), leaderRank);
}
