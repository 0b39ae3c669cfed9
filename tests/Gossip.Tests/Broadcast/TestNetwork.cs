using Fragcast.Gossip.Broadcast;
using Fragcast.Gossip.Wire;
using Fragcast.Transport;

namespace Fragcast.Gossip.Tests.Broadcast;

/// <summary>
/// Broadcast cores joined by a network of fixed latencies, without bandwidth; loses what it is told to.
/// </summary>
internal sealed class TestNetwork
{
    public const ulong NetworkId = 7;

    private readonly PriorityQueue<Action, (long AtNs, long Order)> _events = new();
    private readonly List<BroadcastCore<int, Link>> _cores = [];
    private readonly long[] _wakeNs;
    private long _order;

    public TestNetwork(NetworkMap map, BroadcastOptions? options = null)
    {
        Map = map;
        _wakeNs = new long[map.Numbers];
        for (int node = 0; node < map.Numbers; node++)
        {
            Received.Add([]);
            _cores.Add(new BroadcastCore<int, Link>(
                options ?? new BroadcastOptions { NetworkId = NetworkId, UplinkMbps = 1000 }, new Link(this, node), map,
                node));
        }
    }

    public NetworkMap Map { get; }

    public long NowNs { get; private set; }

    public int Leader { get; set; }

    /// <summary>Whether the network loses a chunk on its way.</summary>
    public Func<int, int, ItemHeader, byte, bool> Loses { get; set; } = (_, _, _, _) => false;

    public List<HashSet<ItemHeader>> Received { get; } = [];

    public List<(int At, int From, Refusal Reason)> Misbehaviours { get; } = [];

    public List<(int At, ItemHeader First, ItemHeader Second)> Equivocations { get; } = [];

    public Dictionary<(int From, int To), int> Chunks { get; } = [];

    public int Requests { get; private set; }

    public int Released { get; private set; }

    public BroadcastCore<int, Link> this[int node] => _cores[node];

    public static NetworkMap MapOf(params int[] membersPerRegion)
    {
        var nodes = new List<MapNode>();
        for (int region = 0; region < membersPerRegion.Length; region++)
        {
            for (int i = 0; i < membersPerRegion[region]; i++)
            {
                uint position = (uint)(Draws.Mix((ulong)nodes.Count) >> 32);
                nodes.Add(new MapNode(nodes.Count, position, (byte)region, 1000));
            }
        }

        long[,] latencies = new long[membersPerRegion.Length, membersPerRegion.Length];
        for (int from = 0; from < membersPerRegion.Length; from++)
        {
            for (int to = 0; to < membersPerRegion.Length; to++)
            {
                latencies[from, to] = from == to ? 1_000_000 : (20 + (10 * Math.Abs(from - to))) * 1_000_000L;
            }
        }

        return new NetworkMap(nodes, new RegionLatencies(latencies));
    }

    public static ItemPlace Frag(ulong block, ulong sequence) => new(0, block, sequence, EnvelopeKind.Frag);

    /// <summary>The leader publishes a message of a length; returns its header.</summary>
    public ItemHeader Publish(ItemPlace place, int length, ulong tag = 1, params int[] nextLeaders)
    {
        BroadcastPlan plan = this[Leader].PlanFor(length);
        var item = new ItemHeader(place, tag, length, plan.Data, plan.Total);
        int[] chunks = Enumerable.Range(0, plan.Total).ToArray();
        this[Leader].Publish(item, chunks, plan, nextLeaders, NowNs);
        Wake(Leader);
        return item;
    }

    /// <summary>A chunk comes to a node from another, whatever that one's core says.</summary>
    public void Inject(int from, int to, ItemHeader item, byte index, Duty duty, bool isRepair = false)
    {
        if (this[to].Screen(item.Place, item.Tag, index, !duty.IsNone) == Refusal.None)
        {
            this[to].OnChunk(from, item, index, duty, index, isRepair, NowNs);
        }

        Wake(to);
    }

    public void InjectRequest(int from, int to, RepairRequest request)
    {
        this[to].OnRepairRequest(from, request, NowNs);
        Wake(to);
    }

    /// <summary>Runs until nothing happens any more, or for so long.</summary>
    public void Run(long forNs)
    {
        long endNs = NowNs + forNs;
        while (_events.TryPeek(out Action? action, out (long AtNs, long Order) key) && key.AtNs <= endNs)
        {
            _events.Dequeue();
            NowNs = key.AtNs;
            action();
        }

        NowNs = endNs;
    }

    public int CountWith(ItemHeader item) => Received.Count(items => items.Contains(item));

    private void Wake(int node)
    {
        long dueNs = this[node].DueNs;
        if (dueNs == long.MaxValue || (_wakeNs[node] > NowNs && _wakeNs[node] <= dueNs))
        {
            return;
        }

        _wakeNs[node] = Math.Max(dueNs, NowNs + 1);
        At(_wakeNs[node], () =>
        {
            if (_wakeNs[node] == NowNs)
            {
                this[node].Tick(NowNs);
                Wake(node);
            }
        });
    }

    private void At(long atNs, Action action) => _events.Enqueue(action, (atNs, _order++));

    private long LatencyNs(int from, int to)
    {
        Map.TryGet(from, out MapNode source);
        Map.TryGet(to, out MapNode target);
        return Map.Latencies.OneWayNs(source.Region, target.Region);
    }

    internal readonly struct Link(TestNetwork network, int self) : IBroadcastLink<int>
    {
        public bool TryGetLeader(in ItemPlace place, out int node, out ulong key)
        {
            node = network.Leader;
            key = 11;
            return true;
        }

        public bool TrySendChunk(
            int node, in ItemHeader item, byte index, int chunk, in Duty duty, EgressClass egressClass)
        {
            int from = self;
            TestNetwork net = network;
            net.Chunks[(from, node)] = net.Chunks.GetValueOrDefault((from, node)) + 1;
            ItemHeader header = item;
            Duty theirs = duty;
            if (!net.Loses(from, node, header, index))
            {
                net.At(
                    net.NowNs + net.LatencyNs(from, node),
                    () => net.Inject(from, node, header, index, theirs, egressClass == EgressClass.Control));
            }

            return true;
        }

        public bool TrySendRepairRequest(int node, in RepairRequest request)
        {
            int from = self;
            TestNetwork net = network;
            RepairRequest copy = request;
            net.Requests++;
            net.At(net.NowNs + net.LatencyNs(from, node), () => net.InjectRequest(from, node, copy));
            return true;
        }

        public bool TrySendReception(int node, in ReceptionReport report)
        {
            network[node].OnReception(self, report, network.NowNs);
            return true;
        }

        public void OnDecodable(in ItemHeader item, ReadOnlySpan<int> chunks, in ChunkSet have)
        {
            Assert.True(network.Received[self].Add(item), "an item is complete once");
            for (int i = 0; i < item.Total; i++)
            {
                Assert.True(!have.Contains((byte)i) || chunks[i] == i, "the chunk at its index");
            }
        }

        public bool TryMakeChunk(
            in ItemHeader item, ReadOnlySpan<int> chunks, in ChunkSet have, byte index, out int made)
        {
            made = index;
            return true;
        }

        public void OnEquivocation(in ItemHeader first, int ofFirst, in ItemHeader second, int ofSecond) =>
            network.Equivocations.Add((self, first, second));

        public void OnMisbehaviour(int node, Refusal reason) => network.Misbehaviours.Add((self, node, reason));

        public void Release(int chunk) => network.Released++;
    }
}
