using Fragcast.Gossip;
using Fragcast.Gossip.Broadcast;
using Fragcast.Transport;

namespace Fragcast.Perf.Simulate.Schemes;

/// <summary>One node around its core, honest or not.</summary>
internal sealed class NodeAdapter
{
    // What a byzantine node does for each chunk that it gets.
    private const int FalseDutiesPerChunk = 4;
    private const int RequestsPerChunk = 2;

    private readonly FragcastScheme _scheme;
    private readonly int _self;
    private readonly bool _isByzantine;
    private readonly Misdeed _misdeed;
    private ulong _random;
    private ulong _head;
    private Lane _lane = null!;
    private long _nowNs;

    public NodeAdapter(FragcastScheme scheme, int self, ulong random)
    {
        _scheme = scheme;
        _self = self;
        _random = random;
        _isByzantine = scheme.Simulation.Nodes[self].Is(NodeFlags.Byzantine);
        _misdeed = _isByzantine ? scheme.Simulation.Config.Misdeed : Misdeed.None;
        Core = MakeCore();
    }

    /// <summary>The production code.</summary>
    public BroadcastCore<int, Link> Core { get; private set; }

    /// <summary>Something happens to the node.</summary>
    public NodeAdapter Enter(Lane lane, long nowNs)
    {
        _lane = lane;
        _nowNs = nowNs;
        return this;
    }

    /// <summary>It is over: from now on the core waits for what it says it does.</summary>
    public void Leave() => _lane.Simulation.WakeNs[_self] = Math.Max(Core.DueNs, _nowNs + 1);

    /// <summary>The node is back, with an empty core.</summary>
    public void Restart(ulong block)
    {
        Core = MakeCore();
        _head = FragcastScheme.HeadBefore(block);
        Core.SetHead(0, _head);
    }

    /// <summary>The node knows of a block.</summary>
    public void AdvanceHead(ulong block)
    {
        ulong head = FragcastScheme.HeadBefore(block);
        if (head <= _head) return;
        _head = head;
        Core.SetHead(0, head);
    }

    /// <summary>A chunk came in.</summary>
    public void OnChunk(in SimMessage message)
    {
        Duty duty = ChunkCodec.DutyOf(message);
        ItemHeader item = _scheme.HeaderOf(message.Item, (message.Kind & ChunkCodec.OtherBit) != 0);
        _lane.Counters.ItemBytes += message.Bytes;
        bool isKnown = _scheme.Simulation.Recorder.FirstNs(_self, message.Item) >= 0;
        Refusal refusal = Core.Screen(item.Place, isKnown ? item.Tag : 0, message.Index, !duty.IsNone);
        if (refusal != Refusal.None) return;
        if ((message.Kind & ChunkCodec.WrongBit) != 0)
        {
            CountMisbehaviour(message.From);
            return;
        }

        _lane.MarkFirst(_self, message.Item, _nowNs);
        bool isRepair = (message.Kind & ChunkCodec.RepairBit) != 0;
        Core.OnChunk(message.From, item, message.Index, duty, message.Index, isRepair, _nowNs);
        if (_misdeed != Misdeed.None) Misbehave(message, item);
    }

    private BroadcastCore<int, Link> MakeCore() => new(
        _self < _scheme.Simulation.Config.Leaders ? _scheme.LeaderOptions : _scheme.Options,
        new Link(this),
        _scheme.Map,
        _self);

    private void Misbehave(in SimMessage message, in ItemHeader item)
    {
        int nodes = _scheme.Simulation.Nodes.Length;
        switch (_misdeed)
        {
            case Misdeed.FalseDuties:
                for (int i = 0; i < FalseDutiesPerChunk; i++)
                {
                    Duty duty = i % 2 == 0 ? new Duty(_scheme.Map.Present, 0, 0) : new Duty(0, 0, uint.MaxValue);
                    Send(Draw.Below(ref _random, nodes), item, message.Index, duty, EgressClass.Realtime);
                }

                break;
            case Misdeed.AskAgain:
                for (int i = 0; i < RequestsPerChunk; i++)
                {
                    int to = Draw.Below(ref _random, nodes);
                    RepairRequest request = new(item.Place, item.Tag, byte.MaxValue, default);
                    if (to != _self) _scheme.TrySendRequest(_lane, _self, to, request, _nowNs);
                }

                break;
            default:
                break;
        }
    }

