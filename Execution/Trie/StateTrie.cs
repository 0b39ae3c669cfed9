using Fragcast.Execution.State;
using Fragcast.Primitives;

namespace Fragcast.Execution.Trie;

/// <summary>
/// The state as Ethereum commits to it: a trie of accounts by the hash of their address, and for each account a trie
/// of its slots by the hash of their key. It is the source of a <see cref="JournaledState"/>, and takes that state's
/// changes over when <see cref="Update"/> is called: after a block, or after any frag. Starts from a root whose nodes
/// a store has, a witness for example, or empty and then wholly resident. Not thread-safe; reads wait for updates that
/// a <see cref="TrieCrew"/> makes in the background.
/// </summary>
public sealed class StateTrie : IStateSource
{
    private readonly IPreimageStore _store;
    private readonly MerkleTrie _accounts;
    private readonly Dictionary<Address, StorageTrie> _storage = [];
    private readonly Dictionary<Hash256, ReadOnlyMemory<byte>> _codes = [];
    private readonly StateDelta _delta = new();
    private readonly StateTrieUpdate _update;
    private readonly List<StorageTrie> _wiped = [];
    private IBackgroundUpdates? _background;

    /// <summary>An empty state, wholly resident.</summary>
    public StateTrie() : this(EmptyPreimageStore.Instance, MerkleTrie.EmptyRoot)
    {
    }

    /// <summary>
    /// The state with the given root, whose nodes and codes are taken from the store when first needed.
    /// </summary>
    /// <param name="store">The store; read by the threads of the crew, too.</param>
    /// <param name="root">The root.</param>
    /// <param name="crew">Threads that large updates are split among; null for none.</param>
    public StateTrie(IPreimageStore store, in Hash256 root, TrieCrew? crew = null)
    {
        _store = store;
        _accounts = new MerkleTrie(store, root);
        _update = new StateTrieUpdate(this, _accounts, crew ?? TrieCrew.None);
    }

    /// <summary>The trie of a whole state.</summary>
    /// <param name="state">The state; not kept.</param>
    /// <param name="crew">As for the constructor.</param>
    public static StateTrie Of(FlatState state, TrieCrew? crew = null)
    {
        var trie = new StateTrie(EmptyPreimageStore.Instance, MerkleTrie.EmptyRoot, crew);
        foreach ((Hash256 hash, byte[] code) in state.Codes) trie._codes.TryAdd(hash, code);
        trie._update.Load(state);
        return trie;
    }

    /// <summary>Root of the state as of the last <see cref="Update"/>.</summary>
    public Hash256 Root
    {
        get
        {
            _background?.WaitIdle();
            return _accounts.RootHash();
        }
    }

    /// <inheritdoc/>
    public bool TryGetAccount(in Address address, out AccountData account)
    {
        _background?.WaitIdle();
        ReadOnlySpan<byte> rlp = _accounts.Get(Keccak256.Hash(address.Bytes).Bytes);
        if (rlp.IsEmpty)
        {
            account = default;
            return false;
        }

        if (AccountRlp.TryRead(rlp, out account)) return true;
        throw new StateUnavailableException($"account {address} is malformed");
    }

    /// <inheritdoc/>
    public UInt256 GetStorage(in Address address, in UInt256 key)
    {
        _background?.WaitIdle();
        if (!_storage.TryGetValue(address, out StorageTrie? storage))
        {
            if (!TryGetAccount(address, out AccountData account)) return UInt256.Zero;
            if (account.StorageRoot == MerkleTrie.EmptyRoot) return UInt256.Zero;
            storage = OpenStorage(address, account.StorageRoot);
        }

        ReadOnlySpan<byte> rlp = storage.Original.Get(HashOfKey(key).Bytes);
        if (rlp.IsEmpty) return UInt256.Zero;
        if (AccountRlp.TryRead(rlp, out UInt256 value)) return value;
        throw new StateUnavailableException($"slot {key} of account {address} is malformed");
    }

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> GetCode(in Hash256 codeHash)
    {
        if (_codes.TryGetValue(codeHash, out ReadOnlyMemory<byte> code)) return code;
        if (_store.TryGet(codeHash, out code)) return code;
        throw new StateUnavailableException("code", codeHash);
    }

