using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Security.Cryptography;
using Fragcast.Gossip.Peers;
using Fragcast.Gossip.Tests.Verification;
using Fragcast.Gossip.Wire;
using Fragcast.Schedule;
using Fragcast.Transport;
using Fragcast.Transport.Buffers;
using Fragcast.Transport.Identity;

namespace Fragcast.Gossip.Tests.Peers;

/// <summary>Links between real endpoints on loopback.</summary>
public sealed class GossipNodeTests : IDisposable
{
    private const ulong Network = 7;

    private static readonly TestSequencer Leader = new(1);

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly List<TestNode> _nodes = [];

    public void Dispose() => _nodes.ForEach(n => n.Dispose());

    [Fact]
    public void Push_ToTwoPeers_ReachesBoth()
    {
        TestNode hub = Add();
        TestNode a = Add(dials: hub);
        TestNode b = Add(dials: hub);
        WaitUntil(() => hub.Gossip.ReadyCount == 2 && a.Gossip.ReadyCount == 1 && b.Gossip.ReadyCount == 1);
        byte[] message = new byte[100_000];
        new Random(1).NextBytes(message);
        // An envelope's first byte is its version; that of a control frame would be taken for one.
        message[0] = EnvelopeLayout.Version;
        hub.Gossip.Push(Framed(message));
        Assert.Equal(message, a.TakeEnvelope());
        Assert.Equal(message, b.TakeEnvelope());
    }

    [Fact]
    public void Dial_BothWaysAtOnce_LeavesOneLink()
    {
        (int portA, int portB) = FindFreePorts();
        TestNode a = Add(portA, dialPort: portB);
        TestNode b = Add(portB, dialPort: portA);
        WaitUntil(() => a.Gossip.ReadyCount == 1 && b.Gossip.ReadyCount == 1);

        // The one link works both ways; the duplicate's end does not bring it down.
        for (byte round = 1; round <= 20; round++)
        {
            a.Gossip.Push(Framed([EnvelopeLayout.Version, round]));
            Assert.Equal([EnvelopeLayout.Version, round], b.TakeEnvelope());
            b.Gossip.Push(Framed([EnvelopeLayout.Version, round, 2]));
            Assert.Equal([EnvelopeLayout.Version, round, 2], a.TakeEnvelope());
            a.Gossip.Tick();
            b.Gossip.Tick();
        }

        Assert.Equal(1, a.Gossip.ReadyCount);
        Assert.Equal(1, b.Gossip.ReadyCount);
    }

    [Fact]
    public void Greeting_OfAnotherNetwork_IsRefusedOnBothSides()
    {
        TestNode a = Add();
        TestNode b = Add(dials: a, network: Network + 1);
        WaitUntil(() => a.Refused.Contains(Refusal.WrongNetwork));
        Assert.Equal(0, a.Gossip.ReadyCount);
        Assert.Equal(0, b.Gossip.ReadyCount);
    }

    [Fact]
    public void Frame_LongerThanAllowed_ClosesTheLinkAndTheNextDialMakesANewOne()
    {
        TestNode a = Add();
        TestNode b = Add(dials: a);
        WaitUntil(() => a.Gossip.ReadyCount == 1 && b.Gossip.ReadyCount == 1);
        var prefix = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(prefix, EnvelopeLayout.LengthMax + 1);
        b.Gossip.Push(prefix);
        WaitUntil(() => a.Refused.Contains(Refusal.TooLong) && b.Lost == 1);
        WaitUntil(
            () =>
            {
                b.Gossip.Tick();
                return a.Gossip.ReadyCount == 1 && b.Gossip.ReadyCount == 1;
            });
        a.Gossip.Push(Framed([EnvelopeLayout.Version]));
        Assert.Equal([EnvelopeLayout.Version], b.TakeEnvelope());
    }

    [Fact]
    public void AnnounceHead_BeforeAndAfterTheLink_ReachesThePeer()
    {
        TestNode a = Add();
        a.Gossip.AnnounceHead(new HeadNotice(0, 5));
        TestNode b = Add(dials: a);
        WaitUntil(() => b.Gossip.ReadyCount == 1 && b.Gossip.AllPeersReached(new HeadNotice(0, 5)));
        Assert.False(b.Gossip.AllPeersReached(new HeadNotice(0, 6)));
        a.Gossip.AnnounceHead(new HeadNotice(1, 1));
        WaitUntil(() => b.Gossip.AllPeersReached(new HeadNotice(1, 1)));
    }

