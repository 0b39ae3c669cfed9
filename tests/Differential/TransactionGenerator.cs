using Fragcast.Execution.Evm;
using Fragcast.Primitives;
using Fragcast.Primitives.Crypto;
using Fragcast.Primitives.Transactions;

namespace Fragcast.Differential;

/// <summary>Makes transactions by chance, most of them valid.</summary>
internal sealed class TransactionGenerator(Setup setup, Dice dice, World world, Func<Address, ulong> nonceOf)
{
    private const int BlobsMax = 6;
    private const int InitCodeMax = 49_152;

    private readonly Fork _fork = setup.Rules.Fork;
    private readonly Dictionary<Address, ulong> _nonces = [];
    private readonly HashSet<Address> _closed = [];
    private UInt256 _baseFee;
    private int _blobs;
    private ulong _deposits;

    /// <summary>The transactions of a block.</summary>
    /// <param name="count">How many.</param>
    /// <param name="baseFee">The block's base fee, in wei.</param>
    /// <param name="isEmpty">Whether no price is set on the OP-stack yet.</param>
    public List<Candidate> Block(int count, in UInt256 baseFee, bool isEmpty)
    {
        _baseFee = baseFee;
        _nonces.Clear();
        _closed.Clear();
        _blobs = 0;
        var block = new List<Candidate>();
        if (setup.IsOptimism && (isEmpty || dice.Chance(15))) block.Add(Attributes());
        for (int i = 0; i < count; i++)
        {
            // A sender may be closed for this block; another choice finds one that is not.
            Candidate? next = null;
            for (int tries = 0; next is null && tries < 20; tries++) next = Any();
            if (next is not null) block.Add(next);
        }

        return block;
    }

    private Candidate? Any()
    {
        if (setup.IsOptimism && dice.Chance(25)) return Deposit();
        Signer sender = dice.Pick(world.Senders);
        if (_closed.Contains(sender.Address)) return null;
        TransactionBuilder builder = Envelope(sender);
        string kind = dice.Below(20) switch
        {
            < 4 => Transfer(builder),
            < 12 => Call(builder),
            < 16 => Create(builder),
            16 or 17 when _fork >= Fork.Prague => SetCode(builder, sender),
            18 when !setup.IsOptimism => Blob(builder),
            _ => Call(builder),
        };
        builder.GasLimit = GasLimit(builder);
        kind += Spoil(builder, sender);
        Transaction transaction = builder.Sign(sender.Key);
        byte[] wire = transaction.Raw.ToArray();
        if (transaction.Type == TxType.Blob)
            wire = Blobs.WithSidecar(wire, transaction.BlobHashes.Length, _fork >= Fork.Osaka);
        return new Candidate(kind, transaction, wire);
    }

    private TransactionBuilder Envelope(Signer sender)
    {
        TxType type = dice.Pick<TxType>([TxType.Legacy, TxType.AccessList, TxType.DynamicFee, TxType.DynamicFee]);
        ulong nonce = NextNonce(sender.Address);
        _nonces[sender.Address] = nonce + 1;
        UInt256 tip = dice.Below(4) switch { 0 => UInt256.Zero, 1 => UInt256.One, _ => (ulong)dice.Below(1_000_000) };
        return new TransactionBuilder
        {
            Type = type,
            ChainId = type == TxType.Legacy && dice.Chance(20) ? null : Setup.ChainId,
            Nonce = nonce,
            MaxPriorityFeePerGas = tip,
            MaxFeePerGas = dice.Below(3) switch
            {
                0 => _baseFee + tip,
                1 => _baseFee * 2 + tip,
                _ => MaxOf(_baseFee, tip),
            },
            AccessList = type == TxType.Legacy || dice.Chance(40) ? [] : AccessList(),
        };
    }

    private string Transfer(TransactionBuilder builder)
    {
        builder.To = dice.Below(8) switch
        {
            0 => Address.FromBytes(dice.Bytes(Address.Size)),
            1 => dice.Pick(world.Precompiles),
            2 => World.Coinbase,
            3 => dice.Pick(world.Contracts),
            _ => dice.Pick(world.Others),
        };
        builder.Value = Value();
        return "transfer";
    }

    private string Call(TransactionBuilder builder)
    {
        bool toPrecompile = dice.Chance(12);
        builder.To = toPrecompile ? dice.Pick(world.Precompiles) : dice.Pick(world.Contracts);
        builder.Data = toPrecompile ? PrecompileInputs.For(builder.To.Value, dice) : Input();
        if (dice.Chance(25)) builder.Value = Value();
        return toPrecompile ? "precompile" : "call";
    }

    private string Create(TransactionBuilder builder)
    {
        builder.To = null;
        builder.Data = new CodeGenerator(setup, dice, world).InitCode(0);
        if (dice.Chance(3)) builder.Data = new byte[InitCodeMax + dice.Below(2)];
        if (dice.Chance(25)) builder.Value = Value();
        return "create";
    }

