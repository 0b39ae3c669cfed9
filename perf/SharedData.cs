namespace Fragcast.Perf;

/// <summary>Finds data beside the project (<c>../shared/data</c>) and files of the project itself.</summary>
internal static class SharedData
{
    /// <summary>Full path of a file or folder of the data, or null when it is not there.</summary>
    public static string? Find(string relativePath) => FindUp(Path.Combine("shared", "data", relativePath));

    /// <summary>
    /// The nearest path of this name in the binary's folder, the current one, or above one of them; null if none.
    /// </summary>
    public static string? FindUp(string relativePath) =>
        FindUp(AppContext.BaseDirectory, relativePath) ?? FindUp(Environment.CurrentDirectory, relativePath);

    private static string? FindUp(string start, string relativePath)
    {
        for (DirectoryInfo? folder = new(start); folder is not null; folder = folder.Parent)
        {
            string path = Path.Combine(folder.FullName, relativePath);
            if (Path.Exists(path)) return path;
        }

        return null;
    }
}
