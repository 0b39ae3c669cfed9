using Fragcast.Execution.Blocks;
using Fragcast.Execution.Evm;
using Fragcast.Execution.State;
using Fragcast.Primitives;
using Fragcast.Primitives.Transactions;

namespace Fragcast.Execution.Parallel;

/// <summary>
/// Executes single transactions on a state of its own, which holds what the list names for the transaction and
/// nothing else, and compares what it did with what was named. Belongs to one thread at a time.
/// </summary>
internal sealed class ReplayWorker
{
    // A worker keeps the codes it has seen. Beyond this many it starts over.
    private const int CodesMax = 1 << 14;

    // Tables are emptied before each transaction, so that they start small.
    private const int AccountCapacity = 32;
    private const int SlotCapacity = 128;

    private JournaledState _state;
    private TransactionProcessor _processor;

    public ReplayWorker() => (_state, _processor) = Create();

    /// <summary>Starts a stretch of the block that another processor is in.</summary>
    public void Begin(TransactionProcessor main)
    {
        if (_state.CodeCount > CodesMax) (_state, _processor) = Create();
        _processor.Follow(main);
    }

    /// <summary>Executes a transaction whose sources are there, and leaves its versions and its result.</summary>
    /// <param name="stretch">Where everything is.</param>
    /// <param name="transaction">Its position in the stretch.</param>
    public ParallelOutcome Execute(StretchData stretch, int transaction)
    {
        FragSchedule schedule = stretch.Schedule;
        _state.Forget();
        if (!TryPreload(stretch, transaction)) return ParallelOutcome.Exceptional;
        BlockTally tally = default;
        Transaction executed = stretch.Transactions[schedule.Start + transaction];
        ref TxResult result = ref stretch.Results[transaction];
        try
        {
            TxError error = _processor.Execute(executed, ref tally, out result);
            if (!AreAccountsAsStated(schedule, transaction)) return ParallelOutcome.Unstated;
            if (error != TxError.None) return ParallelOutcome.InvalidTransaction;
            if (!AreSlotsAsStated(schedule, transaction)) return ParallelOutcome.Unstated;
        }
        catch (StateUnavailableException)
        {
            // Of BLOCKHASH: all else is resident.
            return ParallelOutcome.StateUnavailable;
        }

        // The machine's buffer is the next transaction's.
        result.Output = default;
        stretch.Logs[transaction] = Log.TakeFrom(_state);
        stretch.Blooms[transaction] = Bloom.Of(stretch.Logs[transaction]);
        return TryLeaveVersions(stretch, transaction) ? ParallelOutcome.Parallel : ParallelOutcome.Exceptional;
    }

    private static (JournaledState, TransactionProcessor) Create()
    {
        var state = new JournaledState(NothingElse.Instance, AccountCapacity, SlotCapacity) { RecordsAccess = true };
        return (state, new TransactionProcessor(new EvmMachine(state)) { DefersFees = true });
    }

    /// <summary>
    /// Fields that are not named keep the value of the base: whatever it is, it must be of no influence.
    /// </summary>
    private bool TryPreload(StretchData stretch, int transaction)
    {
        FragSchedule schedule = stretch.Schedule;
        FragAccessList list = schedule.List;
        JournaledState before = stretch.Base;
        foreach (int use in schedule.AccountsOf(transaction))
        {
            ref readonly FragSchedule.AccountSource source = ref schedule.SourceOf(use);
            AccountAccess access = list.AccountUses[use].Access;
            int account = stretch.BaseAccountOf(source.Account);
            UInt256 balance = before.Balance(account);
            if (FragSchedule.Has(access, AccountAccess.BalanceRead) && !stretch.TryGetBalance(use, out balance))
                return false;
            bool hasNonce = source.Nonce != FragSchedule.FromBase && FragSchedule.Has(access, AccountAccess.NonceRead);
            ulong nonce = hasNonce ? stretch.Nonces[source.Nonce] : before.Nonce(account);
            bool hasCode = source.Code != FragSchedule.FromBase && FragSchedule.Has(access, AccountAccess.CodeRead);
            CodeEntry code = hasCode ? stretch.Codes[source.Code]! : before.Code(account);

            // Only a creation asks, and only at an address without nonce and code; its slots are those of the base.
            bool hasStorage = nonce == 0 && code.Length == 0 && before.HasStorage(account);
            _state.Preload(list.Accounts[source.Account].Address, balance, nonce, code, hasStorage);
        }

        foreach (int use in schedule.SlotsOf(transaction))
        {
            int slot = schedule.SlotOf(use);
            int source = schedule.SourceOfSlot(use);
            int stated = source == FragSchedule.FromBase ? SlotUse.NotStated : list.SlotUses[source].Value;
            UInt256 value =
                stated != SlotUse.NotStated ? list.Values[stated]
                : source != FragSchedule.FromBase ? stretch.Values[source]
                : before.Current(stretch.BaseSlotOf(slot));
            int accountUse = list.FindUse(list.Accounts[schedule.AccountOfSlot(slot)], schedule.Start + transaction);
            _state.PreloadSlot(schedule.PositionOf(accountUse), list.Slots[slot].Key, value);
        }

        return true;
    }

