using Fragcast.Primitives.Messages;

namespace Fragcast.Primitives.Tests.Messages;

/// <summary>The messages of based-op's published vectors.</summary>
internal static class TestMessages
{
    private static readonly Hash256 H =
        Hash256.Parse("0xe75fae0065403d4091f3d6549c4219db69c96d9de761cfc75fe9792b6166c758");

    public static EnvV0 Env { get; } = new()
    {
        Number = 1,
        ParentHash = H,
        Beneficiary = Address.Parse("0x1234567890123456789012345678901234567890"),
        Timestamp = 2,
        GasLimit = 3,
        BaseFee = 4,
        Difficulty = 5,
        PrevRandao = H,
        ExtraData = new byte[] { 1, 2, 3 },
        ParentBeaconBlockRoot = H,
    };

    public static SealV0 Seal { get; } = new()
    {
        TotalFrags = 8,
        BlockNumber = 123,
        GasUsed = 25000,
        GasLimit = 1000000,
        ParentHash = H,
        TransactionsRoot = H,
        ReceiptsRoot = H,
        StateRoot = H,
        BlockHash = H,
    };

    public static FragV0 Frag(MessageRevision revision) =>
        FragV0.Create(new FragHeader(1, 0, true), [new byte[] { 1, 2, 3 }], revision);

    /// <summary>A frag of transactions of these lengths, filled from a seed.</summary>
    public static FragV0 Frag(
        int seed, int[] lengths, MessageRevision revision = MessageRevision.V0WithBlobGas, FragHeader? header = null)
    {
        var random = new Random(seed);
        var transactions = lengths.Select(length =>
        {
            var raw = new byte[length];
            random.NextBytes(raw);
            return (ReadOnlyMemory<byte>)raw;
        }).ToArray();
        return FragV0.Create(header ?? new FragHeader(7, 3, false, 11), transactions, revision);
    }
}
