using System.IO.Compression;
using System.Net;
using System.Net.Sockets;

namespace Fragcast.Node.Tests.Cli;

public sealed class OperatorErrorTests : IDisposable
{
    private const string Sequencer = "0x7e5f4552091a69125d5dfcb7b8c2659029395bdf";
    private const string SequencerKey = "0000000000000000000000000000000000000000000000000000000000000001";
    private const string OtherKey = "0000000000000000000000000000000000000000000000000000000000000002";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("--no-such-flag", "devnet", "--no-such-flag")]
    [InlineData("no-such-command", "no-such-command")]
    [InlineData("abc", "devnet", "--repeat", "abc")]
    [InlineData("--repeat 0 is out of range", "devnet", "--repeat", "0")]
    [InlineData("--sequencers 0 is out of range", "devnet", "--sequencers", "0")]
    [InlineData("--followers 1000 is out of range", "devnet", "--followers", "1000")]
    [InlineData("--identity", "node", "--sequencer", Sequencer)]
    public Task Run_WrongFlag_SaysWhich(string mentions, params string[] arguments) =>
        FragcastProcess.AssertOneClearLineAsync(mentions, arguments);

    [Theory]
    [InlineData("devnet")]
    [InlineData("replay")]
    public async Task Run_MissingBlockFile_SaysWhich(string command)
    {
        string file = _folder.File("missing.json.gz");
        string[] arguments = command == "devnet" ? [command, "--blocks", file] : [command, file];
        await FragcastProcess.AssertOneClearLineAsync("missing.json.gz", arguments);
    }

    [Fact]
    public async Task Run_TruncatedBlockFile_SaysWhich()
    {
        byte[] whole = await File.ReadAllBytesAsync(DemoBlocks.Files[0]);
        string file = _folder.File("truncated.json.gz");
        await File.WriteAllBytesAsync(file, whole[..(whole.Length / 2)]);
        await FragcastProcess.AssertOneClearLineAsync("truncated.json.gz", "replay", file);
    }

    [Fact]
    public async Task Run_BlockFileWithAForgedWitness_SaysSo()
    {
        string json = await ReadBlockAsync();
        int entry = json.IndexOf("\"witness\"", StringComparison.Ordinal);
        int value = json.IndexOf("\"0xf9", entry, StringComparison.Ordinal);
        string other = json[value + 10] == '0' ? "1" : "0";
        string forged = string.Concat(json.AsSpan(0, value + 10), other, json.AsSpan(value + 11));
        await FragcastProcess.AssertOneClearLineAsync(
            "forged.json", "replay", _folder.Write("forged.json", forged));
    }

    [Fact]
    public Task Run_BlockFileThatIsNoBlock_SaysSo() => FragcastProcess.AssertOneClearLineAsync(
        "other.json", "replay", _folder.Write("other.json", "{\"hello\": 1}"));

    [Fact]
    public async Task Run_BusyPort_SaysWhich()
    {
        using var busy = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        busy.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        int port = ((IPEndPoint)busy.LocalEndPoint!).Port;
        await FragcastProcess.AssertOneClearLineAsync($"127.0.0.1:{port}", Node("--listen", $"127.0.0.1:{port}"));
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("nowhere:1")]
    [InlineData("127.0.0.1:99999")]
    public Task Run_BadListenAddress_SaysWhatIsExpected(string address) =>
        FragcastProcess.AssertOneClearLineAsync($"'{address}' is not ADDRESS:PORT", Node("--listen", address));

    [Fact]
    public Task Run_BadPeerId_SaysWhich() =>
        FragcastProcess.AssertOneClearLineAsync("nonsense", Node("--peer", "127.0.0.1:1/nonsense"));

    [Fact]
    public Task Run_BadSequencerAddress_SaysWhich() => FragcastProcess.AssertOneClearLineAsync(
        "0x12", "node", "--identity", _folder.File("id"), "--sequencer", "0x12");

    [Fact]
    public Task Run_DamagedKeyFile_SaysWhich() => FragcastProcess.AssertOneClearLineAsync(
        "bad.key", Node("--sequencer-key", _folder.Write("bad.key", "0x1234")));

    [Fact]
    public Task Run_ZeroKey_SaysSo() => FragcastProcess.AssertOneClearLineAsync(
        "not a secp256k1 key", Node("--sequencer-key", _folder.Write("zero.key", new string('0', 64))));

    [Fact]
    public Task Run_KeyFileThatOthersMayRead_SaysHowToMendIt() => FragcastProcess.AssertOneClearLineAsync(
        "chmod 600", Node("--sequencer-key", _folder.Write("open.key", SequencerKey, ownerOnly: false)));

    [Fact]
    public Task Run_KeyOfAStranger_SaysSo() => FragcastProcess.AssertOneClearLineAsync(
        "not among the --sequencer addresses", Node("--sequencer-key", _folder.Write("other.key", OtherKey)));

    [Fact]
    public Task Run_SequencerTwice_SaysWhich() => FragcastProcess.AssertOneClearLineAsync(
        "twice", Node("--sequencer", Sequencer));

    [Theory]
    [InlineData("--schedule round-robin needs --sequencer")]
    [InlineData("is none of", "--schedule", "dice")]
    [InlineData("--slot does not belong to --schedule round-robin", "--sequencer", Sequencer, "--slot", "5")]
    [InlineData("--schedule time needs --genesis-time", "--schedule", "time", "--sequencer", Sequencer)]
    [InlineData("needs stakes", "--schedule", "weighted", "--seed", "0x12", "--sequencer", Sequencer)]
    [InlineData("belongs to --schedule weighted", "--sequencer", Sequencer + "=5")]
    [InlineData("--seed '0x12'", "--schedule", "weighted", "--seed", "0x12", "--sequencer", Sequencer + "=5")]
    [InlineData("is no stake", "--schedule", "weighted", "--seed", "0x12", "--sequencer", Sequencer + "=-5")]
    [InlineData("must last at least one block", "--sequencer", Sequencer, "--blocks-per-turn", "0")]
    [InlineData("not a URL", "--schedule", "registry", "--registry", "nowhere")]
    [InlineData("is it a registry?", "--schedule", "registry", "--registry", "http://127.0.0.1:1/")]
    [InlineData("missing.json", "--schedule", "file", "--schedule-file", "missing.json")]
    public Task Schedule_WrongOptions_SaysWhich(string mentions, params string[] arguments) =>
        FragcastProcess.AssertOneClearLineAsync(mentions, ["schedule", .. arguments]);

    [Fact]
    public async Task Schedule_File_PrintsLeaders()
    {
        string file = _folder.Write("schedule.json",
            $$"""{"source": "table", "leaders": [{"from": 6, "to": 6, "address": "{{Sequencer}}"}]}""");
        (int exitCode, string output, string error) = await FragcastProcess.RunAsync(
            "schedule", "--schedule", "file", "--schedule-file", file, "--from", "5", "--count", "3");
        Assert.Equal((0, $"5 unknown\n6 {Sequencer}\n7 unknown\n", ""), (exitCode, output, error));
    }

    [Fact]
    public Task Run_JsonInAMissingFolder_SaysSo() => FragcastProcess.AssertOneClearLineAsync(
        "cannot be written", "devnet", "--json", _folder.File("no/such/folder.json"));

    [Fact]
    public async Task Help_Asked_IsPrintedAndSucceeds()
    {
        (int exitCode, string output, _) = await FragcastProcess.RunAsync("node", "--help");
        Assert.Equal(0, exitCode);
        Assert.Contains("--sequencer-key", output, StringComparison.Ordinal);
    }

    private static async Task<string> ReadBlockAsync()
    {
        await using FileStream file = File.OpenRead(DemoBlocks.Files[0]);
        await using var unzipped = new GZipStream(file, CompressionMode.Decompress);
        using var reader = new StreamReader(unzipped);
        return await reader.ReadToEndAsync();
    }

    private string[] Node(params string[] more) =>
        ["node", "--identity", _folder.File("identity.key"), "--sequencer", Sequencer, .. more];
}
