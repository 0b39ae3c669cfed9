using Fragcast.Execution.Evm;
using Fragcast.Execution.Tests.Blocks;
using Fragcast.Execution.Tests.Evm;
using Fragcast.Primitives;
using Fragcast.Primitives.Transactions;

namespace Fragcast.Execution.Tests.Parallel;

/// <summary>
/// Random transactions that get in each other's way: transfers between few accounts, contracts with shared and own
/// slots, calls that move value, creations, self-destructs, reverts, delegations, readers of balances.
/// </summary>
internal sealed class RandomMix
{
    public const int Accounts = 8;

    private const ulong Counter = 0xc001;
    private const ulong PerCaller = 0xc002;
    private const ulong Reverter = 0xc003;
    private const ulong Forwarder = 0xc004;
    private const ulong BalanceReader = 0xc005;
    private const ulong Factory = 0xc006;
    private const ulong Logger = 0xc007;
    private const ulong Sweeper = 0xc008;

    private static readonly ulong[] Contracts =
        [Counter, PerCaller, Reverter, Forwarder, BalanceReader, Factory, Logger, Sweeper];

    private readonly Random _random;
    private readonly TestChain _chain;
    private readonly bool _isOp;

    public RandomMix(int seed, TestChain chain)
    {
        _random = new Random(seed);
        _chain = chain;
        _isOp = chain.Chain.Op is not null;
    }

    /// <summary>Puts the contracts into the state of a chain.</summary>
    public static void Deploy(TestChain chain)
    {
        AddSystemContracts(chain);
        var increment = new Code().Push(1).Op(Opcode.Push0, Opcode.SLoad, Opcode.Add, Opcode.Push0, Opcode.SStore);
        Add(chain, Counter, increment);
        Add(chain, PerCaller, new Code().Push(1).Op(
            Opcode.Caller, Opcode.SLoad, Opcode.Add, Opcode.Caller, Opcode.SStore));
        Add(chain, Reverter, new Code().Raw(increment).Args(0, 0).Op(Opcode.Revert));

        // Sends on what it gets to the account that its input names.
        Add(chain, Forwarder, new Code().Push(0).Push(0).Push(0).Push(0).Op(Opcode.CallValue).Push(0)
            .Op(Opcode.CallDataLoad, Opcode.Gas, Opcode.Call));

        // Stores the balance of the account that its input names.
        Add(chain, BalanceReader, new Code().Push(0).Op(
            Opcode.CallDataLoad, Opcode.Balance, Opcode.Caller, Opcode.SStore));

        // Creates a contract that destroys itself in favour of the caller, or stays, as the input says.
        byte[] dies = new Code().Push(7).Push(1).Op(Opcode.SStore, Opcode.Caller, Opcode.SelfDestruct);
        Add(chain, Factory, new Code().Push(UInt256.FromBigEndian(dies)).Push(0).Op(Opcode.MStore)
            .Push(0).Op(Opcode.CallDataLoad).Push((UInt256)(ulong)(32 - dies.Length)).Push(0)
            .Op(Opcode.Create, Opcode.Caller, Opcode.SStore));
        Add(chain, Logger, new Code().Op(Opcode.Caller).Push(32).Push(0).Op((Opcode)0xA1));

        // Empties itself in favour of whom its input names (EIP-6780: it stays).
        Add(chain, Sweeper, new Code().Push(0).Op(Opcode.CallDataLoad, Opcode.SelfDestruct));
    }

    /// <summary>A transaction that is valid on the chain's state as it is.</summary>
    public Transaction Next()
    {
        int sender = _random.Next(Accounts);
        ulong nonce = _chain.State.Nonce(_chain.State.Account(_chain.Senders[sender]));
        return _random.Next(12) switch
        {
            0 or 1 => _chain.Transfer(sender, nonce, b => b.To = AnyAccount()),
            2 => _chain.Transfer(sender, nonce, b => (b.To, b.Value) = (AnyAccount(), 0)),
            3 => _chain.Transfer(sender, nonce, Creation),
            4 when !_isOp => _chain.Transfer(sender, nonce, b => Delegation(b, sender)),
            _ => _chain.Transfer(sender, nonce, Call),
        };
    }

    private void Call(TransactionBuilder builder)
    {
        builder.GasLimit = 300_000;
        builder.To = Address.FromUInt256(Contracts[_random.Next(Contracts.Length)]);
        builder.Value = (ulong)_random.Next(3);
        var input = new byte[32];
        AnyAccount().ToUInt256().WriteBigEndian(input);
        builder.Data = input;
        if (_random.Next(4) == 0)
            builder.AccessList = [new AccessListEntry(Address.FromUInt256(Counter), [0, 5])];
    }

    private void Creation(TransactionBuilder builder)
    {
        builder.GasLimit = 300_000;
        builder.To = null;
        builder.Data = _random.Next(3) switch
        {
            0 => new Code().Push(9).Push(3).Op(Opcode.SStore).Raw(Code.Deploying([0x5f, 0x54, 0x00])).Bytes,
            1 => new Code().Push(9).Push(3).Op(Opcode.SStore, Opcode.Caller, Opcode.SelfDestruct).Bytes,
            _ => new Code().Args(0, 0).Op(Opcode.Revert).Bytes,
        };
    }

    private void Delegation(TransactionBuilder builder, int sender)
    {
        int authority = _random.Next(Accounts);
        Address address = _chain.Senders[authority];
        ulong nonce = _chain.State.Nonce(_chain.State.Account(address)) + (authority == sender ? 1UL : 0);
        Address target = _random.Next(3) == 0 ? default : Address.FromUInt256(Counter);
        builder.Type = TxType.SetCode;
        builder.GasLimit = 300_000;
        builder.To = address;
        builder.Authorizations =
            [Authorization.Sign(_chain.Chain.ChainId, target, nonce, _chain.KeyOf(authority))];
    }

    /// <summary>An account with a key, one without, the recipient of fees, or a contract.</summary>
    private Address AnyAccount() => _random.Next(6) switch
    {
        0 => TestChain.Beneficiary,
        1 => Address.FromUInt256(Contracts[_random.Next(Contracts.Length)]),
        2 => Address.FromUInt256((ulong)(0xe000 + _random.Next(4))),
        _ => _chain.Senders[_random.Next(Accounts)],
    };

    /// <summary>What a block of Prague calls at its end; here it does nothing.</summary>
    private static void AddSystemContracts(TestChain chain)
    {
        chain.Deploy("00", Address.Parse("0x00000961ef480eb55e80d19ad83579a64c007002").ToUInt256());
        chain.Deploy("00", Address.Parse("0x0000bbddc7ce488642fb579f8b00f3a590007251").ToUInt256());
    }

    private static void Add(TestChain chain, ulong number, Code code) =>
        chain.Deploy(Convert.ToHexString(code), number);
}
