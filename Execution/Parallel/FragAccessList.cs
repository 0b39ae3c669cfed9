using Fragcast.Execution.State;
using Fragcast.Primitives;

namespace Fragcast.Execution.Parallel;

/// <summary>An account that transactions of a frag access.</summary>
/// <param name="Address">Its address.</param>
/// <param name="FirstUse">Position of its first use in <see cref="FragAccessList.AccountUses"/>.</param>
/// <param name="UseCount">Number of its uses, at least one.</param>
/// <param name="FirstSlot">Position of its first slot in <see cref="FragAccessList.Slots"/>.</param>
/// <param name="SlotCount">Number of its slots.</param>
public readonly record struct AccessedAccount(
    Address Address, int FirstUse, int UseCount, int FirstSlot, int SlotCount);

/// <summary>A storage slot that transactions of a frag access.</summary>
/// <param name="Key">Its key.</param>
/// <param name="FirstUse">Position of its first use in <see cref="FragAccessList.SlotUses"/>.</param>
/// <param name="UseCount">Number of its uses, at least one.</param>
public readonly record struct AccessedSlot(UInt256 Key, int FirstUse, int UseCount);

/// <summary>That a transaction accesses an account.</summary>
/// <param name="Transaction">Position of the transaction in the frag.</param>
/// <param name="Access">What it does with the account.</param>
public readonly record struct AccountUse(int Transaction, AccountAccess Access);

/// <summary>That a transaction accesses a slot.</summary>
/// <param name="Transaction">Position of the transaction in the frag.</param>
/// <param name="IsWrite">
/// Whether it leaves another value; a slot that is only read, or set to what it was, is not written.
/// </param>
/// <param name="Value">
/// Position of the value that it leaves in <see cref="FragAccessList.Values"/>, or <see cref="NotStated"/>.
/// </param>
public readonly record struct SlotUse(int Transaction, bool IsWrite, int Value)
{
    /// <summary>The list does not state the value.</summary>
    public const int NotStated = -1;
}

/// <summary>
/// What each transaction of a frag reads and writes, by place: accounts in order of their addresses, each with its
/// uses and its slots in order of their keys, uses in order of the transactions. A transaction that uses a slot has a
/// use of the slot's account. Deposits, and the fees that the block's recipients get, are not in it. For slots that
/// many transactions write, the values may be stated: who reads them then need not wait for who writes them.
/// Immutable. The form follows the block-level access lists of EIP-7928.
/// </summary>
public sealed class FragAccessList
{
    /// <summary>Transactions that a frag with a list may have.</summary>
    public const int TransactionsMax = 1 << 16;

    private readonly AccessedAccount[] _accounts;
    private readonly AccessedSlot[] _slots;
    private readonly AccountUse[] _accountUses;
    private readonly SlotUse[] _slotUses;
    private readonly UInt256[] _values;

    internal FragAccessList(
        int transactionCount,
        ulong gasUsed,
        AccessedAccount[] accounts,
        AccessedSlot[] slots,
        AccountUse[] accountUses,
        SlotUse[] slotUses,
        UInt256[] values)
    {
        TransactionCount = transactionCount;
        GasUsed = gasUsed;
        _accounts = accounts;
        _slots = slots;
        _accountUses = accountUses;
        _slotUses = slotUses;
        _values = values;
    }

    /// <summary>Number of transactions of the frag.</summary>
    public int TransactionCount { get; }

    /// <summary>
    /// Gas that the frag's transactions used, but for deposits: tells whether it pays to replay them in parallel.
    /// Nobody checks it, and nothing else depends on it.
    /// </summary>
    public ulong GasUsed { get; }

    /// <summary>All accounts.</summary>
    public ReadOnlySpan<AccessedAccount> Accounts => _accounts;

    /// <summary>All slots, those of an account side by side.</summary>
    public ReadOnlySpan<AccessedSlot> Slots => _slots;

    /// <summary>All uses of accounts, those of an account side by side.</summary>
    public ReadOnlySpan<AccountUse> AccountUses => _accountUses;

    /// <summary>All uses of slots, those of a slot side by side.</summary>
    public ReadOnlySpan<SlotUse> SlotUses => _slotUses;

    /// <summary>The values that are stated.</summary>
    public ReadOnlySpan<UInt256> Values => _values;

    /// <summary>Position of a transaction's use of an account, or -1.</summary>
    internal int FindUse(in AccessedAccount account, int transaction) =>
        FindUse(_accountUses.AsSpan(account.FirstUse, account.UseCount), account.FirstUse, transaction);

    /// <summary>As <see cref="FindUse(in AccessedAccount, int)"/>, in a part of the uses.</summary>
    internal static int FindUse(ReadOnlySpan<AccountUse> uses, int offset, int transaction)
    {
        int low = 0;
        int high = uses.Length - 1;
        while (low <= high)
        {
            int middle = (low + high) >>> 1;
            int found = uses[middle].Transaction;
            if (found == transaction) return offset + middle;
            if (found < transaction) low = middle + 1;
            else high = middle - 1;
        }

        return -1;
    }
}
