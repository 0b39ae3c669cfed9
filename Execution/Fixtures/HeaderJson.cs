using Fragcast.Primitives.Blocks;

namespace Fragcast.Execution.Fixtures;

/// <summary>Headers in the form of RPC.</summary>
internal static class HeaderJson
{
    /// <summary>Reads a header; what else the object holds is passed over.</summary>
    public static BlockHeader Read(JsonField json)
    {
        byte[] bloom = json["logsBloom"].AsBytes();
        if (bloom.Length != BlockHeader.LogsBloomLength) throw json["logsBloom"].Wrong("is not 256 bytes of hex");
        return new BlockHeader
        {
            ParentHash = json["parentHash"].AsHash(),
            OmmersHash = json["sha3Uncles"].AsHash(),
            Beneficiary = json["miner"].AsAddress(),
            StateRoot = json["stateRoot"].AsHash(),
            TransactionsRoot = json["transactionsRoot"].AsHash(),
            ReceiptsRoot = json["receiptsRoot"].AsHash(),
            LogsBloom = bloom,
            Difficulty = json["difficulty"].AsUInt256(),
            Number = json["number"].AsUInt64(),
            GasLimit = json["gasLimit"].AsUInt64(),
            GasUsed = json["gasUsed"].AsUInt64(),
            Timestamp = json["timestamp"].AsUInt64(),
            ExtraData = json["extraData"].AsBytes(),
            MixHash = json["mixHash"].AsHash(),
            Nonce = json["nonce"].AsUInt64(),
            BaseFeePerGas = json.Optional("baseFeePerGas")?.AsUInt256(),
            WithdrawalsRoot = json.Optional("withdrawalsRoot")?.AsHash(),
            BlobGasUsed = json.Optional("blobGasUsed")?.AsUInt64(),
            ExcessBlobGas = json.Optional("excessBlobGas")?.AsUInt64(),
            ParentBeaconBlockRoot = json.Optional("parentBeaconBlockRoot")?.AsHash(),
            RequestsHash = json.Optional("requestsHash")?.AsHash(),
        };
    }
}
