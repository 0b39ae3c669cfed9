using System.Diagnostics;
using System.Numerics;

namespace Fragcast.Perf.Simulate;

/// <summary>
/// One run of a scheme over the modelled network: time goes on in windows as long as the largest power of two of
/// nanoseconds below the shortest way between two nodes, on one thread for each lane. After every window the lanes wait
/// for each other; nothing else is shared.
/// </summary>
internal sealed class Simulation
{
    /// <summary>A bit of <see cref="SimMessage.Kind"/>: the message goes on a stream.</summary>
    public const byte StreamKind = 0x80;

    /// <summary>Bytes of a full packet of a stream on the wire.</summary>
    public const int PacketBytes = 1400;

    /// <summary>How much less a slow node has of everything.</summary>
    public const int SlowFactor = 10;

    // What streams of random numbers are for.
    private const ulong NetworkPurpose = 1;
    private const ulong BurstPurpose = 2;
    private const ulong RolePurpose = 3;

    private readonly int[] _nextItem;
    private readonly long[] _turnNs;
    private readonly ulong[] _churnRandom;
    private readonly List<long>?[] _changes;

    public Simulation(SimConfig config, IScheme scheme)
    {
        Config = config;
        Scheme = scheme;
        Regions = RegionTable.Load(config.Regions);
        WindowBits = BitOperations.Log2((ulong)Regions.LeastNs);
        Traffic = new Traffic(config);
        Recorder = new Recorder(config.Nodes, Traffic.Count);
        int nodes = config.Nodes;
        Nodes = new SimNode[nodes];
        RegionOf = new byte[nodes];
        LaneOf = new byte[nodes];
        UpCosts = new int[nodes];
        Queues = new EgressQueue?[nodes];
        DueNs = new long[nodes];
        WakeNs = new long[nodes];
        PublishNs = new long[nodes];
        _nextItem = new int[config.Leaders];
        _turnNs = new long[config.Leaders];
        _churnRandom = config.Churn > 0 ? new ulong[nodes] : [];
        _changes = new List<long>?[nodes];
        if (config.Churn > 0) ToggleNs = new long[nodes];
        if (config is { BurstNs: > 0, Loss: > 0 }) Bursts = new LossBursts[nodes];
        LaneCount = Math.Clamp(config.Threads, 1, nodes);
        for (int i = 0; i < nodes; i++) MakeNode(i);
        for (int i = 0; i < nodes; i++) DueNs[i] = OwnDueNs(i);
        Lanes = new Lane[LaneCount];
        for (int i = 0; i < LaneCount; i++)
        {
            int first = (int)((long)nodes * i / LaneCount);
            int end = (int)((long)nodes * (i + 1) / LaneCount);
            Lanes[i] = new Lane(this, i, first, end - first);
            LaneOf.AsSpan(first, end - first).Fill((byte)i);
        }

        EndNs = (Traffic.Count * config.IntervalNs) + config.TailNs;
    }

    public SimConfig Config { get; }

    public IScheme Scheme { get; }

    public RegionTable Regions { get; }

    public Traffic Traffic { get; }

    public Recorder Recorder { get; }

    public BlockPool Blocks { get; } = new();

    public Lane[] Lanes { get; }

    public int LaneCount { get; }

    /// <summary>A window is two to this power nanoseconds long.</summary>
    public int WindowBits { get; }

    /// <summary>When all is over.</summary>
    public long EndNs { get; }

    public SimNode[] Nodes { get; }

    /// <summary>Region of a node: what others read, apart from what its lane writes.</summary>
    public byte[] RegionOf { get; }

    /// <summary>Lane of a node.</summary>
    public byte[] LaneOf { get; }

    /// <summary>A node's <see cref="SimNode.UpCost"/>, for its receivers.</summary>
    public int[] UpCosts { get; }

    /// <summary>What waits for a node's uplink; null while nothing ever has.</summary>
    public EgressQueue?[] Queues { get; }

    /// <summary>When a node has to be looked at, messages apart.</summary>
    public long[] DueNs { get; }

    /// <summary>When the scheme wants to be woken for a node.</summary>
    public long[] WakeNs { get; }

    /// <summary>When a leader is to publish.</summary>
    public long[] PublishNs { get; }

    /// <summary>When a node comes or goes; null if none does.</summary>
    public long[]? ToggleNs { get; }

