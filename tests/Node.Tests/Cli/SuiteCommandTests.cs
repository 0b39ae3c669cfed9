using System.Text.Json;
using Fragcast.Primitives;
using Fragcast.Primitives.Blocks;
using Fragcast.Primitives.Rlp;

namespace Fragcast.Node.Tests.Cli;

public sealed class SuiteCommandTests : IDisposable
{
    private const string Good = "0xc52d7fb62866733d5bcdd69cb7fa0960a247846d80c730cca7f7634ebe1df936";
    private const string Wrong = "0x0000000000000000000000000000000000000000000000000000000000000001";
    private const string NoLogs = "0x1dcc4de8dec75d7aab85b567b6ccd41ad312451b948a7413f0a142fd40d49347";

    private const StringComparison Ordinal = StringComparison.Ordinal;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task StateTest_CaseThatPasses_SaysSo()
    {
        string file = WriteStateTest("pass.json", "adds", "Cancun", Good);
        (int exitCode, string output, string error) = await FragcastProcess.RunAsync("statetest", file);
        Assert.Equal($"PASS adds Cancun[0] {Good}\n1 passed, 0 failed, 0 skipped\n", output);
        Assert.Empty(error);
        Assert.Equal(0, exitCode);
    }

    [Fact]
    public async Task StateTest_CaseThatFails_SaysWhatCameOut()
    {
        string file = WriteStateTest("fail.json", "adds", "Cancun", Wrong);
        (int exitCode, string output, _) = await FragcastProcess.RunAsync("statetest", file);
        Assert.StartsWith(
            $"FAIL adds Cancun[0] {Good} post state root mismatch: got {Good}, want {Wrong}",
            output,
            Ordinal);
        Assert.EndsWith("0 passed, 1 failed, 0 skipped\n", output, Ordinal);
        Assert.Equal(1, exitCode);
    }

    [Fact]
    public async Task StateTest_Json_IsTheArrayThatGethPrints()
    {
        WriteStateTest("a.json", "adds", "Cancun", Good);
        WriteStateTest("b.json", "fails", "Prague", Wrong);
        (int exitCode, string output, string error) =
            await FragcastProcess.RunAsync("statetest", "--json", "--jobs", "2", _folder.File("."));
        JsonElement[] results = [.. JsonDocument.Parse(output).RootElement.EnumerateArray()];
        Assert.Equal(["adds", "fails"], results.Select(result => result.GetProperty("name").GetString()));
        Assert.Equal([true, false], results.Select(result => result.GetProperty("pass").GetBoolean()));
        Assert.Equal(["Cancun", "Prague"], results.Select(result => result.GetProperty("fork").GetString()));
        Assert.All(results, result => Assert.Equal(Good, result.GetProperty("stateRoot").GetString()));
        Assert.False(results[0].TryGetProperty("error", out _));
        Assert.Contains("mismatch", results[1].GetProperty("error").GetString(), Ordinal);
        Assert.Contains($"\"stateRoot\": \"{Good}\"", output, Ordinal);
        string line = $"{{\"stateRoot\": \"{Good}\"}}\n";
        Assert.Equal(line + line, error);
        Assert.Equal(1, exitCode);
    }

    [Fact]
    public async Task StateTest_Trace_WritesEip3155Lines()
    {
        string file = WriteStateTest("trace.json", "adds", "Cancun", Good);
        (int exitCode, _, string error) = await FragcastProcess.RunAsync(
            "statetest", "--trace", "--trace.format=json", "--trace.nomemory=true", "--trace.noreturndata=true", file);
        Assert.Equal(0, exitCode);
        string[] expected =
        [
            Step(pc: 0, op: 0x60, "PUSH1", gas: 79_000, cost: 3, ""),
            Step(pc: 2, op: 0x60, "PUSH1", gas: 78_997, cost: 3, "\"0x2\""),
            Step(pc: 4, op: 0x01, "ADD", gas: 78_994, cost: 3, "\"0x2\",\"0x3\""),
            Step(pc: 5, op: 0x60, "PUSH1", gas: 78_991, cost: 3, "\"0x5\""),
            Step(pc: 7, op: 0x55, "SSTORE", gas: 78_988, cost: 22_100, "\"0x5\",\"0x0\""),
            Step(pc: 8, op: 0x00, "STOP", gas: 56_888, cost: 0, ""),
            "{\"output\":\"\",\"gasUsed\":\"0xa868\"}",
            $"{{\"stateRoot\": \"{Good}\"}}",
            "",
        ];
        Assert.Equal(expected, error.Split('\n'));

        static string Step(int pc, int op, string name, long gas, long cost, string stack) =>
            $"{{\"pc\":{pc},\"op\":{op},\"gas\":\"0x{gas:x}\",\"gasCost\":\"0x{cost:x}\",\"memSize\":0,"
            + $"\"stack\":[{stack}],\"depth\":1,\"refund\":0,\"opName\":\"{name}\"}}";
    }

