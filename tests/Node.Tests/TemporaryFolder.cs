namespace Fragcast.Node.Tests;

/// <summary>A folder that goes with the test.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    private readonly string _path = Directory.CreateTempSubdirectory("fragcast-test-").FullName;

    public string File(string name) => System.IO.Path.Combine(_path, name);

    public string Write(string name, string text, bool ownerOnly = true)
    {
        string path = File(name);
        System.IO.File.WriteAllText(path, text);
        if (!OperatingSystem.IsWindows())
        {
            UnixFileMode others = ownerOnly ? UnixFileMode.None : UnixFileMode.OtherRead;
            System.IO.File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | others);
        }

        return path;
    }

    public void Dispose() => Directory.Delete(_path, recursive: true);
}
