using Fragcast.Node.Cli;

namespace Fragcast.Node.Suites;

/// <summary>Finds the files of test suites that an operator names.</summary>
internal static class SuiteFiles
{
    private static readonly string[] Archives = [".tar", ".tar.gz", ".tgz", ".zip"];

    /// <summary>
    /// The files that a path stands for: itself, or below a folder every *.json in ordinal order, without what lies in
    /// folders whose name begins with a dot (suites keep indexes there).
    /// </summary>
    /// <exception cref="OperatorException">There is no such path, it is an archive, or has no tests.</exception>
    public static IReadOnlyList<string> Find(string path)
    {
        if (File.Exists(path)) return IsArchive(path) ? throw NotUnpacked(path) : [path];
        if (!Directory.Exists(path)) throw new OperatorException($"{path}: there is no such file or folder");
        try
        {
            string[] files =
            [
                .. Directory.EnumerateFiles(path, "*.json", SearchOption.AllDirectories)
                    .Where(file => !IsHidden(Path.GetRelativePath(path, file)))
                    .Order(StringComparer.Ordinal),
            ];
            return files.Length > 0 ? files : throw new OperatorException($"{path}: the folder holds no .json file");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new OperatorException($"{path}: can't be read: {error.Message}");
        }
    }

    private static bool IsArchive(string path) =>
        Array.Exists(Archives, ending => path.EndsWith(ending, StringComparison.OrdinalIgnoreCase));

    private static bool IsHidden(string relativePath) =>
        relativePath.Split(Path.DirectorySeparatorChar).Any(part => part.StartsWith('.'));

    private static OperatorException NotUnpacked(string path) =>
        new($"{path}: is an archive; unpack it and give the folder");
}
