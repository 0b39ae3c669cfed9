using System.Text.Json;
using Fragcast.Primitives;
using Fragcast.Primitives.Crypto;

namespace Fragcast.Differential;

/// <summary>An account with a key.</summary>
internal sealed record Signer(Address Address, byte[] Key);

/// <summary>The accounts that both sides start with, and the addresses that code and transactions name.</summary>
internal sealed class World
{
    public const ulong GasLimit = 30_000_000;
    private const int ContractCount = 32;
    private const int SenderCount = 10;
    private const int PoorCount = 2;
    private const int AuthorityCount = 8;
    private static readonly UInt256 Wealth = UInt256.Parse("1000000000000000000000000");
    private static readonly UInt256 Poverty = 40_000_000_000_000;

    /// <summary>Takes base fee, scalars, blob base fee and operator's parameters from four words of input.</summary>
    private const string L1BlockCode = "5f35600155602035600355604035600755606035600855" + "00";

    private readonly Dictionary<Address, (UInt256 Balance, ulong Nonce, byte[] Code)> _genesis = [];

    public World(Setup setup, Dice dice)
    {
        for (int i = 0; i < SenderCount; i++) Senders.Add(NewSigner(dice, Wealth));
        for (int i = 0; i < PoorCount; i++) Senders.Add(NewSigner(dice, Poverty));
        for (int i = 0; i < AuthorityCount; i++) Authorities.Add(NewSigner(dice, Wealth));
        for (int i = 0; i < ContractCount; i++) Contracts.Add(Address.FromBytes(dice.Bytes(Address.Size)));
        for (ulong i = 1; i <= 0x12; i++) Precompiles.Add(Address.FromUInt256(i));
        Precompiles.Add(Address.FromUInt256(0x100));
        Others.AddRange([Address.Zero, Coinbase, Address.FromUInt256(0xdead)]);
        Others.AddRange(Senders.Select(s => s.Address));
        Others.AddRange(Authorities.Select(a => a.Address));
        for (int i = 0; i < 4; i++) Others.Add(Address.FromBytes(dice.Bytes(Address.Size)));
        foreach (Address address in Contracts)
            _genesis[address] = (1_000, 1, new CodeGenerator(setup, dice, this).Contract());
        SignerWithCode = NewSigner(dice, Wealth);
        _genesis[SignerWithCode.Address] = (Wealth, 0, [0]);
        if (setup.IsOptimism) _genesis[L1Block] = (0, 1, Hex.Decode(L1BlockCode));
        foreach (Address address in RequestContracts) _genesis[address] = (0, 1, [0]);
    }

    public static Address Coinbase { get; } = Address.Parse("0x00000000000000000000000000000000000c0ffe");

    public static Address L1Block { get; } = Address.Parse("0x4200000000000000000000000000000000000015");

    /// <summary>
    /// EIP-7002 and EIP-7251: a block without them is invalid in our rules, and anvil does not have them. Here they
    /// do nothing.
    /// </summary>
    private static Address[] RequestContracts { get; } =
    [
        Address.Parse("0x00000961ef480eb55e80d19ad83579a64c007002"),
        Address.Parse("0x0000bbddc7ce488642fb579f8b00f3a590007251"),
    ];

    public List<Signer> Senders { get; } = [];

    /// <summary>Accounts that sign authorizations, and send nothing.</summary>
    public List<Signer> Authorities { get; } = [];

    /// <summary>An account with a key and with code that is no delegation: it can sign, but not delegate.</summary>
    public Signer SignerWithCode { get; }

    /// <summary>Contracts, those of the genesis and those created since.</summary>
    public List<Address> Contracts { get; } = [];

    public List<Address> Precompiles { get; } = [];

    /// <summary>Accounts with keys, the coinbase, empty ones.</summary>
    public List<Address> Others { get; } = [];

    /// <summary>Some address that code or a transaction may name.</summary>
    public Address AnyAddress(Dice dice) => dice.Below(10) switch
    {
        < 6 => dice.Pick(Contracts),
        < 8 => dice.Pick(Precompiles),
        _ => dice.Pick(Others),
    };

    /// <summary>An account that does not exist yet.</summary>
    public static Signer NewSigner(Dice dice)
    {
        byte[] key = dice.Bytes(Secp256k1.SecretKeySize);
        var publicKey = new byte[Secp256k1.PublicKeySize];
        Assert.True(Secp256k1.TryGetPublicKey(key, publicKey));
        return new Signer(Secp256k1.AddressOf(publicKey), key);
    }

    /// <summary>The genesis in geth's form.</summary>
    public string GenesisJson()
    {
        Dictionary<string, object> alloc = _genesis.ToDictionary(
            entry => entry.Key.ToString(),
            object (entry) => new
            {
                balance = Rpc.Quantity(entry.Value.Balance),
                nonce = Rpc.Quantity(entry.Value.Nonce),
                code = Hex.Encode(entry.Value.Code),
                storage = StorageOf(entry.Key).ToDictionary(s => Word(s.Key), s => Word(s.Value)),
            });
        return JsonSerializer.Serialize(new
        {
            config = new { chainId = Setup.ChainId },
            timestamp = "0x65a00000",
            gasLimit = Rpc.Quantity(GasLimit),
            difficulty = "0x0",
            baseFeePerGas = "0x3b9aca00",
            coinbase = Coinbase.ToString(),
            alloc,
        });
    }

    /// <summary>Contracts start with slots 1 and 3 set, so that clearing them refunds.</summary>
    private Dictionary<UInt256, UInt256> StorageOf(Address address) => Contracts.Contains(address)
        ? new Dictionary<UInt256, UInt256> { [1] = 1, [3] = 0x1234 }
        : [];

    private static string Word(in UInt256 value) => Hash256.FromUInt256(value).ToString();

    private Signer NewSigner(Dice dice, in UInt256 balance)
    {
        Signer signer = NewSigner(dice);
        _genesis[signer.Address] = (balance, 0, []);
        return signer;
    }
}
