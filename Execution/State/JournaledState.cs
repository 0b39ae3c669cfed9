using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Fragcast.Primitives;

namespace Fragcast.Execution.State;

/// <summary>
/// The state that execution reads and writes: accounts and slots resident in flat tables over an <see
/// cref="IStateSource"/>, with an undo journal. Handles of accounts and slots are table positions and stay valid until
/// <see cref="Reset"/>. Three levels of undo nest: a call frame (<see cref="Checkpoint"/>), a frag of whole
/// transactions (<see cref="FragWatermark"/>) and the block (<see cref="RevertBlock"/>). Single-threaded. References
/// that are returned are valid until the next call that may load an account or slot.
/// </summary>
public sealed partial class JournaledState
{
    private readonly IStateSource _source;
    private readonly ulong _seed;
    private readonly CodeStore _codes;
    private readonly ChangeSet _changes = new();
    private Journal _journal = new();
    private LogList _logs = new();
    private TransientStore _transient;

    // Transaction, block and change period under way. Zero is never current.
    private uint _transactionEpoch = 1;
    private uint _blockEpoch = 1;
    private uint _changeEpoch = 1;
    private int _transactionStart;
    private bool _inTransaction;
    private long _refund;

    /// <summary>A state without residents over <paramref name="source"/>.</summary>
    /// <param name="source">Where what is not resident comes from.</param>
    /// <param name="accountCapacity">Accounts to have room for before the first growth.</param>
    /// <param name="slotCapacity">Slots to have room for before the first growth.</param>
    public JournaledState(IStateSource source, int accountCapacity = 1024, int slotCapacity = 4096)
    {
        _source = source;
        Span<byte> seed = stackalloc byte[8];
        RandomNumberGenerator.Fill(seed);
        _seed = BitConverter.ToUInt64(seed);
        _codes = new CodeStore(source);
        _transient = new TransientStore(_seed);
        _accountIndex = new HandleIndex(accountCapacity);
        _accounts = new AccountEntry[accountCapacity];
        _slotIndex = new HandleIndex(slotCapacity);
        _slots = new SlotEntry[slotCapacity];
    }

    /// <summary>
    /// Refund counter of the transaction under way, in gas. Single steps may take it below zero; the sum at the end of
    /// a transaction is not negative.
    /// </summary>
    public long Refund => _refund;

    /// <summary>Number of logs of the transaction under way, or of the last one until the next begins.</summary>
    public int LogCount => _logs.Count;

    /// <summary>A log of the transaction under way, or of the last one until the next begins.</summary>
    public LogView Log(int index) => _logs[index];

    /// <summary>Adds to the refund counter.</summary>
    public void AddRefund(long gas)
    {
        _journal.Push(JournalKind.Refund, 0, (ulong)_refund);
        _refund += gas;
    }

    /// <summary>Appends a log; topics and data are copied.</summary>
    public void AddLog(in Address address, ReadOnlySpan<Hash256> topics, ReadOnlySpan<byte> data)
    {
        _logs.Add(address, topics, data);
        _journal.Push(JournalKind.Log, 0);
    }

    /// <summary>A point to which <see cref="RevertTo"/> can return, within the transaction under way.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Checkpoint() => _journal.Count;

    /// <summary>Undoes everything since the checkpoint: values, warmth, logs, refunds, transient storage.</summary>
    public void RevertTo(int checkpoint)
    {
        Debug.Assert(checkpoint >= _transactionStart || !_inTransaction, "checkpoints end with their transaction");
        while (_journal.Count > checkpoint)
        {
            Undo(_journal.Pop());
        }
    }

    /// <summary>Starts a transaction: everything cold, no logs, no refund, no transient storage.</summary>
    public void BeginTransaction()
    {
        Debug.Assert(!_inTransaction, "transactions do not nest");
        _inTransaction = true;
        _transactionStart = _journal.Count;
        _refund = 0;
        _logs.Clear();
        _transient.Clear();
        AdvanceTransactionEpoch();
        StartRecording();
    }

