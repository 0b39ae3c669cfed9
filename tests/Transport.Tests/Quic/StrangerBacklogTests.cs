using Fragcast.Transport.Quic;
using Fragcast.Transport.Udp;

namespace Fragcast.Transport.Tests.Quic;

public sealed unsafe class StrangerBacklogTests
{
    private readonly StrangerBacklog _backlog = new();
    private readonly PinnedArray<byte> _bytes = new(UdpPort.MaxPayload + 1);
    private readonly PinnedArray<SocketAddressNative> _source = new(1);

    [Fact]
    public void TryTake_AfterManyRounds_GivesCopiesInOrder()
    {
        Assert.True(_backlog.IsEmpty);
        for (int i = 0; i < 1000; i++)
        {
            Assert.True(TryAdd((byte)i, 1 + i));
            Assert.True(TryAdd((byte)(i + 1), 2));

            AssertNext((byte)i, 1 + i);
            AssertNext((byte)(i + 1), 2);
        }

        Assert.False(_backlog.TryTake(out _));
    }

    [Fact]
    public void TryAdd_Full_Refuses()
    {
        int count = 0;
        while (TryAdd((byte)count, UdpPort.MaxPayload))
            count++;

        AssertNext(0, UdpPort.MaxPayload);
        Assert.True(TryAdd((byte)count, 1));
        Assert.False(TryAdd(0, 1));
        for (int i = 1; i < count; i++)
            AssertNext((byte)i, UdpPort.MaxPayload);
        AssertNext((byte)count, 1);
    }

    [Fact]
    public void TryAdd_LargerThanAnyPacket_Refuses() => Assert.False(TryAdd(0, UdpPort.MaxPayload + 1));

    private bool TryAdd(byte content, int length)
    {
        _bytes.Span.Fill(content);
        _source[0].Length = content;
        return _backlog.TryAdd(new DatagramReceiver.Packet(_bytes.Pointer, length, _source.Pointer));
    }

    private void AssertNext(byte content, int length)
    {
        Assert.True(_backlog.TryTake(out DatagramReceiver.Packet packet));
        Assert.Equal(length, packet.Length);
        Assert.Equal(content, packet.Data[0]);
        Assert.Equal(content, packet.Data[length - 1]);
        Assert.Equal(content, packet.Source->Length);
    }
}
