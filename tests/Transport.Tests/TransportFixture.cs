using System.Net;
using Fragcast.Transport.Identity;

namespace Fragcast.Transport.Tests;

/// <summary>Starts endpoints for a test and disposes them with it.</summary>
public abstract class TransportFixture : IDisposable
{
    private readonly List<IDisposable> _owned = [];

    public static TheoryData<string, string> Pairs => EnginePairs.All;

    public static TheoryData<string, string> NgtcpDiallers => EnginePairs.NgtcpDiallers;

    public static TheoryData<string, string> NgtcpPairs => EnginePairs.Ngtcp;

    public static TheoryData<string> Engines => EnginePairs.Each;

    public static TheoryData<string> NgtcpEngines => EnginePairs.EachNgtcp;

    private protected static TransportOptions Loopback { get; } =
        new() { Listen = new IPEndPoint(IPAddress.Loopback, 0), SendRingSlots = 256, ReceiveLeases = 2048 };

    public void Dispose()
    {
        GC.SuppressFinalize(this);
        Dispose(true);
    }

    protected virtual void Dispose(bool disposing)
    {
        foreach (IDisposable owned in Enumerable.Reverse(_owned))
        {
            owned.Dispose();
        }
    }

    private protected T Own<T>(T disposable)
        where T : IDisposable
    {
        _owned.Add(disposable);
        return disposable;
    }

    private protected (ITransportEndpoint Endpoint, RecordingHandler Events) Start(
        string engine, TransportOptions? options = null, HostIdentity? identity = null, RecordingHandler? events = null)
    {
        events ??= new RecordingHandler();
        ITransportEndpoint endpoint = Own(EnginePairs.Create(engine, options ?? Loopback, identity));
        events.Endpoint = endpoint;
        endpoint.Start(events);
        return (endpoint, events);
    }

    /// <summary>Two endpoints and a connection between them.</summary>
    private protected Pair Connect(
        string dialler, string acceptor, TransportOptions? options = null, TransportOptions? acceptorOptions = null,
        Func<IPEndPoint, IPEndPoint>? via = null)
    {
        (ITransportEndpoint client, RecordingHandler clientEvents) = Start(dialler, options);
        (ITransportEndpoint server, RecordingHandler serverEvents) = Start(acceptor, acceptorOptions ?? options);
        IPEndPoint target = via is null ? server.LocalEndPoint : via(server.LocalEndPoint);
        ConnectionId ofClient = client.Dial(target, server.LocalPeer);
        Assert.Equal(ofClient, clientEvents.WaitForConnection());
        return new Pair(client, clientEvents, ofClient, server, serverEvents, serverEvents.WaitForConnection());
    }

    internal sealed record Pair(
        ITransportEndpoint Client, RecordingHandler ClientEvents, ConnectionId OfClient,
        ITransportEndpoint Server, RecordingHandler ServerEvents, ConnectionId OfServer);
}
