using System.Collections.Concurrent;
using System.Text.Json;
using Fragcast.Transport.Identity;

namespace Fragcast.Transport.Tests.Libp2p;

/// <summary>js-libp2p, as a user would install it, dials our listener and pings it.</summary>
public sealed class JsLibp2pTests : TransportFixture
{
    [JsLibp2pFact]
    public async Task Dial_ByJsLibp2p_BothAgreeOnPeerIdsAndPingIsAnswered()
    {
        foreach (string engine in EnginePairs.Names)
        {
            ConcurrentQueue<PeerId> seen = new();
            TransportOptions options = Loopback with { AcceptLibp2p = true, Libp2pObserver = seen.Enqueue };
            (ITransportEndpoint endpoint, RecordingHandler events) = Start(engine, options);
            string target = $"/ip4/127.0.0.1/udp/{endpoint.LocalEndPoint.Port}/quic-v1/p2p/{endpoint.LocalPeer}";

            using JsonDocument result = JsonDocument.Parse(await JsLibp2pFactAttribute.DialAsync(target));

            Assert.Equal(endpoint.LocalPeer.ToString(), result.RootElement.GetProperty("remote").GetString());
            Assert.Equal(Assert.Single(seen).ToString(), result.RootElement.GetProperty("local").GetString());
            Assert.Equal(1, endpoint.Counters[TransportCounter.Libp2pPings]);
            Assert.Empty(events.Connects);
            Assert.Empty(events.StreamsOpened);
        }
    }

    [JsLibp2pFact]
    public async Task Dial_WithoutTheOption_IsRefused()
    {
        (ITransportEndpoint endpoint, _) = Start(EnginePairs.Names.First());
        string target = $"/ip4/127.0.0.1/udp/{endpoint.LocalEndPoint.Port}/quic-v1/p2p/{endpoint.LocalPeer}";

        await Assert.ThrowsAsync<InvalidOperationException>(() => JsLibp2pFactAttribute.DialAsync(target));

        Assert.Equal(0, endpoint.Counters[TransportCounter.Connected]);
    }
}
