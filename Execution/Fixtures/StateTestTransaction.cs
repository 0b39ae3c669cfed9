using Fragcast.Primitives;
using Fragcast.Primitives.Crypto;
using Fragcast.Primitives.Transactions;

namespace Fragcast.Execution.Fixtures;

/// <summary>
/// Reads the transaction of a state test: its bytes ("txbytes") where the suite states them, else the template
/// "transaction", whose data, gas limit and value the case chooses by index.
/// </summary>
internal static class StateTestTransaction
{
    // What generators write for a number that no field can hold.
    private const string BigIntPrefix = "0x:bigint ";

    // 0x and 256 bits in hex. 2^256 - 1 has more digits in decimal, which no suite uses for such numbers.
    private const int NumberLengthMax = 66;

    /// <summary>Reads the transaction of a case.</summary>
    /// <param name="test">The test.</param>
    /// <param name="post">The case.</param>
    /// <param name="chainId">The chain that typed transactions without bytes are for.</param>
    /// <param name="transaction">The transaction, or null.</param>
    /// <returns>Why it is none, for a case that states bytes or numbers that are no transaction; or null.</returns>
    /// <exception cref="FixtureException">The file has not the form of such a test.</exception>
    public static string? Read(JsonField test, JsonField post, ulong chainId, out Transaction? transaction)
    {
        if (post.Optional("txbytes") is { } bytes)
        {
            TxDecodeError error = Transaction.TryDecode(bytes.AsBytes(), out transaction);
            return error == TxDecodeError.None ? null : error.ToString();
        }

        transaction = null;
        JsonField template = test["transaction"];
        JsonField indexes = post["indexes"];
        JsonField data = Element(template["data"], indexes["data"]);
        JsonField gasLimit = Element(template["gasLimit"], indexes["gas"]);
        JsonField value = Element(template["value"], indexes["value"]);
        if (IsTooLarge(gasLimit) || IsTooLarge(value) || IsTooLarge(template["nonce"]))
            return nameof(TxDecodeError.IntegerTooLarge);

        var builder = new TransactionBuilder
        {
            Nonce = template["nonce"].AsUInt64(),
            To = template.Optional("to") is { } to && to.AsText() is not ("" or "0x") ? to.AsAddress() : null,
            GasLimit = gasLimit.AsUInt64(),
            Value = value.IsText && value.AsText() == "0x" ? UInt256.Zero : value.AsUInt256(),
            Data = data.AsBytes(),
        };
        ReadFees(template, builder);
        ReadTypedFields(template, (int)indexes["data"].AsUInt32(), chainId, builder);
        if (builder.To is null && builder.Type is TxType.Blob or TxType.SetCode)
            return nameof(TxDecodeError.MissingTo);
        transaction = template.Optional("sender") is { } sender
            ? builder.BuildFrom(sender.AsAddress())
            : builder.Sign(ReadKey(template["secretKey"]));
        return null;
    }

    private static JsonField Element(JsonField array, JsonField index)
    {
        uint number = index.AsUInt32();
        foreach (JsonField element in array.Elements())
        {
            if (number-- == 0) return element;
        }

        throw index.Wrong("is no index of the transaction's list");
    }

    /// <summary>Whether a number is wider than its field: the transaction is then invalid, not the file.</summary>
    private static bool IsTooLarge(JsonField field) =>
        field.IsText
        && field.AsText() is var text
        && (text.StartsWith(BigIntPrefix, StringComparison.Ordinal) || text.Length > NumberLengthMax);

    private static void ReadFees(JsonField template, TransactionBuilder builder)
    {
        builder.MaxFeePerGas = (template.Optional("maxFeePerGas") ?? template.Optional("gasPrice"))?.AsUInt256()
            ?? UInt256.Zero;
        builder.MaxPriorityFeePerGas = template.Optional("maxPriorityFeePerGas")?.AsUInt256() ?? UInt256.Zero;
        builder.MaxFeePerBlobGas = template.Optional("maxFeePerBlobGas")?.AsUInt256() ?? UInt256.Zero;
    }

    /// <summary>The type is the first that has all the fields that the template has.</summary>
    private static void ReadTypedFields(JsonField template, int dataIndex, ulong chainId, TransactionBuilder builder)
    {
        JsonField? accessList = template.Optional("accessList")
            ?? template.Optional("accessLists")?.Elements().Cast<JsonField?>().ElementAtOrDefault(dataIndex);
        if (accessList is { IsNull: true }) accessList = null;
        builder.AccessList = [.. TransactionJson.AccessList(accessList)];
        builder.BlobHashes = [.. Elements(template, "blobVersionedHashes").Select(hash => hash.AsHash())];
        builder.Authorizations = [.. Elements(template, "authorizationList").Select(TransactionJson.ReadAuthorization)];
        builder.Type = template.Optional("authorizationList") is not null ? TxType.SetCode
            : template.Optional("maxFeePerBlobGas") is not null || builder.BlobHashes.Length > 0 ? TxType.Blob
            : template.Optional("maxFeePerGas") is not null ? TxType.DynamicFee
            : accessList is not null ? TxType.AccessList
            : TxType.Legacy;
        if (builder.Type != TxType.Legacy) builder.ChainId = chainId;
    }

    private static IEnumerable<JsonField> Elements(JsonField json, string name) =>
        json.Optional(name)?.Elements() ?? [];

    private static byte[] ReadKey(JsonField field)
    {
        byte[] key = field.AsBytes();
        bool isKey = key.Length == Secp256k1.SecretKeySize
            && Secp256k1.TryGetPublicKey(key, stackalloc byte[Secp256k1.PublicKeySize]);
        return isKey ? key : throw field.Wrong("is not a secp256k1 key");
    }
}
