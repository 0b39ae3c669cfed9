using Fragcast.Transport.Buffers;
using Fragcast.Transport.Quic;

namespace Fragcast.Transport.Tests.Quic;

public sealed class DatagramQueueTests
{
    private readonly PinnedBufferPool _pool = new(100, 128);

    [Fact]
    public void AddRemove_ManyRounds_KeepsOrderAndReleases()
    {
        DatagramQueue queue = new(10_000);
        int added = 0;
        int removed = 0;
        for (int round = 0; round < 50; round++)
        {
            for (int i = 0; i < (round % 7) + 1; i++)
            {
                queue.Add(Datagram((byte)added++, 1 + (added % 100)));
            }

            for (int i = 0; i < (round % 5) + 1 && !queue.IsEmpty; i++)
            {
                Assert.Equal((byte)removed++, queue.First.Span[0]);
                queue.RemoveFirst();
            }
        }

        Assert.Equal(added - removed, _pool.Outstanding);
        Assert.Equal(added - removed, queue.Clear());
        Assert.Equal(0, _pool.Outstanding);
        Assert.Equal(0, queue.Bytes);
    }

    [Fact]
    public void HasRoom_AtBound_CountsBytes()
    {
        DatagramQueue queue = new(100);
        Assert.True(queue.HasRoom(500));
        queue.Add(Datagram(1, 60));
        Assert.True(queue.HasRoom(40));
        Assert.False(queue.HasRoom(41));
        Assert.Equal(0, queue.SecondLength);
        queue.Add(Datagram(2, 30));
        Assert.Equal(30, queue.SecondLength);
        Assert.Equal(90, queue.Bytes);
    }

    private BufferLease Datagram(byte content, int length)
    {
        Assert.True(_pool.TryRent(out BufferLease lease));
        lease.Span[0] = content;
        return lease.Slice(0, length);
    }
}
