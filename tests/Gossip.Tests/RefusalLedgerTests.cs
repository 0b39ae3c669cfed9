namespace Fragcast.Gossip.Tests;

public sealed class RefusalLedgerTests
{
    [Fact]
    public void Add_FirstOfPeerAndReason_IsToBeLogged()
    {
        var ledger = new RefusalLedger();
        Assert.True(ledger.Add(1, Refusal.Duplicate));
        Assert.False(ledger.Add(1, Refusal.Duplicate));
        Assert.True(ledger.Add(1, Refusal.Stale));
        Assert.True(ledger.Add(2, Refusal.Duplicate));
        Assert.Equal(3, ledger.Count(Refusal.Duplicate));
        Assert.Equal(2, ledger.Count(1, Refusal.Duplicate));
        Assert.Equal(4, ledger.Total);
    }

    [Fact]
    public void Add_MorePeersThanPlaces_CountsThemTogether()
    {
        var ledger = new RefusalLedger(peersMax: 3);
        for (int peer = -1; peer < 100; peer++)
        {
            ledger.Add(peer, Refusal.TooLong);
        }

        Assert.Equal(101, ledger.Count(Refusal.TooLong));
        Assert.Equal(99, ledger.Count(50, Refusal.TooLong));
        Assert.Equal(1, ledger.Count(-1, Refusal.TooLong));
    }
}
