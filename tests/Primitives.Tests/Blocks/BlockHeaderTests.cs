using System.Text.Json;
using Fragcast.Primitives.Blocks;

namespace Fragcast.Primitives.Tests.Blocks;

public class BlockHeaderTests
{
    [Fact]
    public void EmptyHashes_AreTheKnownOnes()
    {
        Assert.Equal(
            Hash256.Parse("0x1dcc4de8dec75d7aab85b567b6ccd41ad312451b948a7413f0a142fd40d49347"),
            BlockHeader.EmptyOmmersHash);
        Assert.Equal(
            Hash256.Parse("0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421"),
            BlockHeader.EmptyTrieRoot);
    }

    [SharedDataTheory("real-blocks/op-sepolia-26207961.json.gz")]
    [InlineData("26207961", "26207960")]
    [InlineData("26207962", "26207961")]
    public void Hash_OfAParentHeader_IsTheExpectedHashOfThatBlock(string child, string parent)
    {
        using var childJson = SharedData.ReadGzipJson($"real-blocks/op-sepolia-{child}.json.gz");
        using var parentJson = SharedData.ReadGzipJson($"real-blocks/op-sepolia-{parent}.json.gz");
        var header = FromRpc(childJson.RootElement.GetProperty("parent_header"));

        Assert.Equal(Hash256.Parse(Text(parentJson.RootElement, "expected_block_hash")), header.Hash);
        AssertSameAfterDecoding(header);
    }

    [SharedDataFact("real-blocks/rise-7941842.json.gz")]
    public void Hash_OfAPragueHeader_IsTheBlockHash()
    {
        using var json = SharedData.ReadGzipJson("real-blocks/rise-7941842.json.gz");
        var block = json.RootElement.GetProperty("block");
        var header = FromRpc(block);

        Assert.NotNull(header.RequestsHash);
        Assert.Equal(Hash256.Parse(Text(block, "hash")), header.Hash);
        AssertSameAfterDecoding(header);
    }

    [Fact]
    public void TryDecode_EachGenerationOfFields_GivesTheSame()
    {
        var header = new BlockHeader
        {
            ParentHash = Keccak256.Hash([1]),
            Beneficiary = TestKeys.AddressOf(TestKeys.Key(1)),
            StateRoot = Keccak256.Hash([2]),
            LogsBloom = Enumerable.Range(0, 256).Select(i => (byte)i).ToArray(),
            Difficulty = UInt256.MaxValue,
            Number = ulong.MaxValue,
            GasLimit = 1,
            GasUsed = 2,
            Timestamp = 3,
            ExtraData = new byte[] { 1, 2, 3 },
            MixHash = Keccak256.Hash([4]),
            Nonce = 0x42,
        };
        AssertSameAfterDecoding(header);
        header = header with { BaseFeePerGas = 0 };
        AssertSameAfterDecoding(header);
        header = header with { WithdrawalsRoot = Keccak256.Hash([5]) };
        AssertSameAfterDecoding(header);
        header = header with { BlobGasUsed = 0, ExcessBlobGas = 7, ParentBeaconBlockRoot = default(Hash256) };
        AssertSameAfterDecoding(header);
        header = header with { RequestsHash = Keccak256.Hash([6]) };
        AssertSameAfterDecoding(header);
        Assert.NotEqual(header, header with { ExtraData = new byte[] { 1, 2, 4 } });
        Assert.NotEqual(header, header with { RequestsHash = null });
    }

    [Fact]
    public void Encode_FieldWithoutTheOnesBefore_Throws()
    {
        Assert.Throws<InvalidOperationException>(() => new BlockHeader { WithdrawalsRoot = default(Hash256) }.Encode());
        Assert.Throws<InvalidOperationException>(() => new BlockHeader { BaseFeePerGas = 1, BlobGasUsed = 1 }.Hash);
    }

    [Fact]
    public void LogsBloom_OfAnotherSize_IsRefusedWhenSet() =>
        Assert.Throws<ArgumentException>(() => new BlockHeader { LogsBloom = new byte[255] });

