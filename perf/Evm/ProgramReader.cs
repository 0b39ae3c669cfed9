using System.Text;
using System.Text.Json;
using Fragcast.Execution.Evm;
using Fragcast.Primitives;
using Fragcast.Primitives.Transactions;

namespace Fragcast.Perf.Evm;

/// <summary>
/// Reads programs in their three forms: state tests with signed transactions (ipsilon), state tests with a sender
/// only (revmc), and bare code in hex (revme).
/// </summary>
internal static class ProgramReader
{
    // The rules of the programs that state none: Prague's.
    private static readonly EvmSpec LatestRules = EvmSpec.For(Fork.Prague, OpFork.Isthmus);
    private static readonly Address Sender = Address.Parse("0x1111111111111111111111111111111111111111");
    private static readonly Address Contract = Address.Parse("0xcccccccccccccccccccccccccccccccccccccccc");

    /// <summary>The programs of a file.</summary>
    /// <param name="suite">One of <see cref="ProgramSuites"/> except the block tests.</param>
    /// <param name="name">Its path, for messages.</param>
    /// <param name="content">Its bytes.</param>
    /// <exception cref="PerfDataException">The file has another form.</exception>
    public static IReadOnlyList<EvmProgram> Read(string suite, string name, byte[] content)
    {
        try
        {
            if (suite == ProgramSuites.Revme) return ReadHex(name, Encoding.ASCII.GetString(content).Trim());
            using JsonDocument document = JsonDocument.Parse(content);
            return
            [
                .. document.RootElement.EnumerateObject().SelectMany(test => suite == ProgramSuites.Revmc
                    ? [ReadUnsigned(test.Name, test.Value)]
                    : ReadSigned(suite, test.Name, test.Value)),
            ];
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or FormatException
            or InvalidOperationException or IndexOutOfRangeException)
        {
            throw new PerfDataException($"{name} is not a benchmark of the suite {suite}: {error.Message}", error);
        }
    }

    /// <summary>The transactions of a state test, each with what has to come out.</summary>
    private static List<EvmProgram> ReadSigned(string suite, string name, JsonElement test)
    {
        JsonElement post = test.GetProperty("post").GetProperty("London");
        List<EvmProgram> programs = [];
        foreach (JsonElement expected in post.EnumerateArray())
        {
            int data = expected.GetProperty("indexes").GetProperty("data").GetInt32();
            string label = test.GetProperty("_info").GetProperty("labels").GetProperty($"{data}").GetString()!;
            TxDecodeError error = Transaction.TryDecode(Bytes(expected, "txbytes"), out Transaction? transaction);
            programs.Add(new EvmProgram
            {
                Suite = suite,
                Name = $"{name}/{label}",
                Block = ReadBlock(test.GetProperty("env"), EvmSpec.For(Fork.London)),
                Accounts = ReadAccounts(test.GetProperty("pre")),
                Transaction = transaction ?? throw new FormatException($"its transaction is malformed: {error}"),
                StateRoot = Hash256.Parse(expected.GetProperty("hash").GetString()),
                LogsHash = Hash256.Parse(expected.GetProperty("logs").GetString()),
            });
        }

        return programs;
    }

    private static EvmProgram ReadUnsigned(string name, JsonElement test)
    {
        JsonElement transaction = First(test, "transaction");
        return new EvmProgram
        {
            Suite = ProgramSuites.Revmc,
            Name = name,
            Block = ReadBlock(test.GetProperty("env"), LatestRules),
            Accounts = ReadAccounts(test.GetProperty("pre")),
            Transaction = Deposit(
                Address.Parse(transaction.GetProperty("sender").GetString()),
                Address.Parse(transaction.GetProperty("to").GetString()),
                Number(First(transaction, "gasLimit")),
                Bytes(First(transaction, "data"))),
        };
    }

