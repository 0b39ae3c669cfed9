using System.Collections.Concurrent;
using Fragcast.Gossip.Broadcast;
using Fragcast.Gossip.Chunks;
using Fragcast.Gossip.Wire;
using Fragcast.Transport;

namespace Fragcast.Perf.Simulate.Schemes;

/// <summary>
/// The production core: <see cref="BroadcastCore{TChunk, TLink}"/>, one for each node. What stands in for the rest of a
/// node is little: a chunk is its index, its proof is a bit that says whether it holds, and time for it.
/// </summary>
internal sealed class FragcastScheme : IScheme
{
    // What chunks cost a processor: the leader's signature with the first of an item, then hashing a branch, or just
    // looking that it was there. Measured by "fragcast-perf chunks": 47 us, and 1.5 us with what a node does besides.
    private const long SignatureNs = 47_000;
    private const long ProofNs = 2_000;
    private const long ControlNs = 1_000;

    // A datagram of 1,330 bytes on the wire, which Ethernet and the tunnels of clouds carry.
    private const int ChunkBytesMax = 1_015;

    // Chunks of a frag of 32 KiB, about: what a proof's length goes by.
    private const int UsualTotal = 120;

    // Coding and hashing the chunks and signing the root, before the first chunk leaves; measured by the same.
    private const long SigningNs = 104_000;

    // How long a block lasts where leaders do not take turns.
    private const long BlockNs = 2_000_000_000;

    // Blocks that a node takes for not yet committed.
    private const int OpenBlocks = 2;

    private const int RequestBytes = 144;
    private const int ReportBytes = 96;
    private const ulong PositionPurpose = 18;
    private const ulong MisdeedPurpose = 19;

    private readonly ConcurrentDictionary<ulong, RepairRequest> _requests = [];
    private Simulation _simulation = null!;
    private NodeAdapter[] _nodes = [];
    private ItemHeader[] _headers = [];
    private int[] _firstOfBlock = [];
    private int[] _chunks = [];
    private int _overhead;

    /// <inheritdoc/>
    public string Name => "fragcast";

    /// <summary>The run.</summary>
    public Simulation Simulation => _simulation;

    /// <summary>The map that all nodes have.</summary>
    public NetworkMap Map { get; private set; } = null!;

    /// <summary>Settings of ordinary nodes.</summary>
    public BroadcastOptions Options { get; private set; } = null!;

    /// <summary>Settings of leaders.</summary>
    public BroadcastOptions LeaderOptions { get; private set; } = null!;

    /// <inheritdoc/>
    public void Start(Simulation simulation)
    {
        _simulation = simulation;
        SimConfig config = simulation.Config;
        Options = new BroadcastOptions
        {
            NetworkId = config.Seed,
            UplinkMbps = config.UplinkMbps,
            ChunkBytesMax = ChunkBytesMax,
            OverheadBytes = ChunkLayout.Overhead(UsualTotal) + BroadcastOptions.PacketBytes,
        };
        LeaderOptions = Options with { UplinkMbps = config.LeaderMbps };
        _overhead = Options.OverheadBytes;
        _chunks = [.. Enumerable.Range(0, byte.MaxValue + 1)];
        MapNode[] entries = new MapNode[config.Nodes];
        for (int i = 0; i < entries.Length; i++)
        {
            uint position = (uint)(Draw.Stream(config.Seed, (ulong)i, PositionPurpose) >> 32);
            int mbps = i < config.Leaders ? config.LeaderMbps : config.UplinkMbps;
            entries[i] = new MapNode(i, position, simulation.RegionOf[i], mbps);
        }

        Map = new NetworkMap(entries, new RegionLatencies(simulation.Regions.ToMatrix()));
        PlaceItems();
        _nodes = new NodeAdapter[config.Nodes];
        for (int i = 0; i < _nodes.Length; i++)
        {
            ulong random = Draw.Stream(config.Seed, (ulong)i, MisdeedPurpose);
            _nodes[i] = new NodeAdapter(this, i, random);
        }
    }

    /// <inheritdoc/>
    public void Publish(Lane lane, int node, int item, long nowNs)
    {
        nowNs += SigningNs;
        SimConfig config = _simulation.Config;
        NodeAdapter adapter = _nodes[node].Enter(lane, nowNs);
        ref SimItem published = ref _simulation.Traffic[item];
        BroadcastPlan plan = adapter.Core.PlanFor(published.Length);
        published.Data = plan.Data;
        published.Total = plan.Total;
        ItemHeader header = _headers[item] with { Data = plan.Data, Total = plan.Total };
        _headers[item] = header;
        // One that leads always is followed by nobody.
        int others = config.RotateNs == 0 ? 0 : config.Leaders - 1;
        Span<int> next = stackalloc int[Math.Min(Options.NextLeaders, others)];
        for (int i = 0; i < next.Length; i++) next[i] = (node + 1 + i) % config.Leaders;
        adapter.AdvanceHead(header.Place.Block);
        adapter.Core.Publish(header, _chunks.AsSpan(0, plan.Total), plan, next, nowNs);
        adapter.Leave();
    }

    /// <inheritdoc/>
    public long CostNs(int node, in SimMessage message) =>
        (ChunkKind)(message.Kind & ChunkCodec.KindMask) >= ChunkKind.Request ? ControlNs
        : _simulation.Recorder.FirstNs(node, message.Item) < 0 ? ProofNs + SignatureNs
        : ProofNs;

