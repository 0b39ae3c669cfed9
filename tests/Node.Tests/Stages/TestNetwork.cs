using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using Fragcast.Gossip;
using Fragcast.Gossip.Peers;
using Fragcast.Gossip.Wire;
using Fragcast.Primitives;
using Fragcast.Schedule;
using Fragcast.Schedule.Sources;
using Fragcast.Transport;
using Fragcast.Transport.Buffers;
using Fragcast.Transport.Identity;
using Microsoft.Extensions.Logging;

namespace Fragcast.Node.Tests.Stages;

/// <summary>
/// A real follower on loopback and a peer that the test plays: connected by QUIC, greeted, and free to send anything.
/// </summary>
internal sealed class TestNetwork : IDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly ITransportEndpoint _peerEndpoint;
    private readonly GossipNode _peer;
    private readonly RoundRobinSchedule _schedule;

    public TestNetwork(ChainPlan plan, params byte[][] sequencerKeys)
        : this(plan, evidence: null, sequencerKeys)
    {
    }

    public TestNetwork(ChainPlan plan, EvidenceFolder? evidence, params byte[][] sequencerKeys)
        : this(plan, live: null, evidence, sequencerKeys)
    {
    }

    /// <summary>As the other one; the follower asks a schedule that the test changes.</summary>
    public TestNetwork(ChainPlan plan, LiveSchedule? live, byte[][] sequencerKeys)
        : this(plan, live, evidence: null, sequencerKeys)
    {
    }

    private TestNetwork(ChainPlan plan, LiveSchedule? live, EvidenceFolder? evidence, byte[][] sequencerKeys)
    {
        Address[] signers = sequencerKeys.Select(k => Config.SequencerKeys.AddressOf(k, "test")).ToArray();
        _schedule = new RoundRobinSchedule(signers, 0);
        ITransportEndpoint endpoint = Endpoint(1);
        Follower = new Topology(
            endpoint, new Chain(plan), Settings(plan, 1, new DialPlan([])), live ?? (ILeaderSchedule)_schedule,
            builder: null, trace: false, Log, () => { }, evidence);
        Follower.Execute.BlockCommitted = block => Committed.Add(block);
        Follower.Start();

        _peerEndpoint = Endpoint(2);
        var dial = new DialPlan([new PeerAddress(endpoint.LocalEndPoint, endpoint.LocalPeer)]);
        _peer = new GossipNode(
            _peerEndpoint, new IgnoringSink(), Settings(plan, 2, dial), _schedule, new MessageBuffers(64, 4, 1),
            Stopwatch.GetTimestamp);
        _peer.Start();
        WaitUntil(() => _peer.ReadyCount == 1 && Follower.Gossip.ReadyCount == 1, "the two are connected");
    }

    public Topology Follower { get; }

    public CountingLogger Log { get; } = new();

    public BlockingCollection<CommittedBlock> Committed { get; } = [];

    /// <summary>The schedule by which the test signs.</summary>
    public ILeaderSchedule Schedule => _schedule;

    /// <summary>Who leads a block, as an index into the keys given.</summary>
    public int LeaderOf(ulong blockNumber)
    {
        Assert.Equal(LeaderLookup.Known, _schedule.LeaderOf(blockNumber, out Address leader));
        return _schedule.Sequencers.IndexOf(leader);
    }

    public void Send(ReadOnlySpan<byte> framed) => _peer.Push(framed);

    /// <summary>Sends a message and waits until it is refused for a reason.</summary>
    public void SendAndExpect(Refusal reason, ReadOnlySpan<byte> framed)
    {
        long before = Follower.Refusals.Ledger.Count(reason);
        Send(framed);
        WaitUntil(() => Follower.Refusals.Ledger.Count(reason) == before + 1, $"refused as {reason}");
    }

    public CommittedBlock WaitForBlock()
    {
        Assert.True(Committed.TryTake(out CommittedBlock? block, Patience), "no block was committed in time");
        return block;
    }

    public void WaitForFrags(long frags) => WaitUntil(() => Follower.Execute.Frags == frags, $"{frags} frags applied");

    public static void WaitUntil(Func<bool> condition, string what) =>
        Assert.True(SpinWait.SpinUntil(condition, Patience), $"not in time: {what}");

    public void Dispose()
    {
        Follower.Dispose();
        _peerEndpoint.Dispose();
        _peer.Dispose();
        Assert.Equal(0, Follower.Buffers.Outstanding);
        Committed.Dispose();
    }

    /// <summary>Settings of a node of the tests, by the number of its identity.</summary>
    public static GossipSettings Settings(ChainPlan plan, byte identity, DialPlan dials) => new()
    {
        NetworkId = plan.NetworkId,
        IdentitySeed = Seed(identity),
        Dials = dials,
        UplinkMbps = 10_000,
    };

    /// <summary>The transport of that node.</summary>
    public static ITransportEndpoint Endpoint(byte identity) => TransportEndpoints.Create(
        HostIdentity.FromSeed(Seed(identity)), new TransportOptions { Listen = new IPEndPoint(IPAddress.Loopback, 0) });

    private static byte[] Seed(byte identity)
    {
        var seed = new byte[HostIdentity.SeedLength];
        seed.AsSpan().Fill(identity);
        return seed;
    }

    private sealed class IgnoringSink : IGossipSink
    {
        public void OnEnvelope(int peer, BufferLease envelope) => envelope.Release();

        public void OnRefused(int peer, Refusal reason) => Assert.Fail($"the follower sent nonsense: {reason}");

        public void OnPeerReady(int peer, PeerId identity)
        {
        }

        public void OnPeerLost(int peer, PeerId identity, DisconnectReason reason)
        {
        }

        public void OnDialFailed(IPEndPoint remote, DisconnectReason reason)
        {
        }
    }
}

/// <summary>Keeps the lines that a node logs.</summary>
internal sealed class CountingLogger : ILogger
{
    private readonly ConcurrentQueue<string> _lines = new();

    public int Count(string part) => _lines.Count(l => l.Contains(part, StringComparison.Ordinal));

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception,
        Func<TState, Exception?, string> formatter) => _lines.Enqueue(formatter(state, exception));
}
