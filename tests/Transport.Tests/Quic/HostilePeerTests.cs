using System.Buffers.Binary;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Fragcast.Transport.Quic;
using Fragcast.Transport.Quic.Native;

namespace Fragcast.Transport.Tests.Quic;

/// <summary>Peers that want to wear an endpoint down: it stays bounded, counts, and serves the others.</summary>
public sealed class HostilePeerTests : TransportFixture
{
    private const int InitialLength = 1200;

    // RFC 9000, section 20.1.
    private const ulong FlowControlError = 3;

    [Theory]
    [MemberData(nameof(NgtcpEngines))]
    public void Receive_FloodOfSpoofedInitials_OpensFewAndServesOthers(string engine)
    {
        const int Threshold = 8;
        const int Sources = 20;
        const int Rounds = 200;
        var clock = Stopwatch.StartNew();
        Pair pair = Connect(engine, engine, Loopback, Loopback with { RetryThreshold = Threshold });
        pair.ServerEvents.EchoDatagrams = true;
        EndpointShared shared = ((NgtcpEndpoint)pair.Server).Shared;
        Socket[] sources = [.. Enumerable.Range(0, Sources).Select(i => Own(NewSocket((byte)(1 + i))))];
        byte[] initial = new byte[InitialLength];

        for (int i = 0; i < Sources * Rounds; i++)
        {
            FillInitial(initial);
            sources[i % Sources].SendTo(initial, pair.Server.LocalEndPoint);
            if (i % 1000 == 0)
            {
                Assert.Equal(
                    SendResult.Accepted, pair.Client.TrySendDatagram(pair.OfClient, new byte[9], EgressClass.Realtime));
            }
        }

        pair.ClientEvents.WaitUntil(() => pair.ClientEvents.Datagrams.Count == 4, "the echoes amid the flood");
        pair.ServerEvents.WaitUntil(() => shared.Connections.Count == 1, "the end of what noise has opened");
        // At once, then twice as many a second; one more for the connection, some for a clock that is not ours.
        long mostOpened = 1 + (Threshold * (2 + (2 * (long)clock.Elapsed.TotalSeconds))) + Threshold;
        TransportCounters counters = pair.Server.Counters;
        Assert.InRange(counters[TransportCounter.HandshakesAccepted], 2, mostOpened);
        Assert.True(counters[TransportCounter.RetriesSent] > 0);
        Assert.Equal(0, counters[TransportCounter.Disconnected]);
        Assert.Equal(0, counters[TransportCounter.HandlerFaults]);
    }

    [Theory]
    [MemberData(nameof(NgtcpPairs))]
    public unsafe void Stream_SentBeyondItsWindow_EndsThatConnectionOnly(string dialler, string acceptor)
    {
        Pair hostile = Connect(dialler, acceptor, Loopback, Loopback with { StreamWindowBytes = 1000 });
        (ITransportEndpoint other, RecordingHandler otherEvents) = Start(dialler);
        ConnectionId ofOther = other.Dial(hostile.Server.LocalEndPoint, hostile.Server.LocalPeer);
        otherEvents.WaitForConnection();
        hostile.ServerEvents.EchoDatagrams = true;
        // What the client believes that the server allows: its library takes every stream's window from there.
        QuicConnection client = ((NgtcpEndpoint)hostile.Client).Shared.Connections.Find(hostile.OfClient.Value)!;
        *(ulong*)(client.Native.PeerParameters + NgtcpAbi.Parameters.StreamDataBidiRemote) = 1 << 20;

        Assert.Equal(SendResult.Accepted, hostile.Client.TryOpenStream(hostile.OfClient, out StreamId stream));
        Assert.Equal(SendResult.Accepted, hostile.Client.TryWriteStream(stream, new byte[9000], EgressClass.Bulk));

        Assert.Equal(DisconnectKind.ProtocolError, hostile.ServerEvents.WaitForDisconnect().Kind);
        DisconnectReason seen = hostile.ClientEvents.WaitForDisconnect();
        Assert.Equal(new DisconnectReason(DisconnectKind.PeerTransportError, FlowControlError), seen);
        Assert.Equal(1, hostile.Server.Counters[TransportCounter.ProtocolErrors]);
        Assert.Equal(SendResult.Accepted, other.TrySendDatagram(ofOther, new byte[9], EgressClass.Realtime));
        otherEvents.WaitUntil(() => otherEvents.Datagrams.Count == 1, "the echo of the other");
    }

    [Theory]
    [MemberData(nameof(NgtcpEngines))]
    public void Receive_TruncatedAndReplayedInitials_AreOneHandshakeThatEnds(string engine)
    {
        (ITransportEndpoint server, RecordingHandler events) =
            Start(engine, Loopback with { HandshakeTimeout = TimeSpan.FromSeconds(2) });
        EndpointShared shared = ((NgtcpEndpoint)server).Shared;
        byte[] genuine = Capture(engine);
        using Socket first = NewSocket(1);
        using Socket other = NewSocket(2);
        int truncated = 0;
        for (int length = 1; length < InitialLength; length += 50)
        {
            first.SendTo(genuine.AsSpan(0, length), server.LocalEndPoint);
            truncated++;
        }

        events.WaitUntil(
            () => server.Counters[TransportCounter.PacketsUnrecognised] == truncated, "the truncated ones to be seen");
        Assert.Equal(0, server.Counters[TransportCounter.HandshakesAccepted]);
        Assert.Equal(0, server.Counters[TransportCounter.PacketsOut]);

        const int Replays = 100;
        for (int i = 0; i < Replays; i++)
        {
            first.SendTo(genuine, server.LocalEndPoint);
            other.SendTo(genuine, server.LocalEndPoint);
        }

        // From the address that opened it they are repetitions; from another, nobody's.
        events.WaitUntil(
            () => server.Counters[TransportCounter.PacketsUnrecognised] == truncated + Replays, "the replays");
        Assert.Equal(1, server.Counters[TransportCounter.HandshakesAccepted]);
        Assert.True(shared.Connections.Count <= 1);
        events.WaitUntil(() => shared.Connections.Count == 0, "the end of the handshake");
        Assert.Equal(1, server.Counters[TransportCounter.HandshakeTimeouts]);
        Assert.Empty(events.Connects);
        Assert.Empty(events.Disconnects);
    }

