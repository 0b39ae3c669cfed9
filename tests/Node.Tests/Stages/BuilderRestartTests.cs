using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using Fragcast.Gossip;
using Fragcast.Gossip.Peers;
using Fragcast.Gossip.Wire;
using Fragcast.Node.Stages;
using Fragcast.Primitives;
using Fragcast.Schedule;
using Fragcast.Transport;
using Fragcast.Transport.Buffers;
using Fragcast.Transport.Identity;

namespace Fragcast.Node.Tests.Stages;

public sealed class BuilderRestartTests
{
    [Fact]
    public void Builder_WhosePeersShowItItsOpenBlock_CancelsItAndStartsAfresh()
    {
        var key = new byte[32];
        key.AsSpan().Fill(7);
        Address signer = Config.SequencerKeys.AddressOf(key, "test");
        ChainPlan plan = ChainPlan.Load(DemoBlocks.Files, repeat: 1);
        ScriptedBlock before = ScriptedBlock.Build(new Chain(plan), 4);
        using ITransportEndpoint endpoint = TestNetwork.Endpoint(1);
        var schedule = new RoundRobinSchedule([signer], 0);
        var builder = new BuilderOptions
        {
            SequencerKey = key,
            Signer = signer,
            FragsPerBlock = 2,
            FragIntervalNs = 1_000_000,
            WaitPeers = 2,
        };
        using var sequencer = new Topology(
            endpoint, new Chain(plan), TestNetwork.Settings(plan, 1, new DialPlan([])), schedule, builder, trace: false,
            new CountingLogger(), () => { });
        sequencer.Start();

        // The first peer has what the sequencer published before it was restarted.
        using var first = new Peer(2, endpoint, plan, schedule, before.Number - 1);
        TestNetwork.WaitUntil(() => first.Node.ReadyCount == 1, "the first peer is connected");
        using var writer = new EnvelopeWriter(plan.NetworkId, key);
        foreach (byte[] message in before.All(writer).Take(2))
        {
            first.Node.Push(message);
        }

        TestNetwork.WaitUntil(() => sequencer.Execute.Frags == 1, "the sequencer knows its open block again");
        using var second = new Peer(3, endpoint, plan, schedule, before.Number - 1);
        TestNetwork.WaitUntil(
            () => first.Received.Any(e => e.Kind == EnvelopeKind.Seal && e.BlockNumber == before.Number), "a seal");

        Envelope[] ofBlock = [.. first.Received.Where(e => e.BlockNumber == before.Number)];
        Assert.Equal(
            [EnvelopeKind.Cancel, EnvelopeKind.Env, EnvelopeKind.Frag, EnvelopeKind.Frag, EnvelopeKind.Seal],
            ofBlock.Select(e => e.Kind));
        Assert.Equal([0, 1, 1, 1, 1], ofBlock.Select(e => (int)e.Attempt));
    }

    private sealed class Peer : IGossipSink, IDisposable
    {
        private readonly ITransportEndpoint _endpoint;

        public Peer(byte identity, ITransportEndpoint target, ChainPlan plan, ILeaderSchedule schedule, ulong head)
        {
            _endpoint = TestNetwork.Endpoint(identity);
            var dial = new DialPlan([new PeerAddress(target.LocalEndPoint, target.LocalPeer)]);
            Node = new GossipNode(
                _endpoint, this, TestNetwork.Settings(plan, identity, dial), schedule, new MessageBuffers(64, 16, 2),
                Stopwatch.GetTimestamp);
            Node.AnnounceHead(new HeadNotice(0, head));
            Node.Start();
        }

        public GossipNode Node { get; }

        public ConcurrentQueue<Envelope> Received { get; } = new();

        public void OnEnvelope(int peer, BufferLease envelope)
        {
            Assert.Equal(Refusal.None, Envelope.TryRead(envelope.Span, out Envelope head));
            Received.Enqueue(head);
            envelope.Release();
        }

        public void OnRefused(int peer, Refusal reason)
        {
        }

        public void OnPeerReady(int peer, PeerId identity)
        {
        }

        public void OnPeerLost(int peer, PeerId identity, DisconnectReason reason)
        {
        }

        public void OnDialFailed(IPEndPoint remote, DisconnectReason reason)
        {
        }

        public void Dispose()
        {
            _endpoint.Dispose();
            Node.Dispose();
        }
    }
}
