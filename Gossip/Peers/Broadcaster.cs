using System.Buffers.Binary;
using Fragcast.Gossip.Broadcast;
using Fragcast.Gossip.Chunks;
using Fragcast.Gossip.Evidence;
using Fragcast.Gossip.Membership;
using Fragcast.Gossip.Wire;
using Fragcast.Primitives;
using Fragcast.Schedule;
using Fragcast.Transport;
using Fragcast.Transport.Buffers;

namespace Fragcast.Gossip.Peers;

/// <summary>
/// Joins the broadcast core to connections: proves received chunks, sends what the core sends, puts complete messages
/// together and hands them to the sink, cuts own messages into chunks. All members are for the I/O thread but
/// <see cref="TryPublish"/> and <see cref="SetHead"/>.
/// </summary>
/// <remarks>
/// A chunk is kept as it came, but without duty and without the mark of an answer: to leaves, which are most, it goes
/// without a copy. Relays and who asks get a copy with theirs. Received chunks lie in the transport's receive buffers,
/// own ones and copies in a pool of the same kind.
/// </remarks>
internal sealed class Broadcaster : IDisposable
{
    /// <summary>The peer of what is no single peer's: a message put together from many peers' chunks.</summary>
    public const int Nobody = -1;

    // Leaders are looked for so far ahead; a turn may last many blocks.
    private const ulong LookaheadBlocks = 64;

    // Copies that wait in the transport's queues, and chunks of an item that is being made.
    private const int CopySlots = 4_096;

    private readonly GossipSettings _settings;
    private readonly ITransportEndpoint _endpoint;
    private readonly IGossipSink _sink;
    private readonly ILeaderSchedule _schedule;
    private readonly PeerRoster _roster;
    private readonly PeerLinks _links;
    private readonly Func<long> _nowNs;
    private readonly PublishQueue _published;
    private readonly PinnedBufferPool _chunkPool;
    private readonly BufferLease[] _encoded = new BufferLease[ChunkLayout.TotalMax];
    private readonly ChunkVerifier _verifier;
    private readonly SignatureBudget _signatures = new(peersMax: 16_384);
    private readonly MessageAssembler _assembler;
    private readonly MessageHistory _history;
    private readonly ChunkMaker _maker;
    private readonly ChunkEncoder? _encoder;
    private readonly BroadcastCore<BufferLease, QuicLink> _core;
    private long _headBlock;
    private int _headEpoch;
    private uint _seenEpoch;
    private ulong _seenBlock;
    private int _held;
    private long _givenUp;

    public Broadcaster(
        GossipSettings settings, ITransportEndpoint endpoint, IGossipSink sink, ILeaderSchedule schedule,
        PeerRoster roster, PeerLinks links, MessageBuffers buffers, Func<long> nowNs)
    {
        _settings = settings;
        _endpoint = endpoint;
        _sink = sink;
        _schedule = schedule;
        _roster = roster;
        _links = links;
        _nowNs = nowNs;
        _published = new PublishQueue(buffers);
        _chunkPool = new PinnedBufferPool(settings.ChunksMax + CopySlots, ChunkLayout.LengthMax);
        _verifier = new ChunkVerifier(settings.NetworkId);
        _maker = new ChunkMaker(_chunkPool);
        _assembler = new MessageAssembler(buffers);
        _history = new MessageHistory(settings.HistoryBytes);
        _encoder = settings.SequencerKey.IsEmpty
            ? null
            : new ChunkEncoder(settings.NetworkId, settings.SequencerKey.Span, _chunkPool);
        var options = new BroadcastOptions
        {
            NetworkId = settings.NetworkId,
            UplinkMbps = settings.UplinkMbps,
            ItemsMax = settings.ItemsMax,
            ChunkBytesMax = settings.DatagramBytes - ChunkLayout.Overhead(ChunkLayout.TotalMax),
            OverheadBytes = ChunkLayout.Overhead(ChunkLayout.TotalMax) + BroadcastOptions.PacketBytes,
        };
        Map = new NetworkMap([], new RegionLatencies(new long[0, 0]));
        _core = new BroadcastCore<BufferLease, QuicLink>(options, new QuicLink(this), Map, RecordBook.Self);
    }

    /// <summary>Own messages that could not be sent.</summary>
    public long Unpublished { get; private set; }

    /// <summary>Chunks that came after their block was committed, or again.</summary>
    public long LateChunks { get; private set; }

    /// <summary>Chunks of blocks whose leader the schedule did not know yet.</summary>
    public long EarlyChunks { get; private set; }

    /// <summary>What the core did.</summary>
    public BroadcastCounters Counters => _core.Counters;

