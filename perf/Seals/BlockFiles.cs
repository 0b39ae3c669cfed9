using Fragcast.Execution.Fixtures;

namespace Fragcast.Perf.Seals;

/// <summary>Finds real blocks on disk.</summary>
internal static class BlockFiles
{
    /// <summary>
    /// The blocks of OP Sepolia in ../shared/data/real-blocks beside the repository, or else those that the node's demo
    /// has, in order of their numbers.
    /// </summary>
    public static IReadOnlyList<string> Default()
    {
        string? folder = SharedData.Find("real-blocks") ?? SharedData.FindUp("Node/DemoBlocks");
        if (folder is null) return [];
        return [.. Directory.GetFiles(folder, "op-sepolia-*.json.gz").Order(StringComparer.Ordinal)];
    }

    /// <summary>Reads blocks.</summary>
    /// <exception cref="FixtureException">A file can't be read, or is damaged.</exception>
    public static IReadOnlyList<RealBlock> Read(IEnumerable<string> paths) => [.. paths.Select(RealBlock.Read)];
}
