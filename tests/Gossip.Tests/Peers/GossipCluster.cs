using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using Fragcast.Gossip.Peers;
using Fragcast.Gossip.Tests.Verification;
using Fragcast.Gossip.Wire;
using Fragcast.Schedule;
using Fragcast.Transport;
using Fragcast.Transport.Buffers;
using Fragcast.Transport.Identity;

namespace Fragcast.Gossip.Tests.Peers;

/// <summary>Nodes on loopback, all connected to each other; the first one leads every block.</summary>
internal sealed class GossipCluster : IDisposable
{
    public const ulong Network = 7;

    public const ulong Head = 100;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly List<ClusterNode> _nodes = [];

    public TestSequencer Sequencer { get; } = new(1);

    public ILeaderSchedule Schedule => new RoundRobinSchedule([Sequencer.Address], 0);

    public ClusterNode this[int i] => _nodes[i];

    /// <summary>Adds a node that dials all that are there.</summary>
    public ClusterNode Add(ulong head = Head, ushort uplinkMbps = 1_000, params IPEndPoint[] dials)
    {
        IPEndPoint[] targets = dials.Length > 0 ? dials : [.. _nodes.Select(n => n.Endpoint.LocalEndPoint)];
        var node = new ClusterNode((byte)(_nodes.Count + 1), this, targets, uplinkMbps, isLeader: _nodes.Count == 0);
        node.Gossip.AnnounceHead(new HeadNotice(0, head));
        node.Gossip.Start();
        _nodes.Add(node);
        return node;
    }

    /// <summary>Waits until every node has every other in its plans.</summary>
    public void WaitUntilConnected() =>
        WaitUntil(() => _nodes.TrueForAll(n => n.Gossip.ReadyCount == _nodes.Count - 1));

    /// <summary>An envelope of a frag with one piece of data in it, of about so many bytes.</summary>
    public byte[] Frag(ulong block, ulong seq, int length)
    {
        var data = new byte[length];
        new Random(length + (int)seq).NextBytes(data);
        return Sequencer.Frag(block, seq, Network, transactions: data);
    }

    public void Publish(byte[] envelope)
    {
        var framed = new byte[GreetingLayout.LengthPrefix + envelope.Length];
        envelope.CopyTo(framed, GreetingLayout.LengthPrefix);
        _nodes[0].Gossip.Broadcast(framed);
    }

    public static void WaitUntil(Func<bool> condition) => Assert.True(SpinWait.SpinUntil(condition, Patience));

    public void Dispose() => _nodes.ForEach(n => n.Dispose());
}

/// <summary>A node of a <see cref="GossipCluster"/>.</summary>
internal sealed class ClusterNode : IGossipSink, IDisposable
{
    private readonly MessageBuffers _buffers = new(512, 64, 16);
    private int _received;

    public ClusterNode(byte number, GossipCluster cluster, IPEndPoint[] dials, ushort uplinkMbps, bool isLeader)
    {
        var seed = new byte[HostIdentity.SeedLength];
        seed.AsSpan().Fill(number);
        Endpoint = TransportEndpoints.Create(
            HostIdentity.FromSeed(seed),
            new TransportOptions
            {
                Listen = new IPEndPoint(IPAddress.Loopback, 0),
                StreamSendBufferBytes = 4 << 20,
                DatagramQueueBytes = 4 << 20,
                FaultObserver = Faults.Enqueue,
            });
        var settings = new GossipSettings
        {
            NetworkId = GossipCluster.Network,
            IdentitySeed = seed,
            Dials = new DialPlan(dials.Select(d => new PeerAddress(d, null))),
            UplinkMbps = uplinkMbps,
            SequencerKey = isLeader ? cluster.Sequencer.Key : default,
            Seed = number,
        };
        Gossip = new GossipNode(
            Endpoint, this, settings, cluster.Schedule, _buffers, Stopwatch.GetTimestamp);
    }

    public ITransportEndpoint Endpoint { get; }

    public GossipNode Gossip { get; }

    public ConcurrentQueue<Exception> Faults { get; } = new();

    public ConcurrentQueue<(int Peer, Refusal Reason)> Refused { get; } = new();

    public ConcurrentDictionary<(ulong Block, EnvelopeKind Kind, ulong Sequence), byte[]> Received { get; } = new();

    /// <summary>Envelopes that came, repeated ones too.</summary>
    public int ReceivedCount => Volatile.Read(ref _received);

    public bool Has(byte[] envelope)
    {
        Assert.Equal(Refusal.None, Envelope.TryRead(envelope, out Envelope head));
        return Received.TryGetValue((head.BlockNumber, head.Kind, head.Sequence), out byte[]? received)
            && received.AsSpan().SequenceEqual(envelope);
    }

    public void OnEnvelope(int peer, BufferLease envelope)
    {
        Envelope.TryRead(envelope.Span, out Envelope head);
        Received[(head.BlockNumber, head.Kind, head.Sequence)] = envelope.Span.ToArray();
        envelope.Release();
        Interlocked.Increment(ref _received);
    }

    public void OnRefused(int peer, Refusal reason) => Refused.Enqueue((peer, reason));

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
        Endpoint.Dispose();
        Gossip.Dispose();
        Assert.Empty(Faults);
        Assert.Equal(0, _buffers.Outstanding);
        Assert.Equal(0, Gossip.ChunksOutstanding);
    }
}
