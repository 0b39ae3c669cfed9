using System.Net;
using Fragcast.Transport.Identity;

namespace Fragcast.Transport.Tests;

/// <summary>What every engine does, alone and with every other.</summary>
public sealed class TransportContractTests : IDisposable
{
    private readonly List<ITransportEndpoint> _endpoints = [];

    public static TheoryData<string, string> Pairs => EnginePairs.All;

    public void Dispose()
    {
        foreach (ITransportEndpoint endpoint in _endpoints)
        {
            endpoint.Dispose();
        }
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public void Dial_Listening_BothSidesKnowEachOther(string dialler, string acceptor)
    {
        (ITransportEndpoint client, RecordingHandler clientEvents) = Start(dialler);
        (ITransportEndpoint server, RecordingHandler serverEvents) = Start(acceptor);

        ConnectionId dialled = client.Dial(server.LocalEndPoint, server.LocalPeer);

        Assert.Equal(dialled, clientEvents.WaitForConnection());
        serverEvents.WaitForConnection();
        Assert.Equal(server.LocalPeer, Assert.Single(clientEvents.Connects).Peer);
        Assert.True(Assert.Single(clientEvents.Connects).Dialled);
        Assert.Equal(client.LocalPeer, Assert.Single(serverEvents.Connects).Peer);
        Assert.False(Assert.Single(serverEvents.Connects).Dialled);
        Assert.Equal(client.LocalEndPoint.Port, Assert.Single(serverEvents.Connects).Remote.Port);
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public void TrySendDatagram_Echoed_ComesBack(string dialler, string acceptor)
    {
        (ITransportEndpoint client, RecordingHandler clientEvents) = Start(dialler);
        (ITransportEndpoint server, RecordingHandler serverEvents) = Start(acceptor);
        serverEvents.EchoDatagrams = true;
        ConnectionId connection = client.Dial(server.LocalEndPoint, server.LocalPeer);
        clientEvents.WaitForConnection();
        byte[] payload = [.. Enumerable.Range(0, TransportLimits.SafeDatagramBytes).Select(i => (byte)i)];

        Assert.Equal(SendResult.Accepted, client.TrySendDatagram(connection, payload, EgressClass.Realtime));

        clientEvents.WaitUntil(() => !clientEvents.Datagrams.IsEmpty, "the echo");
        Assert.Equal(payload, clientEvents.Datagrams.First().Payload);
    }

    private (ITransportEndpoint Endpoint, RecordingHandler Events) Start(
        string engine, TransportOptions? options = null, HostIdentity? identity = null)
    {
        RecordingHandler events = new();
        ITransportEndpoint endpoint = EnginePairs.Create(
            engine, options ?? new TransportOptions { Listen = new IPEndPoint(IPAddress.Loopback, 0) }, identity);
        _endpoints.Add(endpoint);
        events.Endpoint = endpoint;
        endpoint.Start(events);
        return (endpoint, events);
    }
}
