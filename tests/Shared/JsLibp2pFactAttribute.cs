using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Fragcast.Tests;

/// <summary>A fact that needs Node.js and the packages of tests/interop/libp2p.</summary>
internal sealed class JsLibp2pFactAttribute : FactAttribute
{
    private static readonly string Folder = Path.GetFullPath(Path.Combine(SourceFolder(), "../interop/libp2p"));

    public JsLibp2pFactAttribute()
    {
        if (!Directory.Exists(Path.Combine(Folder, "node_modules", "libp2p")))
            Skip = "js-libp2p is not installed: run 'npm install --no-save' in tests/interop/libp2p.";
    }

    /// <summary>Dials and pings, and gives the JSON that the script prints.</summary>
    public static async Task<string> DialAsync(string target)
    {
        using Process process = Process.Start(new ProcessStartInfo("node", ["dial.mjs", target])
        {
            WorkingDirectory = Folder,
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? output : throw new InvalidOperationException(await error);
    }

    private static string SourceFolder([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;
}
