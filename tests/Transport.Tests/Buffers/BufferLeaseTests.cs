using Fragcast.Transport.Buffers;

namespace Fragcast.Transport.Tests.Buffers;

public sealed class BufferLeaseTests
{
    private readonly PinnedBufferPool _pool = new(2);

    [Fact]
    public void Release_Twice_Throws()
    {
        BufferLease lease = Rent();
        lease.Release();
        Assert.Throws<InvalidOperationException>(lease.Release);
        Assert.Equal(0, _pool.Outstanding);
    }

    [Fact]
    public void Release_TwiceWithTheSlotRentedAgain_ThrowsAndLeavesTheNewHolderAlone()
    {
        BufferLease old = Rent();
        old.Release();
        BufferLease current = Rent();
        Assert.Throws<InvalidOperationException>(old.Release);
        Assert.Throws<InvalidOperationException>(() => old.Retain());
        Assert.Equal(1, _pool.Outstanding);
        current.Release();
        Assert.Equal(0, _pool.Outstanding);
    }

    [Fact]
    public void Retain_ThreeHolders_BufferIsBackAfterTheLastRelease()
    {
        BufferLease lease = Rent();
        lease.Retain().Retain();
        lease.Release();
        lease.Slice(4, 4).Release();
        Assert.Equal(1, _pool.Outstanding);
        lease.Release();
        Assert.Equal(0, _pool.Outstanding);
        Assert.Throws<InvalidOperationException>(lease.Release);
    }

    [Fact]
    public void Slice_OfASlice_StartsWhereBothSay()
    {
        BufferLease lease = Rent();
        lease.Span[130] = 9;
        BufferLease part = lease.Slice(100, 50).Slice(30, 10);
        Assert.Equal(10, part.Length);
        Assert.Equal(9, part.Span[0]);
        Assert.Equal(9, part.Memory.Span[0]);
        Assert.Equal(0, lease.Slice(lease.Length, 0).Length);
    }

    [Theory]
    [InlineData(-1, 1)]
    [InlineData(0, 11)]
    [InlineData(11, 0)]
    [InlineData(5, 6)]
    [InlineData(5, -1)]
    [InlineData(int.MaxValue, int.MaxValue)]
    public void Slice_OutsideOfTheLease_Throws(int start, int length)
    {
        BufferLease lease = Rent().Slice(0, 10);
        Assert.Throws<ArgumentOutOfRangeException>(() => lease.Slice(start, length));
    }

    [Fact]
    public void Default_Lease_IsNoBuffer()
    {
        BufferLease none = default;
        Assert.False(none.IsValid);
        Assert.Throws<InvalidOperationException>(none.Release);
        Assert.Throws<InvalidOperationException>(() => none.Retain());
    }

    private BufferLease Rent()
    {
        Assert.True(_pool.TryRent(out BufferLease lease));
        return lease;
    }
}
