namespace Fragcast.Differential;

/// <summary>Where anvil is: named by the environment, or where scripts/anvil.sh puts it.</summary>
internal static class AnvilBinary
{
    private const string Version = "1.7.1";

    /// <summary>Why the runs are skipped; null when there is a binary.</summary>
    public static string? Missing { get; } = Find() is null
        ? $"anvil {Version} is not installed: scripts/anvil.sh does it, or FRAGCAST_ANVIL names the binary."
        : null;

    public static string Path => Find()!;

    private static string? Find()
    {
        if (Environment.GetEnvironmentVariable("FRAGCAST_ANVIL") is { Length: > 0 } named)
            return File.Exists(named) ? named : null;
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(System.IO.Path.Combine(folder, "P2P.sln")))
            folder = System.IO.Path.GetDirectoryName(folder);
        if (folder is null) return null;
        string path = System.IO.Path.Combine(folder, "artifacts", "tools", $"anvil-{Version}", "anvil");
        return File.Exists(path) ? path : null;
    }
}
