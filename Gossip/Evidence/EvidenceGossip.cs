using Fragcast.Gossip.Wire;
using Fragcast.Schedule;

namespace Fragcast.Gossip.Evidence;

/// <summary>What the gossip of evidence has of the outside; a struct, so that calls need no dispatch.</summary>
public interface IEvidenceLink
{
    /// <summary>Sends a control frame on the peer's stream. False when it cannot; the frame is lost then.</summary>
    /// <param name="peer">Number of the peer.</param>
    /// <param name="frame">The frame without its length prefix; valid during the call.</param>
    bool TrySend(int peer, ReadOnlySpan<byte> frame);

    /// <summary>A peer did what an honest one does not; to be counted and scored.</summary>
    void OnMisbehaviour(int peer, Refusal reason);

    /// <summary>There is new evidence, to be kept and shown.</summary>
    void OnEvidence(EvidenceRecord evidence);
}

/// <summary>
/// Passes evidence on: what is new here goes to every peer, and a new peer gets the latest. Only evidence against
/// sequencers of the schedule counts, so that nobody else can make any. No I/O and no clock; one thread.
/// </summary>
/// <typeparam name="TLink">The outside.</typeparam>
public sealed class EvidenceGossip<TLink>
    where TLink : struct, IEvidenceLink
{
    /// <summary>Evidence that a new peer gets, the latest; also what a peer may send at once.</summary>
    public const int LatestMax = 64;

    private const int PerSecond = 4;

    private readonly EvidenceStore _store;
    private readonly ILeaderSchedule _schedule;
    private readonly ulong _networkId;
    private readonly TLink _link;
    private readonly Dictionary<int, Allowance> _peers = [];
    private readonly byte[] _frame = new byte[MembershipFrames.HeadLength + EvidenceLayout.LengthMax];

    /// <summary>Makes the gossip.</summary>
    /// <param name="store">Where evidence is kept, on the same thread.</param>
    /// <param name="schedule">Who is a sequencer.</param>
    /// <param name="networkId">The network.</param>
    /// <param name="link">The outside.</param>
    public EvidenceGossip(EvidenceStore store, ILeaderSchedule schedule, ulong networkId, TLink link)
    {
        _store = store;
        _schedule = schedule;
        _networkId = networkId;
        _link = link;
    }

    /// <summary>A peer is connected.</summary>
    public void OnConnected(int peer)
    {
        _peers[peer] = new Allowance();
        IReadOnlyList<EvidenceRecord> records = _store.Records;
        for (int i = Math.Max(0, records.Count - LatestMax); i < records.Count; i++)
        {
            Send(peer, records[i]);
        }
    }

    /// <summary>The peer's last connection ended.</summary>
    public void OnDisconnected(int peer) => _peers.Remove(peer);

    /// <summary>This node found evidence itself.</summary>
    public EvidenceOutcome Add(EvidenceRecord evidence) => Take(evidence, from: -1);

    /// <summary>Takes a frame with the mark of evidence.</summary>
    /// <param name="peer">Who sent it.</param>
    /// <param name="frame">The frame without its length prefix; nothing of it is kept.</param>
    /// <param name="nowNs">The time.</param>
    public void OnFrame(int peer, ReadOnlySpan<byte> frame, long nowNs)
    {
        if (!_peers.TryGetValue(peer, out Allowance? allowance))
        {
            return;
        }

        if (!MembershipFrames.TryReadHead(frame, out int count, out ulong salt, out _)
            || frame[0] != MembershipFrames.EvidenceMark || count != 1 || salt != 0)
        {
            _link.OnMisbehaviour(peer, Refusal.BadControl);
            return;
        }

        if (!allowance.TryTake(nowNs))
        {
            _link.OnMisbehaviour(peer, Refusal.RateExceeded);
            return;
        }

        if (EvidenceRecord.TryRead(frame[MembershipFrames.HeadLength..], out EvidenceRecord? evidence)
            != EvidenceError.None)
        {
            _link.OnMisbehaviour(peer, Refusal.BadEvidence);
            return;
        }

        // Another network's is no misdeed's proof here; a key of no sequencer may be one that this node's schedule does
        // not know yet.
        if (evidence!.NetworkId != _networkId)
        {
            _link.OnMisbehaviour(peer, Refusal.WrongNetwork);
        }
        else if (!_schedule.Sequencers.Contains(evidence.Leader))
        {
            _link.OnMisbehaviour(peer, Refusal.UnknownLeader);
        }
        else
        {
            Take(evidence, peer);
        }
    }

    private EvidenceOutcome Take(EvidenceRecord evidence, int from)
    {
        EvidenceOutcome outcome = _store.Add(evidence);
        if (outcome == EvidenceOutcome.Added)
        {
            _link.OnEvidence(evidence);
            foreach (int peer in _peers.Keys)
            {
                if (peer != from)
                {
                    Send(peer, evidence);
                }
            }
        }

        return outcome;
    }

    private void Send(int peer, EvidenceRecord evidence)
    {
        MembershipFrames.WriteHead(_frame, MembershipFrames.EvidenceMark, count: 1);
        evidence.Bytes.CopyTo(_frame.AsSpan(MembershipFrames.HeadLength));
        _link.TrySend(peer, _frame.AsSpan(0, MembershipFrames.HeadLength + evidence.Bytes.Length));
    }

    private sealed class Allowance
    {
        private TokenBucket _tokens = new(PerSecond, LatestMax);

        public bool TryTake(long nowNs) => _tokens.TryTake(1, nowNs);
    }
}
