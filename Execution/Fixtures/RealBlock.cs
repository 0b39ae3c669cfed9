using Fragcast.Execution.Blocks;
using Fragcast.Execution.Trie;
using Fragcast.Primitives;
using Fragcast.Primitives.Blocks;
using Fragcast.Primitives.Transactions;

namespace Fragcast.Execution.Fixtures;

/// <summary>
/// A block of a real OP-stack chain with all that its execution needs: its parent, its transactions, and the part of
/// the state that it touches; and the hash that comes out.
/// </summary>
public sealed class RealBlock
{
    /// <summary>Where it was read from.</summary>
    public required string File { get; init; }

    /// <summary>The chain.</summary>
    public required ChainSpec Chain { get; init; }

    /// <summary>Header of the parent.</summary>
    public required BlockHeader Parent { get; init; }

    /// <summary>What the block is to be. Its base fee is the one that follows from the parent.</summary>
    public required BlockEnvironment Environment { get; init; }

    /// <summary>The transactions in order.</summary>
    public required IReadOnlyList<Transaction> Transactions { get; init; }

    /// <summary>The block's hash on the real chain.</summary>
    public required Hash256 ExpectedHash { get; init; }

    /// <summary>Trie nodes and codes that the block touches, below the state root of <see cref="Parent"/>.</summary>
    public required WitnessStore Witness { get; init; }

    /// <summary>
    /// Reads a file with the keys rollup_config, parent_header, executing_payload, expected_block_hash and witness:
    /// JSON, or gzip of it.
    /// </summary>
    /// <exception cref="FixtureException">The file can't be read, or is damaged.</exception>
    public static RealBlock Read(string path) => RealBlockReader.Read(path);
}
