using Fragcast.Gossip.Evidence;
using Fragcast.Gossip.Tests.Verification;
using Fragcast.Gossip.Wire;
using Fragcast.Schedule;

namespace Fragcast.Gossip.Tests.Evidence;

public sealed class EvidenceGossipTests
{
    private const ulong Network = 42;
    private const long Second = 1_000_000_000;

    private readonly List<(int Peer, byte[] Frame)> _sent = [];
    private readonly List<(int Peer, Refusal Reason)> _misdeeds = [];
    private readonly List<EvidenceRecord> _shown = [];
    private readonly EvidenceStore _store = new();
    private readonly EvidenceGossip<Link> _gossip;

    public EvidenceGossipTests() => _gossip = new EvidenceGossip<Link>(
        _store, new RoundRobinSchedule([new TestSequencer(1).Address], 0), Network, new Link(this));

    [Fact]
    public void OnFrame_NewEvidence_IsShownAndPassedOnOnce()
    {
        for (int peer = 1; peer <= 3; peer++)
        {
            _gossip.OnConnected(peer);
        }

        byte[] frame = Frame(EvidenceRecordTests.Make(EnvelopeKind.Frag));
        _gossip.OnFrame(1, frame, 0);
        _gossip.OnFrame(2, frame, 0);
        Assert.Equal([2, 3], _sent.Select(s => s.Peer).Order());
        Assert.All(_sent, s => Assert.Equal(frame, s.Frame));
        Assert.Single(_shown);
        Assert.Single(_store.Records);
        Assert.Empty(_misdeeds);

        _gossip.OnConnected(4);
        Assert.Equal((4, 3), (_sent[^1].Peer, _sent.Count));
    }

    [Fact]
    public void OnFrame_WhatProvesNothing_IsNamed()
    {
        _gossip.OnConnected(1);
        byte[] frame = Frame(EvidenceRecordTests.Make(EnvelopeKind.Seal));
        byte[] bad = (byte[])frame.Clone();
        bad[^1] ^= 1;
        _gossip.OnFrame(1, bad, 0);
        _gossip.OnFrame(1, frame.AsSpan(0, 10), 0);
        byte[] elsewhere = (byte[])frame.Clone();
        elsewhere[MembershipFrames.HeadLength + EvidenceLayout.NetworkIdOffset] ^= 1;
        _gossip.OnFrame(1, elsewhere, 0);
        Assert.Equal(
            [Refusal.BadEvidence, Refusal.BadControl, Refusal.WrongNetwork], _misdeeds.Select(m => m.Reason));

        var stranger = new EvidenceGossip<Link>(
            _store, new RoundRobinSchedule([new TestSequencer(9).Address], 0), Network, new Link(this));
        stranger.OnConnected(1);
        stranger.OnFrame(1, frame, 0);
        Assert.Equal(Refusal.UnknownLeader, _misdeeds[^1].Reason);
        Assert.Empty(_store.Records);
    }

    [Fact]
    public void OnFrame_Flood_IsCutOff()
    {
        _gossip.OnConnected(1);
        byte[] frame = Frame(EvidenceRecordTests.Make(EnvelopeKind.Env));
        for (int i = 0; i < 100; i++)
        {
            _gossip.OnFrame(1, frame, Second);
        }

        Assert.Equal(100 - EvidenceGossip<Link>.LatestMax, _misdeeds.Count(m => m.Reason == Refusal.RateExceeded));
        _misdeeds.Clear();
        _gossip.OnFrame(1, frame, 2 * Second);
        Assert.Empty(_misdeeds);
    }

    [Fact]
    public void Add_MoreThanTheBounds_IsFull()
    {
        for (ulong i = 0; i < EvidenceStore.OfLeaderMax; i++)
        {
            Assert.Equal(EvidenceOutcome.Added, _gossip.Add(EvidenceRecordTests.Make(EnvelopeKind.Cancel, 101 + i)));
        }

        EvidenceRecord one = EvidenceRecordTests.Make(EnvelopeKind.Cancel, 101);
        Assert.Equal(EvidenceOutcome.Known, _gossip.Add(one));
        Assert.Equal(EvidenceOutcome.Full, _gossip.Add(EvidenceRecordTests.Make(EnvelopeKind.Seal)));
        Assert.Equal(EvidenceStore.OfLeaderMax, _store.CountOf(one.Leader));
    }

    private static byte[] Frame(EvidenceRecord evidence)
    {
        var frame = new byte[MembershipFrames.HeadLength + evidence.Bytes.Length];
        MembershipFrames.WriteHead(frame, MembershipFrames.EvidenceMark, 1);
        evidence.Bytes.CopyTo(frame.AsSpan(MembershipFrames.HeadLength));
        return frame;
    }

    private readonly struct Link(EvidenceGossipTests test) : IEvidenceLink
    {
        public bool TrySend(int peer, ReadOnlySpan<byte> frame)
        {
            test._sent.Add((peer, frame.ToArray()));
            return true;
        }

        public void OnMisbehaviour(int peer, Refusal reason) => test._misdeeds.Add((peer, reason));

        public void OnEvidence(EvidenceRecord evidence) => test._shown.Add(evidence);
    }
}
