using System.Text.Json;
using Fragcast.Execution.Trie;
using Fragcast.Primitives.Blocks;

namespace Fragcast.Execution.Fixtures;

/// <summary>
/// A block of a real OP-stack chain with its parent and the part of the state that it touches, as trie nodes. Its
/// base fee is the one that follows from the parent.
/// </summary>
public sealed class RealBlock : BlockFixture
{
    /// <summary>Header of the parent.</summary>
    public required BlockHeader Parent { get; init; }

    /// <summary>Trie nodes and codes that the block touches, below the state root of <see cref="Parent"/>.</summary>
    public required WitnessStore Witness { get; init; }

    /// <summary>
    /// Reads a file with the keys rollup_config, parent_header, executing_payload, expected_block_hash and witness:
    /// JSON, or gzip of it.
    /// </summary>
    /// <exception cref="FixtureException">The file can't be read, or is damaged.</exception>
    public static new RealBlock Read(string path)
    {
        using JsonDocument document = FixtureFile.Open(path);
        return RealBlockReader.Read(path, new JsonField(path, document.RootElement));
    }
}
