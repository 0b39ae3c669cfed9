using Fragcast.Execution.Trie;
using Fragcast.Primitives;

namespace Fragcast.Perf.States;

/// <summary>
/// What the parts of a root's update cost, in processor time of one thread, on a trie with as many leaves as there are
/// accounts and values as long as theirs: hashing keys, sorting changes and walking down with them, hashing the changed
/// nodes.
/// </summary>
internal sealed class RootParts
{
    // An account without code and storage: 2 + 1 + 9 + 33 + 33 bytes.
    private const int ValueLength = 78;

    private readonly MerkleTrie _trie = new();
    private readonly TrieBatch _batch = new();
    private readonly KeccakBatch<int> _keys;
    private readonly byte[] _value = new byte[ValueLength];
    private readonly Address[] _accounts;
    private byte _round;

    public RootParts(Address[] accounts)
    {
        _accounts = accounts;
        _keys = new KeccakBatch<int>((int _, in Hash256 key) => _batch.Set(key, _value));
        Note(accounts.Length);
        _trie.Apply(_batch);
        _trie.RootHash();
    }

    /// <summary>Nanoseconds per leaf of each part.</summary>
    public readonly record struct Cost(double Keys, double Walk, double Nodes);

    /// <summary>Changes the first accounts' values.</summary>
    public Cost Measure(int count)
    {
        long start = ThreadClock.NowNs();
        Note(count);
        long noted = ThreadClock.NowNs();
        _trie.Apply(_batch);
        long applied = ThreadClock.NowNs();
        _trie.RootHash();
        long hashed = ThreadClock.NowNs();
        return new Cost(PerLeaf(start, noted), PerLeaf(noted, applied), PerLeaf(applied, hashed));

        double PerLeaf(long from, long to) => (to - from) / (double)count;
    }

    private void Note(int count)
    {
        _value[^1] = ++_round;
        _batch.Clear();
        for (int i = 0; i < count; i++) _keys.Add(i, _accounts[i].Bytes);
        _keys.Flush();
    }
}
