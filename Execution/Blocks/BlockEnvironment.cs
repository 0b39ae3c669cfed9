using Fragcast.Primitives;
using Fragcast.Primitives.Blocks;
using Fragcast.Primitives.Messages;

namespace Fragcast.Execution.Blocks;

/// <summary>What a block is to be, before it has transactions.</summary>
public sealed record BlockEnvironment
{
    /// <summary>The block's number.</summary>
    public required ulong Number { get; init; }

    /// <summary>Hash of the parent's header.</summary>
    public required Hash256 ParentHash { get; init; }

    /// <summary>Time in seconds since 1970.</summary>
    public required ulong Timestamp { get; init; }

    /// <summary>Receiver of the priority fees.</summary>
    public required Address Beneficiary { get; init; }

    /// <summary>The block's gas limit.</summary>
    public required ulong GasLimit { get; init; }

    /// <summary>Base fee in wei; null before London.</summary>
    public UInt256? BaseFee { get; init; }

    /// <summary>Randomness of the beacon chain (EIP-4399).</summary>
    public Hash256 PrevRandao { get; init; }

    /// <summary>Difficulty; 0 since the merge.</summary>
    public UInt256 Difficulty { get; init; }

    /// <summary>The header's extra data, at most 32 bytes; kept.</summary>
    public ReadOnlyMemory<byte> ExtraData { get; init; }

    /// <summary>Root of the parent beacon block (EIP-4788); null before Cancun.</summary>
    public Hash256? ParentBeaconBlockRoot { get; init; }

    /// <summary>Withdrawals (EIP-4895), null before Shanghai; OP-stack blocks have an empty list.</summary>
    public IReadOnlyList<Withdrawal>? Withdrawals { get; init; }

    /// <summary>The environment that a message announces, for an OP-stack chain. Its extra data is copied.</summary>
    public static BlockEnvironment FromMessage(EnvV0 env) => new()
    {
        Number = env.Number,
        ParentHash = env.ParentHash,
        Timestamp = env.Timestamp,
        Beneficiary = env.Beneficiary,
        GasLimit = env.GasLimit,
        BaseFee = env.BaseFee,
        PrevRandao = env.PrevRandao,
        Difficulty = env.Difficulty,
        ExtraData = env.ExtraData.ToArray(),
        ParentBeaconBlockRoot = env.ParentBeaconBlockRoot,
        Withdrawals = [],
    };
}