    [Fact]
    public void TryDecode_EveryPrefixAndAByteMore_IsRefused()
    {
        var rlp = Full().Encode();
        for (var length = 0; length < rlp.Length; length++)
        {
            Assert.NotEqual(BlockDecodeError.None, BlockHeader.TryDecode(rlp.AsSpan(0, length), out var header));
            Assert.Null(header);
        }

        Assert.Equal(BlockDecodeError.TrailingData, BlockHeader.TryDecode([.. rlp, 0], out _));
        Assert.Equal(BlockDecodeError.MissingFields, BlockHeader.TryDecode([0xC0], out _));
        Assert.Equal(BlockDecodeError.MalformedRlp, BlockHeader.TryDecode([0x80], out _));
    }

    [Fact]
    public void TryDecode_MutatedHeaders_GiveAnErrorOrTheSameBytesAgain()
    {
        var random = new Random(31);
        var original = Full().Encode();
        var decoded = 0;
        for (var round = 0; round < 20_000; round++)
        {
            var rlp = Mutation.Of(original, random, focus: 600);
            if (BlockHeader.TryDecode(rlp, out var header) == BlockDecodeError.None)
            {
                decoded++;
                Assert.Equal(rlp, header!.Encode());
            }
        }

        Assert.InRange(decoded, 100, 19_000);
    }

    private static BlockHeader Full() => new()
    {
        Number = 5,
        BaseFeePerGas = 7,
        WithdrawalsRoot = BlockHeader.EmptyTrieRoot,
        BlobGasUsed = 0x20000,
        ExcessBlobGas = 1,
        ParentBeaconBlockRoot = Keccak256.Hash([1]),
        RequestsHash = Keccak256.Hash([2]),
    };

    private static void AssertSameAfterDecoding(BlockHeader header)
    {
        Assert.Equal(BlockDecodeError.None, BlockHeader.TryDecode(header.Encode(), out var decoded));
        Assert.Equal(header, decoded);
        Assert.Equal(
            (header.BaseFeePerGas, header.WithdrawalsRoot, header.BlobGasUsed, header.ExcessBlobGas),
            (decoded!.BaseFeePerGas, decoded.WithdrawalsRoot, decoded.BlobGasUsed, decoded.ExcessBlobGas));
        Assert.Equal(
            (header.Number, header.Timestamp, header.Nonce, header.Difficulty, header.Hash),
            (decoded.Number, decoded.Timestamp, decoded.Nonce, decoded.Difficulty, decoded.Hash));
    }

    private static BlockHeader FromRpc(JsonElement json) => new()
    {
        ParentHash = Hash(json, "parentHash"),
        OmmersHash = Hash(json, "sha3Uncles"),
        Beneficiary = Address.Parse(Text(json, "miner")),
        StateRoot = Hash(json, "stateRoot"),
        TransactionsRoot = Hash(json, "transactionsRoot"),
        ReceiptsRoot = Hash(json, "receiptsRoot"),
        LogsBloom = Hex.Decode(Text(json, "logsBloom")),
        Difficulty = UInt256.Parse(Text(json, "difficulty")),
        Number = Number(json, "number"),
        GasLimit = Number(json, "gasLimit"),
        GasUsed = Number(json, "gasUsed"),
        Timestamp = Number(json, "timestamp"),
        ExtraData = Hex.Decode(Text(json, "extraData")),
        MixHash = Hash(json, "mixHash"),
        Nonce = Number(json, "nonce"),
        BaseFeePerGas = Number(json, "baseFeePerGas"),
        WithdrawalsRoot = Hash(json, "withdrawalsRoot"),
        BlobGasUsed = Number(json, "blobGasUsed"),
        ExcessBlobGas = Number(json, "excessBlobGas"),
        ParentBeaconBlockRoot = Hash(json, "parentBeaconBlockRoot"),
        RequestsHash = json.TryGetProperty("requestsHash", out _) ? Hash(json, "requestsHash") : null,
    };

    private static Hash256 Hash(JsonElement json, string name) => Hash256.Parse(Text(json, name));

    private static ulong Number(JsonElement json, string name) => Convert.ToUInt64(Text(json, name), 16);

    private static string Text(JsonElement json, string name) => json.GetProperty(name).GetString()!;
}
