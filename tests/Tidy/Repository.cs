using System.Diagnostics;

namespace Fragcast.Tidy;

/// <summary>The checked-out tree, as the style rules see it: what git tracks or would track.</summary>
internal static class Repository
{
    private static readonly Lazy<string[]> TrackedFiles = new(ListFiles);

    public static string Root { get; } = FindRoot();

    /// <summary>Paths relative to the root, with forward slashes.</summary>
    public static IReadOnlyList<string> Files => TrackedFiles.Value;

    public static IEnumerable<string> CSharpFiles => Files.Where(f => f.EndsWith(".cs", StringComparison.Ordinal));

    public static IEnumerable<string> ProjectFiles =>
        Files.Where(f => f.EndsWith(".csproj", StringComparison.Ordinal));

    public static string Read(string path) => File.ReadAllText(Path.Combine(Root, path));

    public static string[] ReadLines(string path) => File.ReadAllLines(Path.Combine(Root, path));

    /// <summary>Fails with one line per finding; no finding, no failure.</summary>
    public static void AssertNone(string rule, IEnumerable<string> findings)
    {
        string[] all = findings.ToArray();
        Assert.True(all.Length == 0, $"{rule}:{Environment.NewLine}{string.Join(Environment.NewLine, all)}");
    }

    private static string FindRoot()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "P2P.sln")))
        {
            folder = Path.GetDirectoryName(folder);
        }

        return folder ?? throw new InvalidOperationException("P2P.sln is in no folder above the test binary.");
    }

    private static string[] ListFiles()
    {
        var start = new ProcessStartInfo("git", "ls-files --cached --others --exclude-standard")
        {
            WorkingDirectory = Root,
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        using Process git = Process.Start(start)!;
        string output = git.StandardOutput.ReadToEnd();
        git.WaitForExit();
        Assert.True(git.ExitCode == 0, "git ls-files failed; these rules look at a git checkout.");
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Where(f => File.Exists(Path.Combine(Root, f)))
            .ToArray();
    }
}
