using Fragcast.Execution.State;
using Fragcast.Primitives;

namespace Fragcast.Execution.Tests.State;

public class StateCommitmentTests
{
    private static readonly Hash256 Previous = Keccak256.Hash([1, 2, 3]);
    private static readonly Hash256 CodeHash = Keccak256.Hash([4]);

    [Fact]
    public void Start_ParentAndNumber_IsTheHashOfTheirBytes()
    {
        byte[] bytes = [.. "fragcast-state-v0"u8, .. Previous.Bytes, 0, 0, 0, 0, 0, 0, 1, 2];
        Assert.Equal(Keccak256.Hash(bytes), StateCommitment.Start(Previous, 258));
    }

    [Fact]
    public void Next_AllKindsOfEntries_IsTheHashOfTheirBytes()
    {
        byte[] expected =
        [
            .. Previous.Bytes,
            .. Bytes(20, 1), 0,
            .. Bytes(20, 2), 1, .. Bytes(8, 7), .. Bytes(32, 1000), .. CodeHash.Bytes, 0, 0, 0, 0,
            .. Bytes(20, 3), 1, .. Bytes(8, 7), .. Bytes(32, 1000), .. CodeHash.Bytes, 0, 0, 0, 2,
            .. Bytes(32, 5), .. Bytes(32, 0), .. Bytes(32, 6), .. Bytes(32, 66),
            .. Bytes(20, 4), 3, .. Bytes(8, 7), .. Bytes(32, 1000), .. CodeHash.Bytes, 0, 0, 0, 1,
            .. Bytes(32, 9), .. Bytes(32, 99),
        ];
        Assert.Equal(Keccak256.Hash(expected), new StateCommitment().Next(Previous, NewDelta([0, 1, 2, 3, 4])));
    }

    [Fact]
    public void Next_AnyOrder_IsTheSame()
    {
        var commitment = new StateCommitment();
        Hash256 expected = commitment.Next(Previous, NewDelta([0, 1, 2, 3, 4]));
        Assert.Equal(expected, commitment.Next(Previous, NewDelta([4, 2, 0, 3, 1])));
        Assert.Equal(expected, commitment.Next(Previous, NewDelta([3, 1, 4, 0, 2])));
        Assert.NotEqual(expected, commitment.Next(CodeHash, NewDelta([0, 1, 2, 3, 4])));
    }

    [Fact]
    public void Next_AnyOneValueChanged_Differs()
    {
        var commitment = new StateCommitment();
        var seen = new HashSet<Hash256> { commitment.Next(Previous, NewDelta([0, 1, 2, 3, 4])) };
        Action<AccountDelta[], SlotDelta[]>[] changes =
        [
            (accounts, _) => accounts[0].Address = Address.FromUInt256(77),
            (accounts, _) => accounts[0].Exists = true,
            (accounts, _) => accounts[1].Nonce++,
            (accounts, _) => accounts[1].Balance += UInt256.One,
            (accounts, _) => accounts[1].CodeHash = Previous,
            (accounts, _) => accounts[1].IsChanged = false,
            (accounts, _) => accounts[2].Balance += UInt256.One,
            (accounts, _) => accounts[3].WasRemoved = false,
            (_, slots) => slots[0].Value = UInt256.One,
            (_, slots) => slots[0].Key = 7,
            (_, slots) => slots[1].Value = UInt256.One,
            (_, slots) => slots[3].Value = UInt256.One,
        ];
        foreach (Action<AccountDelta[], SlotDelta[]> change in changes)
            Assert.True(seen.Add(commitment.Next(Previous, NewDelta([0, 1, 2, 3, 4], change))));
    }

    [Fact]
    public void Next_LongDifference_IsTheHashOfItsBytes()
    {
        var delta = new StateDelta();
        var expected = new List<byte>(Previous.Bytes.ToArray());
        for (ulong i = 1; i <= 400; i++)
        {
            AccountDelta account = Account(i);
            account.IsChanged = true;
            delta.Add(account);
            expected.AddRange([.. Bytes(20, i), 1, .. Bytes(8, 7), .. Bytes(32, 1000), .. CodeHash.Bytes, 0, 0, 0, 0]);
        }

        Assert.Equal(Keccak256.Hash(expected.ToArray()), new StateCommitment().Next(Previous, delta));
    }

    [Fact]
    public void TakeDelta_WrittenAndRestored_IsNoChange()
    {
        var source = new MemoryStateSource();
        source.SetAccount(Address.FromUInt256(1), 100);
        source.SetStorage(Address.FromUInt256(1), 1, 11);
        var state = new JournaledState(source);
        int account = state.Account(Address.FromUInt256(1));
        foreach (ulong value in (ulong[])[12, 11])
        {
            state.BeginTransaction();
            state.SetSlot(state.Slot(account, 1), value);
            state.SetBalance(account, 89 + value);
            state.EndTransaction();
        }

        var delta = new StateDelta();
        state.TakeDelta(delta);
        Assert.Equal(
            new StateCommitment().Next(Previous, new StateDelta()), new StateCommitment().Next(Previous, delta));
        state.TakeDelta(delta);
        Assert.True(delta.IsEmpty);
    }

    /// <summary>Removed; changed; slots changed; removed and back with a slot; written but not changed.</summary>
    private static StateDelta NewDelta(int[] order, Action<AccountDelta[], SlotDelta[]>? change = null)
    {
        AccountDelta[] accounts = [Account(1), Account(2), Account(3), Account(4), Account(5)];
        accounts[0].IsChanged = accounts[1].IsChanged = accounts[3].IsChanged = true;
        accounts[0].Exists = false;
        accounts[3].WasRemoved = true;
        SlotDelta[] slots =
        [
            new() { Account = 3, Key = 6, Value = 66, IsChanged = true },
            new() { Account = 3, Key = 5, Value = 0, IsChanged = true },
            new() { Account = 4, Key = 8, Value = 0, IsChanged = true },
            new() { Account = 4, Key = 9, Value = 99, IsChanged = false },
            new() { Account = 5, Key = 3, Value = 33, IsChanged = false },
        ];
        change?.Invoke(accounts, slots);
        var delta = new StateDelta();
        foreach (int index in order) delta.Add(accounts[index]);
        foreach (int index in order) delta.Add(slots[index]);
        return delta;
    }

    private static AccountDelta Account(ulong number) => new()
    {
        Address = Address.FromUInt256(number),
        Handle = (int)number,
        Existed = true,
        Exists = true,
        Nonce = 7,
        Balance = 1000,
        CodeHash = CodeHash,
    };

    private static byte[] Bytes(int length, ulong value)
    {
        var bytes = new byte[length];
        for (int i = 0; i < 8; i++) bytes[length - 1 - i] = (byte)(value >> (8 * i));
        return bytes;
    }
}