    [Theory]
    [MemberData(nameof(NgtcpEngines))]
    public void Streams_OpenedAndAbandoned_LeaveNothingBehind(string engine)
    {
        const int Count = 1000;
        Pair pair = Connect(engine, engine, Loopback with { MaxStreams = Count });
        EndpointShared near = ((NgtcpEndpoint)pair.Client).Shared;
        EndpointShared far = ((NgtcpEndpoint)pair.Server).Shared;

        for (int i = 0; i < Count; i++)
        {
            Assert.Equal(SendResult.Accepted, pair.Client.TryOpenStream(pair.OfClient, out StreamId stream));
            Assert.Equal(SendResult.Accepted, pair.Client.TryWriteStream(stream, new byte[50], EgressClass.Control));
            pair.Client.ResetStream(stream, 7);
        }

        pair.Client.TrySendDatagram(pair.OfClient, new byte[10], EgressClass.Realtime);
        pair.ServerEvents.WaitUntil(() => !pair.ServerEvents.Datagrams.IsEmpty, "the connection to go on");
        pair.ServerEvents.WaitUntil(() => far.Streams.Count == 0, "the far streams to go");
        // With 0.12.1 some stay open on the side that abandoned them; its own bound holds them, and the end of the
        // connection frees them.
        pair.Client.Close(pair.OfClient, 0);
        pair.ClientEvents.WaitUntil(() => near.Streams.Count == 0, "the near streams to go");
        pair.ClientEvents.WaitUntil(() => near.Chunks.Outstanding == 0, "the near buffers to go");
        pair.ServerEvents.WaitForDisconnect();
        Assert.Equal(pair.ServerEvents.StreamsOpened.Count, pair.ServerEvents.StreamsClosed.Count);
        Assert.Equal(pair.ServerEvents.StreamsOpened.Count, pair.Server.Counters[TransportCounter.StreamsAccepted]);
    }

    [Theory]
    [MemberData(nameof(NgtcpEngines))]
    public void Peer_StopsReading_CostsABoundedBufferUntilItTimesOut(string engine)
    {
        const int StreamMax = 100_000;
        const int ConnectionMax = 250_000;
        UdpRelay? relay = null;
        Pair pair = Connect(
            engine,
            engine,
            Loopback with
            {
                StreamSendBufferBytes = StreamMax,
                ConnectionSendBufferBytes = ConnectionMax,
                IdleTimeout = TimeSpan.FromSeconds(3),
                KeepAlive = TimeSpan.FromSeconds(1),
            },
            via: to => (relay = Own(new UdpRelay(to))).EndPoint);
        EndpointShared shared = ((NgtcpEndpoint)pair.Client).Shared;
        relay!.IsCut = true;

        int written = 0;
        for (int i = 0; i < 10; i++)
        {
            Assert.Equal(SendResult.Accepted, pair.Client.TryOpenStream(pair.OfClient, out StreamId stream));
            int ofStream = 0;
            while (pair.Client.TryWriteStream(stream, new byte[1000], EgressClass.Bulk) == SendResult.Accepted)
            {
                ofStream += 1000;
            }

            Assert.InRange(ofStream, 0, StreamMax);
            written += ofStream;
        }

        Assert.Equal(ConnectionMax, written);
        Assert.Equal(DisconnectKind.IdleTimeout, pair.ClientEvents.WaitForDisconnect().Kind);
        pair.ClientEvents.WaitUntil(() => shared.Chunks.Outstanding == 0, "the buffers to be freed");
        Assert.Equal(0, shared.Streams.Count);
        Assert.Equal(1, pair.Client.Counters[TransportCounter.IdleTimeouts]);
    }

    // The first packet of a dialler to an address where nobody answers.
    private byte[] Capture(string engine)
    {
        using Socket sink = NewSocket(1);
        (ITransportEndpoint dialler, _) = Start(engine);
        dialler.Dial((IPEndPoint)sink.LocalEndPoint!, null);
        byte[] packet = new byte[2000];
        return packet[..sink.Receive(packet)];
    }

    // An Initial of version 1 with fresh ids, no token and a body of noise (RFC 9000, section 17.2.2).
    private static void FillInitial(byte[] packet)
    {
        RandomNumberGenerator.Fill(packet);
        packet[0] = 0xC0;
        BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(1), 1);
        packet[5] = 8;
        packet[14] = 8;
        packet[23] = 0;
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(24), 0x4000 | (InitialLength - 26));
    }

    private static Socket NewSocket(byte host)
    {
        Socket socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = 20_000 };
        socket.Bind(new IPEndPoint(new IPAddress([127, 0, 0, host]), 0));
        return socket;
    }
}
