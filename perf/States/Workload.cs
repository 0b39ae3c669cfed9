using System.Globalization;
using Fragcast.Execution.Blocks;
using Fragcast.Execution.Evm;
using Fragcast.Execution.State;
using Fragcast.Primitives;
using Fragcast.Primitives.Crypto;
using Fragcast.Primitives.Transactions;

namespace Fragcast.Perf.States;

/// <summary>
/// A state of many accounts, all of them holders of a token, and signed transfers between accounts of which none takes
/// part in two: wei to the one, tokens to the other half of the measuring.
/// </summary>
internal sealed class Workload
{
    private const ulong Value = 1_000_000;
    private const ulong MaxFee = 1000;
    private const ulong Tip = 10;
    private const ulong BaseFeeWei = 7;
    private const ulong TransferGas = 21_000;
    private const ulong TokenGas = 100_000;

    private static readonly UInt256 Funds = 1_000_000_000_000_000_000;
    private static readonly UInt256 TokenFunds = 1_000_000_000;
    private static readonly Address Beneficiary = Address.Parse("0x00000000000000000000000000000000000c0ffe");
    private static readonly Address Token = Address.Parse("0x000000000000000000000000000000000000701c");

    private readonly byte[] _tokenCode;

    /// <summary>Makes accounts, state and transactions, on all cores.</summary>
    /// <param name="accounts">Accounts of the state, at least twice the transactions.</param>
    /// <param name="transactions">Transfers of each kind.</param>
    public Workload(int accounts, int transactions)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(accounts, 2 * transactions);
        using (Stream hex = typeof(Workload).Assembly.GetManifestResourceStream("Token.hex")!)
        using (var reader = new StreamReader(hex))
            _tokenCode = Convert.FromHexString(string.Concat(reader.ReadToEnd().Where(char.IsAsciiHexDigit)));

        Count = transactions;
        Accounts = new Address[accounts];
        Transfers = new byte[transactions][];
        TokenTransfers = new byte[transactions][];
        for (int i = transactions; i < accounts; i++) Accounts[i] = Address.FromBytes(Seed(i).Bytes[12..]);
        System.Threading.Tasks.Parallel.For(0, transactions, Sign);
        State = NewState(taken: null);
    }

    /// <summary>The kinds of transfers.</summary>
    public static IReadOnlyList<string> Kinds { get; } = ["plain transfers", "ERC-20 transfers"];

    /// <summary>The chain.</summary>
    public static ChainSpec Chain { get; } = ChainSpec.Always(Fork.Cancun);

    /// <summary>What the block is.</summary>
    public static BlockEnvironment Environment { get; } = new()
    {
        Number = 1,
        ParentHash = Hash256.Zero,
        Timestamp = 1,
        Beneficiary = Beneficiary,
        GasLimit = 10_000_000_000,
        BaseFee = BaseFeeWei,
        ParentBeaconBlockRoot = Hash256.Zero,
        Withdrawals = [],
    };

    /// <summary>Transfers of each kind.</summary>
    public int Count { get; }

    /// <summary>All addresses: senders, then receivers, then those that do nothing.</summary>
    public Address[] Accounts { get; }

    /// <summary>The state before the block.</summary>
    public FlatState State { get; }

    /// <summary>Signed transfers of wei.</summary>
    public byte[][] Transfers { get; }

    /// <summary>Signed transfers of tokens.</summary>
    public byte[][] TokenTransfers { get; }

    /// <summary>The signed transfers of a kind.</summary>
    public byte[][] Of(string kind) => kind == Kinds[0] ? Transfers : TokenTransfers;

    /// <summary>
    /// The state that must come out of a block of one kind, made from nothing but the rules: the independent side of
    /// the comparison.
    /// </summary>
    /// <param name="kind">The kind.</param>
    /// <param name="gasUsed">What each transaction used.</param>
    public FlatState After(string kind, ulong[] gasUsed) => NewState((kind, gasUsed));

    private FlatState NewState((string Kind, ulong[] GasUsed)? taken)
    {
        var state = new FlatState(Accounts.Length + 2, Accounts.Length);
        bool isToken = taken is { Kind: var kind } && kind != Kinds[0];
        bool isPlain = taken is not null && !isToken;
        UInt256 tips = UInt256.Zero;
        for (int i = 0; i < Accounts.Length; i++)
        {
            UInt256 balance = Funds;
            bool sends = taken is not null && i < Count;
            if (sends)
            {
                ulong gas = taken!.Value.GasUsed[i];
                balance -= (UInt256)gas * (BaseFeeWei + Tip);
                tips += (UInt256)gas * Tip;
            }

            if (isPlain) balance = Moved(i, balance);
            state.AddAccount(Accounts[i], balance, sends ? 1UL : 0);
        }

        int token = state.AddAccount(Token, UInt256.Zero, 1, _tokenCode);
        if (!tips.IsZero) state.AddAccount(Beneficiary, tips);
        for (int i = 0; i < Accounts.Length; i++)
            state.AddSlot(token, BalanceSlot(Accounts[i]), isToken ? Moved(i, TokenFunds) : TokenFunds);
        return state;
    }

    private UInt256 Moved(int account, in UInt256 balance)
    {
        if (account < Count) return balance - Value;
        return account < 2 * Count ? balance + Value : balance;
    }

    /// <summary>Slot of a mapping at slot 0: keccak256(key ‖ 0).</summary>
    private static UInt256 BalanceSlot(in Address account)
    {
        Span<byte> bytes = stackalloc byte[64];
        bytes.Clear();
        account.Bytes.CopyTo(bytes[12..]);
        return Keccak256.Hash(bytes).ToUInt256();
    }

    private static Hash256 Seed(int account) =>
        Keccak256.Hash(System.Text.Encoding.ASCII.GetBytes(account.ToString(CultureInfo.InvariantCulture)));

    private void Sign(int index)
    {
        Hash256 key = Seed(index);
        Span<byte> publicKey = stackalloc byte[Secp256k1.PublicKeySize];
        if (!Secp256k1.TryGetPublicKey(key.Bytes, publicKey)) throw new InvalidOperationException("A bad key.");
        Accounts[index] = Secp256k1.AddressOf(publicKey);
        Address receiver = Accounts[Count + index];
        var data = new byte[68];
        Convert.FromHexString("a9059cbb").CopyTo(data, 0);
        receiver.Bytes.CopyTo(data.AsSpan(16));
        ((UInt256)Value).WriteBigEndian(data.AsSpan(36));
        Transfers[index] = New(receiver, Value, TransferGas, default).EncodeSigned(key.Bytes);
        TokenTransfers[index] = New(Token, UInt256.Zero, TokenGas, data).EncodeSigned(key.Bytes);
    }

    private static TransactionBuilder New(Address to, UInt256 value, ulong gas, ReadOnlyMemory<byte> data) => new()
    {
        ChainId = Chain.ChainId,
        MaxFeePerGas = MaxFee,
        MaxPriorityFeePerGas = Tip,
        GasLimit = gas,
        To = to,
        Value = value,
        Data = data,
    };
}
