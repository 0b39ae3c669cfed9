using Fragcast.Primitives;
using Fragcast.Primitives.Transactions;

namespace Fragcast.Execution.Fixtures;

/// <summary>Transactions in the form of RPC.</summary>
internal static class TransactionJson
{
    /// <summary>
    /// Reads a transaction. It is encoded anew; the hash that it states tells whether nothing got lost.
    /// </summary>
    public static Transaction Read(JsonField json)
    {
        ulong type = json.Optional("type")?.AsUInt64() ?? 0;
        if (type > byte.MaxValue || !Enum.IsDefined((TxType)type))
            throw json["type"].Wrong("is no type of transaction");
        var builder = new TransactionBuilder
        {
            Type = (TxType)type,
            GasLimit = json["gas"].AsUInt64(),
            To = json.Optional("to")?.AsAddress(),
            Value = json["value"].AsUInt256(),
            Data = json["input"].AsBytes(),
        };
        if (builder.Type == TxType.Deposit) ReadDeposit(json, builder);
        else ReadSigned(json, builder);

        Transaction transaction = builder.Build();
        if (transaction.Hash != json["hash"].AsHash()) throw json.Wrong("does not have the hash that it states");
        return transaction;
    }

    /// <summary>The entries of an access list; none for none.</summary>
    public static IEnumerable<AccessListEntry> AccessList(JsonField? json) =>
        json?.Elements().Select(ReadAccessListEntry) ?? [];

    /// <summary>Reads an authorization (EIP-7702).</summary>
    public static Authorization ReadAuthorization(JsonField json)
    {
        JsonField parity = json.Optional("yParity") ?? json["v"];
        return new Authorization(
            json["chainId"].AsUInt256(),
            json["address"].AsAddress(),
            json["nonce"].AsUInt64(),
            parity.AsUInt64() is var value and <= byte.MaxValue ? (byte)value : throw parity.Wrong("is above 255"),
            json["r"].AsUInt256(),
            json["s"].AsUInt256());
    }

    private static void ReadDeposit(JsonField json, TransactionBuilder builder)
    {
        builder.SourceHash = json["sourceHash"].AsHash();
        builder.DepositFrom = json["from"].AsAddress();
        builder.Mint = json.Optional("mint")?.AsUInt256() ?? UInt256.Zero;
        builder.IsSystemTx = json.Optional("isSystemTx")?.AsBool() ?? false;
    }

    private static void ReadSigned(JsonField json, TransactionBuilder builder)
    {
        builder.ChainId = json.Optional("chainId")?.AsUInt64();
        builder.Nonce = json["nonce"].AsUInt64();
        builder.MaxFeePerGas = (json.Optional("maxFeePerGas") ?? json["gasPrice"]).AsUInt256();
        builder.MaxPriorityFeePerGas = json.Optional("maxPriorityFeePerGas")?.AsUInt256() ?? UInt256.Zero;
        builder.MaxFeePerBlobGas = json.Optional("maxFeePerBlobGas")?.AsUInt256() ?? UInt256.Zero;
        builder.BlobHashes = [.. Elements(json, "blobVersionedHashes").Select(hash => hash.AsHash())];
        builder.AccessList = [.. AccessList(json.Optional("accessList"))];
        builder.Authorizations = [.. Elements(json, "authorizationList").Select(ReadAuthorization)];
        builder.R = json["r"].AsUInt256();
        builder.S = json["s"].AsUInt256();
        builder.YParity = ReadParity(json, builder);
    }

    private static byte ReadParity(JsonField json, TransactionBuilder builder)
    {
        if (json.Optional("yParity") is { } parity) return Parity(parity, parity.AsUInt64());
        JsonField v = json["v"];
        ulong value = v.AsUInt64();
        if (builder.Type != TxType.Legacy) return Parity(v, value);
        return Parity(v, builder.ChainId is { } chainId ? value - 35 - 2 * chainId : value - 27);
    }

    private static byte Parity(JsonField field, ulong value) =>
        value <= 1 ? (byte)value : throw field.Wrong("is no parity of a signature");

    private static AccessListEntry ReadAccessListEntry(JsonField json) => new(
        json["address"].AsAddress(), [.. json["storageKeys"].Elements().Select(key => key.AsUInt256())]);

    private static IEnumerable<JsonField> Elements(JsonField json, string name) =>
        json.Optional(name)?.Elements() ?? [];
}