    /// <summary>
    /// Ends the transaction: removes the accounts that destroyed themselves and, by EIP-161, those that were touched
    /// and are empty. Its logs stay readable until the next one begins.
    /// </summary>
    /// <param name="deleteEmpty">EIP-161 is in force (Spurious Dragon and later).</param>
    public void EndTransaction(bool deleteEmpty = true)
    {
        Debug.Assert(_inTransaction, "a transaction has begun");
        _isRecording = false;
        FindRemovals(deleteEmpty);
        _journal.CompactFrom(_transactionStart);
        foreach (var account in _removals)
        {
            Remove(account);
        }

        _removals.Clear();
        _stickyTouch = -1;
        _inTransaction = false;
        AdvanceTransactionEpoch();
    }

    /// <summary>Takes back all of the transaction under way, as if it had not begun.</summary>
    public void AbortTransaction()
    {
        Debug.Assert(_inTransaction, "a transaction has begun");
        _isRecording = false;
        RevertTo(_transactionStart);
        _stickyTouch = -1;
        _inTransaction = false;
        AdvanceTransactionEpoch();
    }

    /// <summary>
    /// A point between transactions to which <see cref="RevertToFrag"/> can return, within the block.
    /// </summary>
    public int FragWatermark()
    {
        Debug.Assert(!_inTransaction, "a frag ends between transactions");
        return _journal.Count;
    }

    /// <summary>Undoes all transactions since the watermark.</summary>
    public void RevertToFrag(int watermark)
    {
        Debug.Assert(!_inTransaction, "a frag is reverted between transactions");
        RevertTo(watermark);
    }

    /// <summary>Undoes all transactions since the last <see cref="CommitBlock"/>.</summary>
    public void RevertBlock()
    {
        if (_inTransaction)
        {
            AbortTransaction();
        }

        RevertTo(0);
    }

    /// <summary>
    /// Makes the block's changes final and forgets how to undo them. Values stay resident; the source is expected to
    /// hold them from now on.
    /// </summary>
    public void CommitBlock()
    {
        Debug.Assert(!_inTransaction, "a block ends between transactions");
        _journal.Clear();
        StartBlock();
    }

    /// <summary>Forgets all residents, changes and the journal: everything is read from the source again.</summary>
    /// <param name="keepCodes">Whether codes, and what was derived from them, are kept: they never change.</param>
    public void Reset(bool keepCodes = true)
    {
        if (!keepCodes)
        {
            _codes.Clear();
        }

        _journal.Clear();
        _logs.Clear();
        _transient.Clear();
        _removals.Clear();
        _stickyTouch = -1;
        _inTransaction = false;
        _accountIndex.Clear();
        _accountCount = 0;
        _slotIndex.Clear();
        _slotCount = 0;
        StartBlock();
    }

    // Blocks and change periods are too rare to wrap 32 bits: ten a second take thirteen years.
    private void StartBlock()
    {
        _changes.Clear();
        _wipesTaken.Clear();
        _blockEpoch++;
        _changeEpoch++;
    }

    private void AdvanceTransactionEpoch()
    {
        if (++_transactionEpoch == 0)
        {
            ClearTransactionStamps();
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void ClearTransactionStamps()
    {
        foreach (ref var account in _accounts.AsSpan(0, _accountCount))
        {
            account.WarmEpoch = account.CreatedEpoch = account.AccessEpoch = 0;
        }

        foreach (ref var slot in _slots.AsSpan(0, _slotCount))
        {
            slot.WarmEpoch = slot.OriginalEpoch = slot.AccessEpoch = 0;
        }

        _transactionEpoch = 1;
    }

    private void Undo(in JournalEntry entry)
    {
        switch (entry.Kind)
        {
            case JournalKind.WarmAccount:
                _accounts[entry.Handle].WarmEpoch = 0;
                break;
            case JournalKind.WarmSlot:
                _slots[entry.Handle].WarmEpoch = 0;
                break;
            case JournalKind.Slot:
                NoteSlot(entry.Handle, ref _slots[entry.Handle]);
                _slots[entry.Handle].Current = _journal.PopValue();
                break;
            case JournalKind.Transient:
                _transient.Value(entry.Handle) = _journal.PopValue();
                break;
            case JournalKind.Log:
                _logs.RemoveLast();
                break;
            case JournalKind.Refund:
                _refund = (long)entry.Previous;
                break;
            case JournalKind.Touch:
                KeepStickyTouch(entry.Handle);
                break;
            default:
                UndoAccount(entry);
                break;
        }
    }
}
