using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Fragcast.Primitives.Crypto;
using Fragcast.Transport.Buffers;
using Fragcast.Transport.Identity;
using Fragcast.Transport.Quic;

namespace Fragcast.Transport.Tests.Quic;

/// <summary>What is particular to the engine on ngtcp2: answers without state, limits, faults, leaks.</summary>
public sealed class NgtcpEndpointTests : TransportFixture
{
    private const int InitialLength = 1200;

    [Theory]
    [MemberData(nameof(NgtcpEngines))]
    public void Description_NamesTheLibrariesInUse(string engine)
    {
        (ITransportEndpoint endpoint, _) = Start(engine);

        Assert.StartsWith(engine == "ngtcp2-1" ? "ngtcp2 1." : "ngtcp2 0.12", endpoint.Description.Libraries);
        Assert.Contains("GnuTLS 3.", endpoint.Description.Libraries, StringComparison.Ordinal);
        Assert.Contains("mmsg", endpoint.Description.InputOutput, StringComparison.Ordinal);
    }

    [Fact]
    public void Create_LibraryMissing_NamesThePackageInOneLine()
    {
        TransportOptions options = Loopback with
        {
            Engine = TransportEngine.Ngtcp2, LibraryDirectory = "/nonexistent",
        };

        NativeLibraryMissingException error = Assert.Throws<NativeLibraryMissingException>(
            () => TransportEndpoints.Create(HostIdentity.Generate(), options));

        Assert.Contains("apt-get install libngtcp2-", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Theory]
    [MemberData(nameof(NgtcpPairs))]
    public void Accept_AboveRetryThreshold_ProvesAddressFirst(string dialler, string acceptor)
    {
        Pair pair = Connect(dialler, acceptor, Loopback, Loopback with { RetryThreshold = 0 });

        Assert.Equal(1, pair.Server.Counters[TransportCounter.RetriesSent]);
        Assert.Equal(0, pair.Server.Counters[TransportCounter.RetryTokensInvalid]);
        Assert.Equal(1, pair.Server.Counters[TransportCounter.HandshakesAccepted]);
    }

    [Theory]
    [MemberData(nameof(NgtcpEngines))]
    public void Receive_UnknownVersion_IsToldOurs(string engine)
    {
        (ITransportEndpoint server, _) = Start(engine);
        using Socket socket = NewSocket();
        byte[] packet = LongHeader(0x1A2A3A4A, InitialLength);

        socket.SendTo(packet, server.LocalEndPoint);
        byte[] answer = new byte[1500];
        int length = socket.Receive(answer);

        // Version Negotiation (RFC 8999): long header, version 0, ids swapped, then the list of versions.
        Assert.True((answer[0] & 0x80) != 0);
        Assert.Equal(0u, BinaryPrimitives.ReadUInt32BigEndian(answer.AsSpan(1)));
        Assert.Equal(packet[15..23], answer[6..14]);
        Assert.Equal(1u, BinaryPrimitives.ReadUInt32BigEndian(answer.AsSpan(length - 4)));
        Assert.Equal(1, server.Counters[TransportCounter.VersionNegotiationsSent]);
    }

    [Theory]
    [MemberData(nameof(NgtcpEngines))]
    public void Receive_SmallPacketOfUnknownVersion_IsNotAnswered(string engine)
    {
        (ITransportEndpoint server, RecordingHandler events) = Start(engine);
        using Socket socket = NewSocket();

        socket.SendTo(LongHeader(0x1A2A3A4A, 300), server.LocalEndPoint);

        events.WaitUntil(() => server.Counters[TransportCounter.PacketsUnrecognised] == 1, "the packet to be seen");
        Assert.Equal(0, server.Counters[TransportCounter.PacketsOut]);
    }

    [Theory]
    [MemberData(nameof(NgtcpEngines))]
    public void Receive_ShortHeaderOfUnknownConnection_IsResetBySmallerPacket(string engine)
    {
        (ITransportEndpoint server, _) = Start(engine);
        using Socket socket = NewSocket();
        byte[] packet = RandomNumberGenerator.GetBytes(60);
        packet[0] = 0x40;

        socket.SendTo(packet, server.LocalEndPoint);
        byte[] answer = new byte[1500];
        int length = socket.Receive(answer);

        Assert.InRange(length, ResetTokens.MinPacket, packet.Length - 1);
        Assert.Equal(0x40, answer[0] & 0xC0);
        Assert.Equal(1, server.Counters[TransportCounter.StatelessResetsSent]);
    }

    [Theory]
    [MemberData(nameof(NgtcpEngines))]
    public void Receive_Garbage_HurtsNobody(string engine)
    {
        Pair pair = Connect(engine, engine);
        pair.ServerEvents.EchoDatagrams = true;
        using Socket socket = NewSocket();
        const int Count = 3000;
        for (int i = 0; i < Count; i++)
        {
            socket.SendTo(Garbage(i), pair.Server.LocalEndPoint);
        }

        pair.Client.TrySendDatagram(pair.OfClient, new byte[100], EgressClass.Realtime);

        pair.ClientEvents.WaitUntil(() => !pair.ClientEvents.Datagrams.IsEmpty, "an echo amid garbage");
        pair.ServerEvents.WaitUntil(
            () => pair.Server.Counters[TransportCounter.HandshakesAccepted] > 1, "an Initial to be tried");
        Assert.True(pair.Server.Counters[TransportCounter.PacketsUnrecognised] > 0);
        Assert.Empty(pair.ServerEvents.Disconnects);
        Assert.Single(pair.ServerEvents.Connects);
    }

    [Theory]
    [MemberData(nameof(NgtcpEngines))]
    public void Accept_TooManyFromOneAddress_RefusesTheRest(string engine)
    {
        (ITransportEndpoint server, RecordingHandler serverEvents) =
            Start(engine, Loopback with { MaxConnectionsPerAddress = 2 });
        (ITransportEndpoint client, RecordingHandler clientEvents) =
            Start(engine, Loopback with { HandshakeTimeout = TimeSpan.FromMilliseconds(500) });
        for (int i = 0; i < 2; i++)
        {
            client.Dial(server.LocalEndPoint, null);
        }

        serverEvents.WaitUntil(() => serverEvents.Connects.Count == 2, "two connections");
        client.Dial(server.LocalEndPoint, null);

        Assert.Equal(DisconnectKind.HandshakeTimeout, clientEvents.WaitForDialFailure().Kind);
        Assert.True(server.Counters[TransportCounter.HandshakesRefusedByLimit] > 0);
        server.Close(serverEvents.Connects.First().Id, 0);
        serverEvents.WaitForDisconnect();
        client.Dial(server.LocalEndPoint, null);
        serverEvents.WaitUntil(() => serverEvents.Connects.Count == 3, "one more after one has gone");
    }

    [Theory]
    [MemberData(nameof(NgtcpEngines))]
    public void Dial_BeyondMaxConnections_FailsAtOnce(string engine)
    {
        (ITransportEndpoint client, RecordingHandler events) = Start(engine, Loopback with { MaxConnections = 1 });
        using ITransportEndpoint silent = EnginePairs.Create(engine, Loopback);
        client.Dial(silent.LocalEndPoint, null);

        ConnectionId second = client.Dial(silent.LocalEndPoint, null);

        events.WaitUntil(() => events.DialFailures.Any(f => f.Id == second), "the refusal");
        Assert.Equal(DisconnectKind.LocalLimit, events.DialFailures.First(f => f.Id == second).Reason.Kind);
        Assert.False(client.TryGetPath(second, out _));
    }

    [Theory]
    [MemberData(nameof(NgtcpEngines))]
    public void Handler_Throwing_CostsOnlyItsConnection(string engine)
    {
        List<Exception> observed = [];
        (ITransportEndpoint server, RecordingHandler serverEvents) = Start(
            engine, Loopback with { FaultObserver = observed.Add }, events: new ThrowingHandler());
        (ITransportEndpoint client, RecordingHandler clientEvents) = Start(engine);
        ConnectionId bad = client.Dial(server.LocalEndPoint, null);
        ConnectionId good = client.Dial(server.LocalEndPoint, null);
        clientEvents.WaitUntil(() => clientEvents.Connected.Count == 2, "two connections");

        client.TrySendDatagram(bad, ThrowingHandler.Trigger, EgressClass.Realtime);

        clientEvents.WaitForDisconnect();
        Assert.Equal(DisconnectKind.HandlerFault, serverEvents.WaitForDisconnect().Kind);
        Assert.IsType<TimeZoneNotFoundException>(Assert.Single(observed));
        client.TrySendDatagram(good, new byte[10], EgressClass.Realtime);
        serverEvents.WaitUntil(() => serverEvents.Datagrams.Any(d => d.Payload.Length == 10), "the good connection");
        Assert.Equal(1, server.Counters[TransportCounter.HandlerFaults]);
    }

    [Theory]
    [MemberData(nameof(NgtcpEngines))]
    public void Dispose_WithinHandler_EndsWithoutDeadlock(string engine)
    {
        (ITransportEndpoint server, RecordingHandler serverEvents) = Start(engine, events: new DisposingHandler());
        (ITransportEndpoint client, RecordingHandler clientEvents) = Start(engine);

        client.Dial(server.LocalEndPoint, null);

        clientEvents.WaitUntil(
            () => !clientEvents.Disconnects.IsEmpty || !clientEvents.DialFailures.IsEmpty, "the end of the connection");
        serverEvents.WaitForDisconnect();
    }

    [Theory]
    [MemberData(nameof(NgtcpEngines))]
    public void Connections_OpenedAndClosed_LeaveNothingBehind(string engine)
    {
        (ITransportEndpoint client, RecordingHandler clientEvents) = Start(engine);
        (ITransportEndpoint server, RecordingHandler serverEvents) = Start(engine);
        serverEvents.EchoStreams = true;
        long settled = 0;
        for (int i = 1; i <= 200; i++)
        {
            ConnectionId connection = client.Dial(server.LocalEndPoint, server.LocalPeer);
            clientEvents.WaitUntil(() => clientEvents.Connected.ContainsKey(connection), "a connection");
            client.TryOpenStream(connection, out StreamId stream);
            client.TryWriteStream(stream, new byte[5000], EgressClass.Control);
            client.TrySendDatagram(connection, new byte[100], EgressClass.Realtime);
            client.Close(connection, 0);
            serverEvents.WaitUntil(() => serverEvents.Disconnects.Count == i, "its end");
            if (i == 50)
            {
                settled = Environment.WorkingSet;
            }
        }

        foreach (ITransportEndpoint endpoint in new[] { client, server })
        {
            EndpointShared shared = ((NgtcpEndpoint)endpoint).Shared;
            clientEvents.WaitUntil(() => shared.Connections.Count == 0, "the connections to go");
            clientEvents.WaitUntil(() => shared.Streams.Count == 0, "the streams to go");
            clientEvents.WaitUntil(() => shared.SendPool.Outstanding == 0, "the datagrams to go");
            clientEvents.WaitUntil(() => shared.Chunks.Outstanding == 0, "the chunks to go");
            Assert.Equal(0, shared.ReceivePool.Outstanding);
        }

        // A connection that was not freed would cost 100 KiB or more on each side: 30 MiB for 150.
        Assert.InRange(Environment.WorkingSet - settled, long.MinValue, 20 << 20);
    }

    private static Socket NewSocket()
    {
        Socket socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = 20_000 };
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return socket;
    }

