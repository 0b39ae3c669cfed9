using Fragcast.Execution.State;
using Fragcast.Execution.Trie;
using Fragcast.Primitives;

namespace Fragcast.Execution.Tests.Trie;

public class SplitUpdateTests
{
    private static readonly TrieHasherPool Hashers = new();

    [Theory]
    [InlineData(1, 300)]
    [InlineData(2, 300)]
    [InlineData(3, 3000)]
    [InlineData(4, 20)]
    public void Apply_LargeBatchesOnACrew_GivesTheRootOfOneThread(int seed, int keyCount)
    {
        using var crew = new TrieCrew(2);
        var random = new Random(seed);
        Hash256[] keys = [.. Enumerable.Range(0, keyCount).Select(i => Keccak256.Hash([(byte)i, (byte)(i >> 8)]))];
        var split = new MerkleTrie();
        var plain = new MerkleTrie();
        for (int round = 0; round < 12; round++)
        {
            TrieBatch batch = NewBatch(random, keys, removals: round % 4);
            var copy = new TrieBatch();
            foreach (TrieChange change in batch.Sorted()) copy.Set(KeyOf(change), change.Value(batch.Values));
            plain.Apply(copy);
            split.Apply(batch, crew, Hashers);
            if (round % 3 != 1) Assert.Equal(plain.RootHash(), split.RootHash());
        }

        // Down to one subtree and to nothing: the branch at the root goes.
        var all = new TrieBatch();
        foreach (Hash256 key in keys)
        {
            if (key.Bytes[0] >> 4 != 7) all.Remove(key.Bytes);
        }

        split.Apply(all, crew, Hashers);
        plain.Apply(all);
        Assert.Equal(plain.RootHash(), split.RootHash());
        all.Clear();
        foreach (Hash256 key in keys) all.Remove(key.Bytes);
        split.Apply(all, crew, Hashers);
        Assert.Equal(MerkleTrie.EmptyRoot, split.RootHash());
    }

    [Fact]
    public void Apply_ANodeIsMissing_PreviousValuesMakeItWhatItWas()
    {
        using var crew = new TrieCrew(2);
        var random = new Random(7);
        Hash256[] keys = [.. Enumerable.Range(0, 2000).Select(i => Keccak256.Hash([(byte)i, (byte)(i >> 8)]))];
        var naive = new NaiveTrie();
        foreach (Hash256 key in keys) naive[key.Bytes.ToArray()] = [1, 2, 3];
        Hash256 root = naive.Root();
        var store = new WitnessStore();
        int index = 0;
        foreach (byte[] node in naive.Nodes.Values)
        {
            // The nodes come from the leaves to the root, which stays.
            if (index++ % 50 != 0) store.Add(node);
        }

        store.Add(naive.Nodes[root]);
        var trie = new MerkleTrie(store, root);
        TrieBatch batch = NewBatch(random, keys, removals: 2);
        Assert.Throws<StateUnavailableException>(() => trie.Apply(batch, crew, Hashers));
        foreach (TrieChange change in batch.Sorted().ToArray())
        {
            try
            {
                trie.Set(KeyOf(change), [1, 2, 3]);
            }
            catch (StateUnavailableException)
            {
                // Nothing was changed where the trie can't be read.
            }
        }

        Assert.Equal(root, trie.RootHash());
    }

    private static byte[] KeyOf(in TrieChange change)
    {
        var key = new byte[Hash256.Size];
        for (int i = 0; i < key.Length; i++) key[i] = (byte)(change.Path[2 * i] << 4 | change.Path[2 * i + 1]);
        return key;
    }

    private static TrieBatch NewBatch(Random random, Hash256[] keys, int removals)
    {
        var batch = new TrieBatch();
        for (int i = 0; i < 600; i++)
        {
            Hash256 key = keys[random.Next(keys.Length)];
            var value = new byte[1 + random.Next(90)];
            random.NextBytes(value);
            if (random.Next(4) < removals) batch.Remove(key.Bytes);
            else batch.Set(key, value);
        }

        return batch;
    }
}