    /// <summary>
    /// Takes over what changed in <paramref name="state"/> since the last call: accounts, slots, codes. The state's
    /// dirty lists are cleared. Also after changes were reverted: the trie then follows back.
    /// </summary>
    /// <param name="state">The state that reads from this trie; between two transactions.</param>
    /// <returns>The new root of the state.</returns>
    /// <exception cref="StateUnavailableException">
    /// A node that a change needs is in no store. What was taken over is kept: when the state reverts the changes and
    /// this is called again, the trie is what it was.
    /// </exception>
    public Hash256 Update(JournaledState state)
    {
        _background?.WaitIdle();
        state.TakeDelta(_delta);
        KeepCodes(_delta);
        return Apply(_delta);
    }

    /// <summary>
    /// Whether large updates are split among the crew's threads. True until it is set; not while an update runs.
    /// </summary>
    public bool IsSplit
    {
        get => _update.IsSplit;
        set => _update.IsSplit = value;
    }

    /// <summary>Root of an account's storage as of the last <see cref="Update"/>.</summary>
    /// <param name="state">The state whose changes were taken over.</param>
    /// <param name="account">The account's handle in it.</param>
    public Hash256 StorageRootOf(JournaledState state, int account)
    {
        _background?.WaitIdle();
        return _storage.TryGetValue(state.AddressOf(account), out StorageTrie? storage)
            ? storage.Current.RootHash()
            : state.StorageRoot(account);
    }

    /// <summary>
    /// The changes that were taken over are final: what only a revert would need is forgotten. Called when the state
    /// commits its block.
    /// </summary>
    public void CommitBlock()
    {
        _background?.WaitIdle();
        foreach (StorageTrie storage in _wiped) storage.ForgetWiped();
        _wiped.Clear();
    }

    /// <summary>
    /// Called after <see cref="JournaledState.Reset"/>, which may come only when all changes are taken over.
    /// </summary>
    public void FollowReset()
    {
        CommitBlock();
        foreach (StorageTrie storage in _storage.Values) storage.FollowReset();
    }

    /// <summary>Makes reads wait for updates that are under way on another thread.</summary>
    internal void UpdatedBy(IBackgroundUpdates? background) => _background = background;

    /// <summary>
    /// Keeps the codes that a period brought; others are asked for by hash when they are needed, if ever. On the
    /// thread that reads.
    /// </summary>
    internal void KeepCodes(StateDelta delta)
    {
        foreach ((Hash256 hash, ReadOnlyMemory<byte> code) in delta.Codes) _codes.TryAdd(hash, code);
    }

    /// <summary>Brings the trie up to the end of a period, on whatever thread, one at a time and in order.</summary>
    /// <returns>The new root of the state.</returns>
    /// <exception cref="StateUnavailableException">As for <see cref="Update"/>.</exception>
    internal Hash256 Apply(StateDelta delta) => _update.Apply(delta);

    /// <summary>Takes a period's changes together with those of the next call of <see cref="Apply"/>.</summary>
    internal void Defer(StateDelta delta) => _update.Defer(delta);

    /// <summary>The storage trie of an account; null when it has none and needs none.</summary>
    internal StorageTrie? StorageFor(in AccountDelta account)
    {
        if (_storage.TryGetValue(account.Address, out StorageTrie? storage)) return storage;
        bool isWiped = account.IsSourceStorageGone && account.SourceRoot != MerkleTrie.EmptyRoot;
        return account.HasSlots || isWiped ? OpenStorage(account.Address, account.SourceRoot) : null;
    }

    /// <summary>Takes a storage trie over that was built.</summary>
    internal void Add(in Address address, MerkleTrie storage) => _storage.Add(address, new StorageTrie(storage));

    /// <summary>Notes a storage trie whose wipe a revert may undo.</summary>
    internal void NoteWiped(StorageTrie storage) => _wiped.Add(storage);

    private StorageTrie OpenStorage(in Address address, in Hash256 root)
    {
        var storage = new StorageTrie(new MerkleTrie(_store, root));
        _storage.Add(address, storage);
        return storage;
    }

    private static Hash256 HashOfKey(in UInt256 key)
    {
        Span<byte> bytes = stackalloc byte[UInt256.Size];
        key.WriteBigEndian(bytes);
        return Keccak256.Hash(bytes);
    }
}

/// <summary>Updates of a trie on another thread.</summary>
internal interface IBackgroundUpdates
{
    /// <summary>Returns when none is under way or waiting.</summary>
    void WaitIdle();
}
