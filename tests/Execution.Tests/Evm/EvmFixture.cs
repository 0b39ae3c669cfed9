using Fragcast.Execution.Evm;
using Fragcast.Execution.State;
using Fragcast.Primitives;

namespace Fragcast.Execution.Tests.Evm;

/// <summary>A machine on a small state: a rich sender, and contracts as the test wants them.</summary>
internal sealed class EvmFixture
{
    public static readonly Address Sender = Address.FromUInt256(0x5E4D);
    public static readonly Address Contract = Address.FromUInt256(0xC0DE);
    public static readonly Address Other = Address.FromUInt256(0x07E4);

    public EvmFixture(Fork fork = Fork.Prague, OpFork opFork = OpFork.None)
    {
        Source.SetAccount(Sender, 1_000_000_000, nonce: 1);
        State = new JournaledState(Source);
        Machine = new EvmMachine(State);
        Block = new BlockContext
        {
            Spec = EvmSpec.For(fork, opFork),
            ChainId = 1234,
            Number = 1000,
            Timestamp = 1_700_000_000,
            Coinbase = Address.FromUInt256(0xC01),
            GasLimit = 30_000_000,
            BaseFee = 7,
            BlobBaseFee = 3,
            PrevRandao = 0x1337,
            BlockHashes = new NumberHashes(),
        };
    }

    public MemoryStateSource Source { get; } = new();

    public JournaledState State { get; }

    public EvmMachine Machine { get; }

    public BlockContext Block { get; }

    public TxContext Transaction { get; set; } = new()
    {
        Origin = Sender,
        GasPrice = 9,
        BlobHashes = new[] { Hash256.FromUInt256(0xB10B) },
    };

    /// <summary>Runs code at <see cref="Contract"/> in a transaction that stays open.</summary>
    public ExecutionResult Run(byte[] code, long gas = 1_000_000, UInt256 value = default, byte[]? input = null)
    {
        Source.SetAccount(Contract, 0, nonce: 1, code);
        return Call(Contract, gas, value, input);
    }

    public ExecutionResult Call(Address to, long gas = 1_000_000, UInt256 value = default, byte[]? input = null)
    {
        State.BeginTransaction();
        State.WarmAccount(State.Account(Sender));
        State.WarmAccount(State.Account(to));
        return Machine.Execute(
            new Message
            {
                Kind = CallKind.Call,
                Caller = Sender,
                Recipient = to,
                Value = value,
                Input = input,
                Gas = gas,
            },
            Block,
            Transaction);
    }

    public ExecutionResult Create(byte[] initCode, Address address, long gas = 1_000_000, UInt256 value = default)
    {
        State.BeginTransaction();
        return Machine.Execute(
            new Message
            {
                Kind = CallKind.Create,
                Caller = Sender,
                Recipient = address,
                Value = value,
                Input = initCode,
                Gas = gas,
            },
            Block,
            Transaction);
    }

    /// <summary>Gas that code at <see cref="Contract"/> uses when it succeeds.</summary>
    public long GasOf(byte[] code)
    {
        var result = Run(code);
        Assert.Equal(ExecutionStatus.Success, result.Status);
        return 1_000_000 - result.GasLeft;
    }

    /// <summary>The word that code at <see cref="Contract"/> returns.</summary>
    public UInt256 WordOf(byte[] code, byte[]? input = null)
    {
        var result = Run(code, input: input);
        Assert.Equal(ExecutionStatus.Success, result.Status);
        return UInt256.FromBigEndian(result.Output.Span);
    }

    private sealed class NumberHashes : IBlockHashes
    {
        public Hash256 HashOf(ulong number) => Hash256.FromUInt256(new UInt256(number, 1));
    }
}
