using Fragcast.Execution.State;
using Fragcast.Primitives;

namespace Fragcast.Execution.Trie;

/// <summary>
/// The state as Ethereum commits to it: a trie of accounts by the hash of their address, and for each account a trie
/// of its slots by the hash of their key. It is the source of a <see cref="JournaledState"/>, and takes that state's
/// changes over when <see cref="Update"/> is called: after a block, or after any frag. Starts from a root whose nodes
/// a store has, a witness for example, or empty and then wholly resident. Not thread-safe.
/// </summary>
public sealed class StateTrie : IStateSource
{
    private readonly IPreimageStore _store;
    private readonly MerkleTrie _accounts;
    private readonly Dictionary<Address, StorageTrie> _storage = [];
    private readonly Dictionary<Hash256, ReadOnlyMemory<byte>> _codes = [];
    private readonly TrieBatch _accountBatch = new();
    private readonly TrieBatch _slotBatch = new();
    private readonly DirtyAccounts _dirty = new();
    private readonly List<StorageTrie> _wiped = [];

    /// <summary>An empty state, wholly resident.</summary>
    public StateTrie() : this(EmptyPreimageStore.Instance, MerkleTrie.EmptyRoot)
    {
    }

    /// <summary>
    /// The state with the given root, whose nodes and codes are taken from the store when first needed.
    /// </summary>
    public StateTrie(IPreimageStore store, in Hash256 root)
    {
        _store = store;
        _accounts = new MerkleTrie(store, root);
    }

    /// <summary>Root of the state as of the last <see cref="Update"/>.</summary>
    public Hash256 Root => _accounts.RootHash();

    /// <inheritdoc/>
    public bool TryGetAccount(in Address address, out AccountData account)
    {
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
    /// dirty lists are cleared, and its accounts get their new storage roots. Also after changes were reverted: the
    /// trie then follows back.
    /// </summary>
    /// <param name="state">The state that reads from this trie; between two transactions.</param>
    /// <returns>The new root of the state.</returns>
    /// <exception cref="StateUnavailableException">
    /// A node that a change needs is in no store. The dirty lists stay; when the state reverts the changes and this
    /// is called again, the trie is what it was.
    /// </exception>
    public Hash256 Update(JournaledState state)
    {
        KeepNewCodes(state);
        _dirty.Collect(state);
        _accountBatch.Clear();
        foreach (DirtyAccounts.Group group in _dirty) UpdateAccount(state, group);
        _accounts.Apply(_accountBatch);
        Hash256 root = _accounts.RootHash();
        state.ClearDirty();
        return root;
    }

    /// <summary>
    /// The changes that were taken over are final: what only a revert would need is forgotten. Called when the state
    /// commits its block.
    /// </summary>
    public void CommitBlock()
    {
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

    private void UpdateAccount(JournaledState state, in DirtyAccounts.Group group)
    {
        int account = group.Account;
        ref readonly Address address = ref state.AddressOf(account);
        Span<byte> key = stackalloc byte[Hash256.Size];
        Keccak256.Hash(address.Bytes, key);
        if (!state.Exists(account) && !_storage.ContainsKey(address))
        {
            _accountBatch.Remove(key);
            return;
        }

        Hash256 storageRoot = UpdateStorage(state, group);
        if (!state.Exists(account))
        {
            _accountBatch.Remove(key);
            return;
        }

        if (storageRoot != state.StorageRoot(account)) state.SetStorageRoot(account, storageRoot);
        var data = new AccountData
        {
            Nonce = state.Nonce(account),
            Balance = state.Balance(account),
            CodeHash = state.CodeHash(account),
            StorageRoot = storageRoot,
        };
        Span<byte> buffer = stackalloc byte[AccountRlp.MaxAccountLength + AccountRlp.WriterSlack];
        _accountBatch.Set(key, AccountRlp.Write(data, buffer));
    }

    /// <summary>Brings the account's storage trie up to date; its root.</summary>
    private Hash256 UpdateStorage(JournaledState state, in DirtyAccounts.Group group)
    {
        int account = group.Account;
        ref readonly Address address = ref state.AddressOf(account);
        ref readonly Hash256 root = ref state.StorageRoot(account);
        bool isGone = state.IsSourceStorageGone(account);
        if (!_storage.TryGetValue(address, out StorageTrie? storage))
        {
            if (group.Slots.IsEmpty && (!isGone || root == MerkleTrie.EmptyRoot)) return root;
            storage = OpenStorage(address, root);
        }

        _slotBatch.Clear();
        StorageTrie.Change change = storage.Follow(isGone);
        if (change == StorageTrie.Change.Wiped) _wiped.Add(storage);
        if (change == StorageTrie.Change.Unwiped)
        {
            // What is dirty was compared with the emptied trie; the one that is back lacks all changes of the block.
            foreach (SlotChange changed in state.ChangedSlots)
            {
                if (state.AccountOfSlot(changed.Slot) == account) AddSlot(state, changed.Slot);
            }
        }

        foreach (int slot in group.Slots) AddSlot(state, slot);
        storage.Current.Apply(_slotBatch);
        return storage.Current.RootHash();
    }

    private void AddSlot(JournaledState state, int slot)
    {
        Span<byte> buffer = stackalloc byte[AccountRlp.MaxSlotLength + AccountRlp.WriterSlack];
        ref readonly UInt256 value = ref state.Current(slot);
        _slotBatch.Set(HashOfKey(state.KeyOfSlot(slot)), value.IsZero ? default : AccountRlp.Write(value, buffer));
    }

    /// <summary>Codes that the block brought; others are asked for by hash when they are needed, if ever.</summary>
    private void KeepNewCodes(JournaledState state)
    {
        foreach (ref readonly AccountChange change in state.ChangedAccounts)
        {
            if (!state.HasCode(change.Account)) continue;
            Hash256 hash = state.CodeHash(change.Account);
            if (hash != change.CodeHash) _codes.TryAdd(hash, state.Code(change.Account).Memory);
        }
    }

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
