using Fragcast.Execution.Blocks;
using Fragcast.Execution.Evm;
using Fragcast.Execution.State;
using Fragcast.Primitives;
using Fragcast.Primitives.Crypto;
using Fragcast.Primitives.Transactions;

namespace Fragcast.Perf.Parallel;

/// <summary>Blocks of equal transactions, each of another sender.</summary>
internal sealed class GeneratedBlocks
{
    // transfer(to, amount) of a token, its balances in a mapping at slot 0: both balances, and a Transfer event.
    private const string TokenCode =
        "335f525f60205260405f20805460203580821060545780910382555f355f5260405f208054820190555f525f3533"
        + "7fddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef60205fa3005b5f5ffd";

    // swap(amount) on a pair of constant product with its reserves in slots 0 and 1; the sender's share in a slot of
    // its own.
    private const string PairCode = "5f355f548101600154808302829004809103600155905f55335401335500";

    private static readonly UInt256 Ether = 1_000_000_000_000_000_000;
    private static readonly Address Token = Address.FromUInt256(0x70ce);
    private static readonly Address Pair = Address.FromUInt256(0xa33);
    private static readonly ChainSpec Chain = ChainSpec.Always(Fork.Cancun);

    private readonly byte[][] _keys;
    private readonly Address[] _senders;

    public GeneratedBlocks(int count)
    {
        _keys = new byte[count][];
        _senders = new Address[count];
        var publicKey = new byte[64];
        for (int i = 0; i < count; i++)
        {
            _keys[i] = Keccak256.Hash([(byte)i, (byte)(i >> 8), 0x2a]).Bytes.ToArray();
            Secp256k1.TryGetPublicKey(_keys[i], publicKey);
            _senders[i] = Secp256k1.AddressOf(publicKey);
        }
    }

    /// <summary>Plain transfers, each to another account.</summary>
    public Workload Transfers() => Create("transfers", (builder, i) =>
    {
        builder.To = RecipientOf(i);
        builder.Value = UInt256.One;
    });

    /// <summary>Transfers of one token, each to another account.</summary>
    public Workload TokenTransfers() => Create("token transfers", (builder, i) =>
    {
        builder.To = Token;
        builder.GasLimit = 100_000;
        var data = new byte[64];
        RecipientOf(i).ToUInt256().WriteBigEndian(data);
        data[63] = 1;
        builder.Data = data;
    });

    /// <summary>Swaps on one pair.</summary>
    public Workload Swaps() => Create("swaps on one pair", (builder, i) =>
    {
        builder.To = Pair;
        builder.GasLimit = 100_000;
        var data = new byte[32];
        data[30] = (byte)(1 + (i & 0x3f));
        builder.Data = data;
    });

    private static Address RecipientOf(int index) => Address.FromUInt256(new UInt256((ulong)index + 0x1000, 7, 0, 0));

    private Workload Create(string name, Action<TransactionBuilder, int> fill)
    {
        var transactions = new Transaction[_senders.Length];
        for (int i = 0; i < transactions.Length; i++)
        {
            var builder = new TransactionBuilder
            {
                ChainId = Chain.ChainId, MaxFeePerGas = 1000, MaxPriorityFeePerGas = 10, GasLimit = 21_000,
            };
            fill(builder, i);
            transactions[i] = builder.Sign(_keys[i]);
        }

        var environment = new BlockEnvironment
        {
            Number = 1,
            ParentHash = Hash256.Zero,
            Timestamp = 1_000_000,
            Beneficiary = Address.FromUInt256(0xc0ffee),
            GasLimit = 100_000UL * (ulong)_senders.Length,
            BaseFee = 100,
            ParentBeaconBlockRoot = Hash256.Zero,
            Withdrawals = [],
        };
        var executor = new BlockExecutor(Chain, new JournaledState(State()), trie: null);
        return new Workload(
            name, executor, e => e.BeginUnchecked(environment, excessBlobGas: 0), transactions, mustSucceed: true);
    }

    private MemoryStateSource State()
    {
        var state = new MemoryStateSource();
        state.SetAccount(Token, UInt256.Zero, nonce: 1, Convert.FromHexString(TokenCode));
        state.SetAccount(Pair, UInt256.Zero, nonce: 1, Convert.FromHexString(PairCode));
        state.SetStorage(Pair, UInt256.Zero, Ether);
        state.SetStorage(Pair, UInt256.One, Ether);
        var mapping = new byte[64];
        for (int i = 0; i < _senders.Length; i++)
        {
            state.SetAccount(_senders[i], Ether);
            _senders[i].ToUInt256().WriteBigEndian(mapping);
            state.SetStorage(Token, Keccak256.Hash(mapping).ToUInt256(), 1000);
        }

        return state;
    }
}
