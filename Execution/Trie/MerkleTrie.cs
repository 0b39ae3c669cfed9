using Fragcast.Execution.State;
using Fragcast.Primitives;

namespace Fragcast.Execution.Trie;

/// <summary>
/// A Merkle-Patricia trie (Yellow Paper, appendix D) whose nodes are resident: wholly, when it starts empty, or as
/// far as they were visited, when it starts from a root whose nodes a store has. Keys have at most 32 bytes and are
/// taken as they are: callers of a secure trie hash them. Changes only mark what is out of date; <see
/// cref="RootHash()"/> hashes the marked nodes once each. Not thread-safe.
/// </summary>
public sealed class MerkleTrie
{
    // Smaller batches are done sooner than a thread wakes up: 256 changes take some 200 us.
    private const int ParallelMin = 256;

    private readonly IPreimageStore _store;
    private readonly TrieBatch _single = new();
    private TrieHasher? _hasher;
    private TrieNode? _root;
    private Hash256 _rootHash;
    private bool _isDirty;

    /// <summary>An empty trie, wholly resident.</summary>
    public MerkleTrie() : this(EmptyPreimageStore.Instance, EmptyRoot)
    {
    }

    /// <summary>
    /// The trie with the given root, whose nodes are taken from the store when they are first visited.
    /// </summary>
    public MerkleTrie(IPreimageStore store, in Hash256 root)
    {
        _store = store;
        _rootHash = root;
    }

    /// <summary>Root of the trie without keys: the hash of the RLP of an empty string.</summary>
    public static Hash256 EmptyRoot { get; } = Keccak256.Hash([0x80]);

    /// <summary>Finds the value of a key.</summary>
    /// <param name="key">At most 32 bytes.</param>
    /// <returns>
    /// The value, or an empty span when the key is absent (no key has an empty value); valid until the next change.
    /// </returns>
    /// <exception cref="StateUnavailableException">A node on the way is in no store.</exception>
    public ReadOnlySpan<byte> Get(ReadOnlySpan<byte> key)
    {
        LoadRoot();
        return TrieReader.Find(_store, _root, new Nibbles(key));
    }

    /// <summary>Sets the value of one key; an empty value removes it.</summary>
    /// <exception cref="StateUnavailableException">As for <see cref="Apply(TrieBatch)"/>.</exception>
    public void Set(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        _single.Clear();
        _single.Set(key, value);
        Apply(_single);
    }

    /// <summary>Removes a key, if it is there.</summary>
    /// <exception cref="StateUnavailableException">As for <see cref="Apply(TrieBatch)"/>.</exception>
    public void Remove(ReadOnlySpan<byte> key) => Set(key, []);

    /// <summary>Applies changes; the result is that of applying them one by one.</summary>
    /// <param name="batch">The changes; afterwards in order of the keys.</param>
    /// <exception cref="StateUnavailableException">
    /// A node that a change needs is in no store: on the way to its key, or the last sibling of a removed key, whose
    /// kind decides what remains. The batch then is applied in part; setting the previous values of its keys undoes it.
    /// </exception>
    public void Apply(TrieBatch batch)
    {
        if (batch.Count == 0) return;
        LoadRoot();
        bool wasDirty = _isDirty;
        _isDirty = true;
        _root = new TrieUpdater(_store, batch.Values).Apply(_root, batch.Sorted(), 0, out bool changed);
        _isDirty = changed || wasDirty;
    }

    /// <summary>
    /// The root hash: hashes every node that changed since the last call, from the bottom up, and no other.
    /// </summary>
    public Hash256 RootHash()
    {
        if (!_isDirty) return _rootHash;
        if (_root is null)
        {
            _rootHash = EmptyRoot;
        }
        else
        {
            _hasher ??= new TrieHasher();
            CollectChanged(_hasher);
            _hasher.Run();
            FinishRoot(_hasher);
        }

        _isDirty = false;
        return _rootHash;
    }

    /// <summary>As <see cref="RootHash()"/>, with one of a pool of hashers instead of its own.</summary>
    internal Hash256 RootHash(TrieHasherPool hashers)
    {
        _hasher ??= hashers.Rent();
        Hash256 root = RootHash();
        hashers.Return(_hasher);
        _hasher = null;
        return root;
    }

    /// <summary>Notes what is out of date, so that a hasher works on several tries together.</summary>
    internal void CollectChanged(TrieHasher hasher)
    {
        if (_isDirty && _root is not null) hasher.Add(_root, 0);
    }

    /// <summary>Computes the root's hash after a hasher has worked on what was noted.</summary>
    internal void FinishRoot(TrieHasher hasher)
    {
        if (!_isDirty) return;
        _rootHash = _root is null ? EmptyRoot : hasher.HashRoot(_root);
        _isDirty = false;
    }

    /// <summary>
    /// As <see cref="Apply(TrieBatch)"/>; a large batch is split by the first nibble, and each part applied and then
    /// hashed, while it is in the cache, on whatever thread of a crew is free.
    /// </summary>
    internal void Apply(TrieBatch batch, TrieCrew crew, TrieHasherPool hashers)
    {
        LoadRoot();
        if (batch.Count < ParallelMin || _root is not BranchNode { Value: null } branch)
        {
            Apply(batch);
            return;
        }

        var split = new SplitUpdate(_store, branch, batch, hashers);
        _isDirty = true;
        _root = split.Run(crew);
    }

    private void LoadRoot()
    {
        if (_root is null && !_isDirty && _rootHash != EmptyRoot)
            _root = TrieReader.Resolve(_store, NodeReference.FromHash(_rootHash), default);
    }
}
