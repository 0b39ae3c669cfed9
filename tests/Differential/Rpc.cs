using System.Text.Json;
using Fragcast.Primitives;
using Fragcast.Primitives.Blocks;

namespace Fragcast.Differential;

/// <summary>Reads the values of JSON-RPC.</summary>
internal static class Rpc
{
    public static string Text(this JsonElement json, string name) => json.GetProperty(name).GetString()!;

    public static bool Has(this JsonElement json, string name) =>
        json.TryGetProperty(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null;

    public static UInt256 Number(this JsonElement json, string name) => UInt256.Parse(json.Text(name));

    public static ulong UInt64(this JsonElement json, string name) => (ulong)json.Number(name);

    public static Hash256 Hash(this JsonElement json, string name) => Hash256.Parse(json.Text(name));

    public static byte[] Bytes(this JsonElement json, string name) => Hex.Decode(json.Text(name));

    public static string Quantity(in UInt256 value) => value.ToString();

    /// <summary>The header of a block.</summary>
    public static BlockHeader Header(JsonElement block) => new()
    {
        ParentHash = block.Hash("parentHash"),
        Beneficiary = Address.Parse(block.Text("miner")),
        StateRoot = block.Hash("stateRoot"),
        TransactionsRoot = block.Hash("transactionsRoot"),
        ReceiptsRoot = block.Hash("receiptsRoot"),
        LogsBloom = block.Bytes("logsBloom"),
        Difficulty = block.Number("difficulty"),
        Number = block.UInt64("number"),
        GasLimit = block.UInt64("gasLimit"),
        GasUsed = block.UInt64("gasUsed"),
        Timestamp = block.UInt64("timestamp"),
        ExtraData = block.Bytes("extraData"),
        MixHash = block.Hash("mixHash"),
        BaseFeePerGas = block.Number("baseFeePerGas"),
        WithdrawalsRoot = block.Has("withdrawalsRoot") ? block.Hash("withdrawalsRoot") : null,
        BlobGasUsed = block.Has("blobGasUsed") ? block.UInt64("blobGasUsed") : null,
        ExcessBlobGas = block.Has("excessBlobGas") ? block.UInt64("excessBlobGas") : null,
        ParentBeaconBlockRoot = block.Has("parentBeaconBlockRoot") ? block.Hash("parentBeaconBlockRoot") : null,
        RequestsHash = block.Has("requestsHash") ? block.Hash("requestsHash") : null,
    };
}
