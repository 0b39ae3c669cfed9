using System.Runtime.InteropServices;
using Fragcast.Primitives;

namespace Fragcast.Execution.State;

/// <summary>An account that was written, or of which slots were, as it is at the end of a period.</summary>
internal struct AccountDelta
{
    public Address Address;
    public int Handle;
    public bool Existed;
    public bool Exists;

    /// <summary>Existence, nonce, balance or code differ from what they were at the period's start.</summary>
    public bool IsChanged;

    /// <summary>The account was removed within the period; it may have come into existence again.</summary>
    public bool WasRemoved;

    /// <summary>Slots of the account were written.</summary>
    public bool HasSlots;

    /// <summary>As <see cref="JournaledState.IsSourceStorageGone"/>.</summary>
    public bool IsSourceStorageGone;

    public ulong Nonce;
    public UInt256 Balance;
    public Hash256 CodeHash;

    /// <summary>As <see cref="JournaledState.StorageRoot"/>.</summary>
    public Hash256 SourceRoot;
}

/// <summary>A slot that was written, as it is at the end of a period.</summary>
internal struct SlotDelta
{
    public int Account;
    public bool IsChanged;
    public UInt256 Key;
    public UInt256 Value;
}

/// <summary>
/// What a period, a frag for example, did to the state: values that stand by themselves, so that another thread can
/// work on them while execution goes on. Reused from period to period.
/// </summary>
internal sealed class StateDelta
{
    private readonly List<AccountDelta> _accounts = [];
    private readonly List<SlotDelta> _slots = [];
    private readonly List<(Hash256 Hash, ReadOnlyMemory<byte> Code)> _codes = [];

    /// <summary>The accounts, each once, among them the owners of all slots.</summary>
    public Span<AccountDelta> Accounts => CollectionsMarshal.AsSpan(_accounts);

    /// <summary>
    /// The slots; one may stand twice, with the same value. Slots that are what they were at the period's start are
    /// left out, unless the account's storage may have been wiped.
    /// </summary>
    public Span<SlotDelta> Slots => CollectionsMarshal.AsSpan(_slots);

    /// <summary>Codes that the period brought.</summary>
    public List<(Hash256 Hash, ReadOnlyMemory<byte> Code)> Codes => _codes;

    /// <summary>Whether nothing was written.</summary>
    public bool IsEmpty => _accounts.Count == 0;

    public void Add(in AccountDelta account) => _accounts.Add(account);

    public void Add(in SlotDelta slot) => _slots.Add(slot);

    /// <summary>A copy that lives on when this is filled anew; without codes.</summary>
    public StateDelta Copy()
    {
        var copy = new StateDelta();
        copy._accounts.AddRange(_accounts);
        copy._slots.AddRange(_slots);
        return copy;
    }

    public void Clear()
    {
        _accounts.Clear();
        _slots.Clear();
        _codes.Clear();
    }
}

/// <content>Handing over what changed.</content>
public sealed partial class JournaledState
{
    // Accounts whose wipe of the block under way was handed over: when it is taken back, all of their slots count.
    private readonly HashSet<int> _wipesTaken = [];

    // Accounts of the dirty slots.
    private readonly HashSet<int> _owners = [];

    /// <summary>
    /// Hands over what changed since the last time or the start of the block, and starts the dirty lists anew. Called
    /// between transactions.
    /// </summary>
    /// <param name="delta">Emptied and filled.</param>
    internal void TakeDelta(StateDelta delta)
    {
        delta.Clear();
        FindOwners();
        foreach (ref readonly AccountChange change in DirtyAccounts) TakeAccount(change, delta);
        foreach (int owner in _owners)
        {
            ref readonly AccountEntry entry = ref _accounts[owner];
            if (entry.ChangeEpoch != _changeEpoch) delta.Add(DeltaOf(owner, entry));
        }

        foreach (ref readonly SlotChange change in DirtySlots)
        {
            ref readonly SlotEntry slot = ref _slots[change.Slot];
            bool isChanged = slot.Current != change.Value;
            if (isChanged || IsSourceStorageGone(slot.Account)) delta.Add(DeltaOf(slot, isChanged));
        }

        ClearDirty();
    }

    // Slots of one account often come one after the other.
    private void FindOwners()
    {
        _owners.Clear();
        int last = -1;
        foreach (ref readonly SlotChange change in DirtySlots)
        {
            int owner = _slots[change.Slot].Account;
            if (owner != last) _owners.Add(owner);
            last = owner;
        }
    }

    private void TakeAccount(in AccountChange change, StateDelta delta)
    {
        ref readonly AccountEntry entry = ref _accounts[change.Account];
        AccountDelta account = DeltaOf(change.Account, entry);
        account.Existed = change.Existed;
        account.WasRemoved = entry.RemovedEpoch == _changeEpoch;
        bool hasNewCode = account.CodeHash != change.CodeHash;
        account.IsChanged = hasNewCode
            || account.Exists != change.Existed
            || entry.Nonce != change.Nonce
            || entry.Balance != change.Balance;
        if (hasNewCode && entry.Code != CodeStore.Empty)
            delta.Codes.Add((account.CodeHash, _codes[entry.Code].Memory));
        delta.Add(account);
        if (account.IsSourceStorageGone)
        {
            if (entry.StorageRoot != AccountData.EmptyStorageRoot) _wipesTaken.Add(change.Account);
        }
        else if (_wipesTaken.Remove(change.Account))
        {
            TakeAllSlotsOf(change.Account, delta);
        }
    }

    // What is dirty was compared with emptied storage; that which is back lacks all changes of the block.
    private void TakeAllSlotsOf(int account, StateDelta delta)
    {
        foreach (ref readonly SlotChange change in ChangedSlots)
        {
            ref readonly SlotEntry slot = ref _slots[change.Slot];
            if (slot.Account == account) delta.Add(DeltaOf(slot, isChanged: false));
        }
    }

    private AccountDelta DeltaOf(int account, in AccountEntry entry)
    {
        bool exists = (entry.Flags & AccountFlags.Exists) != AccountFlags.None;
        return new AccountDelta
        {
            Address = entry.Address,
            Handle = account,
            Existed = exists,
            Exists = exists,
            HasSlots = _owners.Contains(account),
            IsSourceStorageGone = (entry.Flags & AccountFlags.SourceStorageGone) != AccountFlags.None,
            Nonce = entry.Nonce,
            Balance = entry.Balance,
            CodeHash = _codes.HashOf(entry.Code),
            SourceRoot = entry.StorageRoot,
        };
    }

    private static SlotDelta DeltaOf(in SlotEntry slot, bool isChanged) =>
        new() { Account = slot.Account, IsChanged = isChanged, Key = slot.Key, Value = slot.Current };
}
