namespace Fragcast.Execution.Blocks;

/// <summary>What the transactions of a block have taken up of its limits so far.</summary>
public struct BlockTally
{
    /// <summary>Gas used, after refunds.</summary>
    public ulong GasUsed;

    /// <summary>Blob gas used (EIP-4844).</summary>
    public ulong BlobGasUsed;

    /// <summary>Data-availability footprint (OP-stack, Jovian).</summary>
    public ulong Footprint;

    /// <summary>Adds the share of a transaction.</summary>
    internal void Add(in TxResult result)
    {
        GasUsed += result.GasUsed;
        BlobGasUsed += result.BlobGasUsed;
        Footprint += result.Footprint;
    }
}
