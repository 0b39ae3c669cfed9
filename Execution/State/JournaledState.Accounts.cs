using System.Diagnostics;
using System.Runtime.CompilerServices;
using Fragcast.Execution.Evm;
using Fragcast.Primitives;

namespace Fragcast.Execution.State;

/// <content>Accounts: look-up, warmth, balance, nonce, code, creation and removal.</content>
public sealed partial class JournaledState
{
    // The precompile whose touch survived a failed call on mainnet (EIP-161, block 2,675,119); all clients keep that.
    private static readonly Address StickyTouchAddress = Address.FromUInt256(3);

    private readonly List<int> _removals = [];
    private HandleIndex _accountIndex;
    private AccountEntry[] _accounts;
    private int _accountCount;
    private int _stickyTouch = -1;

    /// <summary>Handle of an account, existing or not; read from the source when it is not resident.</summary>
    public int Account(in Address address)
    {
        var hash = KeyHash.Of(address, _seed);
        var account = FindAccount(address, hash, out var position);
        return account >= 0 ? account : LoadAccount(address, hash, position);
    }

    /// <summary>Address of an account.</summary>
    public ref readonly Address AddressOf(int account) => ref _accounts[account].Address;

    /// <summary>Whether the account was accessed in the transaction under way (EIP-2929).</summary>
    public bool IsWarm(int account) => _accounts[account].WarmEpoch == _transactionEpoch;

    /// <summary>As <see cref="IsWarm(int)"/>, without reading an account that is not resident.</summary>
    public bool IsWarm(in Address address)
    {
        var account = FindAccount(address, KeyHash.Of(address, _seed), out _);
        return account >= 0 && IsWarm(account);
    }

    /// <summary>Notes an access; true when it is the transaction's first, so that the cold price applies.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool WarmAccount(int account)
    {
        ref var entry = ref _accounts[account];
        if (entry.WarmEpoch == _transactionEpoch)
        {
            return false;
        }

        entry.WarmEpoch = _transactionEpoch;
        _journal.Push(JournalKind.WarmAccount, account);
        return true;
    }

    /// <summary>Whether the account is part of the state, be it empty.</summary>
    public bool Exists(int account)
    {
        if (_isRecording)
        {
            NoteAccess(account, AccountAccess.AllRead);
        }

        return (_accounts[account].Flags & AccountFlags.Exists) != AccountFlags.None;
    }

    /// <summary>Whether nonce and balance are zero and there is no code (EIP-161); true if it does not exist.</summary>
    public bool IsEmpty(int account)
    {
        ref readonly var entry = ref _accounts[account];
        if (_isRecording)
        {
            // What decides is asked first: whether a contract is empty does not depend on its balance.
            NoteAccess(
                account,
                entry.Code != CodeStore.Empty ? AccountAccess.CodeRead
                : entry.Nonce != 0 ? AccountAccess.CodeRead | AccountAccess.NonceRead
                : AccountAccess.AllRead);
        }

        return IsEmpty(entry);
    }

    /// <summary>Balance in wei; zero for an account that does not exist.</summary>
    public ref readonly UInt256 Balance(int account)
    {
        if (_isRecording)
        {
            NoteAccess(account, AccountAccess.BalanceRead);
        }

        return ref _accounts[account].Balance;
    }

    /// <summary>Nonce; zero for an account that does not exist.</summary>
    public ulong Nonce(int account)
    {
        if (_isRecording)
        {
            NoteAccess(account, AccountAccess.NonceRead);
        }

        return _accounts[account].Nonce;
    }

    /// <summary>Hash of the code; that of the empty code for an account that has none or does not exist.</summary>
    public ref readonly Hash256 CodeHash(int account)
    {
        if (_isRecording)
        {
            NoteAccess(account, AccountAccess.CodeRead);
        }

        return ref _codes.HashOf(_accounts[account].Code);
    }

    /// <summary>Whether the account has code, which need not be read for this.</summary>
    public bool HasCode(int account)
    {
        if (_isRecording)
        {
            NoteAccess(account, AccountAccess.CodeRead);
        }

        return _accounts[account].Code != CodeStore.Empty;
    }

    /// <summary>The account's code, read from the source on first use.</summary>
    public CodeEntry Code(int account)
    {
        if (_isRecording)
        {
            NoteAccess(account, AccountAccess.CodeRead);
        }

        return _codes[_accounts[account].Code];
    }

    /// <summary>Root of the account's storage as the source gave it; later changes are not in it.</summary>
    public ref readonly Hash256 StorageRoot(int account) => ref _accounts[account].StorageRoot;

    /// <summary>
    /// Whether nothing of the source's storage is valid for the account any more: it had none, or it was wiped. A trie
    /// then starts from the empty one; all of the account's slots are resident.
    /// </summary>
    public bool IsSourceStorageGone(int account) =>
        (_accounts[account].Flags & AccountFlags.SourceStorageGone) != AccountFlags.None;

