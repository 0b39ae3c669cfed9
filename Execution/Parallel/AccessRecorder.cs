using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Fragcast.Execution.State;
using Fragcast.Primitives;

namespace Fragcast.Execution.Parallel;

/// <summary>
/// Collects the accesses of a frag's transactions as they are executed, and makes the frag's list of them. Reused from
/// frag to frag. Not thread-safe.
/// </summary>
internal sealed class AccessRecorder
{
    /// <summary>
    /// Transactions that write a slot from which on its values are stated. With one nobody waits for another write.
    /// </summary>
    public const int HotWritesMin = 2;

    private readonly UseTable _accounts = new();
    private readonly UseTable _slots = new();
    private readonly List<UInt256> _values = [];
    private ulong _gas;

    /// <summary>Forgets the uses so far.</summary>
    public void Clear()
    {
        _accounts.Clear();
        _slots.Clear();
        _values.Clear();
        _gas = 0;
    }

    /// <summary>Adds the accesses of the transaction that a state has executed last.</summary>
    /// <param name="state">The state, whose recording is on.</param>
    /// <param name="transaction">Position of the transaction in the frag.</param>
    /// <param name="gasUsed">Gas that it used.</param>
    public void Add(JournaledState state, int transaction, ulong gasUsed)
    {
        _gas += gasUsed;
        foreach (int account in state.AccessedAccounts)
            _accounts.Add(account, transaction, (int)state.AccessOf(account), isWrite: false);
        foreach (int slot in state.AccessedSlots)
        {
            bool isWrite = (slot & 1) != 0;
            _slots.Add(slot >> 1, transaction, isWrite ? _values.Count : SlotUse.NotStated, isWrite);
            if (isWrite) _values.Add(state.Current(slot >> 1));
        }
    }

    /// <summary>The list of what was added, for a frag with a number of transactions; then starts anew.</summary>
    public FragAccessList TakeList(JournaledState state, int transactionCount)
    {
        int[] accountOrder = OrderOfAccounts(state);
        int[] ranks = new int[accountOrder.Length];
        for (int rank = 0; rank < ranks.Length; rank++) ranks[accountOrder[rank]] = rank;
        int[] slotOrder = OrderOfSlots(state, ranks, out int[] slotCounts);
        (AccessedSlot[] slots, SlotUse[] slotUses, UInt256[] values) = ListSlots(state, slotOrder);
        (AccessedAccount[] accounts, AccountUse[] accountUses) = ListAccounts(state, accountOrder, slotCounts);
        var list = new FragAccessList(transactionCount, _gas, accounts, slots, accountUses, slotUses, values);
        Clear();
        return list;
    }

    private (AccessedAccount[] Accounts, AccountUse[] Uses) ListAccounts(
        JournaledState state, int[] order, int[] slotCounts)
    {
        var accounts = new AccessedAccount[order.Length];
        var uses = new AccountUse[_accounts.UseCount];
        int[] next = _accounts.PlacesIn(order);
        int slot = 0;
        for (int i = 0; i < accounts.Length; i++)
        {
            int group = order[i];
            Address address = state.AddressOf(_accounts.HandleOf(group));
            accounts[i] = new AccessedAccount(address, next[group], _accounts.CountOf(group), slot, slotCounts[i]);
            slot += slotCounts[i];
        }

        foreach (ref readonly Use use in _accounts.Uses)
            uses[next[use.Group]++] = new AccountUse(use.Transaction, (AccountAccess)use.Detail);
        return (accounts, uses);
    }

    private (AccessedSlot[] Slots, SlotUse[] Uses, UInt256[] Values) ListSlots(JournaledState state, int[] order)
    {
        var slots = new AccessedSlot[order.Length];
        var uses = new SlotUse[_slots.UseCount];
        int[] next = _slots.PlacesIn(order);
        for (int i = 0; i < slots.Length; i++)
        {
            UInt256 key = state.KeyOfSlot(_slots.HandleOf(order[i]));
            slots[i] = new AccessedSlot(key, next[order[i]], _slots.CountOf(order[i]));
        }

        foreach (ref readonly Use use in _slots.Uses)
        {
            bool isWrite = use.Detail != SlotUse.NotStated;
            bool isHot = _slots.WritesOf(use.Group) >= HotWritesMin;
            int value = isHot ? use.Detail : SlotUse.NotStated;
            uses[next[use.Group]++] = new SlotUse(use.Transaction, isWrite, value);
        }

        // Values stand in the order of the uses that leave them.
        List<UInt256> values = [];
        foreach (ref SlotUse use in uses.AsSpan())
        {
            if (use.Value == SlotUse.NotStated) continue;
            values.Add(_values[use.Value]);
            use = use with { Value = values.Count - 1 };
        }

        return (slots, uses, [.. values]);
    }

