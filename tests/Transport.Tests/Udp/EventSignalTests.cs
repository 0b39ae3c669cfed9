using System.Net;
using System.Net.Sockets;
using Fragcast.Transport.Udp;

namespace Fragcast.Transport.Tests.Udp;

/// <summary>A sleep without a deadline that ends proves the wake-up; one that does not, hangs visibly.</summary>
public sealed class EventSignalTests
{
    [Fact]
    public void Wait_WokenByAnotherThread_Ends()
    {
        using var port = UdpPort.Bind(new IPEndPoint(IPAddress.Loopback, 0), UdpMode.Auto, 1 << 16);
        EventSignal signal = new(port);
        for (int i = 0; i < 200; i++)
        {
            int ticket = signal.Prepare();
            Thread waker = new(signal.WakeIfArmed);
            waker.Start();
            signal.Wait(ticket, EventSignal.InfiniteNs);
            waker.Join();
        }
    }

    [Fact]
    public void Wait_DatagramArrives_Ends()
    {
        using var port = UdpPort.Bind(new IPEndPoint(IPAddress.Loopback, 0), UdpMode.Auto, 1 << 16);
        using Socket socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        EventSignal signal = new(port);
        int ticket = signal.Prepare();
        socket.SendTo([1], port.LocalEndPoint);

        signal.Wait(ticket, EventSignal.InfiniteNs);

        Assert.NotEqual(ticket, signal.Prepare());
        Assert.Equal(1, new DatagramReceiver(port).Receive().Length);
    }

    [Fact]
    public void Wait_OwnDeadline_Ends()
    {
        using var port = UdpPort.Bind(new IPEndPoint(IPAddress.Loopback, 0), UdpMode.Auto, 1 << 16);
        EventSignal signal = new(port) { NextTimeoutNs = 1_000_000 };

        signal.Wait(signal.Prepare(), EventSignal.InfiniteNs);
        signal.NextTimeoutNs = 0;
        signal.Wait(signal.Prepare(), EventSignal.InfiniteNs);
    }
}
