using Fragcast.Node.Cli;

namespace Fragcast.Node;

/// <summary>The three consecutive blocks of OP Sepolia that come with the binary.</summary>
internal static class DemoBlocks
{
    private const string Folder = "DemoBlocks";

    /// <summary>Their files, in order of their numbers.</summary>
    /// <exception cref="OperatorException">They are not beside the binary.</exception>
    public static IReadOnlyList<string> Files
    {
        get
        {
            string folder = Path.Combine(AppContext.BaseDirectory, Folder);
            string[] files = Directory.Exists(folder) ? Directory.GetFiles(folder, "*.json.gz") : [];
            Array.Sort(files, StringComparer.Ordinal);
            return files.Length > 0
                ? files
                : throw new OperatorException($"no demo blocks in {folder}; build again, or name files with --blocks");
        }
    }
}
