using System.Runtime.InteropServices;
using Fragcast.Primitives;

namespace Fragcast.Execution.State;

/// <summary>An account that may differ from what it was at an earlier point.</summary>
/// <param name="Account">Its handle; the new values are read from the state.</param>
/// <param name="Existed">Whether it existed then.</param>
/// <param name="Nonce">Nonce then.</param>
/// <param name="Balance">Balance then.</param>
/// <param name="CodeHash">Code hash then.</param>
public readonly record struct AccountChange(
    int Account, bool Existed, ulong Nonce, UInt256 Balance, Hash256 CodeHash);

/// <summary>A slot that may differ from what it was at an earlier point.</summary>
/// <param name="Slot">Its handle; the new value is read from the state.</param>
/// <param name="Value">Value then.</param>
public readonly record struct SlotChange(int Slot, UInt256 Value);

/// <summary>What changed since the start of the block, and since a trie last looked.</summary>
internal sealed class ChangeSet
{
    public List<AccountChange> Accounts { get; } = [];

    public List<SlotChange> Slots { get; } = [];

    public List<AccountChange> DirtyAccounts { get; } = [];

    public List<SlotChange> DirtySlots { get; } = [];

    public void Clear()
    {
        Accounts.Clear();
        Slots.Clear();
        ClearDirty();
    }

    public void ClearDirty()
    {
        DirtyAccounts.Clear();
        DirtySlots.Clear();
    }
}

/// <content>Changes of the block under way, for tries, comparison and storage.</content>
public sealed partial class JournaledState
{
    /// <summary>
    /// Accounts written since the start of the block with their values then, in the order of the first write. An
    /// account whose writes were reverted stays listed: compare. Slot writes do not list their account. Valid until the
    /// next write.
    /// </summary>
    public ReadOnlySpan<AccountChange> ChangedAccounts => CollectionsMarshal.AsSpan(_changes.Accounts);

    /// <summary>
    /// Slots written since the start of the block with their values then, in the order of the first write. A slot whose
    /// writes were reverted stays listed: compare. Valid until the next write.
    /// </summary>
    public ReadOnlySpan<SlotChange> ChangedSlots => CollectionsMarshal.AsSpan(_changes.Slots);

    /// <summary>
    /// Accounts written or reverted since the last <see cref="ClearDirty"/> or start of a block, each once with its
    /// values then: what an incremental trie has to look at.
    /// </summary>
    public ReadOnlySpan<AccountChange> DirtyAccounts => CollectionsMarshal.AsSpan(_changes.DirtyAccounts);

    /// <summary>
    /// Slots written or reverted since the last <see cref="ClearDirty"/> or start of a block, each once with its value
    /// then.
    /// </summary>
    public ReadOnlySpan<SlotChange> DirtySlots => CollectionsMarshal.AsSpan(_changes.DirtySlots);

    /// <summary>
    /// Starts the dirty lists anew, once a trie holds what they named. Called between transactions. The changes since
    /// the start of the block are kept.
    /// </summary>
    public void ClearDirty()
    {
        _changes.ClearDirty();
        _changeEpoch++;
    }

    private void NoteAccount(int account, ref AccountEntry entry)
    {
        if (entry.ChangeEpoch == _changeEpoch)
        {
            return;
        }

        entry.ChangeEpoch = _changeEpoch;
        var change = new AccountChange(
            account,
            (entry.Flags & AccountFlags.Exists) != AccountFlags.None,
            entry.Nonce,
            entry.Balance,
            _codes.HashOf(entry.Code));
        _changes.DirtyAccounts.Add(change);
        if (entry.BlockEpoch != _blockEpoch)
        {
            entry.BlockEpoch = _blockEpoch;
            _changes.Accounts.Add(change);
        }
    }

    private void NoteSlot(int slot, ref SlotEntry entry)
    {
        if (entry.ChangeEpoch == _changeEpoch)
        {
            return;
        }

        entry.ChangeEpoch = _changeEpoch;
        var change = new SlotChange(slot, entry.Current);
        _changes.DirtySlots.Add(change);
        if (entry.BlockEpoch != _blockEpoch)
        {
            entry.BlockEpoch = _blockEpoch;
            _changes.Slots.Add(change);
        }
    }
}
