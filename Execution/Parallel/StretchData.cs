using Fragcast.Execution.Blocks;
using Fragcast.Execution.Evm;
using Fragcast.Execution.State;
using Fragcast.Primitives;
using Fragcast.Primitives.Transactions;

namespace Fragcast.Execution.Parallel;

/// <summary>
/// What the workers share while they execute a stretch. The base does not change meanwhile. A version is written by
/// the transaction that owns the use, and read by those that waited for it.
/// </summary>
internal sealed class StretchData
{
    private int[] _baseAccounts = [];
    private int[] _baseSlots = [];

    /// <summary>Balance after each use of an account that read it, or what was added.</summary>
    public UInt256[] Balances = [];

    /// <summary>Nonce after each use that wrote it.</summary>
    public ulong[] Nonces = [];

    /// <summary>Code after each use that wrote it.</summary>
    public CodeEntry?[] Codes = [];

    /// <summary>Value after each use of a slot that wrote it.</summary>
    public UInt256[] Values = [];

    /// <summary>Outcome of each transaction.</summary>
    public TxResult[] Results = [];

    /// <summary>Its logs.</summary>
    public Log[][] Logs = [];

    /// <summary>Their filter.</summary>
    public Bloom[] Blooms = [];

    /// <summary>What each transaction took, in ticks of the clock if there is one.</summary>
    public long[] Ticks = [];

    /// <summary>How many transactions each one still waits for.</summary>
    public int[] Waits = [];

    public required FragSchedule Schedule { get; init; }

    public required FeeRecipients Recipients { get; init; }

    /// <summary>All transactions of the frag.</summary>
    public IReadOnlyList<Transaction> Transactions { get; private set; } = [];

    /// <summary>The state before the stretch.</summary>
    public JournaledState Base { get; private set; } = null!;

    public int BaseAccountOf(int account) => _baseAccounts[account];

    public int BaseSlotOf(int slot) => _baseSlots[slot];

    /// <summary>
    /// Makes resident in the base what the list names, so that workers only read it.
    /// </summary>
    /// <returns>False when there is an account that exists and is empty, which the workers can't represent.</returns>
    /// <exception cref="StateUnavailableException">A partial state lacks something that the list names.</exception>
    public bool TryPrepare(JournaledState state, IReadOnlyList<Transaction> transactions)
    {
        Base = state;
        Transactions = transactions;
        FragAccessList list = Schedule.List;
        Reserve(list, Schedule.Count);
        for (int i = 0; i < list.Accounts.Length; i++)
        {
            ref readonly AccessedAccount accessed = ref list.Accounts[i];
            int account = _baseAccounts[i] = state.Account(accessed.Address);
            if (state.Exists(account) && state.IsEmpty(account)) return false;
            if (state.HasCode(account)) state.Code(account);
            for (int slot = accessed.FirstSlot; slot < accessed.FirstSlot + accessed.SlotCount; slot++)
                _baseSlots[slot] = state.Slot(account, list.Slots[slot].Key);
        }

        for (int i = 0; i < Schedule.Count; i++) Waits[i] = Schedule.WaitsFor(i);
        return Recipients.TryPrepare(state);
    }

    /// <summary>
    /// The balance of an account as a use finds it that reads it: the last version, and what was added since.
    /// </summary>
    /// <returns>False when the sum is above 2^256 - 1.</returns>
    public bool TryGetBalance(int accountUse, out UInt256 balance)
    {
        ref readonly FragSchedule.AccountSource source = ref Schedule.SourceOf(accountUse);
        int transaction = Schedule.List.AccountUses[accountUse].Transaction - Schedule.Start;
        return TrySum(source.Account, source.Balance, source.SumsAdditions, accountUse, transaction, out balance);
    }

    /// <summary>The balance of an account after the stretch. Otherwise as <see cref="TryGetBalance"/>.</summary>
    public bool TryGetFinalBalance(int account, out UInt256 balance)
    {
        ref readonly AccessedAccount accessed = ref Schedule.List.Accounts[account];
        int end = accessed.FirstUse + accessed.UseCount;
        return TrySum(account, Schedule.OutcomeOf(account).Balance, true, end, Schedule.Count, out balance);
    }

    private bool TrySum(
        int account, int version, bool sumsAdditions, int endOfUses, int endOfFees, out UInt256 balance)
    {
        ReadOnlySpan<AccountUse> uses = Schedule.List.AccountUses;
        bool overflow = false;
        balance = version == FragSchedule.FromBase ? Base.Balance(_baseAccounts[account]) : Balances[version];
        int first = Math.Max(version + 1, Schedule.List.Accounts[account].FirstUse);
        for (int use = first; sumsAdditions && use < endOfUses; use++)
        {
            bool isPart = (uint)(uses[use].Transaction - Schedule.Start) < (uint)Schedule.Count;
            if (isPart && FragSchedule.IsAddition(uses[use].Access))
                overflow |= UInt256.AddOverflow(balance, Balances[use], out balance);
        }

        if (Schedule.IsRecipient(account))
        {
            int from = version == FragSchedule.FromBase ? 0 : uses[version].Transaction - Schedule.Start;
            Address address = Schedule.List.Accounts[account].Address;
            for (int i = from; i < endOfFees; i++)
                overflow |= UInt256.AddOverflow(balance, Recipients.FeeOf(address, Results[i]), out balance);
        }

        return !overflow;
    }

    private void Reserve(FragAccessList list, int transactions)
    {
        FragSchedule.Reserve(ref _baseAccounts, list.Accounts.Length);
        FragSchedule.Reserve(ref _baseSlots, list.Slots.Length);
        FragSchedule.Reserve(ref Balances, list.AccountUses.Length);
        FragSchedule.Reserve(ref Nonces, list.AccountUses.Length);
        FragSchedule.Reserve(ref Codes, list.AccountUses.Length);
        FragSchedule.Reserve(ref Values, list.SlotUses.Length);
        FragSchedule.Reserve(ref Results, transactions);
        FragSchedule.Reserve(ref Logs, transactions);
        FragSchedule.Reserve(ref Blooms, transactions);
        FragSchedule.Reserve(ref Ticks, transactions);
        FragSchedule.Reserve(ref Waits, transactions);
    }
}
