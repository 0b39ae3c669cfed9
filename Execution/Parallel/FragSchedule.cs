using Fragcast.Execution.State;
using Fragcast.Primitives;

namespace Fragcast.Execution.Parallel;

/// <summary>
/// What follows from an access list for a stretch of a frag's transactions: which of them has to wait for which, and
/// where each value that is read comes from. Only reads wait: every write makes a version of its own, so that a later
/// write need not wait for an earlier one or for its readers. Additions to a balance wait for nothing; who reads the
/// balance waits for all of them, and leaves the sum as a version. The recipients of fees are added to by every
/// transaction. A value that the list states is not waited for either: it is compared when it is there. Reused from
/// stretch to stretch. Not thread-safe.
/// </summary>
public sealed class FragSchedule
{
    /// <summary>Stands for the state before the stretch where a use would.</summary>
    internal const int FromBase = -1;

    private readonly EdgeList _edges = new();
    private AccountSource[] _accountSources = [];
    private int[] _slotSources = [];
    private int[] _slotOfUse = [];
    private int[] _accountOfSlot = [];
    private int[] _positions = [];
    private AccountOutcome[] _accountOutcomes = [];
    private int[] _slotOutcomes = [];
    private Starts _accountsOf = new();
    private Starts _slotsOf = new();
    private int[] _depths = [];
    private bool[] _isRecipient = [];
    private readonly List<Address> _listedRecipients = [];

    /// <summary>Where the fields of an account come from for one use of it.</summary>
    /// <param name="Account">The account.</param>
    /// <param name="Balance">Use that left the balance as a version.</param>
    /// <param name="SumsAdditions">Whether something was added to the balance after that use.</param>
    /// <param name="Nonce">Use that wrote the nonce last.</param>
    /// <param name="Code">Use that wrote the code last.</param>
    internal readonly record struct AccountSource(int Account, int Balance, bool SumsAdditions, int Nonce, int Code);

    /// <summary>Where the fields of an account come from after the stretch; whether any was written.</summary>
    internal readonly record struct AccountOutcome(bool IsWritten, int Balance, int Nonce, int Code);

    /// <summary>The list that this is the schedule of.</summary>
    internal FragAccessList List { get; private set; } = new(1, 0, [], [], [], [], []);

    /// <summary>Position in the frag of the stretch's first transaction.</summary>
    public int Start { get; private set; }

    /// <summary>Number of transactions.</summary>
    public int Count { get; private set; }

    /// <summary>Transactions on the longest chain of those that wait for one another.</summary>
    public int Depth { get; private set; }

    /// <summary>How many others a transaction waits for; one that it waits for twice counts twice.</summary>
    /// <param name="transaction">Its position in the stretch, as everywhere here.</param>
    public int WaitsFor(int transaction) => _edges.IncomingOf(transaction);

    /// <summary>The transactions that wait for a transaction; one that does so twice is there twice.</summary>
    public ReadOnlySpan<int> WaitingFor(int transaction) => _edges.OutgoingOf(transaction);

    /// <summary>Uses of accounts by a transaction.</summary>
    internal ReadOnlySpan<int> AccountsOf(int transaction) => _accountsOf[transaction];

    /// <summary>Uses of slots by a transaction.</summary>
    internal ReadOnlySpan<int> SlotsOf(int transaction) => _slotsOf[transaction];

    internal ref readonly AccountSource SourceOf(int accountUse) => ref _accountSources[accountUse];

    /// <summary>Use that wrote the slot last before this one.</summary>
    internal int SourceOfSlot(int slotUse) => _slotSources[slotUse];

    /// <summary>The slot that a use is of.</summary>
    internal int SlotOf(int slotUse) => _slotOfUse[slotUse];

    /// <summary>The account that a slot is of.</summary>
    internal int AccountOfSlot(int slot) => _accountOfSlot[slot];

    /// <summary>Position of a use of an account, by this use's transaction, among those that it has.</summary>
    internal int PositionOf(int accountUse) => _positions[accountUse];

    internal ref readonly AccountOutcome OutcomeOf(int account) => ref _accountOutcomes[account];

