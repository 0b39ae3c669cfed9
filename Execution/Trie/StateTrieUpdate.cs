using System.Runtime.InteropServices;
using Fragcast.Execution.State;
using Fragcast.Primitives;

namespace Fragcast.Execution.Trie;

/// <summary>
/// How a <see cref="StateTrie"/> takes a period's changes over: keys are hashed eight at a time, storage tries are
/// updated and hashed together, then the trie of accounts. In steady state it allocates only what the tries keep. One
/// thread at a time; large parts are split among a crew.
/// </summary>
internal sealed class StateTrieUpdate
{
    // Storage tries of one part: so many changes that a thread's wake-up does not matter.
    private const int PartMin = 256;

    private readonly StateTrie _trie;
    private readonly MerkleTrie _accounts;
    private readonly TrieCrew _allOfCrew;
    private readonly TrieHasherPool _hashers = new();
    private readonly TrieBatch _accountBatch = new();
    private readonly KeccakBatch<int> _slotKeys;
    private readonly KeccakBatch<int> _addresses;
    private readonly Dictionary<int, StorageTrie> _storageOf = [];
    private readonly List<StorageTrie> _touched = [];
    private readonly List<int> _partStarts = [];
    private readonly Stack<TrieBatch> _freeBatches = [];
    private readonly List<StateDelta> _earlier = [];
    private readonly Action<int> _updatePart;
    private StateDelta _delta = new();

    public StateTrieUpdate(StateTrie trie, MerkleTrie accounts, TrieCrew crew)
    {
        _trie = trie;
        _accounts = accounts;
        _allOfCrew = crew;
        _slotKeys = new KeccakBatch<int>(AddSlot);
        _addresses = new KeccakBatch<int>(AddAccount);
        _updatePart = UpdatePart;
    }

    /// <summary>As <see cref="StateTrie.IsSplit"/>.</summary>
    public bool IsSplit { get; set; } = true;

    private TrieCrew Crew => IsSplit ? _allOfCrew : TrieCrew.None;

    /// <summary>Applies a period's changes, with those of earlier periods that are not applied yet.</summary>
    /// <returns>The new root of the state.</returns>
    /// <exception cref="StateUnavailableException">
    /// A node that a change needs is in no store. The changes are kept, and tried again with the next ones.
    /// </exception>
    public Hash256 Apply(StateDelta delta)
    {
        try
        {
            foreach (StateDelta earlier in _earlier) NoteSlots(earlier);
            NoteSlots(delta);
            UpdateStorage();
            _accountBatch.Clear();
            foreach (StateDelta earlier in _earlier) NoteAccounts(earlier);
            NoteAccounts(delta);
            _accounts.Apply(_accountBatch, Crew, _hashers);
        }
        catch (StateUnavailableException)
        {
            Defer(delta);
            throw;
        }
        finally
        {
            GiveBatchesBack();
        }

        _earlier.Clear();
        return _accounts.RootHash(_hashers);
    }

    /// <summary>Keeps a period's changes for the next call of <see cref="Apply"/>.</summary>
    public void Defer(StateDelta delta) => _earlier.Add(delta.Copy());

    /// <summary>Fills the empty trie.</summary>
    public void Load(FlatState state)
    {
        var roots = new Dictionary<int, Hash256>();
        foreach ((int account, TrieBatch slots) in SlotsOf(state))
        {
            var storage = new MerkleTrie();
            storage.Apply(slots);
            roots.Add(account, storage.RootHash());
            _trie.Add(state.AddressOf(account), storage);
        }

        var batch = new TrieBatch();
        var keys = new KeccakBatch<int>((int number, in Hash256 key) =>
        {
            AccountData data = state[number];
            if (roots.TryGetValue(number, out Hash256 root)) data.StorageRoot = root;
            Span<byte> buffer = stackalloc byte[AccountRlp.MaxAccountLength + AccountRlp.WriterSlack];
            batch.Set(key, AccountRlp.Write(data, buffer));
        });
        for (int i = 0; i < state.AccountCount; i++) keys.Add(i, state.AddressOf(i).Bytes);
        keys.Flush();
        _accounts.Apply(batch);
        _accounts.RootHash();
    }

