using Fragcast.Execution.State;

namespace Fragcast.Execution.Trie;

/// <summary>
/// The accounts that a trie has to look at, each with its dirty slots: those that are dirty themselves and those of
/// which only slots are. Reused from update to update; in steady state it does not allocate.
/// </summary>
internal sealed class DirtyAccounts
{
    private int[] _accounts = new int[256];
    private int[] _slots = new int[256];
    private int[] _slotAccounts = new int[256];
    private int _accountCount;
    private int _slotCount;

    /// <summary>An account and its dirty slots.</summary>
    public readonly ref struct Group(int account, ReadOnlySpan<int> slots)
    {
        public int Account { get; } = account;

        public ReadOnlySpan<int> Slots { get; } = slots;
    }

    /// <summary>Takes the dirty lists of a state.</summary>
    public void Collect(JournaledState state)
    {
        ReadOnlySpan<int> slots = state.DirtySlots;
        _slotCount = slots.Length;
        Reserve(ref _slots, _slotCount);
        Reserve(ref _slotAccounts, _slotCount);
        slots.CopyTo(_slots);
        for (int i = 0; i < slots.Length; i++) _slotAccounts[i] = state.AccountOfSlot(slots[i]);
        Array.Sort(_slotAccounts, _slots, 0, _slotCount);

        ReadOnlySpan<int> accounts = state.DirtyAccounts;
        Reserve(ref _accounts, accounts.Length + _slotCount);
        accounts.CopyTo(_accounts);
        _accountCount = accounts.Length;
        for (int i = 0; i < _slotCount; i++)
        {
            if (i == 0 || _slotAccounts[i] != _slotAccounts[i - 1]) _accounts[_accountCount++] = _slotAccounts[i];
        }

        Array.Sort(_accounts, 0, _accountCount);
    }

    /// <summary>Walks over the accounts in order of their handles.</summary>
    public Enumerator GetEnumerator() => new(this);

    /// <summary>Position of a walk.</summary>
    public ref struct Enumerator(DirtyAccounts dirty)
    {
        private int _account = -1;
        private int _slotStart;
        private int _slotEnd;

        public readonly Group Current =>
            new(dirty._accounts[_account], dirty._slots.AsSpan(_slotStart, _slotEnd - _slotStart));

        public bool MoveNext()
        {
            do
            {
                if (++_account == dirty._accountCount) return false;
            }
            while (_account > 0 && dirty._accounts[_account] == dirty._accounts[_account - 1]);

            _slotStart = _slotEnd;
            ReadOnlySpan<int> slotAccounts = dirty._slotAccounts.AsSpan(0, dirty._slotCount);
            while (_slotEnd < slotAccounts.Length && slotAccounts[_slotEnd] == dirty._accounts[_account]) _slotEnd++;
            return true;
        }
    }

    private static void Reserve(ref int[] array, int length)
    {
        if (array.Length < length) array = new int[Math.Max(length, array.Length * 2)];
    }
}