    /// <summary>Adds to the balance; the account comes into existence, and is touched when nothing is added.</summary>
    public void AddBalance(int account, in UInt256 amount)
    {
        if (amount.IsZero)
        {
            Touch(account);
            return;
        }

        ref var entry = ref _accounts[account];
        SetBalance(account, ref entry, entry.Balance + amount);
    }

    /// <summary>Takes from the balance, which must suffice.</summary>
    public void SubBalance(int account, in UInt256 amount)
    {
        ref var entry = ref _accounts[account];
        Debug.Assert(entry.Balance >= amount, "the caller has compared balance and amount");
        if (!amount.IsZero)
        {
            if (_isRecording)
            {
                NoteAccess(account, AccountAccess.BalanceRead);
            }

            SetBalance(account, ref entry, entry.Balance - amount);
        }
    }

    /// <summary>Sets the balance; the account comes into existence.</summary>
    public void SetBalance(int account, in UInt256 balance)
    {
        if (_isRecording)
        {
            NoteAccess(account, AccountAccess.BalanceRead);
        }

        SetBalance(account, ref _accounts[account], balance);
    }

    /// <summary>Sets the nonce; the account comes into existence.</summary>
    public void SetNonce(int account, ulong nonce)
    {
        ref var entry = ref _accounts[account];
        NoteAccount(account, ref entry);
        MakeExist(account, ref entry);
        _journal.Push(JournalKind.Nonce, account, entry.Nonce);
        entry.Nonce = nonce;
    }

    /// <summary>Sets the code, which is copied when it is new; empty code removes it.</summary>
    public void SetCode(int account, ReadOnlySpan<byte> code)
    {
        var number = _codes.Add(code);
        ref var entry = ref _accounts[account];
        NoteAccount(account, ref entry);
        MakeExist(account, ref entry);
        _journal.Push(JournalKind.Code, account, (ulong)entry.Code);
        entry.Code = number;
    }

    /// <summary>
    /// Brings the account into existence if it does not exist. An account that is touched and empty at the end of the
    /// transaction is removed under EIP-161.
    /// </summary>
    public void Touch(int account)
    {
        ref var entry = ref _accounts[account];
        if (IsEmpty(account))
        {
            _journal.Push(JournalKind.Touch, account);
            MakeExist(account, ref entry);
        }
    }

    /// <summary>
    /// Makes the account a contract created by the transaction under way: no code, no storage, nonce 0; balance kept.
    /// </summary>
    public void CreateContract(int account)
    {
        if (HasStorage(account))
        {
            WipeStorage(account);
        }

        ref var entry = ref _accounts[account];
        NoteAccount(account, ref entry);
        MakeExist(account, ref entry);
        _journal.Push(JournalKind.Created, account, entry.CreatedEpoch);
        entry.CreatedEpoch = _transactionEpoch;
    }

    /// <summary>Whether the transaction under way created the account as a contract (EIP-6780).</summary>
    public bool IsCreated(int account) => _accounts[account].CreatedEpoch == _transactionEpoch;

    /// <summary>
    /// Has the account removed at the end of the transaction. Moving its balance is the caller's part.
    /// </summary>
    public void SelfDestruct(int account)
    {
        if (_isRecording)
        {
            NoteAccess(account, AccountAccess.All);
        }

        ref var entry = ref _accounts[account];
        SetFlags(account, ref entry, entry.Flags | AccountFlags.Destroyed);
    }

    /// <summary>Whether <see cref="SelfDestruct"/> was called for the account in the transaction under way.</summary>
    public bool IsDestroyed(int account) => (_accounts[account].Flags & AccountFlags.Destroyed) != AccountFlags.None;

    private static bool IsEmpty(in AccountEntry entry) =>
        entry.Code == CodeStore.Empty && entry.Nonce == 0 && entry.Balance.IsZero;

