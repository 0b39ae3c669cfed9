using System.Text.Json;
using Fragcast.Execution.Blocks;
using Fragcast.Execution.Evm;
using Fragcast.Execution.State;
using Fragcast.Primitives;
using Fragcast.Primitives.Blocks;

namespace Fragcast.Execution.Fixtures;

/// <summary>A case of the public block test suites (ethereum/tests BlockchainTests, EEST blockchain_tests).</summary>
public sealed class BlockTest
{
    /// <summary>Reads a case.</summary>
    internal BlockTest(string name, JsonField json)
    {
        Name = name;
        Network = json["network"].AsText();
        Chain = ReadChain(json);
        PreState = json["pre"];
        Blocks = [.. json["blocks"].Elements().Select(block => new BlockCase(
            block["rlp"].AsBytes(), block.Optional("expectException")?.AsText()))];
        ExpectedHead = json["lastblockhash"].AsHash();
        byte[] genesisRlp = json["genesisRLP"].AsBytes();
        if (!Block.TryDecode(genesisRlp, out Block? genesis)) throw json["genesisRLP"].Wrong("is not a block");
        Genesis = genesis.Header;
    }

    /// <summary>Name of the case.</summary>
    public string Name { get; }

    /// <summary>The upgrade whose rules hold, or the transition between two.</summary>
    public string Network { get; }

    /// <summary>The chain.</summary>
    public ChainSpec Chain { get; }

    /// <summary>Header of the first block.</summary>
    public BlockHeader Genesis { get; }

    /// <summary>Blocks in the order in which they arrive, good and bad.</summary>
    public IReadOnlyList<BlockCase> Blocks { get; }

    /// <summary>Hash of the block that is the head in the end.</summary>
    public Hash256 ExpectedHead { get; }

    internal JsonField PreState { get; }

    /// <summary>Reads the cases of a file. The document has to live as long as they do.</summary>
    /// <param name="file">Its name, for messages.</param>
    /// <param name="document">Its content.</param>
    /// <exception cref="FixtureException">The file has not the form of such a test.</exception>
    public static IEnumerable<BlockTest> Read(string file, JsonDocument document) =>
        new JsonField(file, document.RootElement).Fields().Select(pair => new BlockTest(pair.Name, pair.Value));

    /// <summary>Writes the accounts before the first block into an empty state.</summary>
    public void LoadPreState(JournaledState state) => Fixtures.PreState.Load(PreState, state);

    private static ChainSpec ReadChain(JsonField json)
    {
        JsonField network = json["network"];
        if (!ForkNames.TryParseNetwork(network.AsText(), out (string Name, ForkStart Start)[] upgrades))
            throw network.Wrong("names an unknown upgrade");
        JsonField? config = json.Optional("config");
        JsonField? blobs = config?.Optional("blobSchedule");
        return new ChainSpec
        {
            ChainId = config?.Optional("chainid")?.AsUInt64() ?? 1,
            Forks = [.. upgrades.Select(upgrade => upgrade.Start)],
            Blobs = [.. upgrades.Where(upgrade => upgrade.Start.Fork >= Fork.Cancun).Select(ReadBlobs)],
        };

        BlobSchedule ReadBlobs((string Name, ForkStart Start) upgrade)
        {
            BlobSchedule usual = BlobSchedule.Of(upgrade.Start.Fork) with { Start = upgrade.Start.Start };
            if (blobs?.Optional(upgrade.Name) is not { } own) return usual;
            return BlobScheduleJson.Read(own, upgrade.Start.Start);
        }
    }
}

/// <summary>A block of a test.</summary>
/// <param name="Rlp">Its RLP, which need not be well formed.</param>
/// <param name="ExpectedException">Why it has to be refused; null when it is good.</param>
public sealed record BlockCase(byte[] Rlp, string? ExpectedException);
