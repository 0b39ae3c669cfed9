using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Fragcast.Execution.Blocks;
using Fragcast.Execution.Evm;
using Fragcast.Execution.Fixtures;
using Fragcast.Primitives;
using Fragcast.Primitives.Rlp;

namespace Fragcast.Execution.Tests.Blocks;

public class GenesisTests
{
    private const string Archive = "evm/ethereum-tests.tar.gz";

    // The accounts of Sepolia's first block, with their balances in ether.
    private static readonly (string Address, long Ether)[] SepoliaAlloc =
    [
        ("0000006916a87b82333f4245046623b23794c65c", 10_000_000),
        ("10f5d45854e038071485ac9e402308cf80d2d2fe", 100_000_000),
        ("799d329e5f583419167cd722962485926e338f4a", 1),
        ("7cf5b79bfe291a67ab02b393e456ccc4c266f753", 1_000_000),
        ("8b7f0977bb4f0fbe7076fa22bc24aca043583f5e", 1_000_000),
        ("a2a6d93439144ffe4d27c9e088dcd8b783946263", 1_000_000),
        ("aaec86394441f915bce3e6ab399977e9906f3b69", 1_000_000),
        ("b21c33de1fab3fa15499c62b59fe0cc3250020d1", 100_000_000),
        ("bc11295936aa79d594139de1b2e12629414f3bdb", 1_000_000),
        ("beef32ca5b9a198d27b4e02f4c70439fe60356cf", 1_000_000),
        ("d7d76c58b3a519e9fa6cc4d22dc017259bc49f1e", 100_000_000),
        ("d7eddb78ed295b3c9629240e8924fb8d8874ddd8", 1_000_000),
        ("d9a5179f091d85051d3c982785efd1455cec8699", 1_000_000),
        ("e2e2659028143784d557bcec6ff3a0721048880a", 1_000_000),
        ("f47cae1cf79ca6758bfc787dbd21e6bdbe7112b8", 1_000_000),
    ];

    [DataFact(Archive)]
    public void Read_EthereumTests_HasTheHeadersOfTheSuite()
    {
        (string _, byte[] content) = TestData.ReadArchive(Archive, "/GenesisTests/basic").Single();
        JsonObject tests = JsonNode.Parse(content)!.AsObject();
        Assert.Equal(3, tests.Count);
        foreach ((string _, JsonNode? test) in tests)
        {
            // The suite is older than configurations, and than the name "balance": its rules are those of the first
            // blocks.
            test!["config"] = new JsonObject { ["chainId"] = 1 };
            string json = test.ToJsonString().Replace("\"wei\":", "\"balance\":", StringComparison.Ordinal);
            byte[] block = Hex.Decode(test["result"]!.GetValue<string>());
            var parts = new RlpReader(block);
            Assert.True(parts.TryReadList(out RlpReader items));
            Assert.True(items.TryReadItem(out ReadOnlySpan<byte> header));
            Assert.Equal(Hex.Encode(header), Hex.Encode(Read(json).Start.Header.Encode()));
        }
    }

    [Fact]
    public void Read_Sepolia_HasTheHashOfTheChain()
    {
        Genesis genesis = Read(Sepolia());
        const string hash = "0x25a5cc106eea7138acab33231d7160d69cb777ee0c2c553fcddf5138993e6dd9";
        Assert.Equal(hash, genesis.Start.Header.Hash.ToString());
        Assert.Equal(11_155_111UL, genesis.Chain.ChainId);
        Assert.Equal(genesis.Start.Header.StateRoot, genesis.Start.Trie.Root);
        Assert.Equal(Fork.London, genesis.Chain.RulesAt(1_735_370, 1).Fork);
        Assert.Equal(Fork.Paris, genesis.Chain.RulesAt(1_735_371, 1).Fork);
        Assert.Equal(Fork.Cancun, genesis.Chain.RulesAt(6_000_000, 1_741_159_775).Fork);
        Assert.Equal(Fork.Prague, genesis.Chain.RulesAt(6_000_000, 1_741_159_776).Fork);
        Assert.Equal(9U, genesis.Chain.BlobsAt(Fork.Osaka, 1_760_427_360).Max);
        Assert.Equal(15U, genesis.Chain.BlobsAt(Fork.Osaka, 1_761_017_184).Max);
        Assert.Equal("0x7f02c3e3c98b133055b8b348b2ac625669ed295d", $"{genesis.Chain.DepositContract}");
    }