    private bool Send(int node, in ItemHeader item, byte index, in Duty duty, EgressClass egressClass)
    {
        if (_misdeed == Misdeed.Withhold) return true;
        if (node == _self) return false;
        bool isRepair = egressClass == EgressClass.Control;
        SimMessage message = new()
        {
            To = node,
            Item = (int)(item.Tag >> 1) - 1,
            Index = index,
            Kind = isRepair ? ChunkCodec.RepairBit : (byte)0,
            Bytes = _scheme.ChunkBytes(item),
        };
        ChunkCodec.Put(ref message, duty);
        if (_misdeed == Misdeed.WrongChunks) message.Kind |= ChunkCodec.WrongBit;
        if ((item.Tag & 1) != 0 || (_misdeed == Misdeed.Equivocate && node % 2 != 0))
            message.Kind |= ChunkCodec.OtherBit;
        if (isRepair) _lane.Counters.Repairs++;
        return _lane.TrySend(_self, ref message, egressClass, _nowNs);
    }

    private void CountMisbehaviour(int node)
    {
        if (_isByzantine) return;
        _lane.Counters.Misbehaviours++;
        if (!_scheme.Simulation.Nodes[node].Is(NodeFlags.Byzantine)) _lane.Counters.FalseAccusations++;
    }

    private void OnDecodable(in ItemHeader item)
    {
        int number = (int)(item.Tag >> 1) - 1;
        if (!_lane.MarkDecodable(_self, number, _nowNs)) return;
        _lane.Counters.NeededBytes += (long)item.Data * _scheme.ChunkBytes(item);
        AdvanceHead(item.Place.Block);
    }

    /// <summary>The core's outside.</summary>
    internal readonly struct Link(NodeAdapter node) : IBroadcastLink<int>
    {
        /// <inheritdoc/>
        public bool TryGetLeader(in ItemPlace place, out int number, out ulong key)
        {
            number = node._scheme.LeaderOf(place.Block);
            key = (ulong)number;
            return number >= 0;
        }

        /// <inheritdoc/>
        public bool TrySendChunk(
            int to, in ItemHeader item, byte index, int chunk, in Duty duty, EgressClass egressClass) =>
            node.Send(to, item, index, duty, egressClass);

        /// <inheritdoc/>
        public bool TrySendRepairRequest(int to, in RepairRequest request) =>
            node._scheme.TrySendRequest(node._lane, node._self, to, request, node._nowNs);

        /// <inheritdoc/>
        public bool TrySendReception(int to, in ReceptionReport report) =>
            FragcastScheme.TrySendReport(node._lane, node._self, to, report, node._nowNs);

        /// <inheritdoc/>
        public void OnDecodable(in ItemHeader item, ReadOnlySpan<int> chunks, in ChunkSet have) =>
            node.OnDecodable(item);

        /// <inheritdoc/>
        public bool TryMakeChunk(
            in ItemHeader item, ReadOnlySpan<int> chunks, in ChunkSet have, byte index, out int made)
        {
            made = index;
            return true;
        }

        /// <inheritdoc/>
        public void OnEquivocation(in ItemHeader first, int ofFirst, in ItemHeader second, int ofSecond) =>
            node._lane.Counters.Equivocations++;

        /// <inheritdoc/>
        public void OnMisbehaviour(int peer, Refusal reason) => node.CountMisbehaviour(peer);

        /// <inheritdoc/>
        public void Release(int chunk)
        {
        }
    }
}