    /// <summary>Use that wrote the slot last, or <see cref="FromBase"/>.</summary>
    internal int OutcomeOfSlot(int slot) => _slotOutcomes[slot];

    /// <summary>Whether the account gets fees of every transaction.</summary>
    internal bool IsRecipient(int account) => _isRecipient[account];

    /// <summary>Whether the list names one of the recipients of fees.</summary>
    internal bool IsListed(in Address recipient) => _listedRecipients.Contains(recipient);

    /// <summary>Works out the schedule of some of a frag's transactions, of which none is a deposit.</summary>
    /// <param name="list">The frag's list; kept.</param>
    /// <param name="start">Position in the frag of the first one.</param>
    /// <param name="count">Their number.</param>
    /// <param name="recipients">The accounts that get fees of each of them.</param>
    public void Build(FragAccessList list, int start, int count, ReadOnlySpan<Address> recipients)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(start + count, list.TransactionCount, nameof(count));
        List = list;
        Start = start;
        Count = count;
        Reserve(ref _accountSources, list.AccountUses.Length);
        Reserve(ref _positions, list.AccountUses.Length);
        Reserve(ref _slotSources, list.SlotUses.Length);
        Reserve(ref _slotOfUse, list.SlotUses.Length);
        Reserve(ref _accountOfSlot, list.Slots.Length);
        Reserve(ref _accountOutcomes, list.Accounts.Length);
        Reserve(ref _isRecipient, list.Accounts.Length);
        Reserve(ref _slotOutcomes, list.Slots.Length);
        _edges.Clear();
        _listedRecipients.Clear();
        _accountsOf.Count(count, list.AccountUses.Length);
        _slotsOf.Count(count, list.SlotUses.Length);
        foreach (ref readonly AccountUse use in list.AccountUses) _accountsOf.Announce(use.Transaction - start);
        foreach (ref readonly SlotUse use in list.SlotUses) _slotsOf.Announce(use.Transaction - start);
        _accountsOf.Place();
        _slotsOf.Place();
        for (int account = 0; account < list.Accounts.Length; account++) FollowAccount(account, recipients);
        for (int slot = 0; slot < list.Slots.Length; slot++) FollowSlot(slot);
        _edges.Complete(count);
        MeasureDepth();
    }

    /// <summary>Walks along the uses of an account.</summary>
    private void FollowAccount(int index, ReadOnlySpan<Address> recipients)
    {
        ref readonly AccessedAccount account = ref List.Accounts[index];
        bool isRecipient = _isRecipient[index] = recipients.Contains(account.Address);
        if (isRecipient) _listedRecipients.Add(account.Address);
        (int balance, int nonce, int code) = (FromBase, FromBase, FromBase);
        bool isWritten = false;
        int additions = 0;
        for (int use = account.FirstUse; use < account.FirstUse + account.UseCount; use++)
        {
            int transaction = TransactionOf(use);
            if ((uint)transaction >= (uint)Count) continue;
            AccountAccess access = List.AccountUses[use].Access;
            _positions[use] = _accountsOf.Put(transaction, use);
            _accountSources[use] = new AccountSource(index, balance, additions > 0, nonce, code);
            isWritten |= Has(access, AccountAccess.All & ~AccountAccess.AllRead);
            if (Has(access, AccountAccess.BalanceRead))
            {
                Wait(balance, transaction);
                if (additions > 0) WaitForAdditions(Math.Max(balance + 1, account.FirstUse), use);
                if (isRecipient) WaitForAll(balance == FromBase ? 0 : TransactionOf(balance), transaction);
                bool isVersion = additions > 0 || isRecipient || Has(access, AccountAccess.BalanceWrite);
                balance = isVersion ? use : balance;
                additions = 0;
            }
            else if (Has(access, AccountAccess.BalanceWrite))
                additions++;

            if (Has(access, AccountAccess.NonceRead)) Wait(nonce, transaction);
            if (Has(access, AccountAccess.CodeRead)) Wait(code, transaction);
            if (Has(access, AccountAccess.NonceWrite)) nonce = use;
            if (Has(access, AccountAccess.CodeWrite)) code = use;
        }

        _accountOfSlot.AsSpan(account.FirstSlot, account.SlotCount).Fill(index);
        _accountOutcomes[index] = new AccountOutcome(isWritten, balance, nonce, code);
    }

    private void FollowSlot(int index)
    {
        ref readonly AccessedSlot slot = ref List.Slots[index];
        int last = FromBase;
        for (int use = slot.FirstUse; use < slot.FirstUse + slot.UseCount; use++)
        {
            int transaction = List.SlotUses[use].Transaction - Start;
            if ((uint)transaction >= (uint)Count) continue;
            _slotsOf.Put(transaction, use);
            _slotSources[use] = last;
            _slotOfUse[use] = index;
            if (last != FromBase && List.SlotUses[last].Value == SlotUse.NotStated)
                _edges.Add(List.SlotUses[last].Transaction - Start, transaction);
            if (List.SlotUses[use].IsWrite) last = use;
        }

        _slotOutcomes[index] = last;
    }

    private int TransactionOf(int accountUse) => List.AccountUses[accountUse].Transaction - Start;

    private void Wait(int use, int transaction)
    {
        if (use != FromBase) _edges.Add(TransactionOf(use), transaction);
    }

    private void WaitForAdditions(int first, int end)
    {
        for (int use = first; use < end; use++)
        {
            int transaction = TransactionOf(use);
            if (transaction >= 0 && IsAddition(List.AccountUses[use].Access))
                _edges.Add(transaction, TransactionOf(end));
        }
    }

    private void WaitForAll(int first, int transaction)
    {
        for (int i = first; i < transaction; i++) _edges.Add(i, transaction);
    }

    internal static bool IsAddition(AccountAccess access) =>
        Has(access, AccountAccess.BalanceWrite) && !Has(access, AccountAccess.BalanceRead);

    /// <summary>Whether an access has one of the given kinds.</summary>
    internal static bool Has(AccountAccess access, AccountAccess kinds) => (access & kinds) != AccountAccess.None;

    /// <summary>Those that wait come after those that they wait for.</summary>
    private void MeasureDepth()
    {
        Reserve(ref _depths, Count);
        Array.Clear(_depths, 0, Count);
        int deepest = 0;
        for (int i = 0; i < Count; i++)
        {
            int depth = _depths[i] + 1;
            deepest = Math.Max(deepest, depth);
            foreach (int waiting in WaitingFor(i)) _depths[waiting] = Math.Max(_depths[waiting], depth);
        }

        Depth = deepest;
    }

    internal static void Reserve<T>(ref T[] array, int length)
    {
        if (array.Length < length) array = new T[Math.Max(length, array.Length * 2)];
    }

    /// <summary>The uses of each transaction, one behind the other in one array.</summary>
    private struct Starts()
    {
        private int[] _ends = [];
        private int[] _items = [];
        private int _count;

        public readonly ReadOnlySpan<int> this[int transaction]
        {
            get
            {
                int start = StartOf(transaction);
                return _items.AsSpan(start, _ends[transaction] - start);
            }
        }

        public void Count(int transactions, int itemsMax)
        {
            Reserve(ref _ends, transactions * 2);
            Reserve(ref _items, itemsMax);
            _count = transactions;
            Array.Clear(_ends, 0, transactions * 2);
        }

        public readonly void Announce(int transaction)
        {
            if ((uint)transaction < (uint)_count) _ends[_count + transaction]++;
        }

        /// <summary>Turns the numbers that were announced into places.</summary>
        public readonly void Place()
        {
            int next = 0;
            for (int i = 0; i < _count; i++)
            {
                int announced = _ends[_count + i];
                _ends[_count + i] = _ends[i] = next;
                next += announced;
            }
        }

        /// <summary>Puts an item behind the others of a transaction; its position among them.</summary>
        public readonly int Put(int transaction, int item)
        {
            int place = _ends[transaction]++;
            _items[place] = item;
            return place - StartOf(transaction);
        }

        private readonly int StartOf(int transaction) => _ends[_count + transaction];
    }
}