    [Fact]
    public async Task StateTest_BrokenFileAmongOthers_IsNamedAndTheOthersRun()
    {
        _folder.Write("1-broken.json", "{\"test\":\n{]}");
        File.WriteAllBytes(_folder.File("0-bytes.json"), [.. "{\""u8, 0xff, .. "\":{}}"u8]);
        _folder.Write("2-noenv.json", """{"noenv":{"post":{"Cancun":[{"hash":"0x12"}]}}}""");
        WriteStateTest("3-good.json", "adds", "Cancun", Good);
        WriteStateTest("4-fork.json", "future", "Utopia", Good);
        (int exitCode, string output, string error) = await FragcastProcess.RunAsync("statetest", _folder.File("."));
        string[] lines = error.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(4, lines.Length);
        Assert.Contains("0-bytes.json", lines[0], Ordinal);
        lines = lines[1..];
        Assert.All(lines, line => Assert.StartsWith("fragcast: ", line, Ordinal));
        Assert.Contains("1-broken.json: is neither JSON nor gzip of JSON (at line 2", lines[0], Ordinal);
        Assert.Contains("2-noenv.json: in noenv, \"env\" is missing", lines[1], Ordinal);
        Assert.Contains("4-fork.json: future.post.Utopia[0] stands under an unknown", lines[2], Ordinal);
        Assert.Contains("PASS adds", output, Ordinal);
        Assert.EndsWith("1 passed, 0 failed, 0 skipped, 4 unreadable\n", output, Ordinal);
        Assert.Equal(2, exitCode);
    }

    [Theory]
    [InlineData("")]
    [InlineData("-")]
    public async Task StateTest_NamesOnStandardInput_AreAnsweredOneByOne(string path)
    {
        string first = WriteStateTest("first.json", "first", "Cancun", Good);
        string second = WriteStateTest("second.json", "second", "Cancun", Good);
        string[] arguments = path.Length == 0 ? ["statetest", "--json"] : ["statetest", "--json", path];
        (int exitCode, string output, _) =
            await FragcastProcess.RunWithInputAsync($"{first}\n{second}\n", arguments);
        Assert.Equal(2, output.Split("[\n").Length - 1);
        Assert.True(
            output.IndexOf("first", Ordinal) < output.IndexOf("second", Ordinal));
        Assert.Equal(0, exitCode);
    }

    [Theory]
    [InlineData("1 passed, 0 failed, 1 skipped", "--run", "^ad+s$")]
    [InlineData("1 passed, 0 failed, 1 skipped", "--fork", "Prague")]
    [InlineData("0 passed, 0 failed, 2 skipped", "--index", "1")]
    [InlineData("2 passed, 0 failed, 0 skipped", "--tier", "interpreter")]
    [InlineData("2 passed, 0 failed, 0 skipped", "--tier", "decoded")]
    [InlineData("2 passed, 0 failed, 0 skipped", "--tier", "compiled")]
    public async Task StateTest_Options_ChooseCasesAndTier(string summary, params string[] options)
    {
        WriteStateTest("a.json", "adds", "Cancun", Good);
        WriteStateTest("b.json", "other", "Prague", Good);
        (int exitCode, string output, _) =
            await FragcastProcess.RunAsync(["statetest", _folder.File("."), .. options]);
        Assert.Contains(summary, output, Ordinal);
        Assert.Equal(0, exitCode);
    }

    [Theory]
    [InlineData("--fork Utopia is not known", "--fork", "Utopia")]
    [InlineData("--run", "--run", "(")]
    [InlineData("--jobs 0 is out of range", "--jobs", "0")]
    [InlineData("--trace needs --jobs 1", "--trace", "--jobs", "2")]
    [InlineData("--trace.format struct", "--trace", "--trace.format", "struct")]
    [InlineData("fast", "--tier", "fast")]
    public Task StateTest_WrongOption_SaysWhich(string mentions, params string[] options) =>
        FragcastProcess.AssertOneClearLineAsync(mentions, ["statetest", ".", .. options]);