    /// <summary>Groups of uses by the addresses of their accounts.</summary>
    private int[] OrderOfAccounts(JournaledState state)
    {
        // The first eight bytes decide, but for addresses that somebody has made to begin alike.
        ulong[] keys = new ulong[_accounts.Count];
        for (int i = 0; i < keys.Length; i++)
            keys[i] = BinaryPrimitives.ReadUInt64BigEndian(state.AddressOf(_accounts.HandleOf(i)).Bytes);
        return Order(keys, (one, other) =>
            state.AddressOf(_accounts.HandleOf(one)).CompareTo(state.AddressOf(_accounts.HandleOf(other))));
    }

    /// <summary>Groups of uses by the ranks of their accounts and their keys; slots of each account.</summary>
    private int[] OrderOfSlots(JournaledState state, int[] ranks, out int[] slotCounts)
    {
        ulong[] keys = new ulong[_slots.Count];
        for (int i = 0; i < keys.Length; i++) keys[i] = state.KeyOfSlot(_slots.HandleOf(i)).U3;
        int[] byKey = Order(keys, (one, other) =>
            state.KeyOfSlot(_slots.HandleOf(one)).CompareTo(state.KeyOfSlot(_slots.HandleOf(other))));

        // Those of one account stay in order.
        int[] next = new int[ranks.Length + 1];
        int[] rankOf = new int[byKey.Length];
        for (int i = 0; i < rankOf.Length; i++)
        {
            rankOf[i] = ranks[_accounts.GroupOf(state.AccountOfSlot(_slots.HandleOf(i)))];
            next[rankOf[i] + 1]++;
        }

        slotCounts = next[1..];
        for (int rank = 1; rank < next.Length; rank++) next[rank] += next[rank - 1];
        int[] order = new int[byKey.Length];
        foreach (int slot in byKey) order[next[rankOf[slot]]++] = slot;
        return order;
    }

    /// <summary>Indexes of keys in ascending order, with a comparison for those that are equal.</summary>
    private static int[] Order(ulong[] keys, Comparison<int> tieBreak)
    {
        int[] order = new int[keys.Length];
        for (int i = 0; i < order.Length; i++) order[i] = i;
        Array.Sort(keys, order);
        for (int start = 0; start < keys.Length;)
        {
            int end = start + 1;
            while (end < keys.Length && keys[end] == keys[start]) end++;
            if (end - start > 1) order.AsSpan(start, end - start).Sort(tieBreak);
            start = end;
        }

        return order;
    }

    /// <summary>A use of an account or slot.</summary>
    /// <param name="Group">Number of the account or slot.</param>
    /// <param name="Transaction">Position of the transaction in the frag.</param>
    /// <param name="Detail">
    /// The access to an account, or where the value is that a slot was left with, -1 when it was only read.
    /// </param>
    private readonly record struct Use(int Group, int Transaction, int Detail);

    /// <summary>An account or slot.</summary>
    private struct Group
    {
        public int Handle;

        /// <summary>Number of its uses.</summary>
        public int Count;

        /// <summary>Number of those that write.</summary>
        public int Writes;
    }

    /// <summary>Uses in the order of the transactions, of accounts or slots that are numbered as they come.</summary>
    private sealed class UseTable
    {
        private readonly Dictionary<int, int> _groups = [];
        private readonly List<Group> _infos = [];
        private readonly List<Use> _uses = [];

        public int Count => _infos.Count;

        public int UseCount => _uses.Count;

        public ReadOnlySpan<Use> Uses => CollectionsMarshal.AsSpan(_uses);

        public int HandleOf(int group) => _infos[group].Handle;

        public int CountOf(int group) => _infos[group].Count;

        public int WritesOf(int group) => _infos[group].Writes;

        public int GroupOf(int handle) => _groups[handle];

        public void Add(int handle, int transaction, int detail, bool isWrite)
        {
            if (!_groups.TryGetValue(handle, out int group))
            {
                group = _infos.Count;
                _groups.Add(handle, group);
                _infos.Add(new Group { Handle = handle });
            }

            ref Group info = ref CollectionsMarshal.AsSpan(_infos)[group];
            info.Count++;
            if (isWrite) info.Writes++;
            _uses.Add(new Use(group, transaction, detail));
        }

        /// <summary>Where the uses of each group begin when the groups come in the given order.</summary>
        public int[] PlacesIn(int[] order)
        {
            int[] places = new int[order.Length];
            int next = 0;
            foreach (int group in order)
            {
                places[group] = next;
                next += _infos[group].Count;
            }

            return places;
        }

        public void Clear()
        {
            _groups.Clear();
            _infos.Clear();
            _uses.Clear();
        }
    }
}
