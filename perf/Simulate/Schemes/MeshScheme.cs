using Fragcast.Transport;

namespace Fragcast.Perf.Simulate.Schemes;

/// <summary>
/// Gossipsub by its specifications 1.1 and 1.2: a mesh of about eight peers each, to which a message is sent on when it
/// is checked; a heartbeat every second that tells six others which messages of the last three are there, who ask for
/// what they miss; and IDONTWANT to the mesh as soon as a message has come, which also takes back what still waits for
/// the uplink.
/// </summary>
/// <remarks>
/// The mesh is made once, of nodes that are not dead: in a network of so few changes grafting and pruning would find
/// the same. Nobody is scored.
/// </remarks>
internal sealed class MeshScheme : IScheme
{
    private const int Degree = 8;
    private const int DegreeMin = 6;
    private const int DegreeMax = 12;
    private const int LazyDegree = 6;
    private const long HeartbeatNs = 1_000_000_000;
    private const int HistoryHeartbeats = 3;

    // Telling that a message is known, without looking into it.
    private const long DuplicateNs = 2_000;

    // Bytes from which IDONTWANT is sent.
    private const int DontWantMin = 1024;

    // In the place of the number of a mesh peer: nothing takes the message back.
    private const byte Always = byte.MaxValue;

    private const ulong MeshPurpose = 17;
    private const ushort AskedBit = 0x8000;

    private Simulation _simulation = null!;
    private int[][] _mesh = [];

    // For every node and item: a bit for each mesh peer that does not want it, and whether it was asked for.
    private ushort[] _unwanted = [];
    private int[] _newest = [];
    private ulong[] _random = [];

    private enum Kind : byte
    {
        Message,
        DontWant,
        Have,
        Want,
    }

    /// <inheritdoc/>
    public string Name => "mesh";

    /// <inheritdoc/>
    public void Start(Simulation simulation)
    {
        _simulation = simulation;
        int nodes = simulation.Nodes.Length;
        _unwanted = new ushort[(long)nodes * simulation.Traffic.Count];
        _newest = new int[nodes];
        Array.Fill(_newest, -1);
        _random = new ulong[nodes];
        for (int i = 0; i < nodes; i++)
        {
            _random[i] = Draw.Stream(simulation.Config.Seed, (ulong)i, MeshPurpose);
            simulation.WakeNs[i] = 1 + Draw.Below(ref _random[i], (int)HeartbeatNs);
            simulation.DueNs[i] = simulation.OwnDueNs(i);
        }

        _mesh = MakeMesh(simulation);
    }

    /// <inheritdoc/>
    public void Publish(Lane lane, int node, int item, long nowNs)
    {
        _newest[node] = Math.Max(_newest[node], item);
        SendOn(lane, node, item, -1, nowNs);
    }

    /// <inheritdoc/>
    public long CostNs(int node, in SimMessage message) => DuplicateNs;

    /// <inheritdoc/>
    public void Receive(Lane lane, int node, in SimMessage message, long nowNs)
    {
        switch ((Kind)(message.Kind & ~Simulation.StreamKind))
        {
            case Kind.Message:
                OnMessage(lane, node, message, nowNs);
                break;
            case Kind.DontWant:
                int slot = Array.IndexOf(_mesh[node], message.From);
                if (slot >= 0) Entry(node, message.Item) |= (ushort)(1 << slot);
                break;
            case Kind.Have:
                OnHave(lane, node, message, nowNs);
                break;
            default:
                if (!_simulation.Recorder.IsDecodable(node, message.Item)) break;
                lane.Counters.Repairs++;
                Send(lane, node, message.From, message.Item, Always, nowNs);
                break;
        }
    }

    /// <inheritdoc/>
    public void Wake(Lane lane, int node, long nowNs)
    {
        lane.WakeBy(node, nowNs + HeartbeatNs);
        int newest = _newest[node];
        if (newest < 0) return;
        int history = (int)(HistoryHeartbeats * HeartbeatNs / _simulation.Config.IntervalNs) + 1;
        int first = Math.Max(0, newest - history + 1);
        for (int i = 0; i < LazyDegree; i++)
        {
            int to = Draw.Below(ref _random[node], _simulation.Nodes.Length);
            if (to == node || Array.IndexOf(_mesh[node], to) >= 0) continue;
            SimMessage message = new()
            {
                To = to,
                Item = first,
                Kind = (byte)Kind.Have,
                Index = Always,
                Data = (ulong)(newest - first + 1),

                // Message ids of twenty bytes and their tags.
                Bytes = WholeMessages.ControlBytes + (22 * (newest - first + 1)),
            };
            lane.SendStream(node, ref message, nowNs, EgressClass.Control);
        }
    }