    /// <summary>Hex of one contract's code, or CSV of several: id, opcode, count, code.</summary>
    private static EvmProgram[] ReadHex(string name, string content)
    {
        if (!name.EndsWith(".csv", StringComparison.Ordinal))
        {
            return Path.GetFileNameWithoutExtension(name) switch
            {
                "analysis" => [OfCode("analysis", content, [0x80, 0x35, 0xf0, 0xce])],
                "snailtracer" => [OfCode("snailtracer", content, [0x30, 0x62, 0x7b, 0x7c])],

                // The contracts of burntpix, whose whole transaction is among those of revmc.
                _ => [],
            };
        }

        return
        [
            .. from line in content.Split('\n').Skip(1)
               let fields = line.Trim().Split(',')
               where fields.Length == 4 && Hex.TryDecode("0x" + fields[3], out _)
               select OfCode($"op-{fields[0]}", fields[3], []),
        ];
    }

    private static EvmProgram OfCode(string name, string hex, byte[] data) => new()
    {
        Suite = ProgramSuites.Revme,
        Name = name,
        Block = new BlockContext { Spec = LatestRules, Number = 1, Timestamp = 1, GasLimit = long.MaxValue },
        Accounts =
        [
            new ProgramAccount(Sender, UInt256.MaxValue >> 1, 0, [], []),
            new ProgramAccount(Contract, UInt256.Zero, 1, Convert.FromHexString(hex), []),
        ],
        Transaction = Deposit(Sender, Contract, 1UL << 40, data),
    };

    private static Transaction Deposit(Address sender, Address to, ulong gasLimit, byte[] data) =>
        new TransactionBuilder
        {
            Type = TxType.Deposit,
            DepositFrom = sender,
            To = to,
            GasLimit = gasLimit,
            Data = data,
        }.Build();

    // A deposit pays no price, so that its block has no base fee either: burntpix looks at the difference.
    private static BlockContext ReadBlock(JsonElement env, EvmSpec rules) => new()
    {
        Spec = rules,
        Number = Number(env.GetProperty("currentNumber")),
        Timestamp = Number(env.GetProperty("currentTimestamp")),
        Coinbase = Address.Parse(env.GetProperty("currentCoinbase").GetString()),
        GasLimit = Number(env.GetProperty("currentGasLimit")),
        BaseFee = rules.OpFork == OpFork.None ? Optional(env, "currentBaseFee") : UInt256.Zero,
        PrevRandao = Optional(env, rules.Fork >= Fork.Paris ? "currentRandom" : "currentDifficulty"),
    };

    private static ProgramAccount[] ReadAccounts(JsonElement pre) =>
    [
        .. pre.EnumerateObject().Select(account => new ProgramAccount(
            Address.Parse(account.Name.StartsWith("0x", StringComparison.Ordinal) ? account.Name : "0x" + account.Name),
            Word(account.Value.GetProperty("balance")),
            Number(account.Value.GetProperty("nonce")),
            Bytes(account.Value, "code"),
            [
                .. account.Value.GetProperty("storage").EnumerateObject()
                    .Select(slot => (UInt256.Parse(slot.Name), Word(slot.Value))),
            ])),
    ];

    // State tests may list variants of a transaction or of its fields; these programs have one.
    private static JsonElement First(JsonElement parent, string name)
    {
        JsonElement value = parent.GetProperty(name);
        return value.ValueKind == JsonValueKind.Array ? value[0] : value;
    }

    private static byte[] Bytes(JsonElement parent, string name) => Bytes(parent.GetProperty(name));

    private static byte[] Bytes(JsonElement value) =>
        Hex.TryDecode(value.GetString()!, out byte[]? bytes) ? bytes : throw new FormatException("bytes are not hex");

    private static UInt256 Word(JsonElement value) => UInt256.Parse(value.GetString());

    private static ulong Number(JsonElement value) => Word(value) is { FitsUInt64: true } number
        ? number.U0
        : throw new FormatException("a number has more than 64 bits");

    private static UInt256 Optional(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out JsonElement value) ? Word(value) : UInt256.Zero;
}