    [Fact]
    public void Dial_OfSomebodyElse_DoesNotBecomeALink()
    {
        TestNode a = Add();
        PeerId stranger = HostIdentity.Generate().Peer;
        TestNode b = Add(dials: a, expected: stranger);
        WaitUntil(() => b.DialsFailed > 0);
        Assert.Equal(0, a.Gossip.ReadyCount);
    }

    private static byte[] Framed(byte[] message)
    {
        var framed = new byte[4 + message.Length];
        BinaryPrimitives.WriteInt32LittleEndian(framed, message.Length);
        message.CopyTo(framed, 4);
        return framed;
    }

    private static void WaitUntil(Func<bool> condition) => Assert.True(SpinWait.SpinUntil(condition, Patience));

    // Free a moment ago, for nodes that have to know each other's port before they listen.
    private static (int First, int Second) FindFreePorts()
    {
        using TestNode first = new(0, Network, []);
        using TestNode second = new(0, Network, []);
        return (first.Endpoint.LocalEndPoint.Port, second.Endpoint.LocalEndPoint.Port);
    }

    private TestNode Add(
        int port = 0, TestNode? dials = null, int? dialPort = null, ulong network = Network, PeerId? expected = null)
    {
        int? target = dials?.Endpoint.LocalEndPoint.Port ?? dialPort;
        PeerAddress[] peers = target is { } to
            ? [new PeerAddress(new IPEndPoint(IPAddress.Loopback, to), expected)]
            : [];
        var node = new TestNode(port, network, peers);
        _nodes.Add(node);
        return node;
    }

    private sealed class TestNode : IGossipSink, IDisposable
    {
        private readonly MessageBuffers _buffers = new(64, 8, 1);
        private readonly BlockingCollection<byte[]> _envelopes = [];
        private int _lost;
        private int _dialsFailed;

        public TestNode(int port, ulong network, IEnumerable<PeerAddress> peers)
        {
            byte[] seed = RandomNumberGenerator.GetBytes(HostIdentity.SeedLength);
            Endpoint = TransportEndpoints.Create(
                HostIdentity.FromSeed(seed),
                new TransportOptions { Listen = new IPEndPoint(IPAddress.Loopback, port) });
            var settings = new GossipSettings
            {
                NetworkId = network,
                IdentitySeed = seed,
                Dials = new DialPlan(peers),
                ChunksMax = 1024,
            };
            Gossip = new GossipNode(
                Endpoint, this, settings, new RoundRobinSchedule([Leader.Address], 0), _buffers,
                Stopwatch.GetTimestamp);
            Gossip.Start();
        }

        public ITransportEndpoint Endpoint { get; }

        public GossipNode Gossip { get; }

        public ConcurrentQueue<Refusal> Refused { get; } = new();

        public int Lost => Volatile.Read(ref _lost);

        public int DialsFailed => Volatile.Read(ref _dialsFailed);

        public byte[] TakeEnvelope()
        {
            Assert.True(_envelopes.TryTake(out byte[]? envelope, Patience));
            return envelope;
        }

        public void OnEnvelope(int peer, BufferLease envelope)
        {
            _envelopes.Add(envelope.Span.ToArray());
            envelope.Release();
        }

        public void OnRefused(int peer, Refusal reason) => Refused.Enqueue(reason);

        public void OnPeerReady(int peer, PeerId identity)
        {
        }

        public void OnPeerLost(int peer, PeerId identity, DisconnectReason reason) => Interlocked.Increment(ref _lost);

        public void OnDialFailed(IPEndPoint remote, DisconnectReason reason) => Interlocked.Increment(ref _dialsFailed);

        public void Dispose()
        {
            Endpoint.Dispose();
            Gossip.Dispose();
            Assert.Equal(0, _buffers.Outstanding);
            Assert.Equal(0, Gossip.ChunksOutstanding);
            _envelopes.Dispose();
        }
    }
}
