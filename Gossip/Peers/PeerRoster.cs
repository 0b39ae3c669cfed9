using System.Collections.Concurrent;
using System.Net;
using Fragcast.Gossip.Evidence;
using Fragcast.Gossip.Membership;
using Fragcast.Gossip.Scores;
using Fragcast.Gossip.Wire;
using Fragcast.Schedule;
using Fragcast.Transport;
using Fragcast.Transport.Identity;

namespace Fragcast.Gossip.Peers;

/// <summary>
/// Who is there: the record book with this node's own record, the exchange of records and evidence with the peers, and
/// their scores. All members are for the I/O thread but <see cref="Report"/>.
/// </summary>
internal sealed class PeerRoster
{
    // A third of a record's life in other books.
    private const long SignAgainNs = 600_000_000_000;
    private const long ExchangeNs = 100_000_000;
    private const long TidyNs = 60_000_000_000;

    // Nodes join in the first second of a small network; a large one bounds itself, see MapIntervalNsPerNode.
    private const long MapIntervalNs = 20_000_000;

    // What a stage found and the I/O thread has not taken yet: one for each place that a leader signs twice.
    private const int ReportsMax = 256;

    private readonly GossipSettings _settings;
    private readonly ITransportEndpoint _endpoint;
    private readonly IGossipSink _sink;
    private readonly ILeaderSchedule _schedule;
    private readonly PeerLinks _links;
    private readonly RecordExchange<RecordLink> _records;
    private readonly EvidenceStore _evidenceStore = new();
    private readonly EvidenceGossip<EvidenceLink> _evidence;
    private readonly PeerScores _scores;
    private readonly ConcurrentQueue<EvidenceRecord> _reports = new();
    private readonly Func<long> _nowNs;
    private long _scheduleVersion = -1;
    private long _signDueNs = long.MinValue;
    private long _exchangeDueNs = long.MinValue;
    private long _tidyDueNs;
    private ulong _sequence;

    public PeerRoster(
        GossipSettings settings, ITransportEndpoint endpoint, IGossipSink sink, ILeaderSchedule schedule,
        PeerLinks links, Func<long> nowNs)
    {
        _settings = settings;
        _endpoint = endpoint;
        _sink = sink;
        _schedule = schedule;
        _links = links;
        _nowNs = nowNs;
        Book = new RecordBook(endpoint.LocalPeer, new RecordBookOptions { MapIntervalNs = MapIntervalNs });
        _records = new RecordExchange<RecordLink>(Book, settings.NetworkId, new RecordLink(this), settings.Seed);
        _evidence = new EvidenceGossip<EvidenceLink>(
            _evidenceStore, schedule, settings.NetworkId, new EvidenceLink(this));
        PeerId[] trusted = [.. settings.Dials.Named];
        _scores = new PeerScores(trusted);
        foreach (PeerId peer in trusted)
        {
            Book.Trust(peer);
        }
    }

    /// <summary>The records.</summary>
    public RecordBook Book { get; }

    /// <summary>Peers that were banned so far.</summary>
    public long Bans => _scores.Bans;

    /// <summary>What the exchange of records did.</summary>
    public RecordExchangeCounters Counters => _records.Counters;

    /// <summary>A handshake proved an identity.</summary>
    /// <returns>Its number, or null when it is banned.</returns>
    public int? OnHandshake(PeerId peer, IPEndPoint remote, bool dialled)
    {
        long now = _nowNs();
        if (_scores.IsBanned(peer, now) || _scores.IsBanned(remote.Address, now))
        {
            return null;
        }

        BookNode node = Book.OnConnected(peer, dialled ? remote : null);
        Book.SetBanned(node.Number, isBanned: false);
        _scores.OnConnected(node.Number, peer, remote.Address, now);
        return node.Number;
    }

    /// <summary>A dial to a peer of the plan did not succeed.</summary>
    public void OnDialFailed(PeerAddress peer)
    {
        if (peer.Expected is { } identity && Book.Find(identity) is { } node)
        {
            Book.OnDialFailed(node.Number);
        }
    }

    /// <summary>A peer has greeted.</summary>
    public void OnReady(PeerLink link)
    {
        _records.OnConnected(link.Peer, link.Dialled, _nowNs());
        _evidence.OnConnected(link.Peer);
    }

