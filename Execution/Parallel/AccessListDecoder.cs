using System.Runtime.InteropServices;
using Fragcast.Execution.State;
using Fragcast.Primitives;
using Fragcast.Primitives.Rlp;

namespace Fragcast.Execution.Parallel;

/// <summary>Reads one list, checking everything that <see cref="FragAccessList"/> promises.</summary>
internal sealed class AccessListDecoder
{
    private readonly List<AccessedAccount> _accounts = [];
    private readonly List<AccessedSlot> _slots = [];
    private readonly List<AccountUse> _accountUses = [];
    private readonly List<SlotUse> _slotUses = [];
    private readonly List<UInt256> _values = [];
    private int _transactionCount;
    private ulong _gasUsed;

    /// <summary>The list, after bytes were read without an error.</summary>
    public FragAccessList ToList() => new(
        _transactionCount, _gasUsed, [.. _accounts], [.. _slots], [.. _accountUses], [.. _slotUses], [.. _values]);

    public AccessListError Read(ReadOnlySpan<byte> bytes)
    {
        var outer = new RlpReader(bytes);
        if (!outer.TryReadList(out RlpReader parts) || !outer.TryFinish()) return AccessListError.Malformed;
        if (!parts.TryReadUInt64(out ulong count)) return AccessListError.Malformed;
        if (count is 0 or > FragAccessList.TransactionsMax) return AccessListError.BadTransactionCount;
        _transactionCount = (int)count;
        if (!parts.TryReadUInt64(out _gasUsed)) return AccessListError.Malformed;
        if (!parts.TryReadList(out RlpReader accounts) || !parts.TryFinish()) return AccessListError.Malformed;
        while (!accounts.IsAtEnd)
        {
            if (!accounts.TryReadList(out RlpReader account)) return AccessListError.Malformed;
            AccessListError error = ReadAccount(ref account);
            if (error != AccessListError.None) return error;
        }

        return AccessListError.None;
    }

    private AccessListError ReadAccount(ref RlpReader account)
    {
        if (!account.TryReadAddress(out Address address)) return AccessListError.Malformed;
        if (!account.TryReadBytes(out ReadOnlySpan<byte> uses)) return AccessListError.Malformed;
        if (!account.TryReadList(out RlpReader slots) || !account.TryFinish()) return AccessListError.Malformed;
        if (_accounts.Count > 0 && _accounts[^1].Address.Bytes.SequenceCompareTo(address.Bytes) >= 0)
            return AccessListError.NotSorted;
        if (uses.IsEmpty) return AccessListError.NoUses;
        int firstUse = _accountUses.Count;
        int firstSlot = _slots.Count;
        for (int transaction = -1; !uses.IsEmpty;)
        {
            if (!AccessListCodec.TryReadAccountUse(ref uses, ref transaction, out AccountAccess access))
                return AccessListError.BadUse;
            if (transaction >= _transactionCount) return AccessListError.TransactionOutOfRange;
            _accountUses.Add(new AccountUse(transaction, access));
        }

        while (!slots.IsAtEnd)
        {
            if (!slots.TryReadList(out RlpReader slot)) return AccessListError.Malformed;
            AccessListError error = ReadSlot(ref slot, firstUse, firstSlot);
            if (error != AccessListError.None) return error;
        }

        _accounts.Add(new AccessedAccount(
            address, firstUse, _accountUses.Count - firstUse, firstSlot, _slots.Count - firstSlot));
        return AccessListError.None;
    }

    private AccessListError ReadSlot(ref RlpReader slot, int firstUseOfAccount, int firstSlot)
    {
        if (!slot.TryReadUInt256(out UInt256 key)) return AccessListError.Malformed;
        if (!slot.TryReadBytes(out ReadOnlySpan<byte> uses)) return AccessListError.Malformed;
        if (_slots.Count > firstSlot && _slots[^1].Key >= key) return AccessListError.NotSorted;
        if (uses.IsEmpty) return AccessListError.NoUses;
        ReadOnlySpan<AccountUse> accountUses = CollectionsMarshal.AsSpan(_accountUses)[firstUseOfAccount..];
        int firstUse = _slotUses.Count;
        for (int transaction = -1; !uses.IsEmpty;)
        {
            if (!AccessListCodec.TryReadSlotUse(ref uses, ref transaction, out bool isWrite, out bool hasValue))
                return AccessListError.BadUse;
            if (transaction >= _transactionCount) return AccessListError.TransactionOutOfRange;
            if (FragAccessList.FindUse(accountUses, 0, transaction) < 0) return AccessListError.SlotWithoutAccount;
            _slotUses.Add(new SlotUse(transaction, isWrite, hasValue ? _values.Count : SlotUse.NotStated));
            if (!hasValue) continue;
            if (slot.IsAtEnd) return AccessListError.WrongValueCount;
            if (!slot.TryReadUInt256(out UInt256 value)) return AccessListError.Malformed;
            _values.Add(value);
        }

        if (!slot.TryFinish()) return AccessListError.WrongValueCount;
        _slots.Add(new AccessedSlot(key, firstUse, _slotUses.Count - firstUse));
        return AccessListError.None;
    }
}
