using System.Net;
using System.Security.Cryptography;
using Fragcast.Gossip;
using Fragcast.Gossip.Evidence;
using Fragcast.Gossip.Peers;
using Fragcast.Gossip.Wire;
using Fragcast.Node.Config;
using Fragcast.Primitives.Messages;
using Fragcast.Schedule;
using Fragcast.Transport;
using Fragcast.Transport.Buffers;
using Fragcast.Transport.Identity;

namespace Fragcast.Node;

/// <summary>
/// Two nodes of a network of their own, on loopback, that send each other some frags: the runtime compiles the whole
/// way of a frag through chunks and QUIC before the first real one takes it. What goes wrong here goes wrong in earnest
/// too, and is told there.
/// </summary>
internal static class GossipRehearsal
{
    private const int Rounds = 24;
    private const int LeasesMax = 2048;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    /// <summary>Sends the frags, and waits for them for a while.</summary>
    /// <param name="engine">The engine that the node will use.</param>
    public static void Run(TransportEngine engine)
    {
        byte[] key = RandomNumberGenerator.GetBytes(32);
        ulong network = BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong)));
        var schedule = new RoundRobinSchedule([SequencerKeys.AddressOf(key, "rehearsal")], firstBlock: 0);
        using var follower = new Party(engine, network, schedule, [], default);
        using var leader = new Party(engine, network, schedule, [follower.Address], key);
        using var writer = new EnvelopeWriter(network, key);
        long untilNs = MonotonicClock.NowNs() + (long)Patience.TotalNanoseconds;
        for (int round = 0; round < Rounds && WaitFor(leader, follower, round, untilNs); round++)
        {
            // From one datagram to a full frag.
            byte[] transaction = RandomNumberGenerator.GetBytes(200 << (round % 8));
            leader.Gossip.Broadcast(writer.Write(
                0, new FragHeader(1, (ulong)round, IsLast: false), [new ReadOnlyMemory<byte>(transaction)]));
        }

        WaitFor(leader, follower, Rounds, untilNs);
    }

    private static bool WaitFor(Party leader, Party follower, int received, long untilNs)
    {
        while (leader.Gossip.ReadyCount == 0 || follower.Received < received)
        {
            if (MonotonicClock.NowNs() > untilNs)
            {
                return false;
            }

            leader.Gossip.Tick();
            Thread.Sleep(1);
        }

        return true;
    }

    private sealed class Party : IGossipSink, IDisposable
    {
        private readonly ITransportEndpoint _endpoint;
        private int _received;

        public Party(
            TransportEngine engine, ulong network, RoundRobinSchedule schedule, IEnumerable<PeerAddress> peers,
            ReadOnlyMemory<byte> sequencerKey)
        {
            byte[] seed = RandomNumberGenerator.GetBytes(HostIdentity.SeedLength);
            _endpoint = TransportEndpoints.Create(
                HostIdentity.FromSeed(seed),
                new TransportOptions
                {
                    Engine = engine,
                    Listen = new IPEndPoint(IPAddress.Loopback, 0),
                    ReceiveLeases = LeasesMax,
                });
            var settings = new GossipSettings
            {
                NetworkId = network,
                IdentitySeed = seed,
                Dials = new DialPlan(peers),
                SequencerKey = sequencerKey,
                ChunksMax = LeasesMax / 2,
            };
            Gossip = new GossipNode(
                _endpoint, this, settings, schedule, new MessageBuffers(64, 32, 1), MonotonicClock.NowNs);
            Gossip.Start();
            Address = new PeerAddress(_endpoint.LocalEndPoint, _endpoint.LocalPeer);
        }

        public GossipNode Gossip { get; }

        public PeerAddress Address { get; }

        public int Received => Volatile.Read(ref _received);

        public void OnEnvelope(int peer, BufferLease envelope)
        {
            envelope.Release();
            Interlocked.Increment(ref _received);
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

        public void OnEvidence(EvidenceRecord evidence)
        {
        }

        public void Dispose()
        {
            _endpoint.Dispose();
            Gossip.Dispose();
        }
    }
}