    private string SetCode(TransactionBuilder builder, Signer sender)
    {
        builder.Type = TxType.SetCode;
        builder.ChainId = Setup.ChainId;
        builder.To = dice.Chance(50) ? dice.Pick(world.Authorities).Address : world.AnyAddress(dice);
        builder.Data = Input();
        builder.Authorizations = [.. Enumerable.Range(0, dice.Between(1, 4)).Select(_ => Authorize(sender))];
        return "set code";
    }

    private Authorization Authorize(Signer sender)
    {
        Signer authority = dice.Below(10) switch
        {
            0 => sender,
            1 => dice.Pick(world.Senders),
            2 => world.SignerWithCode,
            _ => dice.Pick(world.Authorities),
        };
        Address target = dice.Below(10) switch
        {
            < 2 => Address.Zero,
            2 => dice.Pick(world.Precompiles),
            3 => dice.Pick(world.Authorities).Address,
            4 => authority.Address,
            _ => dice.Pick(world.Contracts),
        };

        // Anvil's pool holds back a nonce that is too high when it comes, though an authorization may raise the
        // account's before its turn: who delegates sends nothing else in this block.
        if (authority != sender && _nonces.ContainsKey(authority.Address)) authority = dice.Pick(world.Authorities);
        _closed.Add(authority.Address);
        ulong nonce = authority == sender ? NextNonce(sender.Address) : nonceOf(authority.Address);
        if (dice.Chance(10)) nonce += (ulong)dice.Between(1, 2);
        if (dice.Chance(2)) nonce = ulong.MaxValue;
        UInt256 chainId = dice.Below(10) switch { 0 => Setup.ChainId + 1, < 4 => UInt256.Zero, _ => Setup.ChainId };
        Authorization authorization = Authorization.Sign(chainId, target, nonce, authority.Key);
        return dice.Below(25) switch
        {
            0 => authorization with { YParity = (byte)dice.Between(2, 255) },
            1 => authorization with { S = Secp256k1.Order - authorization.S },

            // Another account would have signed this. It does not exist, which anvil does not see, hence the nonce.
            2 => authorization with { R = dice.Word(), Nonce = Math.Max(nonce, 1) },
            _ => authorization,
        };
    }

    private string Blob(TransactionBuilder builder)
    {
        int count = dice.Chance(70) ? 1 : dice.Between(1, 3);
        if (_blobs + count > BlobsMax) return Call(builder);
        _blobs += count;
        Call(builder);
        builder.Type = TxType.Blob;
        builder.ChainId = Setup.ChainId;
        builder.BlobHashes = [.. Enumerable.Repeat(Blobs.EmptyBlobHash, count)];
        builder.MaxFeePerBlobGas = dice.Chance(8) ? UInt256.Zero : (ulong)dice.Between(1_000, 1_000_000);
        return builder.MaxFeePerBlobGas.IsZero ? "blob, fee too low" : "blob";
    }

    private Candidate Deposit()
    {
        Address from = dice.Below(4) switch
        {
            0 => dice.Pick(world.Contracts),
            1 => dice.Pick(world.Authorities).Address,
            _ => Address.FromBytes(dice.Bytes(Address.Size)),
        };
        if (!_closed.Add(from)) from = Address.FromBytes(dice.Bytes(Address.Size));
        var builder = new TransactionBuilder { Type = TxType.Deposit, DepositFrom = from };
        string kind = dice.Below(5) switch { 0 => Transfer(builder), 1 => Create(builder), _ => Call(builder) };

        // Anvil's pool refuses long init code, also in a deposit, which nothing can refuse on a real chain.
        if (builder.To is null && builder.Data.Length > InitCodeMax) builder.Data = builder.Data[..InitCodeMax];
        if (dice.Chance(70)) builder.Mint = Value() + UInt256.One;
        builder.GasLimit = dice.Chance(90) ? GasLimit(builder) : (ulong)dice.Below(30_000);
        return Deposit("deposit " + kind, builder);
    }

    /// <summary>A deposit that sets the prices of the OP-stack, as the first of a block does.</summary>
    private Candidate Attributes()
    {
        ulong Some() => (ulong)dice.Below(1 << 24);
        UInt256 scalars = new(0, Some() << 32 | Some());

        // At Jovian anvil takes the operator fee by Isthmus' rule and knows no footprint.
        UInt256 operatorFee = new(Some(), setup.Rules.OpFork >= OpFork.Jovian ? 0 : Some());
        UInt256[] words = [Some(), scalars, Some(), operatorFee];
        return Deposit("attributes", new TransactionBuilder
        {
            Type = TxType.Deposit,
            DepositFrom = Address.Parse("0xdeaddeaddeaddeaddeaddeaddeaddeaddead0001"),
            To = World.L1Block,
            Data = words.SelectMany(word => Hash256.FromUInt256(word).Bytes.ToArray()).ToArray(),
            GasLimit = 1_000_000,
        });
    }

