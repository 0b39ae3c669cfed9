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
}
