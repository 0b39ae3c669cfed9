using Fragcast.Transport.Quic;

namespace Fragcast.Transport.Tests.Quic;

public sealed class SlotTableTests
{
    [Fact]
    public void Find_AfterRemove_IsNullAlsoWhenSlotIsReused()
    {
        SlotTable<Item> table = new(4);
        Item first = new();
        Assert.True(table.TryAdd(first));
        ulong handle = first.Handle;
        table.Remove(first);
        Item second = new();
        Assert.True(table.TryAdd(second));

        Assert.Null(table.Find(handle));
        Assert.Same(second, table.Find(second.Handle));
        Assert.Equal((uint)handle, (uint)second.Handle);
        Assert.Equal(1, table.Count);
    }

    [Fact]
    public void TryAdd_Full_IsRefusedUntilOneGoes()
    {
        SlotTable<Item> table = new(100);
        Item[] items = [.. Enumerable.Range(0, 100).Select(_ => new Item())];
        Assert.All(items, item => Assert.True(table.TryAdd(item)));

        Assert.False(table.TryAdd(new Item()));
        table.Remove(items[50]);
        table.Remove(items[50]);
        Assert.True(table.TryAdd(new Item()));
        Assert.False(table.TryAdd(new Item()));
        Assert.Equal(100, table.ToArray().Length);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    [InlineData(ulong.MaxValue)]
    public void Find_HandleNeverGiven_IsNull(ulong handle)
    {
        SlotTable<Item> table = new(100);
        for (int i = 0; i < 20; i++)
        {
            table.TryAdd(new Item());
        }

        Assert.Null(table.Find(handle));
    }

    private sealed class Item : ISlotItem
    {
        public ulong Handle { get; set; }
    }
}
