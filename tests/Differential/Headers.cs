using Fragcast.Execution.Blocks;
using Fragcast.Primitives.Blocks;
using Fragcast.Primitives.Transactions;

namespace Fragcast.Differential;

/// <summary>Compares headers. Their state roots are compared elsewhere.</summary>
internal static class Headers
{
    public static IEnumerable<string> Differences(SealedBlock block, BlockHeader theirs)
    {
        BlockHeader ours = block.Header with { StateRoot = theirs.StateRoot };

        // Anvil's receipts of deposits have the nonce after the deposit in place of the one before.
        if (block.Transactions.Any(t => t.IsDeposit)) ours = ours with { ReceiptsRoot = theirs.ReceiptsRoot };

        // Anvil's transactions root is over blob transactions with their blobs.
        if (block.Transactions.Any(t => t.Type == TxType.Blob))
            ours = ours with { TransactionsRoot = theirs.TransactionsRoot };
        if (ours.Hash == theirs.Hash) return [];
        return Lines(ours).Zip(Lines(theirs)).Where(p => p.First != p.Second)
            .Select(p => $"ours {p.First}, anvil's {p.Second}")
            .Prepend("the hash differs");
    }

    private static string[] Lines(BlockHeader header) =>
    [
        $"transactions root {header.TransactionsRoot}",
        $"receipts root {header.ReceiptsRoot}",
        $"gas used {header.GasUsed}",
        $"blob gas used {header.BlobGasUsed}",
        $"excess blob gas {header.ExcessBlobGas}",
        $"withdrawals root {header.WithdrawalsRoot}",
        $"requests hash {header.RequestsHash}",
        $"extra data {Convert.ToHexString(header.ExtraData.Span)}",
        $"bloom {Convert.ToHexString(header.LogsBloom.Span)}",
        $"beacon root {header.ParentBeaconBlockRoot}",
    ];
}