    /// <summary>The nodes that are sent to.</summary>
    public NetworkMap Map { get; private set; }

    /// <summary>Own chunks and copies that are out; zero once all is disposed.</summary>
    public int ChunksOutstanding => _chunkPool.Outstanding;

    /// <summary>What is kept for nodes that join late.</summary>
    public MessageHistory History => _history;

    /// <summary>The chain's head. Any thread; takes effect with the next turn.</summary>
    public void SetHead(uint epoch, ulong block)
    {
        // Release: a turn that sees the new epoch sees a block of it, or one that is older, which is harmless.
        Volatile.Write(ref _headBlock, (long)block);
        Volatile.Write(ref _headEpoch, (int)epoch);
    }

    /// <summary>Queues an own envelope. Any thread. False when there is no room: it is lost then.</summary>
    public bool TryPublish(ReadOnlySpan<byte> envelope)
    {
        if (!_published.TryAdd(envelope))
        {
            return false;
        }

        _endpoint.Wake();
        return true;
    }

    /// <summary>A datagram has come in; takes it over.</summary>
    public void OnDatagram(PeerLink link, BufferLease datagram)
    {
        FollowHead();
        bool isTaken = false;
        Refusal refusal = datagram.Length == 0
            ? Refusal.Truncated
            : datagram.Span[0] switch
            {
                ChunkLayout.Type => OnChunk(link, datagram, out isTaken),
                BroadcastFrames.RequestType => OnRequest(link, datagram.Span),
                BroadcastFrames.ReportType => OnReport(link, datagram.Span),
                _ => Refusal.UnknownKind,
            };
        if (!isTaken)
        {
            datagram.Release();
        }

        if (refusal is Refusal.Stale or Refusal.Duplicate)
        {
            // Parity that comes when its block is over is what redundancy is: nobody's fault, and no news.
            LateChunks++;
        }
        else if (refusal != Refusal.None)
        {
            _roster.Blame(link.Peer, refusal);
        }
    }

    /// <summary>Does what is due.</summary>
    /// <param name="now">The time.</param>
    /// <param name="hasLost">Whether messages were lost that chunks will not bring any more.</param>
    /// <returns>In how many nanoseconds it wants to be called again.</returns>
    public long OnTurn(long now, out bool hasLost)
    {
        FollowHead();
        if (_roster.Book.TryTakeMap(now, out NetworkMap? map) && map is not null)
        {
            Map = map;
            _core.SetMap(map);
        }

        if (_core.DueNs <= now)
        {
            _core.Tick(now);
        }

        // One after the other, as the uplink allows: what waits here is not yet in the way of anything.
        while (!_core.IsSendingOwn && _published.TryTake(out BufferLease envelope))
        {
            if (!TrySend(envelope, now))
            {
                Unpublished++;
            }

            envelope.Release();
        }

        long lost = Counters.RepairGivenUp + EarlyChunks;
        hasLost = lost != _givenUp;
        _givenUp = lost;
        return _core.DueNs == long.MaxValue ? long.MaxValue : Math.Max(_core.DueNs - now, 0);
    }

    /// <summary>Gives back all that it holds. The transport must be disposed first.</summary>
    public void Dispose()
    {
        while (_published.TryTake(out BufferLease envelope))
        {
            envelope.Release();
        }

        _core.Clear();
        _assembler.Dispose();
        _encoder?.Dispose();
    }

    private void FollowHead()
    {
        // Acquire: the block is not older than the epoch that is read before it.
        uint epoch = (uint)Volatile.Read(ref _headEpoch);
        ulong block = (ulong)Volatile.Read(ref _headBlock);
        if (epoch != _seenEpoch || block != _seenBlock)
        {
            _seenEpoch = epoch;
            _seenBlock = block;
            _core.SetHead(epoch, block);
        }
    }

