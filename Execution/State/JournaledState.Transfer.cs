using System.Diagnostics;
using Fragcast.Execution.Evm;
using Fragcast.Primitives;

namespace Fragcast.Execution.State;

/// <content>
/// What parallel replay needs: states of one transaction that are given their values beforehand, and a state that is
/// given the outcome of transactions that were executed elsewhere.
/// </content>
public sealed partial class JournaledState
{
    // Tables of a transaction that needed more are not kept for the next one, which would have to clear them.
    private const int ForgetKeepsMax = 4096;
    private const int ForgetLeaves = 64;

    // Tells "has storage" from "has none" without a trie; no trie hashes to it.
    private static readonly Hash256 SomeStorageRoot = Hash256.FromUInt256(UInt256.One);

    /// <summary>Number of different codes that were seen.</summary>
    internal int CodeCount => _codes.Count;

    /// <summary>
    /// Forgets all residents, but not the codes. Unlike <see cref="Reset"/> it is meant to be called for every
    /// transaction; nothing may be written that has to be kept.
    /// </summary>
    internal void Forget()
    {
        Debug.Assert(!_inTransaction, "nothing is forgotten within a transaction");
        _journal.Clear();
        _changes.Clear();
        Forget(ref _accountIndex, ref _accounts);
        _accountCount = 0;
        Forget(ref _slotIndex, ref _slots);
        _slotCount = 0;
    }

    /// <summary>
    /// Makes an account resident that is not. The first gets handle 0, and so on.
    /// </summary>
    /// <param name="address">Its address.</param>
    /// <param name="balance">Balance in wei.</param>
    /// <param name="nonce">Nonce.</param>
    /// <param name="code">Code, which is shared.</param>
    /// <param name="hasStorage">Whether a contract can't be created there because of its slots.</param>
    internal void Preload(
        in Address address, in UInt256 balance, ulong nonce, CodeEntry code, bool hasStorage)
    {
        var hash = KeyHash.Of(address, _seed);
        FindAccount(address, hash, out var position);
        ref var entry = ref AddAccount(address, hash, position);
        entry.Balance = balance;
        entry.Nonce = nonce;
        entry.Code = code.Length == 0 ? CodeStore.Empty : _codes.NumberOf(code);
        entry.Flags = (IsEmpty(entry) ? AccountFlags.None : AccountFlags.Exists)
            | (hasStorage ? AccountFlags.None : AccountFlags.SourceStorageGone);
        entry.StorageRoot = hasStorage ? SomeStorageRoot : AccountData.EmptyStorageRoot;
    }

    /// <summary>Makes a slot resident that is not. The first gets handle 0, and so on.</summary>
    internal void PreloadSlot(int account, in UInt256 key, in UInt256 value)
    {
        var hash = KeyHash.Of(account, key, _seed);
        FindSlot(account, key, hash, out var position);
        AddSlot(account, key, hash, position).Current = value;
    }

    /// <summary>
    /// Gives an account, between transactions, the fields that it has after some; undone with their frag.
    /// </summary>
    /// <param name="account">The account.</param>
    /// <param name="balance">Balance in wei.</param>
    /// <param name="nonce">Nonce.</param>
    /// <param name="code">Code; null when it is the same as before.</param>
    internal void Apply(int account, in UInt256 balance, ulong nonce, CodeEntry? code)
    {
        Debug.Assert(!_inTransaction, "outcomes are applied between transactions");
        ref var entry = ref _accounts[account];
        NoteAccount(account, ref entry);
        if (entry.Balance != balance)
        {
            _journal.Push(JournalKind.Balance, account, entry.Balance);
            entry.Balance = balance;
        }

        if (entry.Nonce != nonce)
        {
            _journal.Push(JournalKind.Nonce, account, entry.Nonce);
            entry.Nonce = nonce;
        }

        if (code is not null)
        {
            _journal.Push(JournalKind.Code, account, (ulong)entry.Code);
            entry.Code = code.Length == 0 ? CodeStore.Empty : _codes.NumberOf(code);
        }

        var others = entry.Flags & ~AccountFlags.Exists;
        SetFlags(account, ref entry, IsEmpty(entry) ? others : others | AccountFlags.Exists);
    }

    /// <summary>Gives a slot, between transactions, the value that it has after some; undone with their frag.</summary>
    internal void ApplySlot(int slot, in UInt256 value)
    {
        Debug.Assert(!_inTransaction, "outcomes are applied between transactions");
        ref var entry = ref _slots[slot];
        if (entry.Current != value)
        {
            NoteSlot(slot, ref entry);
            _journal.Push(JournalKind.Slot, slot, entry.Current);
            entry.Current = value;
        }
    }

    private static void Forget<TEntry>(ref HandleIndex index, ref TEntry[] entries)
    {
        if (entries.Length > ForgetKeepsMax)
        {
            index = new HandleIndex(ForgetLeaves);
            entries = new TEntry[ForgetLeaves];
        }
        else
        {
            index.Clear();
        }
    }
}