    /// <inheritdoc/>
    public bool IsWanted(in SimMessage message) =>
        message.Index == Always || (Entry(message.From, message.Item) & (1 << message.Index)) == 0;

    /// <inheritdoc/>
    public int OverheadOf(in SimMessage message) =>
        (Kind)(message.Kind & ~Simulation.StreamKind) == Kind.Message
            ? message.Bytes - _simulation.Traffic[message.Item].Length
            : message.Bytes;

    /// <inheritdoc/>
    public void Join(Lane lane, int node, long nowNs) => lane.WakeBy(node, nowNs + HeartbeatNs);

    // Every node chooses half its peers, and is chosen by as many on average.
    private static int[][] MakeMesh(Simulation simulation)
    {
        int nodes = simulation.Nodes.Length;
        List<int>[] peers = new List<int>[nodes];
        for (int i = 0; i < nodes; i++) peers[i] = [];
        ulong random = Draw.Stream(simulation.Config.Seed, ulong.MaxValue, MeshPurpose);
        int[] live = [.. Enumerable.Range(0, nodes).Where(i => !simulation.Nodes[i].Is(NodeFlags.Dead))];
        foreach (int target in (int[])[Degree / 2, DegreeMin])
        {
            foreach (int node in live)
            {
                // A bounded number of draws: in a tiny network there may be nobody left.
                int wanted = target == DegreeMin ? target - peers[node].Count : target;
                for (int draws = 0; wanted > 0 && draws < 20 * Degree; draws++)
                {
                    int other = live[Draw.Below(ref random, live.Length)];
                    if (other == node || peers[node].Contains(other) || peers[other].Count >= DegreeMax) continue;
                    if (peers[node].Count >= DegreeMax) break;
                    peers[node].Add(other);
                    peers[other].Add(node);
                    wanted--;
                }
            }
        }

        return [.. peers.Select(list => list.ToArray())];
    }

    private void OnMessage(Lane lane, int node, in SimMessage message, long nowNs)
    {
        int length = _simulation.Traffic[message.Item].Length;
        long checkedNs = nowNs + WholeMessages.ValidationNs(length);
        if (!WholeMessages.TryTake(lane, node, message, checkedNs)) return;
        _newest[node] = Math.Max(_newest[node], message.Item);
        if (length >= DontWantMin)
        {
            foreach (int peer in _mesh[node])
            {
                if (peer == message.From) continue;
                SimMessage dontWant = new()
                {
                    To = peer,
                    Item = message.Item,
                    Kind = (byte)Kind.DontWant,
                    Index = Always,
                    Bytes = WholeMessages.ControlBytes,
                };
                lane.SendStream(node, ref dontWant, nowNs, EgressClass.Control);
            }
        }

        SendOn(lane, node, message.Item, message.From, checkedNs);
    }

    private void OnHave(Lane lane, int node, in SimMessage message, long nowNs)
    {
        for (int i = 0; i < (int)message.Data; i++)
        {
            int item = message.Item + i;
            if (_simulation.Recorder.IsDecodable(node, item) || (Entry(node, item) & AskedBit) != 0) continue;
            Entry(node, item) |= AskedBit;
            lane.Counters.RepairRequests++;
            SimMessage want = new()
            {
                To = message.From,
                Item = item,
                Kind = (byte)Kind.Want,
                Index = Always,
                Bytes = WholeMessages.ControlBytes,
            };
            lane.SendStream(node, ref want, nowNs, EgressClass.Control);
        }
    }

    private void SendOn(Lane lane, int node, int item, int except, long nowNs)
    {
        int[] peers = _mesh[node];
        ushort unwanted = Entry(node, item);
        for (int slot = 0; slot < peers.Length; slot++)
        {
            if (peers[slot] != except && (unwanted & (1 << slot)) == 0)
                Send(lane, node, peers[slot], item, (byte)slot, nowNs);
        }
    }

    private void Send(Lane lane, int node, int to, int item, byte slot, long nowNs)
    {
        SimMessage message = WholeMessages.Of(_simulation, item, to);
        message.Index = slot;
        lane.SendStream(node, ref message, nowNs);
    }

    private ref ushort Entry(int node, int item) => ref _unwanted[((long)node * _simulation.Traffic.Count) + item];
}