    /// <inheritdoc/>
    public void Receive(Lane lane, int node, in SimMessage message, long nowNs)
    {
        NodeAdapter adapter = _nodes[node].Enter(lane, nowNs);
        switch ((ChunkKind)(message.Kind & ChunkCodec.KindMask))
        {
            case ChunkKind.Request:
                if (_requests.TryRemove(KeyOf(message), out RepairRequest request))
                    adapter.Core.OnRepairRequest(message.From, request, nowNs);
                break;
            case ChunkKind.Report:
                adapter.Core.OnReception(
                    message.From,
                    new ReceptionReport(message.Index, (uint)(message.Data >> 32), (uint)message.Data),
                    nowNs);
                break;
            default:
                adapter.OnChunk(message);
                break;
        }

        adapter.Leave();
    }

    /// <inheritdoc/>
    public void Wake(Lane lane, int node, long nowNs)
    {
        NodeAdapter adapter = _nodes[node].Enter(lane, nowNs);
        adapter.Core.Tick(nowNs);
        adapter.Leave();
    }

    /// <inheritdoc/>
    public void OnLost(in SimMessage message)
    {
        if ((ChunkKind)(message.Kind & ChunkCodec.KindMask) == ChunkKind.Request)
            _requests.TryRemove(KeyOf(message), out _);
    }

    /// <inheritdoc/>
    public int OverheadOf(in SimMessage message) =>
        (ChunkKind)(message.Kind & ChunkCodec.KindMask) < ChunkKind.Request ? _overhead : message.Bytes;

    /// <inheritdoc/>
    public void Join(Lane lane, int node, long nowNs)
    {
        int last = (int)Math.Min(nowNs / _simulation.Config.IntervalNs, _headers.Length - 1);
        _nodes[node].Restart(_headers[last].Place.Block);
    }

    /// <inheritdoc/>
    public void Finish(LaneCounters total)
    {
        foreach (NodeAdapter node in _nodes)
        {
            total.RelaysGivenUp += node.Core.Counters.ChunksDropped;
            total.RepairsGivenUp += node.Core.Counters.RepairGivenUp;
        }
    }

    /// <summary>The header of an item; of the other one for its place, where its leader signed two.</summary>
    public ItemHeader HeaderOf(int item, bool isOther) =>
        isOther ? _headers[item] with { Tag = _headers[item].Tag | 1 } : _headers[item];

    /// <summary>The item of a place, or -1.</summary>
    public int ItemOf(in ItemPlace place)
    {
        if (place.Block == 0 || place.Block > (ulong)_firstOfBlock.Length) return -1;
        long within = place.Kind == EnvelopeKind.Env ? 0 : (long)place.Sequence + 1;
        long item = _firstOfBlock[place.Block - 1] + within;
        return item < _headers.Length ? (int)item : -1;
    }

    /// <summary>Who leads a block; blocks count from 1, turns from 0.</summary>
    public int LeaderOf(ulong block) => block == 0 || block > (ulong)_firstOfBlock.Length
        ? -1
        : _simulation.Traffic[_firstOfBlock[block - 1]].Leader;

    /// <summary>Bytes of a chunk on the wire.</summary>
    public int ChunkBytes(in ItemHeader item) => ((item.Length + item.Data - 1) / item.Data) + _overhead;

    /// <summary>Sends a request; its contents wait here for the receiver.</summary>
    public bool TrySendRequest(Lane lane, int node, int to, in RepairRequest request, long nowNs)
    {
        // The number that the message will get; there before it can arrive.
        ulong key = ((ulong)(uint)node << 32) | _simulation.Nodes[node].Sent;
        _requests[key] = request;
        lane.Counters.RepairRequests++;
        SimMessage message = new()
        {
            To = to,
            Item = Math.Max(ItemOf(request.Place), 0),
            Kind = (byte)ChunkKind.Request,
            Bytes = RequestBytes,
        };
        if (lane.TrySend(node, ref message, EgressClass.Control, nowNs)) return true;
        _requests.TryRemove(key, out _);
        return false;
    }

    /// <summary>Sends a report.</summary>
    public static bool TrySendReport(Lane lane, int node, int to, in ReceptionReport report, long nowNs)
    {
        SimMessage message = new()
        {
            To = to,
            Kind = (byte)ChunkKind.Report,
            Index = report.Region,
            Data = ((ulong)report.Items << 32) | report.Late,
            Bytes = ReportBytes,
        };
        return lane.TrySend(node, ref message, EgressClass.Control, nowNs);
    }

    private static ulong KeyOf(in SimMessage message) => ((ulong)(uint)message.From << 32) | message.Sequence;

    // A turn is a block, or two seconds are. The first item of a block stands for its Env, the others are its frags.
    private void PlaceItems()
    {
        SimConfig config = _simulation.Config;
        int perBlock = (int)Math.Max(1, BlockNs / config.IntervalNs);
        _headers = new ItemHeader[_simulation.Traffic.Count];
        List<int> firsts = [];
        for (int item = 0; item < _headers.Length; item++)
        {
            bool isFirst = config.RotateNs != 0
                ? item == 0 || _simulation.Traffic[item].IsFirst
                : item % perBlock == 0;
            if (isFirst) firsts.Add(item);
            int within = item - firsts[^1];
            ItemPlace place = new(
                0,
                (ulong)firsts.Count,
                (ulong)Math.Max(within - 1, 0),
                within == 0 ? EnvelopeKind.Env : EnvelopeKind.Frag);
            _headers[item] = new ItemHeader(
                place, ((ulong)item + 1) << 1, _simulation.Traffic[item].Length, 0, 0);
        }

        _firstOfBlock = [.. firsts];
    }

    /// <summary>What a node takes for committed when it knows of a block.</summary>
    public static ulong HeadBefore(ulong block) => block > OpenBlocks ? block - OpenBlocks : 0;
}