    // Handle of a resident account, or -1 and the free cell at the end of its probe sequence.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int FindAccount(in Address address, uint hash, out uint position)
    {
        for (position = _accountIndex.Start(hash); ; position = _accountIndex.Next(position))
        {
            var cell = _accountIndex.Cell(position);
            if (cell == 0)
            {
                return -1;
            }

            if ((uint)(cell >> 32) == hash)
            {
                var handle = (int)(uint)cell - 1;
                if (_accounts[handle].Address == address)
                {
                    return handle;
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private int LoadAccount(in Address address, uint hash, uint position)
    {
        var exists = _source.TryGetAccount(address, out var data);
        ref var entry = ref AddAccount(address, hash, position);
        entry.StorageRoot = AccountData.EmptyStorageRoot;
        if (exists)
        {
            entry.Flags = AccountFlags.Exists;
            entry.Balance = data.Balance;
            entry.Nonce = data.Nonce;
            entry.Code = _codes.NumberOf(data.CodeHash);
            entry.StorageRoot = data.StorageRoot;
        }

        if (entry.StorageRoot == AccountData.EmptyStorageRoot)
        {
            entry.Flags |= AccountFlags.SourceStorageGone;
        }

        return _accountCount - 1;
    }

    // A blank entry, found from now on at the free cell where the address's probe sequence ended.
    private ref AccountEntry AddAccount(in Address address, uint hash, uint position)
    {
        if (_accountCount == _accounts.Length)
        {
            Array.Resize(ref _accounts, _accountCount * 2);
        }

        var account = _accountCount++;
        _accountIndex.Insert(position, hash, account);
        ref var entry = ref _accounts[account];
        entry = default;
        entry.Address = address;
        entry.FirstSlot = -1;
        return ref entry;
    }

    private void SetBalance(int account, ref AccountEntry entry, in UInt256 balance)
    {
        NoteAccount(account, ref entry);
        MakeExist(account, ref entry);
        _journal.Push(JournalKind.Balance, account, entry.Balance);
        entry.Balance = balance;
    }

    private void MakeExist(int account, ref AccountEntry entry)
    {
        if ((entry.Flags & AccountFlags.Exists) == AccountFlags.None)
        {
            SetFlags(account, ref entry, entry.Flags | AccountFlags.Exists);
        }
    }

    private void SetFlags(int account, ref AccountEntry entry, AccountFlags flags)
    {
        if (entry.Flags != flags)
        {
            NoteAccount(account, ref entry);
            _journal.Push(JournalKind.Flags, account, (ulong)entry.Flags);
            entry.Flags = flags;
        }
    }

    // Collects what the transaction under way removes, from the part of the journal that was not reverted.
    private void FindRemovals(bool deleteEmpty)
    {
        for (var i = _transactionStart; i < _journal.Count; i++)
        {
            ref readonly var step = ref _journal[i];
            if (step.Kind is >= JournalKind.Balance and <= JournalKind.Touch)
            {
                NoteRemoval(step.Handle, deleteEmpty);
            }
        }

        if (_stickyTouch >= 0)
        {
            NoteRemoval(_stickyTouch, deleteEmpty);
        }
    }

    private void NoteRemoval(int account, bool deleteEmpty)
    {
        ref readonly var entry = ref _accounts[account];
        var destroyed = (entry.Flags & AccountFlags.Destroyed) != AccountFlags.None;
        var empty = deleteEmpty && (entry.Flags & AccountFlags.Exists) != AccountFlags.None && IsEmpty(entry);
        if (destroyed || empty)
        {
            _removals.Add(account);
        }
    }

    private void Remove(int account)
    {
        if ((_accounts[account].Flags & (AccountFlags.Destroyed | AccountFlags.Exists)) == AccountFlags.None)
        {
            // Listed once per journal entry, removed already.
            return;
        }

        if (HasStorage(account))
        {
            WipeStorage(account);
        }

        ref var entry = ref _accounts[account];
        NoteAccount(account, ref entry);
        entry.RemovedEpoch = _changeEpoch;
        _journal.Push(JournalKind.Nonce, account, entry.Nonce);
        entry.Nonce = 0;
        _journal.Push(JournalKind.Code, account, (ulong)entry.Code);
        entry.Code = CodeStore.Empty;
        _journal.Push(JournalKind.Balance, account, entry.Balance);
        entry.Balance = UInt256.Zero;
        SetFlags(account, ref entry, entry.Flags & ~(AccountFlags.Destroyed | AccountFlags.Exists));
    }

    private void KeepStickyTouch(int account)
    {
        if (_accounts[account].Address == StickyTouchAddress)
        {
            _stickyTouch = account;
        }
    }

    private void UndoAccount(in JournalEntry step)
    {
        ref var entry = ref _accounts[step.Handle];
        NoteAccount(step.Handle, ref entry);
        switch (step.Kind)
        {
            case JournalKind.Balance:
                entry.Balance = _journal.PopValue();
                break;
            case JournalKind.Nonce:
                entry.Nonce = step.Previous;
                break;
            case JournalKind.Code:
                entry.Code = (int)step.Previous;
                break;
            case JournalKind.Created:
                entry.CreatedEpoch = (uint)step.Previous;
                break;
            case JournalKind.Flags:
                var regained = entry.Flags & ~(AccountFlags)step.Previous & AccountFlags.SourceStorageGone;
                entry.Flags = (AccountFlags)step.Previous;
                if (regained != AccountFlags.None)
                {
                    ReloadSlots(step.Handle);
                }

                break;
            default:
                Debug.Fail($"{step.Kind} is not an account's");
                break;
        }
    }
}
