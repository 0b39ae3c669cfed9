using System.Text.Json;
using Fragcast.Execution.Blocks;
using Fragcast.Execution.Evm;
using Fragcast.Primitives;

namespace Fragcast.Execution.Tests.Conformance;

/// <summary>One transaction of a state test: a test has a pre-state and, by fork, variants of a transaction.</summary>
internal sealed class StateTestCase
{
    private readonly JsonElement _test;
    private readonly JsonElement _post;

    private StateTestCase(string name, string fork, int index, JsonElement test, JsonElement post)
    {
        Name = $"{name} {fork}[{index}]";
        ForkName = fork;
        _test = test;
        _post = post;
    }

    /// <summary>Name of the test, fork and index of the variant.</summary>
    public string Name { get; }

    public string ForkName { get; }

    public JsonElement PreState => _test.GetProperty("pre");

    public byte[] Transaction => Bytes(_post.GetProperty("txbytes"));

    public Hash256 StateRoot => Hash256.Parse(_post.GetProperty("hash").GetString());

    public Hash256 LogsHash => Hash256.Parse(_post.GetProperty("logs").GetString());

    /// <summary>The transaction must be refused, which leaves the pre-state.</summary>
    public bool ExpectsError => _post.TryGetProperty("expectException", out _);

    /// <summary>All cases of a file; the document must stay open while they are used.</summary>
    public static IEnumerable<StateTestCase> ReadAll(JsonDocument document)
    {
        foreach (var test in document.RootElement.EnumerateObject())
        {
            foreach (var fork in test.Value.GetProperty("post").EnumerateObject())
            {
                var index = 0;
                foreach (var post in fork.Value.EnumerateArray())
                {
                    yield return new StateTestCase(test.Name, fork.Name, index++, test.Value, post);
                }
            }
        }
    }

    public BlobSchedule BlobsOf(Fork fork)
    {
        var schedule = BlobSchedule.Of(fork);
        if (!_test.TryGetProperty("config", out var config)
            || !config.TryGetProperty("blobSchedule", out var schedules)
            || !schedules.TryGetProperty(ForkName, out var stated))
        {
            return schedule;
        }

        return schedule with
        {
            Target = (uint)Number(stated.GetProperty("target")),
            Max = (uint)Number(stated.GetProperty("max")),
            UpdateFraction = Number(stated.GetProperty("baseFeeUpdateFraction")),
        };
    }

    public BlockContext Block(Fork fork, in BlobSchedule blobs)
    {
        var env = _test.GetProperty("env");
        return new BlockContext
        {
            Spec = EvmSpec.For(fork),
            Number = Number(env.GetProperty("currentNumber")),
            Timestamp = Number(env.GetProperty("currentTimestamp")),
            Coinbase = Address.Parse(env.GetProperty("currentCoinbase").GetString()),
            GasLimit = Number(env.GetProperty("currentGasLimit")),
            BaseFee = Optional(env, "currentBaseFee"),
            PrevRandao = Optional(env, "currentRandom"),
            BlobBaseFee = blobs.BaseFee((ulong)Optional(env, "currentExcessBlobGas")),
            BlockHashes = NumberHashes.Instance,
        };
    }

    public static byte[] Bytes(JsonElement element) => Convert.FromHexString(element.GetString().AsSpan(2));

    public static UInt256 Word(JsonElement element) => UInt256.Parse(element.GetString());

    private static ulong Number(JsonElement element) => (ulong)Word(element);

    private static UInt256 Optional(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var value) ? Word(value) : UInt256.Zero;

    /// <summary>State tests have no chain: the hash of a block is that of its decimal number.</summary>
    private sealed class NumberHashes : IBlockHashes
    {
        public static NumberHashes Instance { get; } = new();

        public Hash256 HashOf(ulong number) => Keccak256.Hash(System.Text.Encoding.ASCII.GetBytes($"{number}"));
    }
}
