using Fragcast.Execution.Trie;
using Fragcast.Primitives.Rlp;

namespace Fragcast.Execution.Tests.Trie;

public class OrderedTrieRootTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(16)]
    [InlineData(17)]
    [InlineData(127)]
    [InlineData(128)]
    [InlineData(129)]
    [InlineData(200)]
    [InlineData(256)]
    [InlineData(257)]
    [InlineData(700)]
    public void Compute_AnyCount_AgreesWithTheReference(int count)
    {
        foreach (int itemLengthMax in (int[])[4, 80, 2000])
        {
            var random = new Random(count + itemLengthMax);
            var items = new List<ReadOnlyMemory<byte>>();
            var naive = new NaiveTrie();
            for (ulong i = 0; i < (ulong)count; i++)
            {
                var item = new byte[1 + random.Next(itemLengthMax)];
                random.NextBytes(item);
                items.Add(item);
                using var key = new RlpWriter();
                key.Write(i);
                naive[key.ToArray()] = item;
            }

            Assert.Equal(naive.Root(), new OrderedTrieRoot().Compute(items));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Finish_ListThatGrewAndShrank_IsThatOfTheListAtOnce(int seed)
    {
        var random = new Random(seed);
        var items = new List<ReadOnlyMemory<byte>>();
        var growing = new OrderedTrieRoot();
        for (int step = 0; step < 60; step++)
        {
            switch (random.Next(4))
            {
                case 0:
                    int left = random.Next(items.Count + 1);
                    items.RemoveRange(left, items.Count - left);
                    growing.Truncate(left);
                    break;
                case 1:
                    Assert.Equal(new OrderedTrieRoot().Compute(items), growing.Finish(new Items(items)));
                    break;
                default:
                    var added = new List<ReadOnlyMemory<byte>>();
                    for (int i = random.Next(60); i > 0; i--)
                    {
                        var item = new byte[1 + random.Next(random.Next(2) == 0 ? 20 : 700)];
                        random.NextBytes(item);
                        added.Add(item);
                    }

                    items.AddRange(added);
                    growing.Extend(new Items(added));
                    break;
            }
        }

        Assert.Equal(new OrderedTrieRoot().Compute(items), growing.Finish(new Items(items)));
    }

    private readonly struct Items(List<ReadOnlyMemory<byte>> items) : IOrderedItems
    {
        public int Count => items.Count;

        public ReadOnlySpan<byte> this[int index] => items[index].Span;
    }
}
