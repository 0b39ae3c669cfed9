using Fragcast.Gossip.Broadcast;

namespace Fragcast.Gossip.Tests.Broadcast;

public class BroadcastCoreTests
{
    private const long SecondNs = 1_000_000_000;

    [Theory]
    [InlineData(new[] { 2 })]
    [InlineData(new[] { 8 })]
    [InlineData(new[] { 3, 1, 1 })]
    [InlineData(new[] { 67, 67, 67, 66 })]
    [InlineData(new[] { 900 })]
    public void Publish_NothingLost_EverybodyHasItWithoutRepair(int[] regions)
    {
        var network = new TestNetwork(TestNetwork.MapOf(regions));
        ItemHeader small = network.Publish(TestNetwork.Frag(1, 0), 700);
        ItemHeader large = network.Publish(TestNetwork.Frag(1, 1), 32_768, tag: 2);
        network.Run(SecondNs);
        Assert.Equal(network.Map.Count - 1, network.CountWith(small));
        Assert.Equal(network.Map.Count - 1, network.CountWith(large));
        Assert.Empty(network.Misbehaviours);
    }
}
