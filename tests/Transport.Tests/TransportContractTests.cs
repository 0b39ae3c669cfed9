using System.Net;
using Fragcast.Primitives.Crypto;
using Fragcast.Transport.Identity;

namespace Fragcast.Transport.Tests;

/// <summary>Connections: what every engine does, alone and with every other.</summary>
public sealed class TransportContractTests : TransportFixture
{
    [AllEnginesFact]
    public void Suite_OnThisMachine_RunsWithAllEngines() => Assert.Empty(EnginePairs.Missing);

    [Theory]
    [MemberData(nameof(Pairs))]
    public void Dial_Listening_BothSidesKnowEachOther(string dialler, string acceptor)
    {
        Pair pair = Connect(dialler, acceptor);

        (ConnectionId _, PeerId peer, bool dialled, IPEndPoint remote) = Assert.Single(pair.ClientEvents.Connects);
        Assert.Equal((pair.Server.LocalPeer, true), (peer, dialled));
        Assert.Equal(pair.Server.LocalEndPoint, remote);
        (ConnectionId _, peer, dialled, remote) = Assert.Single(pair.ServerEvents.Connects);
        Assert.Equal((pair.Client.LocalPeer, false), (peer, dialled));
        Assert.Equal(pair.Client.LocalEndPoint.Address, remote.Address);
        Assert.Equal(EnginePairs.SharesPort(dialler), pair.Client.LocalEndPoint.Port == remote.Port);
        Assert.False(pair.ClientEvents.WasReentered || pair.ServerEvents.WasReentered);
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public void Dial_AnyPeer_FindsOutWho(string dialler, string acceptor)
    {
        (ITransportEndpoint client, RecordingHandler clientEvents) = Start(dialler);
        (ITransportEndpoint server, _) = Start(acceptor);

        client.Dial(server.LocalEndPoint, expectedPeer: null);

        clientEvents.WaitForConnection();
        Assert.Equal(server.LocalPeer, Assert.Single(clientEvents.Connects).Peer);
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public void Dial_AnotherPeerThanExpected_Fails(string dialler, string acceptor)
    {
        (ITransportEndpoint client, RecordingHandler clientEvents) = Start(dialler);
        (ITransportEndpoint server, RecordingHandler serverEvents) = Start(acceptor);

        ConnectionId dialled = client.Dial(server.LocalEndPoint, HostIdentity.Generate().Peer);

        Assert.Equal(DisconnectKind.WrongPeer, clientEvents.WaitForDialFailure().Kind);
        Assert.Equal(dialled, Assert.Single(clientEvents.DialFailures).Id);
        Assert.Empty(serverEvents.Connects);
        Assert.Empty(clientEvents.Connects);
        Assert.Equal(1, client.Counters[TransportCounter.HandshakeWrongPeer]);
        serverEvents.WaitUntil(() => server.Counters[TransportCounter.HandshakesFailed] == 1, "the end over there");
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public void Dial_AnotherProtocol_Fails(string dialler, string acceptor)
    {
        (ITransportEndpoint client, RecordingHandler clientEvents) =
            Start(dialler, Loopback with { ApplicationProtocol = "other/1" });
        (ITransportEndpoint server, RecordingHandler serverEvents) = Start(acceptor);

        client.Dial(server.LocalEndPoint, server.LocalPeer);

        Assert.Equal(DisconnectKind.NoCommonProtocol, clientEvents.WaitForDialFailure().Kind);
        if (EnginePairs.TellsOfEarlyFailures(acceptor))
        {
            serverEvents.WaitUntil(
                () => server.Counters[TransportCounter.HandshakeWrongProtocol] == 1, "the refusal over there");
        }

        Assert.Empty(serverEvents.Connects);
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public void Dial_NobodyThere_Fails(string engine)
    {
        (ITransportEndpoint client, RecordingHandler events) =
            Start(engine, Loopback with { HandshakeTimeout = TimeSpan.FromMilliseconds(300) });
        using ITransportEndpoint silent = EnginePairs.Create(engine, Loopback);

        ConnectionId dialled = client.Dial(silent.LocalEndPoint, null);

        Assert.Equal(DisconnectKind.HandshakeTimeout, events.WaitForDialFailure().Kind);
        Assert.Equal(dialled, Assert.Single(events.DialFailures).Id);
        Assert.Equal(SendResult.Closed, client.TrySendDatagram(dialled, new byte[10], EgressClass.Realtime));
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public void Dial_Ipv6FromIpv4Socket_IsUnreachable(string engine)
    {
        (ITransportEndpoint client, RecordingHandler events) = Start(engine);

        client.Dial(new IPEndPoint(IPAddress.IPv6Loopback, 9), null);

        Assert.Equal(DisconnectKind.Unreachable, events.WaitForDialFailure().Kind);
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public void Dial_EachOther_GivesTwoConnections(string dialler, string acceptor)
    {
        (ITransportEndpoint left, RecordingHandler leftEvents) = Start(dialler);
        (ITransportEndpoint right, RecordingHandler rightEvents) = Start(acceptor);

        left.Dial(right.LocalEndPoint, right.LocalPeer);
        right.Dial(left.LocalEndPoint, left.LocalPeer);

        leftEvents.WaitUntil(() => leftEvents.Connects.Count == 2, "both connections on the left");
        rightEvents.WaitUntil(() => rightEvents.Connects.Count == 2, "both connections on the right");
        Assert.All(leftEvents.Connects, c => Assert.Equal(right.LocalPeer, c.Peer));
        Assert.Single(leftEvents.Connects, c => c.Dialled);
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public void Close_WithCode_ReachesPeerAndEndsIds(string dialler, string acceptor)
    {
        Pair pair = Connect(dialler, acceptor);

        pair.Client.Close(pair.OfClient, 77);

        Assert.Equal(new DisconnectReason(DisconnectKind.PeerClose, 77), pair.ServerEvents.WaitForDisconnect());
        Assert.Equal(new DisconnectReason(DisconnectKind.LocalClose, 77), pair.ClientEvents.WaitForDisconnect());
        Assert.False(pair.Client.TryGetPath(pair.OfClient, out _));
        Assert.Equal(SendResult.Closed, pair.Client.TrySendDatagram(pair.OfClient, [1], EgressClass.Realtime));
        Assert.Equal(SendResult.Closed, pair.Client.TryOpenStream(pair.OfClient, out _));
        pair.Client.Close(pair.OfClient, 1);
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public void Dial_AfterClose_ConnectsAnew(string dialler, string acceptor)
    {
        Pair pair = Connect(dialler, acceptor);
        pair.Server.Close(pair.OfServer, 0);
        pair.ClientEvents.WaitForDisconnect();

        ConnectionId again = pair.Client.Dial(pair.Server.LocalEndPoint, pair.Server.LocalPeer);

        pair.ClientEvents.WaitUntil(() => pair.ClientEvents.Connected.ContainsKey(again), "the second connection");
        Assert.NotEqual(pair.OfClient, again);
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public void Dispose_Connected_TellsBothSides(string dialler, string acceptor)
    {
        Pair pair = Connect(dialler, acceptor);

        pair.Client.Dispose();

        Assert.Equal(DisconnectKind.EndpointClosed, pair.ClientEvents.WaitForDisconnect().Kind);
        Assert.Equal(DisconnectKind.PeerClose, pair.ServerEvents.WaitForDisconnect().Kind);
        Assert.Equal(SendResult.Closed, pair.Client.TrySendDatagram(pair.OfClient, [1], EgressClass.Realtime));
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public void Connection_PeerVanishes_TimesOut(string dialler, string acceptor)
    {
        TransportOptions options = Loopback with
        {
            IdleTimeout = TimeSpan.FromMilliseconds(500), KeepAlive = TimeSpan.FromMilliseconds(100),
        };
        UdpRelay? relay = null;
        Pair pair = Connect(dialler, acceptor, options, via: to => (relay = Own(new UdpRelay(to))).EndPoint);

        relay!.IsCut = true;

        Assert.Equal(DisconnectKind.IdleTimeout, pair.ClientEvents.WaitForDisconnect().Kind);
        Assert.Equal(DisconnectKind.IdleTimeout, pair.ServerEvents.WaitForDisconnect().Kind);
        Assert.Equal(1, pair.Client.Counters[TransportCounter.IdleTimeouts]);
    }

    [Theory]
    [MemberData(nameof(NgtcpDiallers))]
    public void KeepAlive_NothingSent_KeepsConnection(string dialler, string acceptor)
    {
        Pair pair = Connect(dialler, acceptor, Loopback with
        {
            IdleTimeout = TimeSpan.FromMilliseconds(600), KeepAlive = TimeSpan.FromMilliseconds(100),
        });
        long before = pair.Client.Counters[TransportCounter.PacketsIn];

        // Twenty answers at one per 100 ms are more than three idle times.
        pair.ClientEvents.WaitUntil(
            () => pair.Client.Counters[TransportCounter.PacketsIn] >= before + 20, "answers to keep-alives");

        Assert.Empty(pair.ClientEvents.Disconnects);
        Assert.Empty(pair.ServerEvents.Disconnects);
    }

    [Theory]
    [MemberData(nameof(NgtcpPairs))]
    public void Connection_PeerRestarted_IsReset(string dialler, string acceptor)
    {
        var identity = HostIdentity.Generate();
        (ITransportEndpoint client, RecordingHandler clientEvents) = Start(
            dialler, Loopback with { KeepAlive = TimeSpan.FromMilliseconds(100) });
        (ITransportEndpoint first, _) = Start(acceptor, Loopback, identity);
        UdpRelay relay = Own(new UdpRelay(first.LocalEndPoint));
        client.Dial(relay.EndPoint, identity.Peer);
        clientEvents.WaitForConnection();
        // The old process goes without a word, and a new one takes its place.
        relay.IsCut = true;
        first.Dispose();
        (ITransportEndpoint second, _) = Start(acceptor, Loopback with { Listen = first.LocalEndPoint }, identity);

        relay.IsCut = false;

        Assert.Equal(DisconnectKind.StatelessReset, clientEvents.WaitForDisconnect().Kind);
        Assert.True(second.Counters[TransportCounter.StatelessResetsSent] > 0);
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public void Connection_AddressOfDiallerChanges_GoesOn(string dialler, string acceptor)
    {
        UdpRelay? relay = null;
        Pair pair = Connect(dialler, acceptor, via: to => (relay = Own(new UdpRelay(to))).EndPoint);
        pair.ServerEvents.EchoDatagrams = true;

        relay!.Rebind();

        pair.ClientEvents.WaitUntil(
            () =>
            {
                pair.Client.TrySendDatagram(pair.OfClient, new byte[100], EgressClass.Realtime);
                return pair.ClientEvents.Datagrams.Count > 10;
            },
            "echoes after the change");
        Assert.Empty(pair.ServerEvents.Disconnects);
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public void Dial_ThroughLossyNetwork_Connects(string dialler, string acceptor)
    {
        // MsQuic repeats a lost first packet after a second, and a lost repetition after two more.
        Pair pair = Connect(
            dialler, acceptor, Loopback with { HandshakeTimeout = TimeSpan.FromSeconds(30) },
            via: to => Own(new UdpRelay(to, dropOneOf: 5)).EndPoint);

        Assert.Equal(pair.Client.LocalPeer, Assert.Single(pair.ServerEvents.Connects).Peer);
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public void Dial_Ipv6Loopback_Connects(string dialler, string acceptor)
    {
        Pair pair = Connect(dialler, acceptor, Loopback with { Listen = new IPEndPoint(IPAddress.IPv6Loopback, 0) });

        Assert.Equal(pair.Server.LocalEndPoint, Assert.Single(pair.ClientEvents.Connects).Remote);
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public void Listen_OnWildcard_TakesBothFamilies(string dialler, string acceptor)
    {
        (ITransportEndpoint client, RecordingHandler clientEvents) =
            Start(dialler, Loopback with { Listen = new IPEndPoint(IPAddress.IPv6Any, 0) });
        (ITransportEndpoint server, RecordingHandler serverEvents) =
            Start(acceptor, Loopback with { Listen = new IPEndPoint(IPAddress.IPv6Any, 0) });

        client.Dial(new IPEndPoint(IPAddress.Loopback, server.LocalEndPoint.Port), server.LocalPeer);
        client.Dial(new IPEndPoint(IPAddress.IPv6Loopback, server.LocalEndPoint.Port), server.LocalPeer);

        clientEvents.WaitUntil(() => clientEvents.Connects.Count == 2, "connections over both families");
        serverEvents.WaitUntil(() => serverEvents.Connects.Count == 2, "connections over both families");
        Assert.Contains(serverEvents.Connects, c => c.Remote.Address.Equals(IPAddress.Loopback));
        Assert.Contains(serverEvents.Connects, c => c.Remote.Address.Equals(IPAddress.IPv6Loopback));
    }

    [Fact]
    public void Create_AutoWithoutNgtcp2_TakesSystemOrSaysWhatIsMissing()
    {
        TransportOptions options = Loopback with { LibraryDirectory = "/nonexistent" };
        if (TransportEndpoints.IsSystemSupported)
        {
            using ITransportEndpoint endpoint = TransportEndpoints.Create(HostIdentity.Generate(), options);
            Assert.Contains("libngtcp2 is not installed", endpoint.Description.ToString(), StringComparison.Ordinal);
        }
        else
        {
            options = options with { Engine = TransportEngine.System };
            NativeLibraryMissingException error = Assert.Throws<NativeLibraryMissingException>(
                () => TransportEndpoints.Create(HostIdentity.Generate(), options));
            Assert.DoesNotContain('\n', error.Message);
        }
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public void Create_PortInUse_SaysSoInOneLine(string engine)
    {
        (ITransportEndpoint first, _) = Start(engine);

        EndpointBindException error = Assert.Throws<EndpointBindException>(
            () => EnginePairs.Create(engine, Loopback with { Listen = first.LocalEndPoint }));

        Assert.Equal(first.LocalEndPoint, error.EndPoint);
        Assert.Contains("in use", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }
}
