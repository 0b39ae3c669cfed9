namespace Fragcast.Transport.Tests.Quic;

/// <summary>Keys that change while a connection is in use.</summary>
public sealed class KeyUpdateTests : TransportFixture
{
    [Theory]
    [MemberData(nameof(NgtcpPairs))]
    public void Send_MorePacketsThanKeysAreFor_ChangesKeysAndLosesNothing(string dialler, string acceptor)
    {
        const int Updates = 2;
        Pair pair = Connect(dialler, acceptor, Loopback with { KeyUpdatePackets = 20 }, Loopback);
        pair.ServerEvents.EchoDatagrams = true;

        int sent = 0;
        // Keys stay for three probe time-outs at least, some 80 ms.
        while (pair.Client.Counters[TransportCounter.KeyUpdates] < Updates)
        {
            Assert.Equal(
                SendResult.Accepted, pair.Client.TrySendDatagram(pair.OfClient, new byte[100], EgressClass.Realtime));
            sent++;
            pair.ClientEvents.WaitUntil(() => pair.ClientEvents.Datagrams.Count == sent, "the echo");
        }

        Assert.True(sent > 20);
        Assert.Equal(0, pair.Server.Counters[TransportCounter.KeyUpdates]);
        Assert.Empty(pair.ClientEvents.Disconnects);
    }
}