    private Refusal OnChunk(PeerLink link, BufferLease datagram, out bool isTaken)
    {
        isTaken = false;
        Refusal refusal = ChunkHead.TryRead(datagram.Span, out ChunkHead head);
        if (refusal != Refusal.None)
        {
            return refusal;
        }

        ulong tag = _verifier.TagOf(datagram.Span, head);
        refusal = _core.Screen(head.Place, tag, head.Index, !head.Duty.IsNone);
        if (refusal != Refusal.None)
        {
            return refusal;
        }

        LeaderLookup lookup = _schedule.LeaderOf(head.Place.Block, out Address leader);
        if (lookup != LeaderLookup.Known)
        {
            // What is not known yet is asked for again, as a whole, and waits in the verify stage.
            EarlyChunks += lookup == LeaderLookup.NotYetKnown ? 1 : 0;
            return lookup == LeaderLookup.NotYetKnown ? Refusal.None : Refusal.UnknownLeader;
        }

        long now = _nowNs();
        ChunkVerdict verdict = _verifier.Verify(
            datagram.Span, head, leader, _signatures.MayCheck(link.Peer, now));
        if (verdict.Refusal != Refusal.None)
        {
            if (verdict.SignatureChecked)
            {
                _signatures.Charge(link.Peer, now);
            }

            return verdict.Refusal;
        }

        // As it is kept it is nobody's answer and has no duty: most that it is sent to are leaves.
        bool isRepair = (head.Flags & ChunkFlags.Repair) != ChunkFlags.None;
        ChunkHead.WriteRepair(datagram.Span, isRepair: false);
        isTaken = true;
        _held++;
        _core.OnChunk(link.Peer, verdict.Item, head.Index, head.Duty, datagram, isRepair, now);
        Shed();
        return Refusal.None;
    }

    private void Shed()
    {
        while (_held > _settings.ChunksMax && _core.TryDropOldest())
        {
            // The oldest goes: who still misses it asks others, or for the whole block.
        }
    }

    private Refusal OnRequest(PeerLink link, ReadOnlySpan<byte> datagram)
    {
        if (!BroadcastFrames.TryRead(datagram, out RepairRequest request))
        {
            return Refusal.BadControl;
        }

        _core.OnRepairRequest(link.Peer, request, _nowNs());
        return Refusal.None;
    }

    private Refusal OnReport(PeerLink link, ReadOnlySpan<byte> datagram)
    {
        if (!BroadcastFrames.TryRead(datagram, out ReceptionReport report))
        {
            return Refusal.BadControl;
        }

        _core.OnReception(link.Peer, report, _nowNs());
        return Refusal.None;
    }

    private bool TrySend(BufferLease envelope, long now)
    {
        if (_encoder is null || Envelope.TryRead(envelope.Span, out Envelope head) != Refusal.None)
        {
            return false;
        }

        var place = new ItemPlace(head.Epoch, head.BlockNumber, head.Sequence, head.Kind);
        _history.Add(place, envelope.Span);
        if (head.Epoch < _seenEpoch)
        {
            // The seal that ended an epoch: the core is in the next one by now.
            PushOnStreams(envelope.Span);
            return true;
        }

        int segments = _core.SegmentsOf(envelope.Length);
        int stride = (envelope.Length + segments - 1) / segments;
        Span<int> next = stackalloc int[2];
        next = next[..NextLeaders(head.BlockNumber, next)];
        for (int i = 0; i < segments; i++)
        {
            int start = i * stride;
            int length = Math.Min(stride, envelope.Length - start);
            BroadcastPlan plan = _core.PlanFor(length);
            var shape = new SegmentShape(start, length, plan.Data, plan.Total, (ushort)plan.ChunkBytes(length));
            if (!_encoder.TryEncode(
                envelope.Span, place with { Segment = (ushort)i }, (ushort)segments, shape, _encoded,
                out ItemHeader item))
            {
                return false;
            }

            _held += item.Total;
            _core.Publish(item, _encoded.AsSpan(0, item.Total), plan, next, now);
            Shed();
        }

        return true;
    }

    private void PushOnStreams(ReadOnlySpan<byte> envelope)
    {
        foreach (PeerLink link in _links.All)
        {
            _links.TrySend(link.Peer, envelope);
        }
    }

    private int NextLeaders(ulong block, Span<int> leaders)
    {
        int count = 0;
        for (ulong ahead = 1; ahead <= LookaheadBlocks && count < leaders.Length; ahead++)
        {
            if (_schedule.LeaderOf(block + ahead, out Address leader) != LeaderLookup.Known)
            {
                break;
            }

            int node = _roster.Book.FindSequencer(leader)?.Number ?? -1;
            if (node > RecordBook.Self && !leaders[..count].Contains(node))
            {
                leaders[count++] = node;
            }
        }

        return count;
    }

    private bool SendCopy(PeerLink link, BufferLease chunk, in Duty duty, bool isRepair, EgressClass egressClass)
    {
        if (!_chunkPool.TryRent(out BufferLease slot))
        {
            return false;
        }

        BufferLease copy = slot.Slice(0, chunk.Length);
        chunk.Span.CopyTo(copy.Span);
        if (isRepair)
        {
            ChunkHead.WriteRepair(copy.Span, isRepair: true);
        }
        else
        {
            ChunkHead.WriteDuty(copy.Span, duty);
        }

        SendResult result = _endpoint.TrySendDatagram(link.Connection, copy, egressClass);
        copy.Release();
        return result == SendResult.Accepted;
    }

