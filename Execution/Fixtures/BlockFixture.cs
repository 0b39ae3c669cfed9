using System.Text.Json;
using Fragcast.Execution.Blocks;
using Fragcast.Primitives;
using Fragcast.Primitives.Transactions;

namespace Fragcast.Execution.Fixtures;

/// <summary>
/// A block of a real chain with all that its execution needs, read from a file, and what has to come out. There are two
/// forms: with proofs (<see cref="RealBlock"/>) and with values only (<see cref="RpcBlock"/>).
/// </summary>
public abstract class BlockFixture
{
    /// <summary>Where it was read from.</summary>
    public required string File { get; init; }

    /// <summary>The chain.</summary>
    public required ChainSpec Chain { get; init; }

    /// <summary>What the block is to be.</summary>
    public required BlockEnvironment Environment { get; init; }

    /// <summary>The transactions in order.</summary>
    public required IReadOnlyList<Transaction> Transactions { get; init; }

    /// <summary>The block's hash on the real chain.</summary>
    public required Hash256 ExpectedHash { get; init; }

    /// <summary>Reads a file of either form: JSON, or gzip of it.</summary>
    /// <exception cref="FixtureException">The file can't be read, is damaged, or is of neither form.</exception>
    public static BlockFixture Read(string path)
    {
        using JsonDocument document = FixtureFile.Open(path);
        var top = new JsonField(path, document.RootElement);
        if (top.Optional("rollup_config") is not null) return RealBlockReader.Read(path, top);
        if (top.Optional("preState") is not null) return RpcBlockReader.Read(path, top);
        throw top.Wrong("has neither \"rollup_config\" nor \"preState\": it is no block that can be replayed");
    }
}
