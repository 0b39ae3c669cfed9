using Fragcast.Gossip.Assembly;
using Fragcast.Gossip.Verification;
using Fragcast.Gossip.Wire;

namespace Fragcast.Gossip.Tests.Verification;

public sealed class LeaderHoldTests
{
    private readonly LeaderHold<int> _hold = new();
    private readonly List<int> _evicted = [];

    [Fact]
    public void TryAdd_Messages_ComeBackInOrder()
    {
        Assert.True(Add(peer: 1, message: 10));
        Assert.True(Add(peer: 2, message: 11));
        Assert.Equal([10, 11], _hold.TakeAll());
        Assert.Equal(0, _hold.Count);
        Assert.Empty(_evicted);
    }

    [Fact]
    public void TryAdd_CopyOfAnotherPeer_IsNotKept()
    {
        Assert.True(Add(peer: 1, message: 10));
        Assert.False(Add(peer: 2, message: 10));
        Assert.Equal(1, _hold.Count);
    }

    [Fact]
    public void TryAdd_FloodOfOnePeer_CostsItsOwnOnly()
    {
        Add(peer: 1, message: 0);
        for (int i = 1; i <= 1000; i++)
        {
            Add(peer: 2, message: i);
        }

        Assert.Equal(LeaderHold<int>.PeerMax + 1, _hold.Count);
        Assert.Equal(Enumerable.Range(1, 1000 - LeaderHold<int>.PeerMax), _evicted);
        Assert.Equal(0, _hold.TakeAll()[0]);
    }

    [Fact]
    public void TryAdd_FloodOfMany_StaysBoundedByNumberAndBytes()
    {
        for (int i = 0; i < 1000; i++)
        {
            Add(peer: i % 50, message: i);
        }

        Assert.Equal(LeaderHold<int>.HeldMax, _hold.Count);
        // Each of these has one of the largest buffers: they push each other out, and no small one.
        for (int i = 5000; i < 5005; i++)
        {
            Add(peer: 60 + i, message: i, length: MessageBuffers.MediumBytes + 1);
        }

        Assert.Equal(LeaderHold<int>.HeldMax, _hold.Count);
        Assert.Equal(Enumerable.Range(5000, 4), _evicted[^4..]);
        Assert.Equal(5004, _hold.TakeAll()[^1]);
    }

    private bool Add(int peer, int message, int length = 100)
    {
        byte[] signature = new byte[65];
        BitConverter.TryWriteBytes(signature, message);
        var place = new Place(EnvelopeKind.Frag, 0, 7, (ulong)message, default);
        return _hold.TryAdd(peer, place, signature, length, message, _evicted);
    }
}
