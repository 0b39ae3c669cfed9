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

    private readonly List<Record> _accounts = [];
    private readonly List<Record> _slots = [];
    private readonly List<UInt256> _values = [];

    /// <summary>
    /// A use: handle and transaction in one number that sorts them; the access to an account, or where the value is
    /// that a slot was left with, -1 when it was only read.
    /// </summary>
    private readonly record struct Record(ulong Place, int Detail) : IComparable<Record>
    {
        public int Handle => (int)(Place >> 32);

        public int Transaction => (int)(uint)Place;

        public int CompareTo(Record other) => Place.CompareTo(other.Place);
    }

    /// <summary>Forgets the uses so far.</summary>
    public void Clear()
    {
        _accounts.Clear();
        _slots.Clear();
        _values.Clear();
    }

    /// <summary>Adds the accesses of the transaction that a state has executed last.</summary>
    /// <param name="state">The state, whose recording is on.</param>
    /// <param name="transaction">Position of the transaction in the frag.</param>
    public void Add(JournaledState state, int transaction)
    {
        foreach (int account in state.AccessedAccounts)
            _accounts.Add(new Record(PlaceOf(account, transaction), (int)state.AccessOf(account)));
        foreach (int slot in state.AccessedSlots)
        {
            bool isWrite = (slot & 1) != 0;
            _slots.Add(new Record(PlaceOf(slot >> 1, transaction), isWrite ? _values.Count : SlotUse.NotStated));
            if (isWrite) _values.Add(state.Current(slot >> 1));
        }
    }

    /// <summary>The list of what was added, for a frag with a number of transactions; then starts anew.</summary>
    public FragAccessList TakeList(JournaledState state, int transactionCount)
    {
        _accounts.Sort();
        _slots.Sort();
        Group[] slots = GroupByHandle(_slots);
        Group[] accounts = GroupByHandle(_accounts);
        Array.Sort(accounts, (one, other) =>
            state.AddressOf(one.Handle).Bytes.SequenceCompareTo(state.AddressOf(other.Handle).Bytes));
        Dictionary<int, int> rankOfAccount = new(accounts.Length);
        for (int i = 0; i < accounts.Length; i++) rankOfAccount[accounts[i].Handle] = i;
        var sortedSlots = new (int Rank, UInt256 Key, Group Group)[slots.Length];
        for (int i = 0; i < slots.Length; i++)
        {
            int slot = slots[i].Handle;
            sortedSlots[i] = (rankOfAccount[state.AccountOfSlot(slot)], state.KeyOfSlot(slot), slots[i]);
        }

        Array.Sort(sortedSlots, static (one, other) =>
            one.Rank != other.Rank ? one.Rank.CompareTo(other.Rank) : one.Key.CompareTo(other.Key));
        FragAccessList list = Assemble(state, transactionCount, accounts, sortedSlots);
        Clear();
        return list;
    }

    private FragAccessList Assemble(
        JournaledState state, int transactionCount, Group[] groups, (int Rank, UInt256 Key, Group Group)[] sortedSlots)
    {
        var accountUses = new AccountUse[_accounts.Count];
        var slotUses = new SlotUse[_slots.Count];
        var accounts = new AccessedAccount[groups.Length];
        var slots = new AccessedSlot[sortedSlots.Length];
        List<UInt256> values = [];
        int use = 0;
        for (int i = 0; i < slots.Length; i++)
        {
            slots[i] = new AccessedSlot(sortedSlots[i].Key, use, sortedSlots[i].Group.Count);
            ReadOnlySpan<Record> records = sortedSlots[i].Group.In(_slots);
            bool isHot = IsHot(records);
            foreach (ref readonly Record record in records)
            {
                bool isWrite = record.Detail != SlotUse.NotStated;
                slotUses[use++] = new SlotUse(
                    record.Transaction, isWrite, isHot && isWrite ? values.Count : SlotUse.NotStated);
                if (isHot && isWrite) values.Add(_values[record.Detail]);
            }
        }

        use = 0;
        int slot = 0;
        for (int i = 0; i < accounts.Length; i++)
        {
            int firstSlot = slot;
            while (slot < slots.Length && sortedSlots[slot].Rank == i) slot++;
            Address address = state.AddressOf(groups[i].Handle);
            accounts[i] = new AccessedAccount(address, use, groups[i].Count, firstSlot, slot - firstSlot);
            foreach (ref readonly Record record in groups[i].In(_accounts))
                accountUses[use++] = new AccountUse(record.Transaction, (AccountAccess)record.Detail);
        }

        return new FragAccessList(transactionCount, accounts, slots, accountUses, slotUses, [.. values]);
    }

    private static bool IsHot(ReadOnlySpan<Record> uses)
    {
        int writes = 0;
        foreach (ref readonly Record use in uses) writes += use.Detail != SlotUse.NotStated ? 1 : 0;
        return writes >= HotWritesMin;
    }

    private static Group[] GroupByHandle(List<Record> sorted)
    {
        List<Group> groups = [];
        for (int start = 0; start < sorted.Count;)
        {
            int end = start + 1;
            while (end < sorted.Count && sorted[end].Handle == sorted[start].Handle) end++;
            groups.Add(new Group(sorted[start].Handle, start, end - start));
            start = end;
        }

        return [.. groups];
    }

    private static ulong PlaceOf(int handle, int transaction) => ((ulong)(uint)handle << 32) | (uint)transaction;

    /// <summary>The uses of one account or slot.</summary>
    private readonly record struct Group(int Handle, int Start, int Count)
    {
        public ReadOnlySpan<Record> In(List<Record> records) => CollectionsMarshal.AsSpan(records).Slice(Start, Count);
    }
}
