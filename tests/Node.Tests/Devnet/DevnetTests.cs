using System.Diagnostics;
using System.Globalization;
using System.IO.Compression;
using System.Text.Json;
using Fragcast.Node.Tests.Cli;

namespace Fragcast.Node.Tests.Devnet;

/// <summary>The devnet as its user runs it: real processes, real QUIC, real blocks.</summary>
public sealed class DevnetTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Run_TwoSequencersTwoFollowers_AllReachTheRealChain()
    {
        string json = _folder.File("figures.json");
        (int exitCode, string output, string error) = await FragcastProcess.RunAsync(
            "devnet", "--followers", "2", "--repeat", "2", "--json", json);
        Assert.True(exitCode == 0, error + output);
        Assert.Contains("every node agrees with the real chain", output, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', output);

        using JsonDocument report = JsonDocument.Parse(await File.ReadAllTextAsync(json));
        Assert.Equal("devnet", report.RootElement.GetProperty("scenario").GetString());
        Assert.Equal(2, report.RootElement.GetProperty("parameters").GetProperty("followers").GetInt32());
        Assert.NotEqual(0, report.RootElement.GetProperty("machine").GetProperty("cores").GetInt32());
        JsonElement[] figures = [.. report.RootElement.GetProperty("figures").EnumerateArray()];
        JsonElement received = Assert.Single(figures, f => Name(f) == "published → received");
        // Three blocks of eight frags in the one repetition that counts, each at the three nodes that did not build it.
        Assert.Equal(3 * 8 * 3, received.GetProperty("count").GetInt32());
        Assert.InRange(received.GetProperty("p50").GetDouble(), 1, 60e6);
        JsonElement[] equal = figures.Where(f => Name(f)!.EndsWith("hashes equal", StringComparison.Ordinal)).ToArray();
        Assert.Equal(4, equal.Length);
        Assert.All(equal, f => Assert.Equal(6, f.GetProperty("value").GetDouble()));
        Assert.All(equal, f => Assert.True(f.GetProperty("holds").GetBoolean()));
    }

    [Fact]
    public async Task Run_BlocksThatEndElsewhere_SaysSoAndFails()
    {
        string wrong = _folder.Write("wrong.json", await WithWrongHashAsync());
        (int exitCode, string output, _) = await FragcastProcess.RunAsync(
            "devnet", "--sequencers", "1", "--followers", "1", "--blocks", wrong);
        Assert.Equal(1, exitCode);
        Assert.Contains("NOT every node agrees with the real chain", output, StringComparison.Ordinal);
        (exitCode, output, _) = await FragcastProcess.RunAsync("replay", wrong);
        Assert.Equal(1, exitCode);
        Assert.Contains("DIFFERENT", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_OneNodeOnly_Works()
    {
        (int exitCode, string output, string error) = await FragcastProcess.RunAsync(
            "devnet", "--sequencers", "1", "--followers", "0", "--frags", "1", "--frag-interval", "0");
        Assert.True(exitCode == 0, error + output);
    }

    [Theory]
    [InlineData("INT", 130)]
    [InlineData("TERM", 143)]
    [InlineData("KILL", 137)]
    public async Task Signal_InTheMiddle_EndsEveryNode(string signal, int expectedExitCode)
    {
        string keep = _folder.File("nodes");
        using FragcastProcess.RunningProcess running = FragcastProcess.Start(
            "devnet", "--followers", "2", "--repeat", "100000", "--keep", keep);
        Process devnet = running.Process;
        await WaitForAsync(() => BlocksCommitted(keep) > 0, "a block is committed");
        Assert.Equal(4, NodesOf(keep).Count);

        if (signal == "INT" && IsInterruptIgnored())
        {
            // Started in the background by a shell, these tests and all that they start ignore Ctrl-C.
            (signal, expectedExitCode) = ("TERM", 143);
        }

        Signal(signal, devnet.Id);
        using var timeout = new CancellationTokenSource(Patience);
        await devnet.WaitForExitAsync(timeout.Token);
        Assert.Equal(expectedExitCode, devnet.ExitCode);
        await WaitForAsync(() => NodesOf(keep).Count == 0, "all nodes have ended");
    }

    [Fact]
    public async Task Node_KilledInTheMiddle_EndsTheDevnetWithItsName()
    {
        string keep = _folder.File("nodes");
        using FragcastProcess.RunningProcess running = FragcastProcess.Start(
            "devnet", "--followers", "1", "--repeat", "100000", "--keep", keep);
        Process devnet = running.Process;
        Task<string> error = devnet.StandardError.ReadToEndAsync();
        await WaitForAsync(() => BlocksCommitted(keep) > 0, "a block is committed");
        int victim = NodesOf(keep).Single(n => n.CommandLine.Contains("follower-1", StringComparison.Ordinal)).Id;
        Signal("KILL", victim);
        using var timeout = new CancellationTokenSource(Patience);
        await devnet.WaitForExitAsync(timeout.Token);
        Assert.Equal(1, devnet.ExitCode);
        Assert.Contains("follower-1 ended early", await error, StringComparison.Ordinal);
        Assert.Empty(NodesOf(keep));
    }

    private static bool IsInterruptIgnored()
    {
        const string Field = "SigIgn:";
        string line = File.ReadLines("/proc/self/status").Single(l => l.StartsWith(Field, StringComparison.Ordinal));
        ulong mask = ulong.Parse(line[Field.Length..].Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        return (mask & 0b10) != 0;
    }

    // By the shell's own kill: the program of that name is not on a minimal system.
    private static void Signal(string signal, int process)
    {
        using Process shell = Process.Start("bash", ["-c", $"kill -{signal} {process}"]);
        shell.WaitForExit();
        Assert.Equal(0, shell.ExitCode);
    }

    private static string? Name(JsonElement figure) => figure.GetProperty("name").GetString();

    // The nodes of a devnet have its folder among their arguments; so has the devnet itself, which is left out.
    private static List<(int Id, string CommandLine)> NodesOf(string folder)
    {
        var nodes = new List<(int, string)>();
        foreach (string process in Directory.EnumerateDirectories("/proc"))
        {
            try
            {
                if (int.TryParse(Path.GetFileName(process), out int id)
                    && File.ReadAllText(Path.Combine(process, "cmdline")) is { } line
                    && line.Contains(folder, StringComparison.Ordinal)
                    && line.Contains("\0node\0", StringComparison.Ordinal))
                {
                    nodes.Add((id, line));
                }
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                // The process has ended since the folder was listed.
            }
        }

        return nodes;
    }

    private static int BlocksCommitted(string folder) =>
        !Directory.Exists(folder)
            ? 0
            : Directory.EnumerateFiles(folder, "log", SearchOption.AllDirectories)
                .Count(f => ReadShared(f).Contains("committed ", StringComparison.Ordinal));

    private static string ReadShared(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    private static async Task WaitForAsync(Func<bool> condition, string what)
    {
        using var timeout = new CancellationTokenSource(Patience);
        while (!condition())
        {
            Assert.False(timeout.IsCancellationRequested, $"not in time: {what}");
            await Task.Delay(50, CancellationToken.None);
        }
    }

    private static async Task<string> WithWrongHashAsync()
    {
        await using FileStream file = File.OpenRead(DemoBlocks.Files[0]);
        await using var unzipped = new GZipStream(file, CompressionMode.Decompress);
        using var reader = new StreamReader(unzipped);
        string json = await reader.ReadToEndAsync();
        const string RealHash = "0xdb32d9ddfa5fd26c9fb0260bbfa53da88326aa2a465e34d75180564aa31b851e";
        Assert.Contains(RealHash, json, StringComparison.Ordinal);
        return json.Replace(RealHash, RealHash[..^1] + "f", StringComparison.Ordinal);
    }
}
