using System.Formats.Tar;
using System.IO.Compression;

namespace Fragcast.Perf.Evm;

/// <summary>
/// Where the files of the benchmarks come from: the archive with all of them, a folder into which it was unpacked, or
/// the small archive that is part of the project.
/// </summary>
internal sealed class ProgramData
{
    private const string ArchiveName = "bench.tar.gz";
    private const string OwnArchive = "evm-programs.tar.gz";

    private readonly string _path;
    private readonly bool _isFolder;

    private ProgramData(string path, bool isFolder) => (_path, _isFolder) = (path, isFolder);

    /// <summary>Where the files lie, for people.</summary>
    public string Path => _path;

    /// <summary>Opens what the operator named, else the data beside the project, else the project's own.</summary>
    /// <exception cref="PerfDataException">There is nothing of the kind.</exception>
    public static ProgramData Open(string? given)
    {
        if (given is null)
        {
            string path = SharedData.Find(System.IO.Path.Combine("evm", ArchiveName))
                ?? SharedData.FindUp(System.IO.Path.Combine("EvmData", OwnArchive))
                ?? throw new PerfDataException($"no benchmark programs found; give --data {ArchiveName} or its folder");
            return new ProgramData(path, isFolder: false);
        }

        if (File.Exists(given)) return new ProgramData(given, isFolder: false);
        if (!Directory.Exists(given)) throw new PerfDataException($"--data: '{given}' does not exist");
        string archive = System.IO.Path.Combine(given, ArchiveName);
        bool hasArchive = File.Exists(archive);
        return new ProgramData(hasArchive ? archive : given, isFolder: !hasArchive);
    }

    /// <summary>The files whose path holds one of the folders, in no particular order.</summary>
    /// <param name="folders">Folders as in <see cref="ProgramSuites"/>.</param>
    /// <returns>Paths, beginning with one of the folders, and contents.</returns>
    /// <exception cref="PerfDataException">The data can't be read.</exception>
    public List<(string Name, byte[] Content)> Read(IReadOnlyCollection<string> folders)
    {
        try
        {
            return _isFolder ? ReadFolder(folders) : ReadArchive(folders);
        }
        catch (Exception error) when (error is UnauthorizedAccessException or InvalidDataException
            or (IOException and not PerfDataException))
        {
            throw new PerfDataException($"'{_path}' can't be read: {error.Message.Split('\n')[0]}", error);
        }
    }

    private List<(string Name, byte[] Content)> ReadFolder(IReadOnlyCollection<string> folders)
    {
        List<(string, byte[])> files = [];
        foreach (string file in Directory.EnumerateFiles(_path, "*", SearchOption.AllDirectories))
        {
            string name = System.IO.Path.GetRelativePath(_path, file).Replace('\\', '/');
            if (NameWithin(folders, name) is { } found) files.Add((found, File.ReadAllBytes(file)));
        }

        return files;
    }

    private List<(string Name, byte[] Content)> ReadArchive(IReadOnlyCollection<string> folders)
    {
        List<(string, byte[])> files = [];
        using FileStream file = File.OpenRead(_path);
        using GZipStream unzipped = new(file, CompressionMode.Decompress);
        using TarReader tar = new(unzipped);
        while (tar.GetNextEntry() is { } entry)
        {
            if (entry.DataStream is null || NameWithin(folders, entry.Name) is not { } name) continue;
            byte[] content = new byte[entry.Length];
            entry.DataStream.ReadExactly(content);
            files.Add((name, content));
        }

        return files;
    }

    private static string? NameWithin(IReadOnlyCollection<string> folders, string path)
    {
        foreach (string folder in folders)
        {
            int at = path.IndexOf(folder, StringComparison.Ordinal);
            if (at == 0 || (at > 0 && path[at - 1] == '/')) return path[at..];
        }

        return null;
    }
}
