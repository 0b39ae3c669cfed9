using Fragcast.Execution.State;
using Fragcast.Primitives;

namespace Fragcast.Execution.Tests.State;

public sealed class JournaledStateTests
{
    private static readonly Address A = Address.FromUInt256(0xAA);
    private static readonly Address B = Address.FromUInt256(0xBB);

    private readonly MemoryStateSource _source = new();
    private readonly JournaledState _state;

    public JournaledStateTests()
    {
        _source.SetAccount(A, 1000, nonce: 7, code: [1, 2, 3]);
        _source.SetStorage(A, 1, 11);
        _state = new JournaledState(_source, accountCapacity: 16, slotCapacity: 16);
    }

    [Fact]
    public void Account_OfTheSource_HasItsValues()
    {
        var a = _state.Account(A);
        Assert.True(_state.Exists(a));
        Assert.Equal(1000, _state.Balance(a));
        Assert.Equal(7UL, _state.Nonce(a));
        Assert.Equal([1, 2, 3], _state.Code(a).Bytes.ToArray());
        Assert.Equal(Keccak256.Hash([1, 2, 3]), _state.CodeHash(a));
        Assert.Equal(11, _state.Current(_state.Slot(a, 1)));
        Assert.False(_state.Exists(_state.Account(B)));
        Assert.Equal(Keccak256.EmptyString, _state.CodeHash(_state.Account(B)));
    }

    [Fact]
    public void Handles_PastTheCapacity_StayValid()
    {
        var first = _state.Account(A);
        var slot = _state.Slot(first, 1);
        var handles = Enumerable.Range(0, 5000).Select(i => _state.Account(Address.FromUInt256(i * 7919))).ToArray();
        var slots = Enumerable.Range(0, 5000).Select(i => _state.Slot(first, new UInt256(0, (ulong)i))).ToArray();
        Assert.Equal(first, _state.Account(A));
        Assert.Equal(slot, _state.Slot(first, 1));
        for (var i = 0; i < 5000; i++)
        {
            Assert.Equal(handles[i], _state.Account(Address.FromUInt256(i * 7919)));
            Assert.Equal(slots[i], _state.Slot(first, new UInt256(0, (ulong)i)));
        }

        Assert.Equal(5000, handles.Distinct().Count());
    }

    [Fact]
    public void RevertTo_Checkpoint_UndoesEverythingSince()
    {
        _state.BeginTransaction();
        var (a, b) = (_state.Account(A), _state.Account(B));
        var slot = _state.Slot(a, 1);
        _state.SetSlot(slot, 12);
        _state.SetTransient(a, 5, 50);
        var checkpoint = _state.Checkpoint();
        Assert.True(_state.WarmAccount(a));
        Assert.True(_state.WarmSlot(slot));
        _state.SetSlot(slot, 13);
        _state.SetSlot(slot, 14);
        _state.SetTransient(a, 5, 51);
        _state.SubBalance(a, 400);
        _state.AddBalance(b, 400);
        _state.SetNonce(a, 8);
        _state.SetCode(b, [9]);
        _state.CreateContract(b);
        _state.SelfDestruct(a);
        _state.AddRefund(4800);
        _state.AddLog(A, [Hash256.Zero], [1, 2]);
        _state.RevertTo(checkpoint);

        Assert.Equal(12, _state.Current(slot));
        Assert.Equal(11, _state.Original(slot));
        Assert.Equal(50, _state.GetTransient(a, 5));
        Assert.Equal(1000, _state.Balance(a));
        Assert.Equal(7UL, _state.Nonce(a));
        Assert.False(_state.Exists(b));
        Assert.False(_state.HasCode(b));
        Assert.False(_state.IsCreated(b));
        Assert.False(_state.IsDestroyed(a));
        Assert.Equal(0, _state.Refund);
        Assert.Equal(0, _state.LogCount);
        Assert.True(_state.WarmAccount(a));
        Assert.True(_state.WarmSlot(slot));
    }

