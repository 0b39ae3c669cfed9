using System.Net;
using Fragcast.Gossip.Scores;
using Fragcast.Gossip.Tests.Membership;

namespace Fragcast.Gossip.Tests.Scores;

public sealed class PeerScoresTests
{
    private const long Second = 1_000_000_000;

    private static readonly IPAddress Shared = IPAddress.Parse("192.0.2.1");
    private static readonly IPAddress Own = IPAddress.Parse("192.0.2.2");

    private readonly PeerScores _scores = new([TestNodes.Peer(1)]);

    [Fact]
    public void OnMisbehaviour_WhatAnHonestPeerCanDo_CostsNothing()
    {
        Connect(2, Own);
        Refusal[] honest =
        [
            Refusal.Duplicate, Refusal.Stale, Refusal.TooFarAhead, Refusal.HoldFull, Refusal.UnknownLeader,
            Refusal.Equivocation, Refusal.NoBuffer, Refusal.StateUnavailable, Refusal.Voided, Refusal.WrongParent,
            Refusal.BadEnv, Refusal.AfterLast, Refusal.InvalidTransaction, Refusal.SealStateRoot,
        ];
        for (int i = 0; i < 1000; i++)
        {
            Assert.Equal(PeerVerdict.Fine, _scores.OnMisbehaviour(2, honest[i % honest.Length], 0));
        }
    }

    [Fact]
    public void OnMisbehaviour_Repeated_DeprioritisesThenBansIdentityAndAddress()
    {
        Connect(2, Own);
        Assert.Equal(PeerVerdict.Deprioritised, _scores.OnMisbehaviour(2, Refusal.BadSignature, 0));
        Assert.Equal(PeerVerdict.Deprioritised, _scores.OnMisbehaviour(2, Refusal.BadSignature, 0));
        Assert.Equal(PeerVerdict.Deprioritised, _scores.OnMisbehaviour(2, Refusal.BadRecord, 0));
        Assert.Equal(PeerVerdict.Banned, _scores.OnMisbehaviour(2, Refusal.BadEvidence, 0));
        Assert.True(_scores.IsBanned(TestNodes.Peer(2), PeerScores.BanMinNs - 1));
        Assert.True(_scores.IsBanned(Own, PeerScores.BanMinNs - 1));
        Assert.False(_scores.IsBanned(TestNodes.Peer(2), PeerScores.BanMinNs));
        Assert.False(_scores.IsBanned(Own, PeerScores.BanMinNs));
        Assert.Equal(1, _scores.Bans);
    }

    [Fact]
    public void OnMisbehaviour_NowAndThen_Fades()
    {
        Connect(2, Own);
        Assert.Equal(PeerVerdict.Deprioritised, _scores.OnMisbehaviour(2, Refusal.BadSignature, 0));
        Assert.Equal(PeerVerdict.Fine, _scores.VerdictOf(2, PeerScores.HalfLifeNs));
        for (long minute = 1; minute < 1000; minute++)
        {
            Assert.NotEqual(
                PeerVerdict.Banned, _scores.OnMisbehaviour(2, Refusal.BadSignature, minute * PeerScores.HalfLifeNs));
        }
    }

    [Fact]
    public void OnMisbehaviour_OfATrustedPeer_NeverBans()
    {
        Connect(1, Own);
        for (int i = 0; i < 100; i++)
        {
            Assert.Equal(PeerVerdict.Deprioritised, _scores.OnMisbehaviour(1, Refusal.BadControl, 0));
        }

        Assert.False(_scores.IsBanned(Own, 0));
    }

    [Fact]
    public void Ban_OfOneOfTwoAtAnAddress_LeavesTheAddress()
    {
        Connect(1, Shared);
        Connect(2, Shared);
        Ban(2, 0);
        Assert.True(_scores.IsBanned(TestNodes.Peer(2), 1));
        Assert.False(_scores.IsBanned(Shared, 1));
        Assert.False(_scores.IsBanned(TestNodes.Peer(1), 1));
    }

