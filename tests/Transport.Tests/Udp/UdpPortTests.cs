using System.Diagnostics;
using System.Net;
using Fragcast.Transport.Udp;

namespace Fragcast.Transport.Tests.Udp;

public sealed unsafe class UdpPortTests
{
    private static readonly IPEndPoint AnyPort = new(IPAddress.Loopback, 0);

    public static TheoryData<UdpMode, UdpMode> Modes
    {
        get
        {
            TheoryData<UdpMode, UdpMode> modes = [];
            foreach (UdpMode from in new[] { UdpMode.Plain, UdpMode.Batched, UdpMode.Auto })
            {
                foreach (UdpMode to in new[] { UdpMode.Plain, UdpMode.Batched, UdpMode.Auto })
                {
                    modes.Add(from, to);
                }
            }

            return modes;
        }
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public void Send_MixedSizesAndTargets_ArriveWholeAndInOrder(UdpMode from, UdpMode to)
    {
        using var source = UdpPort.Bind(AnyPort, from, 1 << 20);
        using var first = UdpPort.Bind(AnyPort, to, 1 << 20);
        using var second = UdpPort.Bind(AnyPort, to, 1 << 20);
        DatagramSender sender = new(source);
        // Runs of equal lengths, shorter ends, changes of target, a length of its own: what joins and what must not.
        int[] lengths = [1200, 1200, 1200, 300, 1200, 1500, 1, 1, 1, 700, 700, 800, 800, 800, 5];
        SocketAddressNative[] targets = [Address(first), Address(second)];
        List<int>[] expected = [[], []];
        for (int i = 0; i < 90; i++)
        {
            int length = lengths[i % lengths.Length];
            int target = i / 7 % 2;
            new Span<byte>(sender.Slot(), length).Fill((byte)i);
            sender.Commit(length, targets[target]);
            expected[target].Add(i);
        }

        sender.Flush();

        AssertArrives(first, Address(source), expected[0], lengths);
        AssertArrives(second, Address(source), expected[1], lengths);
        Assert.Equal(90, sender.Packets);
        Assert.Equal(0, sender.Refused);
    }

    [Fact]
    public void Flush_ToNowhere_CountsAndGoesOn()
    {
        using var source = UdpPort.Bind(AnyPort, UdpMode.Auto, 1 << 20);
        using var target = UdpPort.Bind(AnyPort, UdpMode.Auto, 1 << 20);
        DatagramSender sender = new(source);
        Assert.True(SocketAddressNative.TryFrom(
            new IPEndPoint(IPAddress.Parse("192.0.2.1"), 9), source.Family, out SocketAddressNative nowhere));
        for (int i = 0; i < 4; i++)
        {
            // A socket bound to loopback has no route to anywhere else.
            new Span<byte>(sender.Slot(), 100).Fill((byte)i);
            sender.Commit(100, i % 2 == 0 ? nowhere : Address(target));
        }

        sender.Flush();

        Assert.Equal(2, sender.Refused);
        AssertArrives(target, Address(source), [1, 3], [100]);
    }

    [Fact]
    public void Receive_NothingThere_IsEmpty()
    {
        using var port = UdpPort.Bind(AnyPort, UdpMode.Auto, 1 << 20);

        Assert.True(new DatagramReceiver(port).Receive().IsEmpty);
    }

    [Fact]
    public void Bind_AddressOfAnotherMachine_SaysSo()
    {
        EndpointBindException error = Assert.Throws<EndpointBindException>(
            () => UdpPort.Bind(new IPEndPoint(IPAddress.Parse("192.0.2.1"), 0), UdpMode.Auto, 1 << 20));

        Assert.Contains("192.0.2.1", error.Message, StringComparison.Ordinal);
        Assert.Contains("not one of this machine", error.Message, StringComparison.Ordinal);
    }

    private static SocketAddressNative Address(UdpPort port)
    {
        Assert.True(SocketAddressNative.TryFrom(port.LocalEndPoint, port.Family, out SocketAddressNative address));
        return address;
    }

    private static void AssertArrives(UdpPort port, SocketAddressNative source, List<int> expected, int[] lengths)
    {
        DatagramReceiver receiver = new(port);
        List<int> arrived = [];
        var clock = Stopwatch.StartNew();
        while (arrived.Count < expected.Count && clock.Elapsed < TimeSpan.FromSeconds(20))
        {
            foreach (ref readonly DatagramReceiver.Packet packet in receiver.Receive())
            {
                ReadOnlySpan<byte> payload = new(packet.Data, packet.Length);
                Assert.Equal(lengths[payload[0] % lengths.Length], payload.Length);
                Assert.Equal(-1, payload.IndexOfAnyExcept(payload[0]));
                Assert.Equal(source, *packet.Source);
                arrived.Add(payload[0]);
            }
        }

        Assert.Equal(expected, arrived);
    }
}
