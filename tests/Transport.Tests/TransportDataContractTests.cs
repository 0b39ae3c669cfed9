using System.Security.Cryptography;
using Fragcast.Transport.Buffers;
using Fragcast.Transport.Quic;

namespace Fragcast.Transport.Tests;

/// <summary>Datagrams and streams: what every engine does, alone and with every other.</summary>
public sealed class TransportDataContractTests : TransportFixture
{
    private const byte LastContent = 255;

    [Theory]
    [MemberData(nameof(Pairs))]
    public void TrySendDatagram_Echoed_ComesBack(string dialler, string acceptor)
    {
        Pair pair = Connect(dialler, acceptor);
        pair.ServerEvents.EchoDatagrams = true;
        byte[] payload = RandomNumberGenerator.GetBytes(TransportLimits.SafeDatagramBytes);

        SendResult result = pair.Client.TrySendDatagram(pair.OfClient, payload, EgressClass.Realtime);

        Assert.Equal(SendResult.Accepted, result);
        pair.ClientEvents.WaitUntil(() => !pair.ClientEvents.Datagrams.IsEmpty, "the echo");
        Assert.Equal(payload, Assert.Single(pair.ClientEvents.Datagrams).Payload);
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public void TrySendDatagram_ManySizesAndClasses_AllArriveWhole(string dialler, string acceptor)
    {
        Pair pair = Connect(dialler, acceptor);
        int[] sizes = [1, 2, 50, 200, 500, 1000, TransportLimits.SafeDatagramBytes];
        for (int i = 0; i < 60; i++)
        {
            byte[] payload = new byte[sizes[i % sizes.Length]];
            payload.AsSpan().Fill((byte)i);
            Assert.Equal(
                SendResult.Accepted, pair.Client.TrySendDatagram(pair.OfClient, payload, (EgressClass)(i % 3)));
        }

        pair.ServerEvents.WaitUntil(() => pair.ServerEvents.Datagrams.Count == 60, "all datagrams");
        foreach ((_, byte[] payload) in pair.ServerEvents.Datagrams)
        {
            Assert.Equal(sizes[payload[0] % sizes.Length], payload.Length);
            Assert.Equal(-1, payload.AsSpan().IndexOfAnyExcept(payload[0]));
        }
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public void TrySendDatagram_Lease_IsSharedNotTaken(string dialler, string acceptor)
    {
        Pair pair = Connect(dialler, acceptor);
        PinnedBufferPool pool = new(1);
        Assert.True(pool.TryRent(out BufferLease lease));
        lease.Span[..100].Fill(9);

        Assert.Equal(
            SendResult.Accepted, pair.Client.TrySendDatagram(pair.OfClient, lease.Slice(0, 100), EgressClass.Control));
        lease.Release();

        pair.ServerEvents.WaitUntil(() => !pair.ServerEvents.Datagrams.IsEmpty, "the datagram");
        Assert.Equal(100, pair.ServerEvents.Datagrams.First().Payload.Length);
        pair.ClientEvents.WaitUntil(() => pool.Outstanding == 0, "the release by the endpoint");
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public void TrySendDatagram_LargerThanPath_IsTooLarge(string dialler, string acceptor)
    {
        Pair pair = Connect(dialler, acceptor);
        byte[] payload = new byte[TransportLimits.MaxDatagramBytes + 1];

        Assert.Equal(
            SendResult.TooLarge, pair.Client.TrySendDatagram(pair.OfClient, payload, EgressClass.Realtime));
    }

    [Theory]
    [MemberData(nameof(NgtcpDiallers))]
    public void TryGetPath_AfterTraffic_KnowsRoundTripAndWidth(string dialler, string acceptor)
    {
        Pair pair = Connect(dialler, acceptor);
        pair.ServerEvents.EchoDatagrams = true;
        PathStatistics path = default;

        pair.ClientEvents.WaitUntil(
            () =>
            {
                pair.Client.TrySendDatagram(pair.OfClient, new byte[100], EgressClass.Realtime);
                return pair.Client.TryGetPath(pair.OfClient, out path) && path.MaxDatagramBytes >= 1200
                    && path.BytesReceived > 0;
            },
            "discovery of the path's width");

        Assert.True(path.SmoothedRttNs > 0 && path.MinRttNs > 0, path.ToString());
        Assert.True(path.MinRttNs <= path.SmoothedRttNs, path.ToString());
        Assert.True(path.CongestionWindowBytes >= 2 * path.PathMtuBytes, path.ToString());
        Assert.InRange(path.MaxDatagramBytes, 1200, TransportLimits.MaxDatagramBytes);
        Assert.True(path.PacketsSent > 0 && path.BytesReceived > 0, path.ToString());
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public void TryWriteStream_OneMegabyteThroughSmallBuffer_ComesBackInOrder(string dialler, string acceptor)
    {
        Pair pair = Connect(dialler, acceptor, Loopback with { StreamSendBufferBytes = 64 << 10 }, Loopback);
        pair.ServerEvents.EchoStreams = true;
        byte[] data = RandomNumberGenerator.GetBytes(1 << 20);
        Assert.Equal(SendResult.Accepted, pair.Client.TryOpenStream(pair.OfClient, out StreamId stream));

        int refusals = WriteAll(pair, stream, data, 16 << 10);

        pair.ClientEvents.WaitUntil(() => pair.ClientEvents.StreamEnds.ContainsKey(stream), "the end of the echo");
        Assert.Equal(data, pair.ClientEvents.StreamData[stream].ToArray());
        Assert.True(refusals > 0, "a megabyte went into a buffer of 64 KiB at once");
        pair.ClientEvents.WaitUntil(() => pair.ClientEvents.StreamsClosed.Contains((stream, 0ul)), "the stream's end");
        Assert.Equal(SendResult.Closed, pair.Client.TryWriteStream(stream, [1], EgressClass.Control));
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public void TryWriteStream_ThroughLossyNetwork_ComesBackInOrder(string dialler, string acceptor)
    {
        Pair pair = Connect(
            dialler, acceptor, via: to => Own(new UdpRelay(to, dropOneOf: 20)).EndPoint);
        pair.ServerEvents.EchoStreams = true;
        byte[] data = RandomNumberGenerator.GetBytes(200_000);
        pair.Client.TryOpenStream(pair.OfClient, out StreamId stream);

        WriteAll(pair, stream, data, 16 << 10);

        pair.ClientEvents.WaitUntil(() => pair.ClientEvents.StreamEnds.ContainsKey(stream), "the end of the echo");
        Assert.Equal(data, pair.ClientEvents.StreamData[stream].ToArray());
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public void TryOpenStream_Thousand_AllEchoAndClose(string dialler, string acceptor)
    {
        const int Count = 1000;
        Pair pair = Connect(dialler, acceptor);
        pair.ServerEvents.EchoStreams = true;
        List<StreamId> streams = [];
        for (int i = 0; i < Count; i++)
        {
            Assert.Equal(SendResult.Accepted, pair.Client.TryOpenStream(pair.OfClient, out StreamId stream));
            streams.Add(stream);
            Assert.Equal(
                SendResult.Accepted,
                pair.Client.TryWriteStream(stream, BitConverter.GetBytes(i), EgressClass.Bulk, end: true));
        }

        pair.ClientEvents.WaitUntil(() => pair.ClientEvents.StreamsClosed.Count == Count, "all streams to close");
        pair.ServerEvents.WaitUntil(() => pair.ServerEvents.StreamsClosed.Count == Count, "all streams to close");
        for (int i = 0; i < Count; i++)
        {
            Assert.Equal(BitConverter.GetBytes(i), pair.ClientEvents.StreamData[streams[i]].ToArray());
        }
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public void TryOpenStream_BeyondPeersLimit_WaitsForIt(string dialler, string acceptor)
    {
        Pair pair = Connect(dialler, acceptor, Loopback, Loopback with { MaxStreams = 2 });
        pair.ServerEvents.EchoStreams = true;
        for (int i = 0; i < 10; i++)
        {
            Assert.Equal(SendResult.Accepted, pair.Client.TryOpenStream(pair.OfClient, out StreamId stream));
            pair.Client.TryWriteStream(stream, [1], EgressClass.Control, end: true);
        }

        pair.ClientEvents.WaitUntil(() => pair.ClientEvents.StreamEnds.Count == 10, "the echoes of ten streams");
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public void TryOpenStream_BeyondOwnLimit_IsRefused(string dialler, string acceptor)
    {
        Pair pair = Connect(dialler, acceptor, Loopback with { MaxStreams = 2 });
        pair.Client.TryOpenStream(pair.OfClient, out _);
        pair.Client.TryOpenStream(pair.OfClient, out _);

        Assert.Equal(SendResult.StreamLimit, pair.Client.TryOpenStream(pair.OfClient, out _));
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public void TryOpenStream_ByAcceptor_WorksTheSame(string dialler, string acceptor)
    {
        Pair pair = Connect(dialler, acceptor);
        pair.ClientEvents.EchoStreams = true;
        Assert.Equal(SendResult.Accepted, pair.Server.TryOpenStream(pair.OfServer, out StreamId stream));

        pair.Server.TryWriteStream(stream, "to the dialler"u8, EgressClass.Realtime, end: true);

        pair.ServerEvents.WaitUntil(() => pair.ServerEvents.StreamEnds.ContainsKey(stream), "the echo");
        Assert.Equal("to the dialler"u8.ToArray(), pair.ServerEvents.StreamData[stream].ToArray());
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public void ResetStream_WithCode_EndsItOnBothSides(string dialler, string acceptor)
    {
        Pair pair = Connect(dialler, acceptor);
        pair.Client.TryOpenStream(pair.OfClient, out StreamId stream);
        pair.Client.TryWriteStream(stream, new byte[10], EgressClass.Control);
        pair.ServerEvents.WaitUntil(() => !pair.ServerEvents.StreamData.IsEmpty, "the first bytes");

        pair.Client.ResetStream(stream, 5);

        pair.ServerEvents.WaitUntil(() => !pair.ServerEvents.StreamsClosed.IsEmpty, "the end over there");
        pair.ClientEvents.WaitUntil(() => !pair.ClientEvents.StreamsClosed.IsEmpty, "the end here");
        Assert.Equal(5ul, pair.ServerEvents.StreamsClosed.First().Error);
        Assert.Equal(SendResult.Closed, pair.Client.TryWriteStream(stream, [1], EgressClass.Control));
        Assert.Empty(pair.ClientEvents.Disconnects);
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public void Close_WithOpenStreams_ClosesThemFirst(string dialler, string acceptor)
    {
        Pair pair = Connect(dialler, acceptor);
        pair.Client.TryOpenStream(pair.OfClient, out StreamId stream);
        pair.Client.TryWriteStream(stream, new byte[10], EgressClass.Control);
        pair.ServerEvents.WaitUntil(() => !pair.ServerEvents.StreamData.IsEmpty, "the first bytes");

        pair.Client.Close(pair.OfClient, 0);

        pair.ServerEvents.WaitForDisconnect();
        pair.ClientEvents.WaitForDisconnect();
        Assert.Single(pair.ServerEvents.StreamsClosed);
        Assert.Equal(stream, Assert.Single(pair.ClientEvents.StreamsClosed).Id);
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public void TryWriteStream_SharedBoundsUsedUp_AllAreToldAndFinish(string dialler, string acceptor)
    {
        // Ten streams of 64 KiB share 100 kB of the connection and 12 chunks of the endpoint.
        TransportOptions options = Loopback with
        {
            StreamSendBufferBytes = 64 << 10, ConnectionSendBufferBytes = 100_000, StreamSendBuffersBytes = 100_000,
        };
        Pair pair = Connect(dialler, acceptor, options, Loopback);
        const int Step = 40_000;
        const int Total = 10 * Step;
        Dictionary<StreamId, int> written = [];
        for (int i = 0; i < 10; i++)
        {
            Assert.Equal(SendResult.Accepted, pair.Client.TryOpenStream(pair.OfClient, out StreamId stream));
            written[stream] = 0;
        }

        int refusals = 0;
        Dictionary<StreamId, int> toldBefore = written.Keys.ToDictionary(s => s, _ => -1);
        pair.ClientEvents.WaitUntil(
            () =>
            {
                foreach (StreamId stream in written.Keys.Where(s => written[s] < Total))
                {
                    // A refused stream is not tried again before it is told.
                    int told = pair.ClientEvents.Writable.Count(s => s == stream);
                    if (told == toldBefore[stream])
                    {
                        continue;
                    }

                    toldBefore[stream] = -1;
                    bool end = written[stream] + Step == Total;
                    SendResult result = pair.Client.TryWriteStream(stream, new byte[Step], EgressClass.Bulk, end);
                    if (result == SendResult.Accepted)
                    {
                        written[stream] += Step;
                    }
                    else
                    {
                        Assert.Equal(SendResult.QueueFull, result);
                        toldBefore[stream] = told;
                        refusals++;
                    }
                }

                return written.Values.All(bytes => bytes == Total);
            },
            "room for every stream in turn");

        pair.ServerEvents.WaitUntil(() => pair.ServerEvents.StreamEnds.Count == 10, "the ends of all streams");
        Assert.True(refusals > 0, "nothing was ever refused");
        Assert.Equal(
            SendResult.TooLarge,
            pair.Client.TryOpenStream(pair.OfClient, out StreamId last) == SendResult.Accepted
                ? pair.Client.TryWriteStream(last, new byte[70_000], EgressClass.Bulk)
                : SendResult.Closed);
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public void TrySendDatagram_PeerTakesNothing_DropsByTheRuleOfTheClass(string dialler, string acceptor)
    {
        const int QueueBytes = 50_000;
        UdpRelay? relay = null;
        Pair pair = Connect(
            dialler, acceptor, Loopback with { DatagramQueueBytes = QueueBytes },
            via: to => (relay = Own(new UdpRelay(to))).EndPoint);
        relay!.IsCut = true;

        FillQueue(pair, EgressClass.Bulk, SendResult.QueueFull);
        FillQueue(pair, EgressClass.Control, SendResult.QueueFull);
        FillQueue(pair, EgressClass.Realtime, SendResult.Accepted);
        Assert.True(pair.Client.TryGetPath(pair.OfClient, out PathStatistics path));
        // MsQuic may have taken all of it into buffers of its own by now.
        Assert.InRange(path.QueuedBytes, pair.Client is NgtcpEndpoint ? 1 : 0, 3 * QueueBytes);
        Assert.True(pair.Client.Counters[TransportCounter.RealtimeDropped] > 0);
        relay.IsCut = false;

        // Of the class that forgets its oldest, the newest arrives.
        pair.ServerEvents.WaitUntil(
            () => pair.ServerEvents.Datagrams.Any(d => d.Payload[0] == LastContent), "the newest datagram");
    }

    // Sends until the class refuses, or 200 datagrams of 1,000 bytes, the last of which is marked.
    private static void FillQueue(Pair pair, EgressClass egressClass, SendResult expectedAtLast)
    {
        SendResult result = SendResult.Accepted;
        byte[] payload = new byte[1000];
        for (int i = 0; i < 200 && result == SendResult.Accepted; i++)
        {
            payload[0] = i == 199 ? LastContent : (byte)0;
            result = pair.Client.TrySendDatagram(pair.OfClient, payload, egressClass);
            // What was handed in is in the queue, or sent, before the next: the ring is not what is tested here.
            // Without a pause: the silence after a cut is as long as it was, since probes double their intervals.
            bool isTaken = SpinWait.SpinUntil(
                () => pair.Client is not NgtcpEndpoint ngtcp || ngtcp.Shared.Ring.Depth == 0,
                RecordingHandler.Patience);
            Assert.True(isTaken);
        }

        Assert.Equal(expectedAtLast, result);
    }

    // Writes as the back-pressure allows; returns how often there was none of it.
    private static int WriteAll(Pair pair, StreamId stream, byte[] data, int step)
    {
        int refusals = 0;
        for (int at = 0; at < data.Length;)
        {
            int length = Math.Min(step, data.Length - at);
            int told = pair.ClientEvents.Writable.Count;
            SendResult result = pair.Client.TryWriteStream(
                stream, data.AsSpan(at, length), EgressClass.Control, end: at + length == data.Length);
            if (result == SendResult.Accepted)
            {
                at += length;
                continue;
            }

            Assert.Equal(SendResult.QueueFull, result);
            refusals++;
            pair.ClientEvents.WaitUntil(() => pair.ClientEvents.Writable.Count > told, "room in the stream");
        }

        return refusals;
    }
}
