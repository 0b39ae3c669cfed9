using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;
using Fragcast.Execution.Evm;
using Fragcast.Execution.Fixtures;

namespace Fragcast.Execution.Tests.Fixtures;

public sealed class RealBlockTests : IDisposable
{
    private static readonly string Good = Blocks.RealBlockTests.DemoPath(26207960);
    private readonly string _file = Path.Combine(Path.GetTempPath(), $"fragcast-{Guid.NewGuid():N}.json");

    public void Dispose() => File.Delete(_file);

    [Fact]
    public void Read_GzipOrPlain_GivesTheSame()
    {
        RealBlock zipped = RealBlock.Read(Good);
        File.WriteAllText(_file, Json().ToJsonString());
        RealBlock plain = RealBlock.Read(_file);
        foreach (RealBlock block in (RealBlock[])[zipped, plain])
        {
            Assert.Equal(11155420UL, block.Chain.ChainId);
            Assert.Equal(OpFork.Holocene, block.Chain.Op!.ForkAt(block.Environment.Timestamp));
            Assert.Equal(1744905600UL, block.Chain.Op[OpFork.Isthmus]);
            Assert.Null(block.Chain.Op[OpFork.Jovian]);
            Assert.Equal(26207960UL, block.Environment.Number);
            Assert.Equal(10, block.Transactions.Count);
            Assert.Equal(331, block.Witness.Count);
            Assert.Equal(block.Parent.Hash, block.Environment.ParentHash);
        }
    }

    public static TheoryData<string, string> Damages() => new()
    {
        { "missing file", "can't be read" },
        { "not json", "neither JSON nor gzip" },
        { "truncated gzip", "truncated" },
        { "corrupt gzip", "truncated or corrupt" },
        { "array", "is not an object" },
        { "other json", "\"rollup_config\" is missing" },
        { "missing key", "\"parent_header\" is missing" },
        { "missing field", "in executing_payload, \"timestamp\" is missing" },
        { "bad hex", "parent_header.stateRoot is not 32 bytes of hex" },
        { "bad number", "parent_header.number is not a number" },
        { "big number", "parent_header.number has more than 64 bits" },
        { "bad transaction", "executing_payload.transactions[0] is not a transaction" },
        { "wrong hash", "does not have the hash under which it stands" },
        { "bad parameters", "executing_payload.eip1559Params is not 8 bytes" },
    };

    [Theory]
    [MemberData(nameof(Damages))]
    public void Read_DamagedFile_SaysWhatIsWrongInOneLine(string what, string expected)
    {
        Damage(what);
        var e = Assert.Throws<FixtureException>(() => RealBlock.Read(_file));
        Assert.StartsWith(_file + ": ", e.Message, StringComparison.Ordinal);
        Assert.Contains(expected, e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', e.Message);
    }

    [Fact]
    public void Read_EitherForm_SaysThatItIsNeither()
    {
        Assert.IsType<RealBlock>(BlockFixture.Read(Good));
        Damage("other json");
        var e = Assert.Throws<FixtureException>(() => BlockFixture.Read(_file));
        Assert.Contains("neither", e.Message, StringComparison.Ordinal);
    }

    private void Damage(string what)
    {
        byte[] zipped = File.ReadAllBytes(Good);
        switch (what)
        {
            case "missing file":
                return;
            case "not json":
                File.WriteAllText(_file, "{\"rollup_config\": ");
                return;
            case "truncated gzip":
                File.WriteAllBytes(_file, zipped[..(zipped.Length / 2)]);
                return;
            case "corrupt gzip":
                zipped.AsSpan(zipped.Length / 2, 100).Fill(0xff);
                File.WriteAllBytes(_file, zipped);
                return;
            case "other json":
                File.WriteAllText(_file, "{}");
                return;
            case "array":
                File.WriteAllText(_file, "[]");
                return;
        }

        JsonNode json = Json();
        JsonObject header = json["parent_header"]!.AsObject();
        JsonObject payload = json["executing_payload"]!.AsObject();
        switch (what)
        {
            case "missing key":
                json.AsObject().Remove("parent_header");
                break;
            case "missing field":
                payload["timestamp"] = null;
                break;
            case "bad hex":
                header["stateRoot"] = "0x12";
                break;
            case "bad number":
                header["number"] = "0xzz";
                break;
            case "big number":
                header["number"] = "0x1ffffffffffffffff";
                break;
            case "bad transaction":
                payload["transactions"]![0] = "0x7e00";
                break;
            case "wrong hash":
                JsonObject witness = json["witness"]!.AsObject();
                witness[witness.First().Key] = "0xc0";
                break;
            default:
                payload["eip1559Params"] = "0x01";
                break;
        }

        File.WriteAllText(_file, json.ToJsonString());
    }

    private static JsonNode Json()
    {
        using var gzip = new GZipStream(File.OpenRead(Good), CompressionMode.Decompress);
        using var reader = new StreamReader(gzip, Encoding.UTF8);
        return JsonNode.Parse(reader.ReadToEnd())!;
    }
}
