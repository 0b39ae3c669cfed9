using Fragcast.Gossip.Chunks;
using Fragcast.Gossip.Tests.Verification;
using Fragcast.Gossip.Wire;
using Fragcast.Transport;

namespace Fragcast.Gossip.Tests.Peers;

/// <summary>Envelopes as chunks over real connections on loopback.</summary>
public sealed class BroadcastTests
{
    private const ulong Block = GossipCluster.Head + 1;

    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    public void Broadcast_OfSmallLargeAndHugeFrags_ReachesAllOnce(int nodes)
    {
        using GossipCluster cluster = Cluster(nodes);
        byte[][] messages =
        [
            cluster.Sequencer.Wrap(TestSequencer.Env(Block), GossipCluster.Network),
            cluster.Frag(Block, 0, 300), cluster.Frag(Block, 1, 32 << 10), cluster.Frag(Block, 2, 1 << 20),
            cluster.Frag(Block, 3, 300),
        ];
        foreach (byte[] message in messages)
        {
            cluster.Publish(message);
        }

        for (int i = 1; i < nodes; i++)
        {
            ClusterNode node = cluster[i];
            GossipCluster.WaitUntil(() => messages.All(node.Has));
            Assert.Equal(messages.Length, node.ReceivedCount);
            Assert.Empty(node.Refused);
        }

        Assert.Equal(0, cluster[0].ReceivedCount);
    }

    [Fact]
    public void Broadcast_ThroughALossyNetwork_ReachesAll()
    {
        using var cluster = new GossipCluster();
        ClusterNode leader = cluster.Add();
        using var first = new UdpRelay(leader.Endpoint.LocalEndPoint, dropOneOf: 10);
        using var second = new UdpRelay(leader.Endpoint.LocalEndPoint, dropOneOf: 10);
        ClusterNode a = cluster.Add(dials: first.EndPoint);
        ClusterNode b = cluster.Add(dials: [second.EndPoint, a.Endpoint.LocalEndPoint]);
        cluster.WaitUntilConnected();
        byte[][] messages = [.. Enumerable.Range(0, 40).Select(i => cluster.Frag(Block, (ulong)i, 300 + (i * 800)))];
        foreach (byte[] message in messages)
        {
            cluster.Publish(message);
        }

        GossipCluster.WaitUntil(() => messages.All(a.Has) && messages.All(b.Has));
    }

    [Fact]
    public void Chunk_ThatIsNoGood_IsCountedAndHarmless()
    {
        using GossipCluster cluster = Cluster(2);
        ClusterNode node = cluster[1];
        using var stranger = new BareNode(node.Endpoint.LocalEndPoint);
        GossipCluster.WaitUntil(() => stranger.IsGreeted);
        byte[] frag = cluster.Frag(Block, 0, 20_000);
        var liar = new TestSequencer(9);
        using var chunks = BareNode.Encode(frag, liar);
        Assert.Equal(SendResult.Accepted, stranger.Send(chunks.Chunk(0)));
        GossipCluster.WaitUntil(() => node.Refused.Any(r => r.Reason == Refusal.BadSignature));
        Assert.Equal(SendResult.Accepted, stranger.Send(new byte[] { ChunkLayout.Type, 1, 2 }));
        GossipCluster.WaitUntil(() => node.Refused.Any(r => r.Reason == Refusal.Truncated));
        Assert.Equal(SendResult.Accepted, stranger.Send(new byte[] { BroadcastFrames.RequestType }));
        GossipCluster.WaitUntil(() => node.Refused.Any(r => r.Reason == Refusal.BadControl));

        cluster.Publish(frag);
        GossipCluster.WaitUntil(() => node.Has(frag));

        // 25 + 20 + 50 points: once more is too much.
        Assert.Equal(0, node.Gossip.Bans);
        Assert.Equal(SendResult.Accepted, stranger.Send(new byte[] { BroadcastFrames.ReportType }));
        GossipCluster.WaitUntil(() => node.Gossip.Bans == 1 && stranger.IsLost);
        Assert.Equal(1, node.Gossip.ReadyCount);
    }

    [Fact]
    public void Join_InARunningBlock_GetsItFromItsEnvOn()
    {
        using GossipCluster cluster = Cluster(3);
        byte[] env = cluster.Sequencer.Wrap(TestSequencer.Env(Block), GossipCluster.Network);
        byte[][] messages = [env, .. Enumerable.Range(0, 200).Select(i => cluster.Frag(Block, (ulong)i, 1_500))];
        foreach (byte[] message in messages)
        {
            cluster.Publish(message);
        }

        GossipCluster.WaitUntil(() => messages.All(cluster[1].Has) && messages.All(cluster[2].Has));
        ClusterNode late = cluster.Add();
        GossipCluster.WaitUntil(() => messages.All(late.Has));
        cluster.WaitUntilConnected();
        byte[] next = cluster.Frag(Block, 200, 1_500);
        cluster.Publish(next);
        GossipCluster.WaitUntil(() => late.Has(next));
        Assert.Empty(late.Refused);
    }

    [Fact]
    public void Join_SomeBlocksBehind_GetsThemInOrder()
    {
        using GossipCluster cluster = Cluster(2);
        List<byte[]> messages = [];
        for (ulong block = Block; block < Block + 5; block++)
        {
            byte[][] ofBlock =
            [
                cluster.Sequencer.Wrap(TestSequencer.Env(block), GossipCluster.Network), cluster.Frag(block, 0, 5_000),
                cluster.Sequencer.Wrap(TestSequencer.Seal(block, 1), GossipCluster.Network),
            ];
            foreach (byte[] message in ofBlock)
            {
                cluster.Publish(message);
            }

            GossipCluster.WaitUntil(() => ofBlock.All(cluster[1].Has));
            cluster[0].Gossip.AnnounceHead(new HeadNotice(0, block));
            cluster[1].Gossip.AnnounceHead(new HeadNotice(0, block));
            messages.AddRange(ofBlock);
        }

        ClusterNode late = cluster.Add(head: GossipCluster.Head);
        GossipCluster.WaitUntil(() => messages.TrueForAll(late.Has));
        Assert.True(late.Gossip.CatchUpRequests > 0);
    }

    [Fact]
    public void Records_OfNodesThatShareAPeer_SpreadToAll()
    {
        using var cluster = new GossipCluster();
        ClusterNode hub = cluster.Add();
        ClusterNode a = cluster.Add(dials: hub.Endpoint.LocalEndPoint);
        ClusterNode b = cluster.Add(dials: hub.Endpoint.LocalEndPoint);
        GossipCluster.WaitUntil(
            () => hub.Gossip.KnownNodes == 3 && a.Gossip.KnownNodes == 3 && b.Gossip.KnownNodes == 3);
        Assert.Equal(1, a.Gossip.ReadyCount);
    }

    private static GossipCluster Cluster(int nodes)
    {
        var cluster = new GossipCluster();
        for (int i = 0; i < nodes; i++)
        {
            cluster.Add();
        }

        cluster.WaitUntilConnected();
        return cluster;
    }
}