    [Fact]
    public void BeginTransaction_AfterAnother_IsColdAndTakesNewOriginals()
    {
        _state.BeginTransaction();
        var a = _state.Account(A);
        var slot = _state.Slot(a, 1);
        _state.WarmAccount(a);
        _state.WarmSlot(slot);
        _state.SetSlot(slot, 12);
        _state.SetTransient(a, 5, 50);
        _state.EndTransaction();

        _state.BeginTransaction();
        Assert.False(_state.IsWarm(a));
        Assert.False(_state.IsWarm(A));
        Assert.False(_state.IsSlotWarm(slot));
        Assert.Equal(12, _state.Original(slot));
        Assert.True(_state.GetTransient(a, 5).IsZero);
        Assert.Equal(0, _state.LogCount);
    }

    [Fact]
    public void Log_OfTheTransaction_IsReadableUntilTheNextBegins()
    {
        var topic = Hash256.FromUInt256(3);
        _state.BeginTransaction();
        _state.AddLog(A, [topic], [1]);
        var checkpoint = _state.Checkpoint();
        _state.AddLog(B, [], [2, 2]);
        _state.RevertTo(checkpoint);
        _state.AddLog(B, [topic, topic], [3, 3, 3]);
        _state.EndTransaction();

        Assert.Equal(2, _state.LogCount);
        Assert.Equal(B, _state.Log(1).Address);
        Assert.Equal([3, 3, 3], _state.Log(1).Data.ToArray());
        Assert.Equal([topic, topic], _state.Log(1).Topics.ToArray());
        Assert.Equal([1], _state.Log(0).Data.ToArray());
    }

    [Fact]
    public void EndTransaction_DestroyedAccount_GoesWithItsStorage()
    {
        _state.BeginTransaction();
        var a = _state.Account(A);
        var read = _state.Slot(a, 1);
        _state.SelfDestruct(a);
        Assert.Equal(11, _state.Current(read));
        _state.EndTransaction();

        Assert.False(_state.Exists(a));
        Assert.False(_state.HasStorage(a));
        Assert.True(_state.Balance(a).IsZero);
        Assert.True(_state.Current(read).IsZero);
        Assert.True(_state.Current(_state.Slot(a, 2)).IsZero);
        Assert.True(_state.IsSourceStorageGone(a));
    }