    [Fact]
    public void Ban_Again_IsTwiceAsLongUpToADay()
    {
        Connect(2, Own);
        long now = 0;
        long length = PeerScores.BanMinNs;
        for (int i = 0; i < 12; i++)
        {
            Ban(2, now);
            Assert.True(_scores.IsBanned(TestNodes.Peer(2), now + length - 1));
            Assert.False(_scores.IsBanned(TestNodes.Peer(2), now + length));
            now += length;
            length = Math.Min(length * 2, PeerScores.BanMaxNs);
        }
    }

    [Fact]
    public void Ban_OfIPv6_IsOfTheNetwork()
    {
        Connect(2, IPAddress.Parse("2001:db8:1:2:3::4"));
        Ban(2, 0);
        Assert.True(_scores.IsBanned(IPAddress.Parse("2001:db8:1:2:ffff::1"), 1));
        Assert.False(_scores.IsBanned(IPAddress.Parse("2001:db8:1:3::4"), 1));
    }

    [Fact]
    public void Reconnecting_DoesNotClearPoints()
    {
        Connect(2, Own);
        _scores.OnMisbehaviour(2, Refusal.BadControl, 0);
        _scores.OnDisconnected(2, 1);
        Connect(2, Own);
        _scores.OnMisbehaviour(2, Refusal.BadSignature, 2);
        Assert.Equal(PeerVerdict.Banned, _scores.OnMisbehaviour(2, Refusal.BadControl, 2));
        _scores.OnDisconnected(2, 3);
        _scores.Tidy(100 * PeerScores.HalfLifeNs);
        Assert.Equal(PeerVerdict.Fine, _scores.VerdictOf(2, 0));
    }

    [Fact]
    public void Bans_BeyondTheBound_ForgetTheOneThatEndsFirst()
    {
        for (int i = 0; i <= PeerScores.BansMax; i++)
        {
            var address = new IPAddress([10, 1, (byte)(i >> 8), (byte)i]);
            _scores.OnConnected(i, TestNodes.Peer(i + 10), address, i);
            Ban(i, i);
            _scores.OnDisconnected(i, i);
        }

        Assert.False(_scores.IsBanned(TestNodes.Peer(10), PeerScores.BansMax));
        Assert.True(_scores.IsBanned(TestNodes.Peer(11), PeerScores.BansMax));
    }

    [Fact]
    public void OnArrival_FirstAndLate_AreTold()
    {
        Connect(2, Own);
        Connect(3, Shared);
        for (ulong item = 0; item < 1000; item++)
        {
            long now = (long)item * Second / 100;
            _scores.OnArrival(2, item, now);
            _scores.OnArrival(3, item, now + 4_000_000);
        }

        Assert.Equal(0, _scores.LatenessNs(2));
        Assert.InRange(_scores.LatenessNs(3), 3_900_000, 4_000_000);
        Assert.InRange(_scores.FirstShare(2), 0.99, 1);
        Assert.Equal(0, _scores.FirstShare(3));
    }

    [Fact]
    public void OnArrival_OnceWarm_DoesNotAllocate()
    {
        Connect(2, Own);
        ulong item = 0;
        for (; item < 3 * PeerScores.ItemsMax; item++)
        {
            _scores.OnArrival(2, item, 0);
        }

        AllocationGate gate = new();
        while (gate.NextRun())
        {
            for (int i = 0; i < 1000; i++)
            {
                _scores.OnArrival(2, item++, 0);
            }
        }

        Assert.Equal(0, gate.LeastBytes);
    }

    private void Connect(int peer, IPAddress address) => _scores.OnConnected(peer, TestNodes.Peer(peer), address, 0);

    private void Ban(int peer, long nowNs)
    {
        while (_scores.OnMisbehaviour(peer, Refusal.BadControl, nowNs) != PeerVerdict.Banned)
        {
            Assert.NotEqual(PeerVerdict.Fine, _scores.VerdictOf(peer, nowNs));
        }
    }
}
