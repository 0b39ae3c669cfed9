using System.Globalization;
using System.Text;
using Fragcast.Execution.Blocks;
using Fragcast.Execution.Evm;
using Fragcast.Primitives;
using Fragcast.Primitives.Transactions;

namespace Fragcast.Execution.Fixtures;

/// <summary>
/// A case of the public state test suites (ethereum/tests GeneralStateTests, EEST state_tests): a state, a transaction,
/// an upgrade, and the state root and logs that have to come out.
/// </summary>
public sealed class StateTestCase
{
    // What geth and the suites' generator take for an environment that states no base fee.
    private const ulong BaseFeeDefault = 10;

    // e to this power is the highest price of blob gas whose computation stays within 256 bits.
    private const ulong BlobPricePowerMax = 140;

    private readonly JsonField _test;
    private readonly JsonField _post;

    private StateTestCase(string name, string forkName, int index, JsonField test, JsonField post)
    {
        (Name, ForkName, Index, _test, _post) = (name, forkName, index, test, post);
    }

    /// <summary>Name of the test.</summary>
    public string Name { get; }

    /// <summary>Name of the upgrade whose rules hold.</summary>
    public string ForkName { get; }

    /// <summary>Number of the case among those of the test and upgrade.</summary>
    public int Index { get; }

    /// <summary>Root of the state that has to come out.</summary>
    /// <exception cref="FixtureException">It is missing or malformed, as for the following.</exception>
    public Hash256 StateRoot => _post["hash"].AsHash();

    /// <summary>Hash of the list of logs that has to come out.</summary>
    public Hash256 LogsHash => _post["logs"].AsHash();

    /// <summary>Why the transaction has to be refused; null when it is good.</summary>
    public string? ExpectedException => _post.Optional("expectException")?.AsText();

    /// <summary>The upgrade whose rules hold.</summary>
    public Fork Fork =>
        ForkNames.TryParse(ForkName, out Fork fork) ? fork : throw _post.Wrong("stands under an unknown upgrade");

    internal JsonField PreState => _test["pre"];

    private ulong ChainId => _test.Optional("config")?.Optional("chainid")?.AsUInt64() ?? 1;

    /// <summary>The cases of a file.</summary>
    internal static IEnumerable<StateTestCase> ReadAll(JsonField top)
    {
        foreach ((string name, JsonField test) in top.Fields())
        {
            foreach ((string fork, JsonField cases) in test["post"].Fields())
            {
                int index = 0;
                foreach (JsonField post in cases.Elements())
                    yield return new StateTestCase(name, fork, index++, test, post);
            }
        }
    }

    /// <summary>The transaction, or why there is none.</summary>
    internal string? ReadTransaction(out Transaction? transaction) =>
        StateTestTransaction.Read(_test, _post, ChainId, out transaction);

    /// <summary>The blob parameters: those that the test states, or those of the upgrade.</summary>
    internal BlobSchedule ReadBlobs()
    {
        BlobSchedule usual = BlobSchedule.Of(Fork);
        JsonField? own = _test.Optional("config")?.Optional("blobSchedule")?.Optional(ForkName);
        return own is null ? usual : BlobScheduleJson.Read(own.Value, usual.Start);
    }

    /// <summary>What the transaction sees of its block.</summary>
    internal BlockContext ReadBlock(in BlobSchedule blobs)
    {
        JsonField env = _test["env"];
        Fork fork = Fork;
        UInt256 difficulty = env.Optional("currentDifficulty")?.AsUInt256() ?? UInt256.Zero;
        UInt256? random = fork >= Fork.London ? env.Optional("currentRandom")?.AsUInt256() : null;
        ulong excessBlobGas = env.Optional("currentExcessBlobGas")?.AsUInt64() ?? 0;
        if (excessBlobGas / blobs.UpdateFraction > BlobPricePowerMax)
            throw env["currentExcessBlobGas"].Wrong("gives a blob price that no block can have");
        UInt256 baseFee = env.Optional("currentBaseFee")?.AsUInt256() ?? BaseFeeDefault;
        return new BlockContext
        {
            Spec = EvmSpec.For(fork),
            ChainId = ChainId,
            Number = env["currentNumber"].AsUInt64(),
            Timestamp = env["currentTimestamp"].AsUInt64(),
            Coinbase = env["currentCoinbase"].AsAddress(),
            GasLimit = env["currentGasLimit"].AsUInt64(),
            BaseFee = fork >= Fork.London ? baseFee : UInt256.Zero,
            PrevRandao = random ?? difficulty,
            BlobBaseFee = blobs.BaseFee(excessBlobGas),
            BlockHashes = NumberHashes.Instance,
        };
    }

    /// <summary>State tests have no chain: the hash of a block is that of its decimal number.</summary>
    private sealed class NumberHashes : IBlockHashes
    {
        public static NumberHashes Instance { get; } = new();

        public Hash256 HashOf(ulong number) =>
            Keccak256.Hash(Encoding.ASCII.GetBytes(number.ToString(CultureInfo.InvariantCulture)));
    }
}
