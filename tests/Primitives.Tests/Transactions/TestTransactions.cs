using Fragcast.Primitives.Transactions;

namespace Fragcast.Primitives.Tests.Transactions;

/// <summary>Transactions of every type, small and with every list filled.</summary>
internal static class TestTransactions
{
    public static readonly byte[] Key = TestKeys.Key(42);

    public static readonly Address To = Address.Parse("0x00000000000000000000000000000000deadbeef");

    public static TheoryData<TxType> AllTypes => new(Enum.GetValues<TxType>());

    public static TheoryData<TxType> SignedTypes => new(Enum.GetValues<TxType>().Where(t => t != TxType.Deposit));

    /// <summary>Every field of the type set to something that is not its default.</summary>
    public static TransactionBuilder Full(TxType type) => new()
    {
        Type = type,
        ChainId = type == TxType.Deposit ? null : 11155420,
        Nonce = type == TxType.Deposit ? 0 : 0x1234u,
        MaxFeePerGas = type == TxType.Deposit ? 0 : UInt256.Parse("0x1234567890abcdef1234567890abcdef"),
        MaxPriorityFeePerGas = type == TxType.Deposit ? 0 : type > TxType.AccessList
            ? UInt256.Parse("0x77") : UInt256.Parse("0x1234567890abcdef1234567890abcdef"),
        GasLimit = 30_000_000,
        To = To,
        Value = UInt256.MaxValue,
        Data = Enumerable.Range(0, 300).Select(i => (byte)i).ToArray(),
        AccessList = type is TxType.Legacy or TxType.Deposit ? [] :
        [
            new(To, [1, UInt256.MaxValue, 0]),
            new(default, []),
            new(TestKeys.AddressOf(Key), [5]),
        ],
        MaxFeePerBlobGas = type == TxType.Blob ? 9 : 0,
        BlobHashes = type == TxType.Blob ? [Keccak256.Hash([1]), Keccak256.Hash([2])] : [],
        Authorizations = type != TxType.SetCode ? [] :
        [
            Authorization.Sign(11155420, To, 7, TestKeys.Key(1)),
            Authorization.Sign(0, default, 0, TestKeys.Key(2)),
            new(UInt256.MaxValue, To, ulong.MaxValue, 255, UInt256.MaxValue, UInt256.MaxValue),
        ],
        SourceHash = type == TxType.Deposit ? Keccak256.Hash([3]) : default,
        DepositFrom = type == TxType.Deposit ? TestKeys.AddressOf(TestKeys.Key(3)) : default,
        Mint = type == TxType.Deposit ? 1000 : 0,
        IsSystemTx = type == TxType.Deposit,
    };

    /// <summary>Nothing set but what the type must have.</summary>
    public static TransactionBuilder Empty(TxType type) => new()
    {
        Type = type,
        GasLimit = 0,
        To = type is TxType.Blob or TxType.SetCode ? To : null,
    };

    public static byte[] Encode(TransactionBuilder builder) =>
        builder.Type == TxType.Deposit ? builder.Encode() : builder.EncodeSigned(Key);

    public static Transaction Decode(ReadOnlyMemory<byte> raw)
    {
        Assert.Equal(TxDecodeError.None, Transaction.TryDecode(raw, out var transaction));
        return transaction!;
    }
}