    [Theory]
    [InlineData("missing.json", "there is no such file or folder")]
    [InlineData("suite.tar.gz", "is an archive; unpack it and give the folder")]
    [InlineData("empty", "the folder holds no .json file")]
    public async Task StateTest_PathWithoutTests_SaysWhy(string name, string problem)
    {
        if (name == "empty") Directory.CreateDirectory(_folder.File(name));
        else if (name == "suite.tar.gz") _folder.Write(name, "");
        (int exitCode, _, string error) = await FragcastProcess.RunAsync("statetest", _folder.File(name));
        Assert.Equal($"fragcast: {_folder.File(name)}: {problem}\n", error);
        Assert.Equal(2, exitCode);
    }

    [Fact]
    public async Task BlockTest_Cases_PassFailAndAreSkipped()
    {
        var genesis = new BlockHeader
        {
            GasLimit = 5000, Difficulty = UInt256.Zero, BaseFeePerGas = 7, StateRoot = BlockHeader.EmptyTrieRoot,
        };
        string good = BlockTest("good", "Paris", genesis, genesis.Hash);
        string bad = BlockTest("bad", "Paris", genesis, Hash256.Zero);
        string mined = BlockTest("mined", "BerlinToLondonAt5", genesis, genesis.Hash);
        _folder.Write("blocks.json", $"{{{good},{bad},{mined}}}");
        (int exitCode, string output, string error) = await FragcastProcess.RunAsync("blocktest", _folder.File("."));
        string[] lines = output.Split('\n');
        Assert.Equal($"PASS good Paris[0] {BlockHeader.EmptyTrieRoot}", lines[0]);
        Assert.StartsWith("FAIL bad Paris[0] ", lines[1], Ordinal);
        Assert.Contains("last block hash mismatch", lines[1], Ordinal);
        Assert.Equal("1 passed, 1 failed, 1 skipped", lines[2]);
        Assert.StartsWith("1 skipped: blocks before Paris", lines[3], Ordinal);
        Assert.Empty(error);
        Assert.Equal(1, exitCode);
    }

    [Fact]
    public async Task Genesis_WithSnapshot_PrintsTheHash()
    {
        string file = _folder.Write("genesis.json", """{"config":{"chainId":7},"alloc":{},"difficulty":"0x1"}""");
        (int exitCode, string output, _) =
            await FragcastProcess.RunAsync("genesis", file, "--snapshot", _folder.File("snapshot"));
        Assert.StartsWith("chain 7 block 0 hash 0x", output, Ordinal);
        Assert.Contains($"stateRoot {BlockHeader.EmptyTrieRoot} accounts 0", output, Ordinal);
        Assert.True(File.Exists(_folder.File("snapshot")));
        Assert.Equal(0, exitCode);
    }

    [Fact]
    public Task Genesis_BrokenFile_SaysWhere() => FragcastProcess.AssertOneClearLineAsync(
        "genesis.json: in config, \"chainId\" is missing",
        "genesis",
        _folder.Write("genesis.json", """{"config":{},"alloc":{}}"""));

    private static string BlockTest(string name, string network, BlockHeader genesis, Hash256 head)
    {
        using var rlp = new RlpWriter(1024);
        rlp.StartList();
        rlp.WriteRaw(genesis.Encode());
        rlp.WriteRaw([0xC0, 0xC0]);
        rlp.EndList();
        return $$"""
            "{{name}}": { "network": "{{network}}", "pre": {}, "blocks": [], "lastblockhash": "{{head}}",
              "genesisRLP": "{{Hex.Encode(rlp.Written)}}" }
            """;
    }

    /// <summary>A contract that adds 2 and 3 and stores the sum, called with 100,000 gas.</summary>
    private string WriteStateTest(string file, string name, string fork, string root) => _folder.Write(file, $$"""
        {
          "{{name}}": {
            "env": { "currentCoinbase": "0x00000000000000000000000000000000000000cb", "currentNumber": "0x1",
              "currentGasLimit": "0xf4240", "currentTimestamp": "0x3e8", "currentBaseFee": "0x7",
              "currentRandom": "0x0000000000000000000000000000000000000000000000000000000000000002" },
            "pre": {
              "0x00000000000000000000000000000000000000aa": { "balance": "0xde0b6b3a7640000", "nonce": "0x0",
                "code": "0x", "storage": {} },
              "0x00000000000000000000000000000000000000bb": { "balance": "0x0", "nonce": "0x1",
                "code": "0x600260030160005500", "storage": {} } },
            "transaction": { "data": ["0x"], "gasLimit": ["0x186a0"], "value": ["0x0"], "nonce": "0x0",
              "gasPrice": "0xa", "to": "0x00000000000000000000000000000000000000bb",
              "sender": "0x00000000000000000000000000000000000000aa" },
            "post": { "{{fork}}": [ { "hash": "{{root}}", "logs": "{{NoLogs}}",
              "indexes": { "data": 0, "gas": 0, "value": 0 } } ] } } }
        """);
}
