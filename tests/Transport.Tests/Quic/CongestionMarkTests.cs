using System.Net;
using Fragcast.Transport.Udp;

namespace Fragcast.Transport.Tests.Quic;

/// <summary>Explicit congestion notification, from the socket to the congestion window.</summary>
public sealed class CongestionMarkTests : TransportFixture
{
    [Theory]
    [InlineData(UdpMode.Batched, "127.0.0.1", "127.0.0.1")]
    [InlineData(UdpMode.Offload, "127.0.0.1", "127.0.0.1")]
    [InlineData(UdpMode.Offload, "::", "::1")]
    [InlineData(UdpMode.Offload, "::", "127.0.0.1")]
    public unsafe void Receive_MarkedDatagrams_TellsTheMarkOfEach(UdpMode mode, string listen, string target)
    {
        using var to = UdpPort.Bind(new IPEndPoint(IPAddress.Parse(listen), 0), mode, 1 << 20);
        using var from = UdpPort.Bind(new IPEndPoint(IPAddress.Parse(listen), 0), mode, 1 << 20);
        DatagramReceiver receiver = new(to);
        DatagramSender sender = new(from);
        IPEndPoint remote = new(IPAddress.Parse(target), to.LocalEndPoint.Port);
        Assert.True(SocketAddressNative.TryFrom(remote, from.Family, out SocketAddressNative address));
        Assert.True(to.CanMark);

        byte[] marks = [2, 2, 0, 3, 3, 3, 1];
        for (int i = 0; i < marks.Length; i++)
        {
            *sender.Slot() = (byte)i;
            sender.Commit(10, address, marks[i]);
        }

        sender.Flush();

        byte[] seen = new byte[marks.Length];
        for (int count = 0; count < marks.Length;)
        {
            ReadOnlySpan<DatagramReceiver.Packet> packets = receiver.Receive();
            foreach (DatagramReceiver.Packet packet in packets)
            {
                seen[*packet.Data] = packet.Mark;
                count++;
            }
        }

        Assert.Equal(marks, seen);
    }

    [Theory]
    [MemberData(nameof(NgtcpPairs))]
    public void Send_ThroughACongestedRouter_NarrowsTheWindow(string dialler, string acceptor)
    {
        Assert.True(WindowAfterTransfer(dialler, acceptor, marks: true, out long marked) <
            WindowAfterTransfer(dialler, acceptor, marks: false, out long unmarked));

        Assert.True(marked > 0);
        Assert.Equal(0, unmarked);
    }

    private long WindowAfterTransfer(string dialler, string acceptor, bool marks, out long marked)
    {
        const int Datagrams = 200;
        UdpRelay? relay = null;
        Pair pair = Connect(
            dialler, acceptor, via: to => (relay = Own(new UdpRelay(to) { MarksCongestion = marks })).EndPoint);
        pair.ServerEvents.EchoDatagrams = true;
        for (int i = 0; i < Datagrams; i++)
        {
            int before = pair.ClientEvents.Datagrams.Count;
            Assert.Equal(
                SendResult.Accepted, pair.Client.TrySendDatagram(pair.OfClient, new byte[1000], EgressClass.Realtime));
            pair.ClientEvents.WaitUntil(() => pair.ClientEvents.Datagrams.Count > before, "the echo");
        }

        long window = 0;
        pair.ClientEvents.WaitUntil(
            () => pair.Client.TryGetPath(pair.OfClient, out PathStatistics path)
                && (window = path.CongestionWindowBytes) > 0
                && path.PacketsSent >= Datagrams,
            "statistics");
        marked = pair.Server.Counters[TransportCounter.PacketsInMarked];
        return window;
    }
}