    private void Complete(in ItemHeader item, ReadOnlySpan<BufferLease> chunks, in ChunkSet have)
    {
        Refusal refusal = _assembler.TryAdd(item, chunks, have, out BufferLease message);
        if (refusal != Refusal.None)
        {
            _sink.OnRefused(Nobody, refusal);
            return;
        }

        if (!message.IsValid)
        {
            return;
        }

        ItemPlace place = item.Place with { Segment = 0 };
        refusal = Envelope.TryRead(message.Span, out Envelope head);
        bool isSame = head.Kind == place.Kind && head.Epoch == place.Epoch && head.BlockNumber == place.Block
            && head.Sequence == place.Sequence;
        if (refusal != Refusal.None || !isSame)
        {
            _sink.OnRefused(Nobody, refusal != Refusal.None ? refusal : Refusal.HeadMismatch);
            message.Release();
            return;
        }

        _history.Add(place, message.Span);
        _sink.OnEnvelope(TryGetLeader(place.Block, out int leader, out _) ? leader : Nobody, message);
    }

    private bool TryGetLeader(ulong block, out int node, out ulong key)
    {
        node = Nobody;
        key = 0;
        if (_schedule.LeaderOf(block, out Address leader) != LeaderLookup.Known)
        {
            return false;
        }

        Span<byte> bytes = stackalloc byte[Address.Size];
        leader.CopyTo(bytes);
        key = BinaryPrimitives.ReadUInt64LittleEndian(bytes);
        node = _roster.Book.FindSequencer(leader)?.Number ?? Nobody;
        return true;
    }

    private void OnEquivocation(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        _sink.OnRefused(Nobody, Refusal.Equivocation);
        if (ChunkEvidence.TryMake(_settings.NetworkId, first, second, out EvidenceRecord? evidence)
            == EvidenceError.None)
        {
            _roster.Report(evidence!);
        }
    }

    /// <summary>The core's outside.</summary>
    internal readonly struct QuicLink(Broadcaster owner) : IBroadcastLink<BufferLease>
    {
        public bool TryGetLeader(in ItemPlace place, out int node, out ulong key) =>
            owner.TryGetLeader(place.Block, out node, out key);

        public bool TrySendChunk(
            int node, in ItemHeader item, byte index, BufferLease chunk, in Duty duty, EgressClass egressClass)
        {
            PeerLink? link = owner._links.Find(node);
            if (link is null)
            {
                return false;
            }

            bool isRepair = egressClass == EgressClass.Control;
            return duty.IsNone && !isRepair
                ? owner._endpoint.TrySendDatagram(link.Connection, chunk, egressClass) == SendResult.Accepted
                : owner.SendCopy(link, chunk, duty, isRepair, egressClass);
        }

        public bool TrySendRepairRequest(int node, in RepairRequest request)
        {
            Span<byte> datagram = stackalloc byte[BroadcastFrames.RequestLength];
            BroadcastFrames.Write(datagram, request);
            return Send(node, datagram);
        }

        public bool TrySendReception(int node, in ReceptionReport report)
        {
            Span<byte> datagram = stackalloc byte[BroadcastFrames.ReportLength];
            BroadcastFrames.Write(datagram, report);
            return Send(node, datagram);
        }

        public void OnDecodable(in ItemHeader item, ReadOnlySpan<BufferLease> chunks, in ChunkSet have) =>
            owner.Complete(item, chunks, have);

        public bool TryMakeChunk(
            in ItemHeader item, ReadOnlySpan<BufferLease> chunks, in ChunkSet have, byte index,
            out BufferLease made)
        {
            if (!owner._maker.TryMake(item, chunks, have, index, out made))
            {
                return false;
            }

            ChunkHead.WriteRepair(made.Span, isRepair: false);
            owner._held++;
            return true;
        }

        public void OnEquivocation(
            in ItemHeader first, BufferLease ofFirst, in ItemHeader second, BufferLease ofSecond) =>
            owner.OnEquivocation(ofFirst.Span, ofSecond.Span);

        public void OnMisbehaviour(int node, Refusal reason) => owner._roster.Blame(node, reason);

        public void Release(BufferLease chunk)
        {
            owner._held--;
            chunk.Release();
        }

        private bool Send(int node, ReadOnlySpan<byte> datagram) =>
            owner._links.Find(node) is { } link
            && owner._endpoint.TrySendDatagram(link.Connection, datagram, EgressClass.Control) == SendResult.Accepted;
    }
}
