using System.Formats.Tar;
using System.IO.Compression;

namespace Fragcast.Execution.Tests;

/// <summary>
/// Public test data that lies beside the repository, in <c>../shared/data</c>: too large to be part of it. A test
/// that needs it is skipped, and says so, when it is not there.
/// </summary>
public static class TestData
{
    private static readonly string? Root = FindUp(Path.Combine("shared", "data"));

    /// <summary>The root of the repository.</summary>
    public static string Repository { get; } = Path.GetDirectoryName(FindUp("P2P.sln"))!;

    /// <summary>Full path of a file of the data, or null when it is absent.</summary>
    public static string? Find(string relativePath)
    {
        if (Root is null) return null;
        string path = Path.Combine(Root, relativePath);
        return File.Exists(path) ? path : null;
    }

    /// <summary>The files of an archive whose names hold a text, in the archive's order.</summary>
    public static IEnumerable<(string Name, byte[] Content)> ReadArchive(string relativePath, string nameContains)
    {
        using var file = File.OpenRead(Find(relativePath)!);
        using var unzipped = new GZipStream(file, CompressionMode.Decompress);
        using var tar = new TarReader(unzipped);
        while (tar.GetNextEntry() is { } entry)
        {
            if (entry.DataStream is null || !entry.Name.Contains(nameContains, StringComparison.Ordinal)) continue;
            var content = new byte[entry.Length];
            entry.DataStream.ReadExactly(content);
            yield return (entry.Name, content);
        }
    }

    private static string? FindUp(string relativePath)
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string path = Path.Combine(folder.FullName, relativePath);
            if (Path.Exists(path)) return path;
        }

        return null;
    }
}

/// <summary>A test that needs a file of the shared data.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class DataFactAttribute : FactAttribute
{
    public DataFactAttribute(string file)
    {
        if (TestData.Find(file) is null) Skip = $"The test data ../shared/data/{file} is not there.";
    }
}

/// <summary>A theory that needs a file of the shared data.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class DataTheoryAttribute : TheoryAttribute
{
    public DataTheoryAttribute(string file)
    {
        if (TestData.Find(file) is null) Skip = $"The test data ../shared/data/{file} is not there.";
    }
}
