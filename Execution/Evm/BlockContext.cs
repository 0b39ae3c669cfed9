using Fragcast.Primitives;

namespace Fragcast.Execution.Evm;

/// <summary>Hashes of recent blocks, for BLOCKHASH.</summary>
public interface IBlockHashes
{
    /// <summary>
    /// Hash of the block with the given number, one of the 256 before the current one; zero if it is not known. May
    /// throw <see cref="State.StateUnavailableException"/>.
    /// </summary>
    Hash256 HashOf(ulong number);
}

/// <summary>What instructions see of the block. One object serves all transactions of a block.</summary>
public sealed class BlockContext
{
    /// <summary>The rules in force.</summary>
    public required EvmSpec Spec { get; init; }

    /// <summary>CHAINID (EIP-1344).</summary>
    public UInt256 ChainId { get; init; } = UInt256.One;

    /// <summary>NUMBER.</summary>
    public ulong Number { get; init; }

    /// <summary>TIMESTAMP, in seconds of Unix time.</summary>
    public ulong Timestamp { get; init; }

    /// <summary>COINBASE, the fee recipient.</summary>
    public Address Coinbase { get; init; }

    /// <summary>GASLIMIT.</summary>
    public ulong GasLimit { get; init; }

    /// <summary>BASEFEE, in wei a gas (EIP-3198).</summary>
    public UInt256 BaseFee { get; init; }

    /// <summary>BLOBBASEFEE, in wei a blob gas (EIP-7516).</summary>
    public UInt256 BlobBaseFee { get; init; }

    /// <summary>PREVRANDAO (EIP-4399); DIFFICULTY before Paris.</summary>
    public UInt256 PrevRandao { get; init; }

    /// <summary>Hashes of recent blocks; without them BLOCKHASH gives zero.</summary>
    public IBlockHashes? BlockHashes { get; init; }
}

/// <summary>What instructions see of the transaction.</summary>
public readonly struct TxContext
{
    /// <summary>ORIGIN, the sender.</summary>
    public Address Origin { get; init; }

    /// <summary>GASPRICE, the effective price in wei a gas.</summary>
    public UInt256 GasPrice { get; init; }

    /// <summary>BLOBHASH, the versioned hashes of the transaction's blobs (EIP-4844).</summary>
    public ReadOnlyMemory<Hash256> BlobHashes { get; init; }
}
