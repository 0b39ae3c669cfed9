using Fragcast.Execution.Blocks;
using Fragcast.Execution.Evm;
using Fragcast.Execution.State;
using Fragcast.Execution.Trie;
using Fragcast.Primitives;
using Fragcast.Primitives.Blocks;
using Fragcast.Primitives.Crypto;
using Fragcast.Primitives.Transactions;

namespace Fragcast.Execution.Tests.Blocks;

/// <summary>A small chain with funded accounts, from an empty state on.</summary>
internal sealed class TestChain
{
    public static readonly UInt256 Ether = 1_000_000_000_000_000_000;
    public static readonly Address Beneficiary = Address.Parse("0x00000000000000000000000000000000000c0ffe");

    private readonly Dictionary<Address, byte[]> _keys = [];

    public TestChain(ChainSpec chain, int accounts = 4, TrieCrew? crew = null)
    {
        Chain = chain;
        Trie = new StateTrie();
        State = new JournaledState(Trie);
        State.BeginTransaction();
        for (int i = 0; i < accounts; i++)
        {
            byte[] key = Keccak256.Hash([(byte)i, 0x17]).Bytes.ToArray();
            var publicKey = new byte[64];
            Assert.True(Secp256k1.TryGetPublicKey(key, publicKey));
            Address address = Secp256k1.AddressOf(publicKey);
            _keys[address] = key;
            Senders.Add(address);
            State.SetBalance(State.Account(address), Ether);
        }

        State.EndTransaction();
        CommitState();
        Parent = new BlockHeader
        {
            StateRoot = Trie.Root,
            Number = 10,
            GasLimit = 30_000_000,
            Timestamp = 1_000_000,
            ExtraData = chain.Op is null ? default : new OpFeeParameters(250, 6, 0).Encode(chain.Op.ForkAt(1_000_000)),
        };
        if (chain.RulesAt(0, Parent.Timestamp).Fork >= Fork.London)
        {
            Parent = Parent with
            {
                BaseFeePerGas = 100,
                WithdrawalsRoot = MerkleTrie.EmptyRoot,
                BlobGasUsed = 0,
                ExcessBlobGas = 0,
                ParentBeaconBlockRoot = Hash256.Zero,
            };
        }

        Executor = new BlockExecutor(chain, State, Trie, crew: crew);
    }

    public ChainSpec Chain { get; }

    public StateTrie Trie { get; }

    public JournaledState State { get; }

    public BlockExecutor Executor { get; }

    public BlockHeader Parent { get; set; }

    public List<Address> Senders { get; } = [];

    /// <summary>The environment of the next block that is right in every field.</summary>
    public BlockEnvironment NextEnvironment()
    {
        ulong timestamp = Parent.Timestamp + 2;
        Assert.True(BaseFee.TryCompute(Chain, Parent, timestamp, out UInt256 baseFee));
        EvmSpec rules = Chain.RulesAt(Parent.Number + 1, timestamp);
        return new BlockEnvironment
        {
            Number = Parent.Number + 1,
            ParentHash = Parent.Hash,
            Timestamp = timestamp,
            Beneficiary = Beneficiary,
            GasLimit = Parent.GasLimit,
            BaseFee = rules.Fork >= Fork.London ? baseFee : null,
            ExtraData = Parent.ExtraData,
            ParentBeaconBlockRoot = rules.Fork >= Fork.Cancun ? Keccak256.Hash([1]) : null,
            Withdrawals = rules.Fork >= Fork.Shanghai ? [] : null,
        };
    }

    public void Begin() => Assert.Equal(BlockError.None, Executor.Begin(Parent, NextEnvironment()));

    public SealedBlock Seal()
    {
        Assert.Equal(BlockError.None, Executor.Seal(out SealedBlock? block));
        return block!;
    }

    /// <summary>A transfer of one wei, changed as wished and signed.</summary>
    public Transaction Transfer(int sender, ulong nonce, Action<TransactionBuilder>? change = null)
    {
        var builder = new TransactionBuilder
        {
            ChainId = Chain.ChainId,
            Nonce = nonce,
            MaxFeePerGas = 1000,
            MaxPriorityFeePerGas = 10,
            GasLimit = 100_000,
            To = Address.Parse("0x00000000000000000000000000000000000000aa"),
            Value = UInt256.One,
        };
        change?.Invoke(builder);
        return builder.Sign(KeyOf(sender));
    }

    public byte[] KeyOf(int sender) => _keys[Senders[sender]];

    /// <summary>Puts a contract into the state, between blocks.</summary>
    public Address Deploy(string code, UInt256? number = null)
    {
        Address address = Address.FromUInt256(number ?? 0xc0de);
        State.BeginTransaction();
        State.SetCode(State.Account(address), Convert.FromHexString(code));
        State.EndTransaction();
        CommitState();
        return address;
    }

    private void CommitState()
    {
        Trie.Update(State);
        State.CommitBlock();
        Trie.CommitBlock();
    }
}