    /// <summary>The nodes' lines; null where losses are uniform.</summary>
    public LossBursts[]? Bursts { get; }

    /// <summary>The sum over all lanes, when the run is over.</summary>
    public LaneCounters Total()
    {
        LaneCounters total = new();
        foreach (Lane lane in Lanes) total.Add(lane.Counters);
        return total;
    }

    /// <summary>Runs to the end.</summary>
    /// <param name="progress">Called now and then with the time that has passed in the simulation, in
    /// nanoseconds.</param>
    public void Run(Action<long>? progress = null)
    {
        Scheme.Start(this);
        long windows = (EndNs >> WindowBits) + 1;
        Exception? failure = null;
        using Barrier barrier = new(LaneCount);
        Thread[] threads = new Thread[LaneCount - 1];
        for (int i = 0; i < threads.Length; i++)
        {
            Lane lane = Lanes[i + 1];
            threads[i] = new Thread(() => RunLane(lane, windows, barrier, null, ref failure))
            {
                Name = $"simulate-{i + 1}", IsBackground = true,
            };
            threads[i].Start();
        }

        RunLane(Lanes[0], windows, barrier, progress, ref failure);
        foreach (Thread thread in threads) thread.Join();
        if (failure is not null) throw new InvalidOperationException("A lane failed.", failure);
    }

    /// <summary>The next thing that a node does of itself.</summary>
    public long OwnDueNs(int node)
    {
        long dueNs = Math.Min(WakeNs[node], PublishNs[node]);
        return ToggleNs is { } toggles ? Math.Min(dueNs, toggles[node]) : dueNs;
    }

    /// <summary>The queue of a node's uplink.</summary>
    public EgressQueue QueueOf(int node) => Queues[node] ??= new EgressQueue();

    /// <summary>From a region to another and back, without jitter.</summary>
    public long RoundTripNs(int from, int to) => Regions.FloorNs(from, to) + Regions.FloorNs(to, from);

    /// <summary>Whether a node is not only honest but had all that it needs to get an item in time.</summary>
    public bool IsCounted(int node, int item)
    {
        ref SimNode state = ref Nodes[node];
        ref SimItem published = ref Traffic[item];
        if (state.Is(NodeFlags.Dead | NodeFlags.Byzantine) || published.Leader == node) return false;
        if (published.PublishedNs == long.MaxValue) return false;
        if (_changes[node] is not { } changes) return true;

        // There from the item's publication until a second later.
        long from = published.PublishedNs;
        int before = 0;
        foreach (long change in changes)
        {
            if (change >= from + 1_000_000_000) break;
            if (change > from) return false;
            before++;
        }

        return (before & 1) == 0;
    }

    /// <summary>A leader's time has come to publish.</summary>
    public void Publish(Lane lane, int node, long nowNs)
    {
        int item = _nextItem[node];
        ref SimItem published = ref Traffic[item];
        published.PublishedNs = nowNs;
        if (published.IsFirst || item == 0) _turnNs[node] = nowNs;
        Recorder.MarkFirst(node, item, 0);
        Recorder.MarkDecodable(node, item, 0);
        _nextItem[node] = Traffic.NextOf(node, item);
        PlanPublish(node);
        Scheme.Publish(lane, node, item, nowNs);
    }

    /// <summary>A leader can put an item together; it may be what it waited for to begin its turn.</summary>
    public void OnLeaderHas(int node, int item, long nowNs)
    {
        int next = _nextItem[node];
        if (next == item + 1 && Traffic[next].IsFirst) PublishNs[node] = Math.Max(Traffic.DueNs(next, nowNs), nowNs);
    }

    /// <summary>How much later a message arrives because the leader that sent it had to shake hands first.</summary>
    public long HandshakeNs(int from, int to, long arrivalNs)
    {
        if (!Nodes[from].Is(NodeFlags.Leader)) return 0;
        long readyNs = _turnNs[from] + (5 * RoundTripNs(RegionOf[from], RegionOf[to]) / 2);
        return _turnNs[from] == 0 ? 0 : Math.Max(0, readyNs - arrivalNs);
    }

