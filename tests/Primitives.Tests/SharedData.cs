using System.Formats.Tar;
using System.IO.Compression;
using System.Text.Json;

namespace Fragcast.Primitives.Tests;

/// <summary>
/// The public test data beside the repository (../shared/data), which a clone without it does not have.
/// </summary>
internal static class SharedData
{
    public static string? Root { get; } = Find();

    public static JsonDocument ReadGzipJson(string path)
    {
        using var stream = new GZipStream(File.OpenRead(Full(path)), CompressionMode.Decompress);
        return JsonDocument.Parse(stream);
    }

    /// <summary>The JSON files of a tar.gz archive whose names start with the prefix, by name.</summary>
    public static IEnumerable<(string Name, JsonDocument Json)> ReadTarJson(string path, string prefix)
    {
        using var gzip = new GZipStream(File.OpenRead(Full(path)), CompressionMode.Decompress);
        using var tar = new TarReader(gzip);
        while (tar.GetNextEntry() is { } entry)
        {
            if (entry.DataStream is { } content
                && entry.Name.StartsWith(prefix, StringComparison.Ordinal)
                && entry.Name.EndsWith(".json", StringComparison.Ordinal))
            {
                yield return (entry.Name, JsonDocument.Parse(content));
            }
        }
    }

    public static bool Has(string path) => Root is not null && File.Exists(Full(path));

    private static string Full(string path) => Path.Combine(Root ?? "", path);

    private static string? Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var data = Path.Combine(folder.FullName, "shared", "data");
            if (Directory.Exists(data))
            {
                return data;
            }
        }

        return null;
    }
}

/// <summary>A test that reads a file of the shared data and is skipped, saying so, where that is not there.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class SharedDataFactAttribute : FactAttribute
{
    public SharedDataFactAttribute(string path)
    {
        if (!SharedData.Has(path))
        {
            Skip = $"Needs ../shared/data/{path}, which is not beside this clone.";
        }
    }
}

/// <summary>As <see cref="SharedDataFactAttribute"/>, for a test with cases.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class SharedDataTheoryAttribute : TheoryAttribute
{
    public SharedDataTheoryAttribute(string path)
    {
        if (!SharedData.Has(path))
        {
            Skip = $"Needs ../shared/data/{path}, which is not beside this clone.";
        }
    }
}
