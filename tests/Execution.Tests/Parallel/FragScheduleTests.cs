using Fragcast.Execution.Parallel;
using Fragcast.Execution.State;
using Fragcast.Primitives;

namespace Fragcast.Execution.Tests.Parallel;

/// <summary>Who waits for whom.</summary>
public class FragScheduleTests
{
    private const AccountAccess Add = AccountAccess.BalanceWrite;
    private const AccountAccess Read = AccountAccess.BalanceRead;
    private const AccountAccess Change = AccountAccess.BalanceRead | AccountAccess.BalanceWrite;

    private static readonly Address Account = Address.FromUInt256(1);

    [Fact]
    public void Build_AdditionsThenReaders_OnlyTheFirstReaderWaitsForAll()
    {
        FragSchedule schedule = Schedule([Add, Add, Add, Read, Read, Add, Change], []);
        Assert.Equal([0, 0, 0, 3, 1, 0, 2], Waits(schedule));
        Assert.Equal([4, 6], schedule.WaitingFor(3).ToArray().Order());
        Assert.Equal(3, schedule.Depth);
    }

    [Fact]
    public void Build_ReadersOfWhatNobodyChanges_DoNotWait()
    {
        FragSchedule schedule = Schedule([Read, AccountAccess.CodeRead, Read, Read], []);
        Assert.Equal([0, 0, 0, 0], Waits(schedule));
        Assert.Equal(1, schedule.Depth);
    }

    [Fact]
    public void Build_FieldsOfOneAccount_AreApart()
    {
        const AccountAccess nonce = AccountAccess.NonceRead | AccountAccess.NonceWrite;
        FragSchedule schedule = Schedule([Change, nonce, AccountAccess.CodeRead, AccountAccess.NonceRead, Read], []);
        Assert.Equal([0, 0, 0, 1, 1], Waits(schedule));
    }

    [Fact]
    public void Build_ReaderOfAFeeRecipient_WaitsForAllBefore()
    {
        FragSchedule schedule = Schedule([AccountAccess.None, AccountAccess.None, Read, AccountAccess.None], [Account]);
        Assert.Equal([0, 0, 2, 0], Waits(schedule));
    }

    [Theory]
    [InlineData(false, new[] { 0, 1, 1, 1 })]
    [InlineData(true, new[] { 0, 0, 0, 0 })]
    public void Build_SlotThatAllWrite_IsAChainUnlessValuesAreStated(bool areStated, int[] waits)
    {
        FragAccessList list = ListOf(new AccountAccess[4]);
        var editor = new ListEditor(list);
        var slot = new SlotDraft(9, []);
        for (int i = 0; i < 4; i++)
            slot.Uses.Add(new UseDraft(new SlotUse(i, true, SlotUse.NotStated), areStated ? 3 : null));
        editor.Accounts[0].Slots.Add(slot);
        var schedule = new FragSchedule();
        schedule.Build(editor.Build(), 0, 4, []);
        Assert.Equal(waits, Waits(schedule));
    }

    [Fact]
    public void Build_PartOfAFrag_LeavesTheOthersOut()
    {
        var schedule = new FragSchedule();
        schedule.Build(ListOf([Change, Change, Change, Change]), 1, 2, []);
        Assert.Equal([0, 1], Waits(schedule));
    }

    private static FragSchedule Schedule(AccountAccess[] uses, Address[] recipients)
    {
        var schedule = new FragSchedule();
        schedule.Build(ListOf(uses), 0, uses.Length, recipients);
        return schedule;
    }

    private static FragAccessList ListOf(AccountAccess[] uses) => new(
        uses.Length,
        0,
        [new AccessedAccount(Account, 0, uses.Length, 0, 0)],
        [],
        [.. uses.Select((access, i) => new AccountUse(i, access))],
        [],
        []);

    private static int[] Waits(FragSchedule schedule) =>
        [.. Enumerable.Range(0, schedule.Count).Select(schedule.WaitsFor)];
}
