using System.Runtime.InteropServices;
using Fragcast.Primitives;

namespace Fragcast.Execution.State;

/// <content>
/// Recording of what a transaction reads and writes: stamps in the entries, so that it costs a compare an access.
/// </content>
public sealed partial class JournaledState
{
    private readonly List<int> _accessedAccounts = [];
    private readonly List<int> _accessedSlots = [];

    // Within a transaction whose accesses are recorded.
    private bool _isRecording;

    /// <summary>
    /// Whether the accesses of transactions are recorded, from the next <see cref="BeginTransaction"/> on.
    /// </summary>
    public bool RecordsAccess { get; set; }

    /// <summary>
    /// Accounts of which the last transaction accessed a field or a slot, each once. Valid until the next one begins.
    /// </summary>
    internal ReadOnlySpan<int> AccessedAccounts => CollectionsMarshal.AsSpan(_accessedAccounts);

    /// <summary>
    /// Slots that the last transaction accessed, each once: the handle times two, plus one if its value changed.
    /// </summary>
    internal ReadOnlySpan<int> AccessedSlots => CollectionsMarshal.AsSpan(_accessedSlots);

    /// <summary>What the last transaction did with one of <see cref="AccessedAccounts"/>.</summary>
    internal AccountAccess AccessOf(int account) => _accounts[account].Access;

    /// <summary>
    /// Ends the recording for the transaction under way: what follows, the fees that it pays to the block's
    /// recipients, is not part of its accesses. What was written and not reverted is found in the journal.
    /// </summary>
    internal void SealAccess()
    {
        if (!_isRecording)
        {
            return;
        }

        for (var i = _transactionStart; i < _journal.Count; i++)
        {
            ref readonly var step = ref _journal[i];
            switch (step.Kind)
            {
                case JournalKind.Balance:
                    NoteBalanceWrite(step.Handle);
                    break;
                case JournalKind.Nonce:
                    NoteAccess(step.Handle, AccountAccess.NonceRead | AccountAccess.NonceWrite);
                    break;
                case JournalKind.Code:
                    NoteAccess(step.Handle, AccountAccess.CodeRead | AccountAccess.CodeWrite);
                    break;
            }
        }

        foreach (ref var slot in CollectionsMarshal.AsSpan(_accessedSlots))
        {
            ref readonly var entry = ref _slots[slot];
            var isWritten = entry.OriginalEpoch == _transactionEpoch && entry.Current != entry.Original;
            slot = (slot * 2) + (isWritten ? 1 : 0);
        }

        _isRecording = false;
    }

    /// <summary>Value of a slot for the block rules' own use, which is not recorded.</summary>
    internal UInt256 ReadUnrecorded(in Address address, in UInt256 key)
    {
        var wasRecording = _isRecording;
        _isRecording = false;
        var value = Current(Slot(Account(address), key));
        _isRecording = wasRecording;
        return value;
    }

    private void StartRecording()
    {
        _isRecording = RecordsAccess;
        _accessedAccounts.Clear();
        _accessedSlots.Clear();
    }

    // An account that ends with nothing may be removed as empty, which the other fields decide.
    private void NoteBalanceWrite(int account)
    {
        NoteAccess(account, AccountAccess.BalanceWrite);
        if (_accounts[account].Balance.IsZero)
        {
            IsEmpty(account);
        }
    }

    private void NoteAccess(int account, AccountAccess access)
    {
        ref var entry = ref _accounts[account];
        if (entry.AccessEpoch != _transactionEpoch)
        {
            entry.AccessEpoch = _transactionEpoch;
            entry.Access = AccountAccess.None;
            _accessedAccounts.Add(account);
        }

        entry.Access |= access;
    }

    private void NoteSlotAccess(int slot)
    {
        ref var entry = ref _slots[slot];
        if (entry.AccessEpoch != _transactionEpoch)
        {
            entry.AccessEpoch = _transactionEpoch;
            _accessedSlots.Add(slot);
            NoteAccess(entry.Account, AccountAccess.None);
        }
    }
}
