using Fragcast.Transport.Quic;

namespace Fragcast.Transport.Tests.Quic;

public sealed class ExpiryHeapTests
{
    [Fact]
    public void First_AfterRandomChanges_IsAlwaysTheEarliest()
    {
        ExpiryHeap<Item> heap = new();
        Item[] items = [.. Enumerable.Range(0, 200).Select(_ => new Item())];
        Random random = new(7);
        for (int i = 0; i < 20_000; i++)
        {
            Item item = items[random.Next(items.Length)];
            if (random.Next(4) == 0)
            {
                heap.Remove(item);
                Assert.Equal(-1, item.HeapIndex);
            }
            else
            {
                heap.Set(item, (ulong)random.Next(1000));
            }

            ulong earliest = items.Where(x => x.HeapIndex >= 0).Select(x => x.ExpiryNs).DefaultIfEmpty(ulong.MaxValue)
                .Min();
            Assert.Equal(earliest, heap.NextNs);
            Assert.Equal(earliest, heap.First?.ExpiryNs ?? ulong.MaxValue);
        }
    }

    private sealed class Item : IExpiring
    {
        public ulong ExpiryNs { get; set; }

        public int HeapIndex { get; set; } = -1;
    }
}