    [Fact]
    public void RevertToFrag_AfterStorageWasWiped_ReadsTheSourceAgain()
    {
        _source.SetStorage(A, 2, 22);
        var watermark = _state.FragWatermark();
        var a = _state.Account(A);
        _state.BeginTransaction();
        _state.SelfDestruct(a);
        _state.EndTransaction();
        var loadedWhileGone = _state.Slot(a, 2);
        Assert.True(_state.Current(loadedWhileGone).IsZero);

        _state.RevertToFrag(watermark);
        Assert.True(_state.Exists(a));
        Assert.Equal(22, _state.Current(loadedWhileGone));
        Assert.Equal(11, _state.Current(_state.Slot(a, 1)));
        Assert.Equal(1000, _state.Balance(a));
        Assert.Equal([1, 2, 3], _state.Code(a).Bytes.ToArray());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void EndTransaction_TouchedEmptyAccount_GoesUnderEip161(bool deleteEmpty)
    {
        _source.SetAccount(B, 0);
        _state.BeginTransaction();
        var b = _state.Account(B);
        _state.AddBalance(b, 0);
        _state.EndTransaction(deleteEmpty);
        Assert.Equal(!deleteEmpty, _state.Exists(b));
    }

    [Fact]
    public void EndTransaction_TouchThatWasReverted_LeavesTheEmptyAccount()
    {
        _source.SetAccount(B, 0);
        _state.BeginTransaction();
        var b = _state.Account(B);
        var checkpoint = _state.Checkpoint();
        _state.Touch(b);
        _state.RevertTo(checkpoint);
        _state.EndTransaction();
        Assert.True(_state.Exists(b));
    }

    [Fact]
    public void EndTransaction_RevertedTouchOfRipemd_StillRemovesIt()
    {
        var ripemd = Address.FromUInt256(3);
        _source.SetAccount(ripemd, 0);
        _state.BeginTransaction();
        var account = _state.Account(ripemd);
        var checkpoint = _state.Checkpoint();
        _state.Touch(account);
        _state.RevertTo(checkpoint);
        _state.EndTransaction();
        Assert.False(_state.Exists(account));
    }

    [Fact]
    public void RevertToFrag_AfterSeveralTransactions_KeepsTheFirstFrag()
    {
        var a = _state.Account(A);
        var slot = _state.Slot(a, 1);
        Transact(() => _state.SetSlot(slot, 100));
        var watermark = _state.FragWatermark();
        Transact(() =>
        {
            _state.SetSlot(slot, 200);
            _state.SetTransient(a, 1, 1);
            _state.AddLog(A, [], []);
            _state.AddBalance(_state.Account(B), 5);
        });
        Transact(() => _state.SetSlot(slot, 300));
        _state.RevertToFrag(watermark);

        Assert.Equal(100, _state.Current(slot));
        Assert.False(_state.Exists(_state.Account(B)));
        _state.RevertBlock();
        Assert.Equal(11, _state.Current(slot));
    }

    [Fact]
    public void Changes_OfABlock_HoldTheValuesAtItsStart()
    {
        var a = _state.Account(A);
        var slot = _state.Slot(a, 1);
        Transact(() => _state.SetSlot(slot, 100));
        Transact(() =>
        {
            _state.SetSlot(slot, 101);
            _state.SetNonce(a, 8);
        });

        var change = Assert.Single(_state.ChangedSlots.ToArray());
        Assert.Equal(new SlotChange(slot, 11), change);
        var account = Assert.Single(_state.ChangedAccounts.ToArray());
        Assert.Equal(new AccountChange(a, true, 7, 1000, Keccak256.Hash([1, 2, 3])), account);

        _state.CommitBlock();
        Assert.Empty(_state.ChangedSlots.ToArray());
        Transact(() => _state.SetSlot(slot, 102));
        Assert.Equal(new SlotChange(slot, 101), Assert.Single(_state.ChangedSlots.ToArray()));
    }

    [Fact]
    public void DirtySlots_AfterClearDirty_NameWhatWasWrittenOrRevertedSince()
    {
        var a = _state.Account(A);
        var (first, second) = (_state.Slot(a, 1), _state.Slot(a, 2));
        var watermark = _state.FragWatermark();
        Transact(() => _state.SetSlot(first, 100));
        Assert.Equal([first], _state.DirtySlots.ToArray().Select(change => change.Slot));
        _state.ClearDirty();
        Transact(() => _state.SetSlot(second, 100));
        Assert.Equal([second], _state.DirtySlots.ToArray().Select(change => change.Slot));
        _state.ClearDirty();
        _state.RevertToFrag(watermark);
        Assert.Equal([second, first], _state.DirtySlots.ToArray().Select(change => change.Slot));
    }

    [Fact]
    public void Reset_AfterChanges_ReadsTheSource()
    {
        Transact(() => _state.SetBalance(_state.Account(A), 1));
        _state.Reset();
        Assert.Equal(1000, _state.Balance(_state.Account(A)));
        Assert.Empty(_state.ChangedAccounts.ToArray());
    }

    private void Transact(Action action)
    {
        _state.BeginTransaction();
        action();
        _state.EndTransaction();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Reset_CodesKeptOrNot_AreTheSameObjectOrReadAgain(bool keepCodes)
    {
        var before = _state.Code(_state.Account(A));
        _state.Reset(keepCodes);
        var after = _state.Code(_state.Account(A));
        Assert.Equal(keepCodes, ReferenceEquals(before, after));
        Assert.Equal([1, 2, 3], after.Bytes.ToArray());
        Assert.False(_state.HasCode(_state.Account(B)));
    }
}