    /// <summary>The last connection to a peer is gone.</summary>
    public void OnGone(int peer)
    {
        _records.OnDisconnected(peer);
        _evidence.OnDisconnected(peer);
        _scores.OnDisconnected(peer, _nowNs());
        Book.OnDisconnected(peer);
    }

    /// <summary>A frame of membership or evidence came in.</summary>
    public void OnFrame(PeerLink link, ReadOnlySpan<byte> frame)
    {
        if (frame[0] == MembershipFrames.EvidenceMark)
        {
            _evidence.OnFrame(link.Peer, frame, _nowNs());
        }
        else
        {
            _records.OnFrame(link.Peer, frame, _nowNs());
        }
    }

    /// <summary>
    /// Counts a refusal of something that a peer itself sent, and hangs up when that is once too often.
    /// </summary>
    public void Blame(int peer, Refusal reason)
    {
        _sink.OnRefused(peer, reason);
        if (_scores.OnMisbehaviour(peer, reason, _nowNs()) != PeerVerdict.Banned)
        {
            return;
        }

        Book.SetBanned(peer, isBanned: true);
        if (_links.Find(peer) is { } link)
        {
            _endpoint.Close(link.Connection, GossipNode.CloseBanned);
        }
    }

    /// <summary>This node found evidence. Any thread; what is too much is dropped.</summary>
    public void Report(EvidenceRecord evidence)
    {
        if (_reports.Count < ReportsMax)
        {
            _reports.Enqueue(evidence);
            _endpoint.Wake();
        }
    }

    /// <summary>Does what is due.</summary>
    /// <returns>In how many nanoseconds it wants to be called again.</returns>
    public long OnTurn(long now)
    {
        while (_reports.TryDequeue(out EvidenceRecord? evidence))
        {
            _evidence.Add(evidence);
        }

        if (_schedule.Version != _scheduleVersion)
        {
            _scheduleVersion = _schedule.Version;
            Book.SetScheduled(_schedule.Sequencers);
        }

        if (now >= _signDueNs)
        {
            SignOwn(now);
        }

        if (now >= _exchangeDueNs)
        {
            _exchangeDueNs = now + ExchangeNs;
            _records.Tick(now);
        }

        if (now >= _tidyDueNs)
        {
            _tidyDueNs = now + TidyNs;
            _scores.Tidy(now);
        }

        return _exchangeDueNs - now;
    }

    private void SignOwn(long now)
    {
        _signDueNs = now + SignAgainNs;
        DateTimeOffset time = _settings.Time.GetUtcNow();
        _sequence = Math.Max(_sequence + 1, (ulong)time.ToUnixTimeMilliseconds());
        IPEndPoint local = _endpoint.LocalEndPoint;
        bool isSpecific = !local.Address.Equals(IPAddress.Any) && !local.Address.Equals(IPAddress.IPv6Any);
        byte[] record = NodeRecordSigning.Sign(
            new NodeDescription
            {
                NetworkId = _settings.NetworkId,
                Sequence = _sequence,
                Addresses = isSpecific ? [local] : [],
                Region = _settings.Region,
                UplinkMbps = _settings.UplinkMbps,
                SequencerKey = _settings.SequencerKey,
                // Of two nodes with one key the one that was started last is meant.
                RoleSerial = _settings.SequencerKey.IsEmpty ? 0 : (uint)time.ToUnixTimeSeconds(),
            },
            _settings.IdentitySeed.Span);
        _records.AddOwn(record, now);
    }

    private readonly struct RecordLink(PeerRoster owner) : IMembershipLink
    {
        public bool TrySend(int peer, ReadOnlySpan<byte> frame) => owner._links.TrySend(peer, frame);

        public void OnMisbehaviour(int peer, Refusal reason) => owner.Blame(peer, reason);

        public void OnRecord(BookNode node, bool isNew)
        {
            // The next map shows it.
        }
    }

    private readonly struct EvidenceLink(PeerRoster owner) : IEvidenceLink
    {
        public bool TrySend(int peer, ReadOnlySpan<byte> frame) => owner._links.TrySend(peer, frame);

        public void OnMisbehaviour(int peer, Refusal reason) => owner.Blame(peer, reason);

        public void OnEvidence(EvidenceRecord evidence) => owner._sink.OnEvidence(evidence);
    }
}
