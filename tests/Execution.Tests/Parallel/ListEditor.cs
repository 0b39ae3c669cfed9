using Fragcast.Execution.Parallel;
using Fragcast.Execution.State;
using Fragcast.Primitives;

namespace Fragcast.Execution.Tests.Parallel;

/// <summary>A list in pieces, to make wrong ones of right ones.</summary>
internal sealed class ListEditor
{
    public ListEditor(FragAccessList list)
    {
        TransactionCount = list.TransactionCount;
        GasUsed = list.GasUsed;
        foreach (AccessedAccount account in list.Accounts)
        {
            var draft = new AccountDraft(account.Address, [], []);
            draft.Uses.AddRange(list.AccountUses.Slice(account.FirstUse, account.UseCount));
            foreach (AccessedSlot slot in list.Slots.Slice(account.FirstSlot, account.SlotCount))
            {
                var slotDraft = new SlotDraft(slot.Key, []);
                foreach (SlotUse use in list.SlotUses.Slice(slot.FirstUse, slot.UseCount))
                    slotDraft.Uses.Add(new UseDraft(use, use.Value < 0 ? null : list.Values[use.Value]));
                draft.Slots.Add(slotDraft);
            }

            Accounts.Add(draft);
        }
    }

    public int TransactionCount { get; set; }

    public ulong GasUsed { get; set; }

    public List<AccountDraft> Accounts { get; } = [];

    public IEnumerable<SlotDraft> Slots => Accounts.SelectMany(account => account.Slots);

    public AccountDraft this[Address address] => Accounts.Single(account => account.Address == address);

    public FragAccessList Build()
    {
        List<AccessedAccount> accounts = [];
        List<AccessedSlot> slots = [];
        List<AccountUse> accountUses = [];
        List<SlotUse> slotUses = [];
        List<UInt256> values = [];
        foreach (AccountDraft account in Accounts)
        {
            accounts.Add(new AccessedAccount(
                account.Address, accountUses.Count, account.Uses.Count, slots.Count, account.Slots.Count));
            accountUses.AddRange(account.Uses);
            foreach (SlotDraft slot in account.Slots)
            {
                slots.Add(new AccessedSlot(slot.Key, slotUses.Count, slot.Uses.Count));
                foreach (UseDraft use in slot.Uses)
                {
                    slotUses.Add(use.Use with { Value = use.Value is null ? SlotUse.NotStated : values.Count });
                    if (use.Value is { } value) values.Add(value);
                }
            }
        }

        return new FragAccessList(
            TransactionCount, GasUsed, [.. accounts], [.. slots], [.. accountUses], [.. slotUses], [.. values]);
    }

    /// <summary>
    /// Makes one random change that leaves the list well-formed; false when there was nothing to change.
    /// </summary>
    public bool TryBreak(Random random)
    {
        AccountDraft account = Accounts[random.Next(Accounts.Count)];
        int use = random.Next(account.Uses.Count);
        AccountUse chosen = account.Uses[use];
        switch (random.Next(5))
        {
            case 0:
                RemoveUse(account, use);
                return true;
            case 1:
                AccountAccess kept = chosen.Access & (AccountAccess)random.Next(64);
                if ((kept & AccountAccess.NonceRead) == AccountAccess.None) kept &= ~AccountAccess.NonceWrite;
                if ((kept & AccountAccess.CodeRead) == AccountAccess.None) kept &= ~AccountAccess.CodeWrite;
                account.Uses[use] = chosen with { Access = kept };
                return kept != chosen.Access;
            case 2:
                account.Uses[use] = chosen with { Access = AccountAccess.All };
                return true;
            default:
                return TryBreakSlot(random);
        }
    }

    private bool TryBreakSlot(Random random)
    {
        SlotDraft[] slots = [.. Slots];
        if (slots.Length == 0) return false;
        SlotDraft slot = slots[random.Next(slots.Length)];
        int use = random.Next(slot.Uses.Count);
        UseDraft chosen = slot.Uses[use];
        switch (random.Next(3))
        {
            case 0 when slot.Uses.Count > 1:
                slot.Uses.RemoveAt(use);
                return true;
            case 1 when chosen.Use.IsWrite:
                slot.Uses[use] = new UseDraft(chosen.Use with { IsWrite = false }, null);
                return true;
            case 2 when chosen.Use.IsWrite:
                slot.Uses[use] = chosen with { Value = (UInt256)(ulong)random.Next() };
                return true;
            default:
                return false;
        }
    }

    private void RemoveUse(AccountDraft account, int use)
    {
        int transaction = account.Uses[use].Transaction;
        account.Uses.RemoveAt(use);
        foreach (SlotDraft slot in account.Slots) slot.Uses.RemoveAll(u => u.Use.Transaction == transaction);
        account.Slots.RemoveAll(slot => slot.Uses.Count == 0);
        if (account.Uses.Count == 0) Accounts.Remove(account);
    }
}

internal sealed record AccountDraft(Address Address, List<AccountUse> Uses, List<SlotDraft> Slots);

internal sealed record SlotDraft(UInt256 Key, List<UseDraft> Uses);

internal readonly record struct UseDraft(SlotUse Use, UInt256? Value);