    // Long header (RFC 8999): form, version, destination id of 8 bytes, source id of 8 bytes, anything.
    private static byte[] LongHeader(uint version, int length)
    {
        byte[] packet = RandomNumberGenerator.GetBytes(length);
        packet[0] = 0xC0;
        BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(1), version);
        packet[5] = 8;
        packet[14] = 8;
        return packet;
    }

    private static byte[] Garbage(int i) => (i % 4) switch
    {
        // Noise of every length; truncated heads; Initials of v1 with no token, a length, and a body of noise.
        0 => RandomNumberGenerator.GetBytes(1 + (i % 1400)),
        1 => LongHeader(1, InitialLength)[..(1 + (i % 40))],
        2 => LongHeader((uint)i, 20 + (i % 1300)),
        _ => Initial(),
    };

    private static byte[] Initial()
    {
        byte[] packet = LongHeader(1, InitialLength);
        packet[23] = 0;
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(24), 0x4000 | (InitialLength - 26));
        return packet;
    }

    private sealed class ThrowingHandler : RecordingHandler
    {
        public static byte[] Trigger => [1, 2, 3];

        public override void OnDatagram(ConnectionId connection, BufferLease datagram)
        {
            bool isTrigger = datagram.Span.SequenceEqual(Trigger);
            base.OnDatagram(connection, datagram);
            if (isTrigger)
            {
                throw new TimeZoneNotFoundException("thrown by the test");
            }
        }
    }

    private sealed class DisposingHandler : RecordingHandler
    {
        public override void OnConnected(ConnectionId connection, PeerId peer, IPEndPoint remote, bool dialled)
        {
            base.OnConnected(connection, peer, remote, dialled);
            Endpoint.Dispose();
        }
    }
}