    /// <summary>A node leaves or comes back.</summary>
    public void Toggle(Lane lane, int node, long nowNs)
    {
        ref SimNode state = ref Nodes[node];
        state.Flags ^= NodeFlags.Away;
        bool isAway = state.Is(NodeFlags.Away);
        (_changes[node] ??= []).Add(nowNs);
        ToggleNs![node] = nowNs + ChurnNs(node, isAway ? Config.ChurnDownNs : Config.ChurnUpNs);
        if (isAway)
        {
            WakeNs[node] = long.MaxValue;
            Queues[node]?.Clear();
        }
        else
        {
            state.BusyNs = Math.Max(state.BusyNs, nowNs);
            Scheme.Join(lane, node, nowNs);
        }
    }

    private void PlanPublish(int node)
    {
        int next = _nextItem[node];
        if (next < 0)
        {
            PublishNs[node] = long.MaxValue;
            return;
        }

        long hadNs = long.MaxValue;
        if (Traffic[next].IsFirst && Recorder.DecodableNs(node, next - 1) is >= 0 and var afterNs)
            hadNs = Traffic[next - 1].PublishedNs + afterNs;
        PublishNs[node] = Traffic.DueNs(next, hadNs);
    }

    private void MakeNode(int number)
    {
        bool isLeader = number < Config.Leaders;
        ref SimNode node = ref Nodes[number];
        node.Random = Draw.Stream(Config.Seed, (ulong)number, NetworkPurpose);
        node.Region = (byte)((number + Config.FirstRegion) % Config.Regions);
        node.UpCost = SimNode.CostOf(isLeader ? Config.LeaderMbps : Config.UplinkMbps);
        node.DownCost = SimNode.CostOf(isLeader ? Config.LeaderMbps : Config.DownlinkMbps);
        ulong roles = Draw.Stream(Config.Seed, (ulong)number, RolePurpose);
        if (isLeader)
        {
            node.Flags = NodeFlags.Leader;
        }
        else if (Draw.Unit(ref roles) < Config.Dead)
        {
            node.Flags = NodeFlags.Dead;
        }
        else
        {
            if (Draw.Unit(ref roles) < Config.Slow) node.Flags |= NodeFlags.Slow;
            if (Draw.Unit(ref roles) < Config.Churn) node.Flags |= NodeFlags.Churns;
            if (Draw.Unit(ref roles) < Config.Byzantine) node.Flags |= NodeFlags.Byzantine;
        }

        if (isLeader && number == 0 && Config.Misdeed == Misdeed.Equivocate) node.Flags |= NodeFlags.Byzantine;
        if (node.Is(NodeFlags.Slow))
        {
            node.UpCost *= SlowFactor;
            node.DownCost *= SlowFactor;
        }

        RegionOf[number] = node.Region;
        UpCosts[number] = node.UpCost;
        WakeNs[number] = PublishNs[number] = long.MaxValue;
        if (ToggleNs is { } toggles)
        {
            _churnRandom[number] = roles;
            toggles[number] =
                node.Is(NodeFlags.Churns) ? ChurnNs(number, Config.ChurnUpNs) : long.MaxValue;
        }

        if (Bursts is { } bursts)
        {
            bursts[number] = new LossBursts(
                Config.Loss, Config.BurstNs, Draw.Stream(Config.Seed, (ulong)number, BurstPurpose));
        }

        if (!isLeader) return;
        _nextItem[number] = Traffic.FirstOf(number);
        PlanPublish(number);
    }

    private long ChurnNs(int node, long meanNs) =>
        Draw.ExponentialOf((uint)(Draw.Next(ref _churnRandom[node]) >> 33), meanNs) + 1;

    private void RunLane(Lane lane, long windows, Barrier barrier, Action<long>? progress, ref Exception? failure)
    {
        long reportedAt = Stopwatch.GetTimestamp();
        for (long window = 0; window < windows; window++)
        {
            try
            {
                if (Volatile.Read(ref failure) is null) lane.Run(window);
            }
            catch (Exception error)
            {
                // Kept for the thread that runs the simulation, which throws it; the others must not wait for this one.
                Interlocked.CompareExchange(ref failure, error, null);
            }

            barrier.SignalAndWait();
            if (Volatile.Read(ref failure) is not null) return;
            if (progress is null || Stopwatch.GetElapsedTime(reportedAt) < TimeSpan.FromSeconds(0.5)) continue;
            reportedAt = Stopwatch.GetTimestamp();
            progress(window << WindowBits);
        }
    }
}
