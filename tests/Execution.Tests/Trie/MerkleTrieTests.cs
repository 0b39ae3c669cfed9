using Fragcast.Execution.State;
using Fragcast.Execution.Trie;
using Fragcast.Primitives;

namespace Fragcast.Execution.Tests.Trie;

public class MerkleTrieTests
{
    /// <summary>How keys look: what they share decides which nodes come about.</summary>
    public enum KeyShape
    {
        Hashed,
        LongPrefixes,
        OfAllLengths,
    }

    public static TheoryData<KeyShape, int> Seeds()
    {
        var data = new TheoryData<KeyShape, int>();
        foreach (KeyShape shape in Enum.GetValues<KeyShape>())
            for (int seed = 0; seed < 40; seed++) data.Add(shape, seed);
        return data;
    }

    [Fact]
    public void RootHash_WithoutKeys_IsThatOfTheEmptyTrie()
    {
        var trie = new MerkleTrie();
        trie.Set([1], [2]);
        trie.Remove([1]);
        Assert.Equal(
            Hash256.Parse("0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421"), trie.RootHash());
        Assert.Equal(MerkleTrie.EmptyRoot, new MerkleTrie().RootHash());
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Set_RandomChanges_AgreesWithTheReference(KeyShape shape, int seed)
    {
        var random = new Random(seed);
        var trie = new MerkleTrie();
        var naive = new NaiveTrie();
        byte[][] keys = Keys(shape, random, 1 + random.Next(60));
        for (int step = 0; step < 150; step++)
        {
            (byte[] key, byte[] value) = (keys[random.Next(keys.Length)], Value(random));
            trie.Set(key, value);
            naive[key] = value;
            if (random.Next(4) == 0) Assert.Equal(naive.Root(), trie.RootHash());
        }

        Assert.Equal(naive.Root(), trie.RootHash());
        foreach (byte[] key in keys) Assert.Equal(naive[key] ?? [], trie.Get(key).ToArray());
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Apply_RandomBatches_AgreesWithTheReference(KeyShape shape, int seed)
    {
        var random = new Random(seed);
        var trie = new MerkleTrie();
        var naive = new NaiveTrie();
        var batch = new TrieBatch();
        byte[][] keys = Keys(shape, random, 1 + random.Next(200));
        for (int step = 0; step < 12; step++)
        {
            FillBatch(batch, naive, keys, random);
            trie.Apply(batch);
            if (random.Next(3) != 0) Assert.Equal(naive.Root(), trie.RootHash());
        }

        Assert.Equal(naive.Root(), trie.RootHash());
        foreach (byte[] key in keys) Assert.Equal(naive[key] ?? [], trie.Get(key).ToArray());
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Apply_OverNodesOfAStore_AgreesWithTheReference(KeyShape shape, int seed)
    {
        var random = new Random(seed);
        var naive = new NaiveTrie();
        var batch = new TrieBatch();
        byte[][] keys = Keys(shape, random, 1 + random.Next(200));
        FillBatch(batch, naive, keys, random);
        Hash256 root = naive.Root();
        var trie = new MerkleTrie(new DictionaryStore(naive), root);
        for (int step = 0; step < 4; step++)
        {
            foreach (byte[] key in keys.Where(_ => random.Next(10) == 0))
                Assert.Equal(naive[key] ?? [], trie.Get(key).ToArray());
            FillBatch(batch, naive, keys, random);
            trie.Apply(batch);
            Assert.Equal(naive.Root(), trie.RootHash());
        }
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Apply_NodesMissing_ThrowsAndCanBeUndone(KeyShape shape, int seed)
    {
        var random = new Random(seed);
        var naive = new NaiveTrie();
        var batch = new TrieBatch();
        byte[][] keys = Keys(shape, random, 20 + random.Next(200));
        FillBatch(batch, naive, keys, random);
        Hash256 root = naive.Root();
        var store = new DictionaryStore(naive);
        Hash256[] removable = [.. store.Nodes.Keys.Where(hash => hash != root && random.Next(3) == 0)];
        foreach (Hash256 hash in removable) store.Nodes.Remove(hash);

        var trie = new MerkleTrie(store, root);
        byte[][] reachable = [.. keys.Where(key => CanRead(trie, key))];
        batch.Clear();
        var undo = new TrieBatch();
        foreach (byte[] key in reachable.Where(_ => random.Next(3) != 0))
        {
            batch.Set(key, Value(random));
            undo.Set(key, naive[key] ?? []);
        }

        try
        {
            trie.Apply(batch);
        }
        catch (StateUnavailableException missing)
        {
            Assert.Contains(missing.Hash, removable);
        }

        trie.Apply(undo);
        Assert.Equal(root, trie.RootHash());
        foreach (byte[] key in reachable) Assert.Equal(naive[key] ?? [], trie.Get(key).ToArray());
    }

    [Fact]
    public void Apply_LastSiblingInNoStore_NamesTheMissingNode()
    {
        var naive = new NaiveTrie { [Key(0x11)] = Value(0x01), [Key(0x12)] = Value(0x02) };
        Hash256 root = naive.Root();
        var store = new DictionaryStore(naive);
        Hash256 sibling = store.Nodes.First(node => node.Value.AsSpan().IndexOf(Value(0x02)) >= 0).Key;
        store.Nodes.Remove(sibling);
        var trie = new MerkleTrie(store, root);
        Assert.Equal(sibling, Assert.Throws<StateUnavailableException>(() => trie.Remove(Key(0x11))).Hash);
    }

    [Fact]
    public void Apply_SiblingReplacedInTheSameBatch_NeedsNoOtherNode()
    {
        var naive = new NaiveTrie { [Key(0x11)] = Value(0x01), [Key(0x12)] = Value(0x02) };
        Hash256 root = naive.Root();
        var store = new DictionaryStore(naive);
        store.Nodes.Remove(store.Nodes.First(node => node.Value.AsSpan().IndexOf(Value(0x02)) >= 0).Key);
        var trie = new MerkleTrie(store, root);
        var batch = new TrieBatch();
        batch.Remove(Key(0x11));
        batch.Set(Key(0x13), Value(0x03));
        trie.Apply(batch);
        naive[Key(0x11)] = null;
        naive[Key(0x13)] = Value(0x03);
        Assert.Equal(naive.Root(), trie.RootHash());
    }

    [Fact]
    public void RootHash_AfterWritingTheSameValues_AsksForNothingAndAllocatesNothing()
    {
        var random = new Random(1);
        var trie = new MerkleTrie();
        var batch = new TrieBatch();
        for (int i = 0; i < 1000; i++) batch.Set(Keccak256.Hash([(byte)i, (byte)(i >> 8)]), RandomBytes(random, 70));
        trie.Apply(batch);
        Hash256 root = trie.RootHash();
        trie.Apply(batch);
        Hash256 again = default;
        AllocationGate gate = new();
        while (gate.NextRun())
        {
            trie.Apply(batch);
            again = trie.RootHash();
        }

        Assert.Equal(0, gate.LeastBytes);
        Assert.Equal(root, again);
    }

    [Fact]
    public void Apply_MalformedNodes_ThrowsTyped()
    {
        var random = new Random(7);
        var naive = new NaiveTrie();
        var batch = new TrieBatch();
        FillBatch(batch, naive, Keys(KeyShape.LongPrefixes, random, 40), random);
        naive.Root();
        foreach (byte[] node in naive.Nodes.Values.ToArray())
        {
            for (int trial = 0; trial < 200; trial++)
            {
                byte[] damaged = Damage(node, random);
                if (!NodeDecoder.TryDecode(damaged, default, out _)) continue;
                var store = new DictionaryStore(naive);
                Hash256 root = Keccak256.Hash(damaged);
                store.Nodes[root] = damaged;
                CanRead(new MerkleTrie(store, root), RandomBytes(random, 32));
            }
        }
    }

    private static byte[] Damage(byte[] node, Random random)
    {
        var damaged = (byte[])node.Clone();
        for (int i = 0; i <= random.Next(3); i++) damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
        return random.Next(3) == 0 ? damaged[..random.Next(damaged.Length)] : damaged;
    }

    private static bool CanRead(MerkleTrie trie, byte[] key)
    {
        try
        {
            trie.Get(key);
            return true;
        }
        catch (StateUnavailableException)
        {
            return false;
        }
    }

    private static void FillBatch(TrieBatch batch, NaiveTrie naive, byte[][] keys, Random random)
    {
        batch.Clear();
        int removals = random.Next(10);
        foreach (byte[] key in random.GetItems(keys, 1 + random.Next(keys.Length * 2)))
        {
            byte[] value = random.Next(10) < removals ? [] : Value(random);
            batch.Set(key, value);
            naive[key] = value;
        }
    }

    private static byte[][] Keys(KeyShape shape, Random random, int count) =>
        [.. Enumerable.Range(0, count).Select(_ => NewKey(shape, random))];

    private static byte[] NewKey(KeyShape shape, Random random)
    {
        byte[] key = RandomBytes(random, shape == KeyShape.OfAllLengths ? random.Next(7) : 32);
        if (shape == KeyShape.Hashed) return key;
        ReadOnlySpan<byte> digits = [0x00, 0x01, 0x10, 0x11];
        int usual = shape == KeyShape.OfAllLengths ? 2 : 1;
        for (int i = 0; i < key.Length; i++) key[i] = digits[random.Next(random.Next(8) == 0 ? 4 : usual)];
        return key;
    }

    private static byte[] Value(Random random) =>
        random.Next(4) == 0 ? [] : RandomBytes(random, random.Next(2) == 0 ? 1 + random.Next(4) : 1 + random.Next(90));

    private static byte[] RandomBytes(Random random, int length)
    {
        var bytes = new byte[length];
        random.NextBytes(bytes);
        return bytes;
    }

    private static byte[] Key(byte first) => [first, .. new byte[31]];

    private static byte[] Value(byte first) => [first, .. Enumerable.Repeat((byte)0xEE, 40)];
}

/// <summary>A node store over a snapshot of the reference's nodes.</summary>
internal sealed class DictionaryStore(NaiveTrie trie) : IPreimageStore
{
    public Dictionary<Hash256, byte[]> Nodes { get; } = new(trie.Nodes);

    public bool TryGet(in Hash256 hash, out ReadOnlyMemory<byte> rlp)
    {
        bool found = Nodes.TryGetValue(hash, out byte[]? node);
        rlp = node;
        return found;
    }
}
