using System.Net;
using Fragcast.Gossip.Peers;

namespace Fragcast.Gossip.Tests.Peers;

public sealed class DialPlanTests
{
    private readonly DialPlan _plan = new([Peer(1), Peer(2)]);

    [Fact]
    public void TryNext_AtTheStart_GivesEveryPeerOnce()
    {
        Assert.Equal([0, 1], Due(0));
        Assert.Empty(Due(0));
    }

    [Fact]
    public void OnLost_WhileDialling_DoublesThePauseUpToTheLongest()
    {
        Due(0);
        long now = 0;
        long pause = DialPlan.PauseMinNs;
        for (int attempt = 0; attempt < 10; attempt++)
        {
            _plan.OnLost(0, now);
            Assert.Empty(Due(now + pause - 1));
            now += pause;
            Assert.Equal([0], Due(now));
            pause = Math.Min(pause * 2, DialPlan.PauseMaxNs);
        }

        Assert.Equal(DialPlan.PauseMaxNs, pause);
    }

    [Fact]
    public void OnLost_AfterAConnection_StartsWithTheShortestPause()
    {
        Due(0);
        _plan.OnLost(0, 0);
        Due(DialPlan.PauseMinNs);
        _plan.OnConnected(0);
        _plan.OnLost(0, 1000);
        Assert.Equal([0], Due(1000 + DialPlan.PauseMinNs));
    }

    private List<int> Due(long nowNs)
    {
        var due = new List<int>();
        while (_plan.TryNext(nowNs, out int index, out _))
        {
            due.Add(index);
        }

        return due;
    }

    private static PeerAddress Peer(int port) => new(new IPEndPoint(IPAddress.Loopback, port), null);
}