    private Candidate Deposit(string kind, TransactionBuilder builder)
    {
        builder.SourceHash = Keccak256.Hash(BitConverter.GetBytes(_deposits++));
        Transaction transaction = builder.Build();
        return new Candidate(kind, transaction, transaction.Raw.ToArray());
    }

    /// <summary>Makes one in ten invalid.</summary>
    private string Spoil(TransactionBuilder builder, Signer sender)
    {
        if (!dice.Chance(10)) return "";
        Address address = sender.Address;
        switch (dice.Below(8))
        {
            // In anvil's pool a transaction takes the place of an earlier one with its nonce: that has to be mined.
            case 0 when builder.Nonce > 0 && builder.Nonce == nonceOf(address):
                _nonces[address] = builder.Nonce;
                builder.Nonce--;
                _closed.Add(address);
                return ", nonce too low";
            case 1:
                _closed.Add(address);
                builder.Nonce += (ulong)dice.Between(1, 3);
                return ", nonce too high";
            case 2:
                builder.GasLimit = IntrinsicGas(builder) - (ulong)dice.Between(1, 10);
                return ", intrinsic gas too low";
            case 3 when _baseFee > UInt256.One:
                builder.MaxFeePerGas = _baseFee - UInt256.One;
                builder.MaxPriorityFeePerGas = UInt256.Zero;
                return ", fee cap too low";
            case 4 when builder.Type is TxType.DynamicFee or TxType.SetCode:
                builder.MaxPriorityFeePerGas = builder.MaxFeePerGas + UInt256.One;
                return ", tip above fee cap";
            case 5:
                builder.Value = UInt256.Parse("2000000000000000000000000");
                return ", too little money";
            case 6 when builder.Type != TxType.Legacy:
                builder.ChainId = Setup.ChainId + 1;
                return ", other chain";
            case 7:
                builder.GasLimit = dice.Chance(50) ? World.GasLimit + 1 : (1 << 24) + (ulong)dice.Below(2);
                return ", gas limit at its cap";
            default:
                return "";
        }
    }

    private ulong GasLimit(TransactionBuilder builder)
    {
        ulong intrinsic = Math.Max(IntrinsicGas(builder), FloorGas(builder));
        return intrinsic + dice.Below(10) switch
        {
            0 => 0,
            1 => (ulong)dice.Below(5_000),
            2 => (ulong)dice.Below(60_000),
            < 5 => (ulong)dice.Below(300_000),
            _ => (ulong)dice.Between(300_000, 1_500_000),
        };
    }

    private static ulong IntrinsicGas(TransactionBuilder builder)
    {
        ReadOnlySpan<byte> data = builder.Data.Span;
        int gas = 21_000 + 16 * data.Length - 12 * data.Count((byte)0);
        if (builder.To is null) gas += 32_000 + 2 * ((data.Length + 31) / 32);
        if (builder.Type != TxType.Legacy)
            gas += builder.AccessList.Sum(entry => 2_400 + 1_900 * entry.StorageKeys.Length);
        if (builder.Type == TxType.SetCode) gas += 25_000 * builder.Authorizations.Length;
        return (ulong)gas;
    }

    /// <summary>EIP-7623.</summary>
    private ulong FloorGas(TransactionBuilder builder)
    {
        ReadOnlySpan<byte> data = builder.Data.Span;
        int floor = _fork >= Fork.Prague ? 21_000 + 40 * data.Length - 30 * data.Count((byte)0) : 0;
        return (ulong)floor;
    }

    private AccessListEntry[] AccessList() =>
        [.. Enumerable.Range(0, dice.Between(1, 4)).Select(_ => new AccessListEntry(world.AnyAddress(dice), Slots()))];

    private UInt256[] Slots() => [.. Enumerable.Range(0, dice.Below(4)).Select(_ => (UInt256)(ulong)dice.Below(8))];

    private byte[] Input() =>
        [.. Enumerable.Range(0, dice.Below(4)).SelectMany(_ => Hash256.FromUInt256(dice.Word()).Bytes.ToArray())];

    private UInt256 Value() => dice.Below(6) switch
    {
        < 2 => UInt256.Zero,
        2 => UInt256.One,
        3 => UInt256.Parse("1000000000000000000"),
        _ => (ulong)dice.Below(1_000_000),
    };

    private ulong NextNonce(in Address address) =>
        _nonces.TryGetValue(address, out ulong nonce) ? nonce : nonceOf(address);

    private static UInt256 MaxOf(in UInt256 a, in UInt256 b) => a < b ? b : a;
}
