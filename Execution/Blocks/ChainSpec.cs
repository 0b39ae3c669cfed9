using Fragcast.Execution.Evm;

namespace Fragcast.Execution.Blocks;

/// <summary>The start of an Ethereum upgrade: by block number up to Paris, by time from Shanghai on.</summary>
/// <param name="Fork">The upgrade.</param>
/// <param name="ByTime">Whether <paramref name="Start"/> is a time in seconds since 1970, not a block number.</param>
/// <param name="Start">The first block number or timestamp.</param>
public readonly record struct ForkStart(Fork Fork, bool ByTime, ulong Start);

/// <summary>
/// What a chain decides about itself: its id, when the rules change, and the constants that rules leave to it.
/// Immutable.
/// </summary>
public sealed class ChainSpec
{
    /// <summary>The chain id (EIP-155).</summary>
    public required ulong ChainId { get; init; }

    /// <summary>
    /// Ethereum's upgrades in order. Unused on OP-stack chains, whose upgrades bring Ethereum's with them.
    /// </summary>
    public IReadOnlyList<ForkStart> Forks { get; init; } = [];

    /// <summary>Blob parameters in order of their start; those of the upgrades for chains that set no others.</summary>
    public IReadOnlyList<BlobSchedule> Blobs { get; init; } = [];

    /// <summary>The OP-stack's own schedule and constants; null for a chain with Ethereum's rules.</summary>
    public OpChainSpec? Op { get; init; }

    /// <summary>
    /// The deposit contract whose logs are deposit requests (EIP-6110). That of mainnet where not set.
    /// </summary>
    public Primitives.Address DepositContract { get; init; } =
        Primitives.Address.Parse("0x00000000219ab540356cbb839cbe05303d7705fa");

    /// <summary>A chain on which one upgrade's rules hold from the first block on.</summary>
    public static ChainSpec Always(Fork fork, ulong chainId = 1) =>
        new() { ChainId = chainId, Forks = [new ForkStart(fork, ByTime: false, 0)] };

    /// <summary>An OP-stack chain on which one upgrade's rules hold from the first block on.</summary>
    public static ChainSpec Always(OpFork fork, ulong chainId) =>
        new() { ChainId = chainId, Op = OpChainSpec.Always(fork) };

    /// <summary>The execution rules of a block.</summary>
    public EvmSpec RulesAt(ulong number, ulong timestamp)
    {
        if (Op is not null)
        {
            OpFork op = Op.ForkAt(timestamp);
            return EvmSpec.For(OpChainSpec.EthereumFork(op), op);
        }

        var fork = Fork.Frontier;
        foreach (ForkStart start in Forks)
        {
            if ((start.ByTime ? timestamp : number) >= start.Start) fork = start.Fork;
        }

        return EvmSpec.For(fork);
    }

    /// <summary>The blob parameters of a block; meaningful from Cancun on.</summary>
    public BlobSchedule BlobsAt(Fork fork, ulong timestamp)
    {
        BlobSchedule blobs = BlobSchedule.Of(fork);
        foreach (BlobSchedule schedule in Blobs)
        {
            if (timestamp >= schedule.Start) blobs = schedule;
        }

        return blobs;
    }
}
