using Fragcast.Execution.Blocks;
using Fragcast.Execution.Evm;

namespace Fragcast.Differential;

/// <summary>A set of rules that both sides execute.</summary>
internal sealed record Setup(string Name, string Network, ChainSpec Chain)
{
    public const ulong ChainId = 901;

    public static IReadOnlyList<Setup> All { get; } =
    [
        Ethereum("cancun", Fork.Cancun),
        Ethereum("prague", Fork.Prague),
        Ethereum("osaka", Fork.Osaka),
        Optimism("isthmus", OpFork.Isthmus),
        Optimism("jovian", OpFork.Jovian),
    ];

    public EvmSpec Rules => Chain.RulesAt(0, 0);

    public bool IsOptimism => Chain.Op is not null;

    /// <summary>
    /// The base-fee parameters that a parent's extra data would have: anvil leaves it empty and uses those of before
    /// Canyon.
    /// </summary>
    public byte[] FeeParameters => IsOptimism ? new OpFeeParameters(50, 6, 0).Encode(Rules.OpFork) : [];

    private static Setup Ethereum(string name, Fork fork) => new(name, "ethereum", ChainSpec.Always(fork, ChainId));

    private static Setup Optimism(string name, OpFork fork) => new(name, "optimism", ChainSpec.Always(fork, ChainId));
}
