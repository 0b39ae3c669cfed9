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
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            foreach (string place in (string[])["shared/data/real-blocks", "Node/DemoBlocks"])
            {
                string path = Path.Combine(folder.FullName, place);
                if (Directory.Exists(path))
                    return [.. Directory.GetFiles(path, "op-sepolia-*.json.gz").Order(StringComparer.Ordinal)];
            }
        }

        return [];
    }

    /// <summary>Reads blocks.</summary>
    /// <exception cref="FixtureException">A file can't be read, or is damaged.</exception>
    public static IReadOnlyList<RealBlock> Read(IEnumerable<string> paths) => [.. paths.Select(RealBlock.Read)];
}