    private static Dictionary<int, TrieBatch> SlotsOf(FlatState state)
    {
        var batches = new Dictionary<int, TrieBatch>();
        var keys = new KeccakBatch<int>((int position, in Hash256 key) =>
        {
            (int account, _, UInt256 value) = state.SlotAt(position);
            if (!batches.TryGetValue(account, out TrieBatch? batch)) batches[account] = batch = new TrieBatch();
            Span<byte> buffer = stackalloc byte[AccountRlp.MaxSlotLength + AccountRlp.WriterSlack];
            batch.Set(key, AccountRlp.Write(value, buffer));
        });
        Span<byte> bytes = stackalloc byte[UInt256.Size];
        for (int i = 0; i < state.SlotCount; i++)
        {
            state.SlotAt(i).Key.WriteBigEndian(bytes);
            keys.Add(i, bytes);
        }

        keys.Flush();
        return batches;
    }

    /// <summary>Sorts the slots by their storage tries, with hashed keys.</summary>
    private void NoteSlots(StateDelta delta)
    {
        _delta = delta;
        foreach (ref readonly AccountDelta account in delta.Accounts)
        {
            if (_trie.StorageFor(account) is not { } storage) continue;
            if (storage.Follow(account.IsSourceStorageGone)) _trie.NoteWiped(storage);
            _storageOf[account.Handle] = storage;
            if (storage.Batch is not null) continue;
            storage.Batch = _freeBatches.TryPop(out TrieBatch? batch) ? batch : new TrieBatch();
            _touched.Add(storage);
        }

        Span<byte> key = stackalloc byte[UInt256.Size];
        Span<SlotDelta> slots = delta.Slots;
        for (int i = 0; i < slots.Length; i++)
        {
            slots[i].Key.WriteBigEndian(key);
            _slotKeys.Add(i, key);
        }

        _slotKeys.Flush();
    }

    private void AddSlot(int index, in Hash256 key)
    {
        ref readonly SlotDelta slot = ref _delta.Slots[index];
        Span<byte> buffer = stackalloc byte[AccountRlp.MaxSlotLength + AccountRlp.WriterSlack];
        _storageOf[slot.Account].Batch!.Set(
            key, slot.Value.IsZero ? default : AccountRlp.Write(slot.Value, buffer));
    }

    /// <summary>Large storage tries one by one, each split among the crew; the others in groups.</summary>
    private void UpdateStorage()
    {
        _partStarts.Clear();
        int changes = PartMin;
        for (int i = 0; i < _touched.Count; i++)
        {
            if (changes >= PartMin)
            {
                _partStarts.Add(i);
                changes = 0;
            }

            TrieBatch batch = _touched[i].Batch!;
            changes += batch.Count;
            if (batch.Count < PartMin) continue;
            _touched[i].Current.Apply(batch, Crew, _hashers);
            batch.Clear();
        }

        Crew.Run(_partStarts.Count, _updatePart);
    }

    private void UpdatePart(int part)
    {
        int start = _partStarts[part];
        int end = part + 1 < _partStarts.Count ? _partStarts[part + 1] : _touched.Count;
        ReadOnlySpan<StorageTrie> tries = CollectionsMarshal.AsSpan(_touched)[start..end];
        TrieHasher hasher = _hashers.Rent();
        foreach (StorageTrie storage in tries) storage.Current.Apply(storage.Batch!);
        foreach (StorageTrie storage in tries) storage.Current.CollectChanged(hasher);
        hasher.Run();
        foreach (StorageTrie storage in tries) storage.Current.FinishRoot(hasher);
        _hashers.Return(hasher);
    }

    private void NoteAccounts(StateDelta delta)
    {
        _delta = delta;
        Span<AccountDelta> accounts = delta.Accounts;
        for (int i = 0; i < accounts.Length; i++) _addresses.Add(i, accounts[i].Address.Bytes);
        _addresses.Flush();
    }

    private void AddAccount(int index, in Hash256 key)
    {
        ref readonly AccountDelta account = ref _delta.Accounts[index];
        if (!account.Exists)
        {
            _accountBatch.Remove(key.Bytes);
            return;
        }

        var data = new AccountData
        {
            Nonce = account.Nonce,
            Balance = account.Balance,
            CodeHash = account.CodeHash,
            StorageRoot = _storageOf.TryGetValue(account.Handle, out StorageTrie? storage)
                ? storage.Current.RootHash()
                : account.SourceRoot,
        };
        Span<byte> buffer = stackalloc byte[AccountRlp.MaxAccountLength + AccountRlp.WriterSlack];
        _accountBatch.Set(key, AccountRlp.Write(data, buffer));
    }

    private void GiveBatchesBack()
    {
        foreach (StorageTrie storage in _touched)
        {
            TrieBatch batch = storage.Batch!;
            batch.Clear();
            _freeBatches.Push(batch);
            storage.Batch = null;
        }

        _touched.Clear();
        _storageOf.Clear();
    }
}
