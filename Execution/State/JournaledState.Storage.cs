using System.Runtime.CompilerServices;
using Fragcast.Primitives;

namespace Fragcast.Execution.State;

/// <content>Storage slots, persistent and transient.</content>
public sealed partial class JournaledState
{
    private HandleIndex _slotIndex;
    private SlotEntry[] _slots;
    private int _slotCount;

    /// <summary>Handle of an account's storage slot; read from the source when it is not resident.</summary>
    public int Slot(int account, in UInt256 key)
    {
        var hash = KeyHash.Of(account, key, _seed);
        var slot = FindSlot(account, key, hash, out var position);
        slot = slot >= 0 ? slot : LoadSlot(account, key, hash, position);
        if (_isRecording)
        {
            NoteSlotAccess(slot);
        }

        return slot;
    }

    /// <summary>The account a slot belongs to.</summary>
    public int AccountOfSlot(int slot) => _slots[slot].Account;

    /// <summary>Key of a slot.</summary>
    public ref readonly UInt256 KeyOfSlot(int slot) => ref _slots[slot].Key;

    /// <summary>Whether the slot was accessed in the transaction under way (EIP-2929).</summary>
    public bool IsSlotWarm(int slot) => _slots[slot].WarmEpoch == _transactionEpoch;

    /// <summary>As <see cref="IsSlotWarm(int)"/>, without reading a slot that is not resident.</summary>
    public bool IsSlotWarm(int account, in UInt256 key)
    {
        var slot = FindSlot(account, key, KeyHash.Of(account, key, _seed), out _);
        return slot >= 0 && IsSlotWarm(slot);
    }

    /// <summary>Notes an access; true when it is the transaction's first, so that the cold price applies.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool WarmSlot(int slot)
    {
        ref var entry = ref _slots[slot];
        if (entry.WarmEpoch == _transactionEpoch)
        {
            return false;
        }

        entry.WarmEpoch = _transactionEpoch;
        _journal.Push(JournalKind.WarmSlot, slot);
        return true;
    }

    /// <summary>Value of a slot now.</summary>
    public ref readonly UInt256 Current(int slot) => ref _slots[slot].Current;

    /// <summary>Value of a slot at the start of the transaction under way.</summary>
    public ref readonly UInt256 Original(int slot)
    {
        ref var entry = ref _slots[slot];
        return ref entry.OriginalEpoch == _transactionEpoch ? ref entry.Original : ref entry.Current;
    }

    /// <summary>Sets a slot.</summary>
    public void SetSlot(int slot, in UInt256 value)
    {
        ref var entry = ref _slots[slot];
        if (entry.OriginalEpoch != _transactionEpoch)
        {
            entry.OriginalEpoch = _transactionEpoch;
            entry.Original = entry.Current;
            NoteSlot(slot, ref entry);
        }

        _journal.Push(JournalKind.Slot, slot, entry.Current);
        entry.Current = value;
    }

    /// <summary>Value in transient storage (EIP-1153).</summary>
    public UInt256 GetTransient(int account, in UInt256 key) => _transient.Get(account, key);

    /// <summary>Sets a value in transient storage (EIP-1153).</summary>
    public void SetTransient(int account, in UInt256 key, in UInt256 value)
    {
        var handle = _transient.HandleOf(account, key);
        ref var current = ref _transient.Value(handle);
        _journal.Push(JournalKind.Transient, handle, current);
        current = value;
    }

    /// <summary>Whether any slot of the account is set (EIP-7610 forbids to create a contract there).</summary>
    public bool HasStorage(int account)
    {
        ref readonly var entry = ref _accounts[account];
        if ((entry.Flags & AccountFlags.SourceStorageGone) == AccountFlags.None)
        {
            return true;
        }

        for (var slot = entry.FirstSlot; slot >= 0; slot = _slots[slot].NextOfAccount)
        {
            if (!_slots[slot].Current.IsZero)
            {
                return true;
            }
        }

        return false;
    }

    // Handle of a resident slot, or -1 and the free cell at the end of its probe sequence.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int FindSlot(int account, in UInt256 key, uint hash, out uint position)
    {
        for (position = _slotIndex.Start(hash); ; position = _slotIndex.Next(position))
        {
            var cell = _slotIndex.Cell(position);
            if (cell == 0)
            {
                return -1;
            }

            if ((uint)(cell >> 32) == hash)
            {
                var handle = (int)(uint)cell - 1;
                ref readonly var entry = ref _slots[handle];
                if (entry.Account == account && entry.Key == key)
                {
                    return handle;
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private int LoadSlot(int account, in UInt256 key, uint hash, uint position)
    {
        var gone = (_accounts[account].Flags & AccountFlags.SourceStorageGone) != AccountFlags.None;
        var value = gone ? UInt256.Zero : _source.GetStorage(_accounts[account].Address, key);
        ref var entry = ref AddSlot(account, key, hash, position);
        entry.Current = value;
        entry.LoadedWithoutSource = gone;
        return _slotCount - 1;
    }

    // A slot of value zero, found from now on at the free cell where the key's probe sequence ended.
    private ref SlotEntry AddSlot(int account, in UInt256 key, uint hash, uint position)
    {
        if (_slotCount == _slots.Length)
        {
            Array.Resize(ref _slots, _slotCount * 2);
        }

        var slot = _slotCount++;
        _slotIndex.Insert(position, hash, slot);
        ref var entry = ref _slots[slot];
        entry = new SlotEntry { Key = key, Account = account, NextOfAccount = _accounts[account].FirstSlot };
        _accounts[account].FirstSlot = slot;
        return ref entry;
    }

    private void WipeStorage(int account)
    {
        ref var entry = ref _accounts[account];
        SetFlags(account, ref entry, entry.Flags | AccountFlags.SourceStorageGone);
        for (var slot = entry.FirstSlot; slot >= 0; slot = _slots[slot].NextOfAccount)
        {
            if (!_slots[slot].Current.IsZero)
            {
                SetSlot(slot, UInt256.Zero);
            }
        }
    }

    // The account's source storage is valid again: slots that were loaded as zero meanwhile may be set in it.
    private void ReloadSlots(int account)
    {
        ref readonly var entry = ref _accounts[account];
        for (var slot = entry.FirstSlot; slot >= 0; slot = _slots[slot].NextOfAccount)
        {
            ref var loaded = ref _slots[slot];
            if (loaded.LoadedWithoutSource)
            {
                loaded.Current = _source.GetStorage(entry.Address, loaded.Key);
                loaded.LoadedWithoutSource = false;
            }
        }
    }
}
