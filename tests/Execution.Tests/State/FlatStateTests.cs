using Fragcast.Execution.State;
using Fragcast.Execution.Tests.Trie;
using Fragcast.Execution.Trie;
using Fragcast.Primitives;

namespace Fragcast.Execution.Tests.State;

public class FlatStateTests
{
    [Fact]
    public void Read_AddedAccountsAndSlots_GivesTheirValuesAndTheRootOfTheReference()
    {
        var random = new Random(9);
        var flat = new FlatState(4, 4);
        var model = new ModelState();
        for (ulong i = 1; i <= 300; i++)
        {
            Address address = Address.FromUInt256(i);
            byte[] code = i % 7 == 0 ? [(byte)(i % 5), 1] : [];
            int number = flat.AddAccount(address, i * 1000, 0, code);
            ModelAccount account = model.Account(address);
            account.Balance = i * 1000;
            account.Code = code;
            for (int slot = random.Next(i % 11 == 0 ? 100 : 2); slot > 0; slot--)
            {
                flat.AddSlot(number, (ulong)slot, i + 1);
                account.Slots[(ulong)slot] = i + 1;
            }
        }

        Assert.Equal(300, flat.AccountCount);
        Assert.InRange(flat.TableBytes, 300 * 64, 1_000_000);
        foreach ((Address address, ModelAccount account) in model.Accounts)
        {
            Assert.True(flat.TryGetAccount(address, out AccountData data));
            Assert.Equal(account.Balance, data.Balance);
            Assert.Equal(Keccak256.Hash(account.Code), data.CodeHash);
            if (account.Code is not []) Assert.Equal(account.Code, flat.GetCode(data.CodeHash).ToArray());
            Assert.Equal(account.Slots.Count == 0, data.StorageRoot == AccountData.EmptyStorageRoot);
            foreach ((UInt256 key, UInt256 value) in account.Slots) Assert.Equal(value, flat.GetStorage(address, key));
            Assert.Equal(UInt256.Zero, flat.GetStorage(address, 1_000_000));
        }

        StateTrie trie = StateTrie.Of(flat);
        Assert.Equal(model.Root(), trie.Root);
        var state = new JournaledState(flat);
        for (int i = 0; i < 100; i++) StateTrieTests.RunTransaction(random, state, model);
        Assert.Equal(model.Root(), trie.Update(state));
    }

    [Fact]
    public void Read_WhatIsNotThere_DoesNotExist()
    {
        var flat = new FlatState();
        Assert.False(flat.TryGetAccount(Address.FromUInt256(1), out _));
        Assert.Equal(UInt256.Zero, flat.GetStorage(Address.FromUInt256(1), 1));
        Assert.Throws<StateUnavailableException>(() => flat.GetCode(Keccak256.Hash([1])));
        Assert.Equal(MerkleTrie.EmptyRoot, StateTrie.Of(flat).Root);
    }

    [Fact]
    public void Add_Twice_Throws()
    {
        var flat = new FlatState();
        int account = flat.AddAccount(Address.FromUInt256(1), 1);
        flat.AddSlot(account, 1, 1);
        Assert.Throws<ArgumentException>(() => flat.AddAccount(Address.FromUInt256(1), 1));
        Assert.Throws<ArgumentException>(() => flat.AddSlot(account, 1, 2));
        Assert.Throws<ArgumentException>(() => flat.AddSlot(account, 2, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => flat.AddSlot(account + 1, 2, 1));
    }
}