    [Fact]
    public void Read_OpStackOnIsthmus_HasThePassersStorageRoot()
    {
        const string file = """
            {
              "config": { "chainId": 901, "londonBlock": 0, "mergeNetsplitBlock": 0, "bedrockBlock": 0,
                "regolithTime": 0, "canyonTime": 0, "ecotoneTime": 0, "fjordTime": 0, "graniteTime": 0,
                "holoceneTime": 0, "isthmusTime": 0, "jovianTime": 1000,
                "optimism": { "eip1559Elasticity": 2, "eip1559Denominator": 8, "eip1559DenominatorCanyon": 250 } },
              "gasLimit": "0x1c9c380", "difficulty": "0x0", "timestamp": "0x10", "extraData": "0x00000000fa00000002",
              "alloc": {
                "4200000000000000000000000000000000000016": { "balance": "0x0", "code": "0x6001",
                  "storage": { "01": "02" } } }
            }
            """;
        Genesis genesis = Read(file);
        Assert.Equal(OpFork.Isthmus, genesis.Chain.RulesAt(0, 16).OpFork);
        Assert.Equal(OpFork.Jovian, genesis.Chain.RulesAt(1, 1000).OpFork);
        Assert.Equal(2U, genesis.Chain.Op!.Elasticity);
        Address passer = Address.Parse("0x4200000000000000000000000000000000000016");
        Assert.True(genesis.Start.Trie.TryGetAccount(passer, out var account));
        Assert.Equal(account.StorageRoot, genesis.Start.Header.WithdrawalsRoot);
        Assert.Equal(1_000_000_000UL, genesis.Start.Header.BaseFeePerGas);
        Assert.Equal(0UL, genesis.Start.Header.ExcessBlobGas);
        Assert.NotNull(genesis.Start.Header.RequestsHash);
    }

    [Theory]
    [InlineData("""{"alloc":{}}""", "\"config\" is missing")]
    [InlineData("""{"config":{},"alloc":{}}""", "\"chainId\" is missing")]
    [InlineData("""{"config":{"chainId":1,"amsterdamTime":5},"alloc":{}}""", "config.amsterdamTime")]
    [InlineData("""{"config":{"chainId":1,"bpo1Time":5},"alloc":{}}""", "no \"bpo1\" in blobSchedule")]
    [InlineData("""{"config":{"chainId":1,"pragueTime":5,"osakaTime":4},"alloc":{}}""", "config.osakaTime")]
    [InlineData("""{"config":{"chainId":1},"alloc":{"0x12":{}}}""", "no address")]
    [InlineData("""{"config":{"chainId":1},"alloc":{},"gasLimit":"0x10000000000000000"}""", "gasLimit")]
    public void Read_BrokenFile_SaysWhere(string json, string mentions)
    {
        var error = Assert.Throws<FixtureException>(() => Read(json));
        Assert.StartsWith("genesis.json: ", error.Message, StringComparison.Ordinal);
        Assert.Contains(mentions, error.Message, StringComparison.Ordinal);
    }

    private static Genesis Read(string json)
    {
        using var document = JsonDocument.Parse(json);
        return Genesis.Read(new JsonField("genesis.json", document.RootElement));
    }

    private static string Sepolia()
    {
        var alloc = new StringBuilder();
        foreach ((string address, long ether) in SepoliaAlloc)
        {
            string wei = ether.ToString(CultureInfo.InvariantCulture) + new string('0', 18);
            alloc.Append(alloc.Length == 0 ? "" : ",").Append($"\"{address}\":{{\"balance\":\"{wei}\"}}");
        }

        return $$"""
            {
              "config": {
                "chainId": 11155111, "homesteadBlock": 0, "eip150Block": 0, "eip155Block": 0, "eip158Block": 0,
                "byzantiumBlock": 0, "constantinopleBlock": 0, "petersburgBlock": 0, "istanbulBlock": 0,
                "muirGlacierBlock": 0, "berlinBlock": 0, "londonBlock": 0, "terminalTotalDifficulty": 17000000000000000,
                "mergeNetsplitBlock": 1735371, "shanghaiTime": 1677557088, "cancunTime": 1706655072,
                "pragueTime": 1741159776, "osakaTime": 1760427360, "bpo1Time": 1761017184, "bpo2Time": 1761607008,
                "depositContractAddress": "0x7f02c3e3c98b133055b8b348b2ac625669ed295d", "ethash": {},
                "blobSchedule": {
                  "cancun": { "target": 3, "max": 6, "baseFeeUpdateFraction": 3338477 },
                  "prague": { "target": 6, "max": 9, "baseFeeUpdateFraction": 5007716 },
                  "bpo1": { "target": 10, "max": 15, "baseFeeUpdateFraction": 8346193 },
                  "bpo2": { "target": 14, "max": 21, "baseFeeUpdateFraction": 11684671 } } },
              "nonce": "0x0", "timestamp": "0x6159af19", "gasLimit": "0x1c9c380", "difficulty": "0x20000",
              "extraData": "{{Hex.Encode("Sepolia, Athens, Attica, Greece!"u8)}}",
              "alloc": { {{alloc}} }
            }
            """;
    }
}
