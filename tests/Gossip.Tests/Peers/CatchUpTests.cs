using Fragcast.Gossip.Peers;
using Fragcast.Gossip.Wire;

namespace Fragcast.Gossip.Tests.Peers;

public sealed class CatchUpTests
{
    private const long Second = 1_000_000_000;

    private readonly CatchUp _core = new();

    [Fact]
    public void TryAsk_BeforeAnybodySaidAnything_AsksNobody()
    {
        _core.OnOwnHead(new HeadNotice(0, 5), 0);
        Assert.Equal(long.MaxValue, _core.DueNs);
        Assert.False(_core.TryAsk(Second, out _, out _));
    }

    [Fact]
    public void TryAsk_AtTheFirstNotice_AsksForTheRunningBlockAndThenNoMore()
    {
        Start();
        _core.OnPeerHead(4, new HeadNotice(0, 5), Second);
        Assert.Equal(long.MaxValue, _core.DueNs);
        Assert.False(_core.TryAsk(100 * Second, out _, out _));
    }

    [Fact]
    public void TryAsk_OfAPeerThatIsBehind_AsksNothing()
    {
        _core.OnOwnHead(new HeadNotice(0, 5), 0);
        _core.OnPeerHead(3, new HeadNotice(0, 4), 0);
        Assert.False(_core.TryAsk(Second, out _, out _));
    }

    [Fact]
    public void TryAsk_BehindForLess_Waits()
    {
        Start();
        _core.OnPeerHead(3, new HeadNotice(0, 6), Second);
        Assert.Equal(Second + CatchUp.PatienceNs, _core.DueNs);
        Assert.False(_core.TryAsk(Second + CatchUp.PatienceNs - 1, out _, out _));
        _core.OnOwnHead(new HeadNotice(0, 6), Second + CatchUp.PatienceNs);
        Assert.Equal(long.MaxValue, _core.DueNs);
    }

    [Fact]
    public void TryAsk_Behind_AsksThoseThatAreAheadInTurn()
    {
        Start();
        _core.OnPeerHead(4, new HeadNotice(0, 5), Second);
        _core.OnPeerHead(7, new HeadNotice(0, 8), Second);
        _core.OnPeerHead(9, new HeadNotice(0, 8), Second);
        long now = Second + CatchUp.PatienceNs;
        Assert.True(_core.TryAsk(now, out int peer, out BlockRequest request));
        Assert.Equal((7, new BlockRequest(0, 6, 4)), (peer, request));
        Assert.False(_core.TryAsk(now + CatchUp.PatienceNs - 1, out _, out _));
        Assert.True(_core.TryAsk(now + CatchUp.PatienceNs, out peer, out _));
        Assert.Equal(9, peer);
        Assert.True(_core.TryAsk(now + (2 * CatchUp.PatienceNs), out peer, out _));
        Assert.Equal(7, peer);
    }

    [Fact]
    public void TryAsk_FarBehind_GoesOnAtOnceWhenServed()
    {
        Start();
        _core.OnPeerHead(7, new HeadNotice(0, 100), Second);
        long now = Second + CatchUp.PatienceNs;
        Assert.True(_core.TryAsk(now, out _, out BlockRequest request));
        Assert.Equal(new BlockRequest(0, 6, BlockRequest.CountMax), request);
        _core.OnOwnHead(new HeadNotice(0, 21), now + 1);
        Assert.True(_core.TryAsk(now + 1, out _, out request));
        Assert.Equal(22UL, request.FromBlock);
    }

    [Fact]
    public void TryAsk_AfterALoss_AsksForTheRunningBlockNotTooOften()
    {
        Start();
        _core.OnLoss(Second);
        Assert.True(_core.TryAsk(Second, out int peer, out BlockRequest request));
        Assert.Equal((3, new BlockRequest(0, 6, 1)), (peer, request));
        Assert.Equal(long.MaxValue, _core.DueNs);
        _core.OnLoss(Second + 1);
        Assert.False(_core.TryAsk(Second + 1, out _, out _));
        Assert.True(_core.TryAsk(Second + CatchUp.PatienceNs, out _, out _));
    }

    [Fact]
    public void TryAsk_AfterALoss_AsksEachPeerOnce()
    {
        Start();
        _core.OnPeerHead(4, new HeadNotice(0, 5), 0);
        _core.OnPeerHead(5, new HeadNotice(0, 4), 0);
        _core.OnPeerHead(6, new HeadNotice(0, 5), 0);
        _core.OnLoss(Second);
        List<int> asked = [];
        for (long now = Second; _core.DueNs != long.MaxValue; now += CatchUp.PatienceNs)
        {
            Assert.True(_core.TryAsk(now, out int peer, out _));
            asked.Add(peer);
        }

        Assert.Equal([4, 6, 3, 4], asked);
    }

    [Fact]
    public void TryAsk_AfterThePeerIsGone_AsksNobody()
    {
        Start();
        _core.OnPeerHead(3, new HeadNotice(0, 9), Second);
        _core.OnGone(3);
        Assert.False(_core.TryAsk(10 * Second, out _, out _));
    }

    private void Start()
    {
        _core.OnOwnHead(new HeadNotice(0, 5), 0);
        _core.OnPeerHead(3, new HeadNotice(0, 5), 0);
        Assert.True(_core.TryAsk(0, out int peer, out BlockRequest request));
        Assert.Equal((3, new BlockRequest(0, 6, 1)), (peer, request));
    }
}
