using Fragcast.Execution.State;
using Fragcast.Execution.Trie;
using Fragcast.Primitives;

namespace Fragcast.Execution.Tests.Trie;

public class StateTrieTests
{
    private const int AccountCount = 12;
    private const int KeyCount = 20;

    public static TheoryData<int> Seeds() => [.. Enumerable.Range(0, 60)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Update_RandomBlocksWithRevertedFrags_AgreesWithTheReference(int seed)
    {
        var random = new Random(seed);
        var trie = new StateTrie();
        var state = new JournaledState(trie);
        var model = new ModelState();
        for (int block = 0; block < 8; block++)
        {
            RunBlock(random, trie, state, model);
            Assert.Equal(model.Root(), trie.Update(state));
            state.CommitBlock();
            trie.CommitBlock();
            if (random.Next(3) == 0)
            {
                state.Reset();
                trie.FollowReset();
            }

            AssertReads(trie, model);
        }
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Update_OverAWitness_AgreesWithTheReference(int seed)
    {
        var random = new Random(seed);
        var model = new ModelState();
        var filling = new StateTrie();
        RunBlock(random, filling, new JournaledState(filling), model);
        var store = new WitnessStore();
        Hash256 root = model.Root();
        foreach (byte[] preimage in model.Preimages()) store.Add(preimage);

        var trie = new StateTrie(store, root);
        Assert.Equal(root, trie.Root);
        var state = new JournaledState(trie);
        AssertReads(trie, model);
        RunBlock(random, trie, state, model);
        Assert.Equal(model.Root(), trie.Update(state));
        state.CommitBlock();
        trie.CommitBlock();
        AssertReads(trie, model);
    }

    [Fact]
    public void Update_BlockReverted_IsWhatItWas()
    {
        var random = new Random(5);
        var trie = new StateTrie();
        var state = new JournaledState(trie);
        var model = new ModelState();
        RunBlock(random, trie, state, model);
        Hash256 root = trie.Update(state);
        state.CommitBlock();
        trie.CommitBlock();
        RunBlock(random, trie, state, model.Clone());
        Assert.NotEqual(root, trie.Update(state));
        state.RevertBlock();
        Assert.Equal(root, trie.Update(state));
        AssertReads(trie, model);
    }

    [Fact]
    public void GetCode_NotThere_Throws()
    {
        Hash256 hash = Keccak256.Hash([1]);
        Assert.Equal(hash, Assert.Throws<StateUnavailableException>(() => new StateTrie().GetCode(hash)).Hash);
    }

    private static void RunBlock(Random random, StateTrie trie, JournaledState state, ModelState model)
    {
        for (int frag = 0; frag < 6; frag++)
        {
            int watermark = state.FragWatermark();
            ModelState before = model.Clone();
            for (int transaction = 0; transaction < 4; transaction++) RunTransaction(random, state, model);
            if (random.Next(2) == 0) Assert.Equal(model.Root(), trie.Update(state));
            if (random.Next(3) != 0) continue;
            state.RevertToFrag(watermark);
            model.Become(before);
            if (random.Next(2) == 0) Assert.Equal(model.Root(), trie.Update(state));
        }
    }

    internal static void RunTransaction(Random random, JournaledState state, ModelState model)
    {
        state.BeginTransaction();
        for (int step = 0; step < 6; step++)
        {
            Address address = Address.FromUInt256((ulong)random.Next(1, AccountCount));
            int account = state.Account(address);
            switch (random.Next(8))
            {
                case 0:
                    if (!state.Exists(account)) break;
                    state.SelfDestruct(account);
                    state.EndTransaction();
                    model.Accounts.Remove(address);
                    return;
                case 1 or 2:
                    UInt256 balance = (ulong)random.Next(1, 1000);
                    state.SetBalance(account, balance);
                    model.Account(address).Balance = balance;
                    break;
                case 3:
                    byte[] code = [(byte)random.Next(1, 200)];
                    state.SetCode(account, code);
                    model.Account(address).Code = code;
                    break;
                default:
                    if (!state.Exists(account)) break;
                    UInt256 key = (ulong)random.Next(KeyCount);
                    UInt256 value = random.Next(3) == 0 ? UInt256.Zero : (ulong)random.Next(1, 1 << 20);
                    state.SetSlot(state.Slot(account, key), value);
                    model.Account(address).Slots[key] = value;
                    break;
            }
        }

        state.EndTransaction();
        foreach (Address address in model.Accounts.Where(pair => pair.Value.IsEmpty).Select(pair => pair.Key).ToList())
            model.Accounts.Remove(address);
    }

    private static void AssertReads(StateTrie trie, ModelState model)
    {
        for (int i = 1; i < AccountCount; i++)
        {
            Address address = Address.FromUInt256((ulong)i);
            bool exists = model.Accounts.TryGetValue(address, out ModelAccount? account);
            Assert.Equal(exists, trie.TryGetAccount(address, out AccountData data));
            if (account is null) continue;
            Assert.Equal(account.Balance, data.Balance);
            Assert.Equal(Keccak256.Hash(account.Code), data.CodeHash);
            if (account.Code is not []) Assert.Equal(account.Code, trie.GetCode(data.CodeHash).ToArray());
            for (int key = 0; key < KeyCount; key++)
                Assert.Equal(account.Slots.GetValueOrDefault((ulong)key), trie.GetStorage(address, (ulong)key));
        }
    }
}

/// <summary>A state as plain values.</summary>
internal sealed class ModelState
{
    private readonly List<byte[]> _preimages = [];

    public Dictionary<Address, ModelAccount> Accounts { get; private set; } = [];

    public ModelAccount Account(Address address) =>
        Accounts.TryGetValue(address, out ModelAccount? account) ? account : Accounts[address] = new ModelAccount();

    public ModelState Clone()
    {
        var clone = new ModelState();
        foreach ((Address address, ModelAccount account) in Accounts) clone.Accounts.Add(address, account.Clone());
        return clone;
    }

    public void Become(ModelState other) => Accounts = other.Accounts;

    public Hash256 Root()
    {
        _preimages.Clear();
        var accounts = new NaiveTrie();
        foreach ((Address address, ModelAccount account) in Accounts)
        {
            var slots = new NaiveTrie();
            foreach ((UInt256 key, UInt256 value) in account.Slots.Where(slot => !slot.Value.IsZero))
                slots[HashOf(Hash256.FromUInt256(key).Bytes)] = NaiveTrie.Bytes(value);
            Hash256 storageRoot = slots.Root();
            accounts[HashOf(address.Bytes)] = NaiveTrie.List(
                NaiveTrie.Bytes(UInt256.Zero),
                NaiveTrie.Bytes(account.Balance),
                NaiveTrie.Bytes(storageRoot.Bytes),
                NaiveTrie.Bytes(Keccak256.Hash(account.Code).Bytes));
            _preimages.Add(account.Code);
            _preimages.AddRange(slots.Nodes.Values);
        }

        Hash256 root = accounts.Root();
        _preimages.AddRange(accounts.Nodes.Values);
        return root;
    }

    /// <summary>Trie nodes and codes as of the last call of <see cref="Root"/>.</summary>
    public IReadOnlyList<byte[]> Preimages() => _preimages;

    private static byte[] HashOf(ReadOnlySpan<byte> bytes) => Keccak256.Hash(bytes).Bytes.ToArray();
}

internal sealed class ModelAccount
{
    public UInt256 Balance { get; set; }

    public byte[] Code { get; set; } = [];

    public Dictionary<UInt256, UInt256> Slots { get; private init; } = [];

    public bool IsEmpty => Balance.IsZero && Code is [];

    public ModelAccount Clone() => new() { Balance = Balance, Code = Code, Slots = new(Slots) };
}