    /// <summary>Whether the last transaction accessed no account but as the list names it.</summary>
    private bool AreAccountsAsStated(FragSchedule schedule, int transaction)
    {
        ReadOnlySpan<int> accountUses = schedule.AccountsOf(transaction);
        foreach (int account in _state.AccessedAccounts)
        {
            AccountAccess stated = account < accountUses.Length
                ? schedule.List.AccountUses[accountUses[account]].Access
                : AccountAccess.None;
            if (FragSchedule.Has(_state.AccessOf(account), ~stated)) return false;
        }

        return true;
    }

    /// <summary>
    /// Whether the last transaction, a valid one, accessed no slot but as the list names it, and left the values that
    /// it states.
    /// </summary>
    private bool AreSlotsAsStated(FragSchedule schedule, int transaction)
    {
        ReadOnlySpan<int> slotUses = schedule.SlotsOf(transaction);
        foreach (int accessed in _state.AccessedSlots)
        {
            int slot = accessed >> 1;
            if (slot >= slotUses.Length) return false;
            if ((accessed & 1) != 0 && !schedule.List.SlotUses[slotUses[slot]].IsWrite) return false;
        }

        for (int slot = 0; slot < slotUses.Length; slot++)
        {
            int stated = schedule.List.SlotUses[slotUses[slot]].Value;
            if (stated != SlotUse.NotStated && schedule.List.Values[stated] != _state.Current(slot)) return false;
        }

        return true;
    }

    private bool TryLeaveVersions(StretchData stretch, int transaction)
    {
        FragSchedule schedule = stretch.Schedule;
        FragAccessList list = schedule.List;
        ReadOnlySpan<int> accountUses = schedule.AccountsOf(transaction);
        for (int account = 0; account < accountUses.Length; account++)
        {
            int use = accountUses[account];
            AccountAccess access = list.AccountUses[use].Access;

            // A recipient that destroys itself burns the fee that it gets of this transaction.
            int place = schedule.SourceOf(use).Account;
            bool mayBeGone = schedule.IsRecipient(place) && _state.AccessOf(account) == AccountAccess.All;
            if (mayBeGone && !_state.Exists(account)) return false;
            ref readonly UInt256 balance = ref _state.Balance(account);
            if (FragSchedule.IsAddition(access))
            {
                // Only added to, so that it is less only if it has passed 2^256.
                UInt256 before = stretch.Base.Balance(stretch.BaseAccountOf(place));
                if (balance < before) return false;
                stretch.Balances[use] = balance - before;
            }
            else
                stretch.Balances[use] = balance;

            if (FragSchedule.Has(access, AccountAccess.NonceWrite)) stretch.Nonces[use] = _state.Nonce(account);
            if (FragSchedule.Has(access, AccountAccess.CodeWrite)) stretch.Codes[use] = _state.Code(account);
        }

        ReadOnlySpan<int> slotUses = schedule.SlotsOf(transaction);
        for (int slot = 0; slot < slotUses.Length; slot++) stretch.Values[slotUses[slot]] = _state.Current(slot);
        return true;
    }

    /// <summary>
    /// What is not named does not exist. Whether that was of influence shows when the accesses are compared.
    /// </summary>
    private sealed class NothingElse : IStateSource
    {
        public static readonly NothingElse Instance = new();

        public bool TryGetAccount(in Address address, out AccountData account)
        {
            account = default;
            return false;
        }

        public UInt256 GetStorage(in Address address, in UInt256 key) => UInt256.Zero;

        public ReadOnlyMemory<byte> GetCode(in Hash256 codeHash) =>
            throw new StateUnavailableException("code", codeHash);
    }
}
