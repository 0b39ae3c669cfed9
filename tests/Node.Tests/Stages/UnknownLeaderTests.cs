using Fragcast.Gossip;
using Fragcast.Gossip.Wire;
using Fragcast.Schedule.Sources;

namespace Fragcast.Node.Tests.Stages;

/// <summary>A follower whose schedule does not know the leader yet when the block comes.</summary>
public sealed class UnknownLeaderTests
{
    [Fact]
    public void Block_BeforeItsLeaderIsKnown_WaitsAndIsCountedForNobody()
    {
        byte[] key = new byte[32];
        key.AsSpan().Fill(1);
        ChainPlan plan = ChainPlan.Load(DemoBlocks.Files, repeat: 1);
        ScriptedBlock block = ScriptedBlock.Build(new Chain(plan), fragCount: 4);
        var live = new LiveSchedule(new TableSchedule([]));
        using var network = new TestNetwork(plan, live, [key]);
        using var leader = new EnvelopeWriter(plan.NetworkId, key);
        byte[][] messages = [.. block.All(leader)];
        foreach (byte[] message in messages)
        {
            network.Send(message);
        }

        // Behind all of them, so that they have been looked at when it is refused.
        byte[] stranger = (byte[])messages[0].Clone();
        stranger[GreetingLayout.LengthPrefix + EnvelopeLayout.NetworkIdOffset] ^= 1;
        network.SendAndExpect(Refusal.WrongNetwork, stranger);
        Assert.Empty(network.Committed);

        live.Replace(network.Schedule);
        Assert.Equal(block.Seal.BlockHash.ToString(), network.WaitForBlock().Hash);
        Assert.Equal(1, network.Follower.Refusals.Ledger.Total);
        Assert.Equal(0, network.Log.Count("LeaderNotYetKnown"));
    }
}
