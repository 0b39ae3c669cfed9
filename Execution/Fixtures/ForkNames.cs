using Fragcast.Execution.Blocks;
using Fragcast.Execution.Evm;

namespace Fragcast.Execution.Fixtures;

/// <summary>The names that the public test suites have for upgrades and for transitions between them.</summary>
public static class ForkNames
{
    private const ulong TransitionTime = 15_000;
    private const string TransitionSuffix = "AtTime15k";

    private static readonly Dictionary<string, Fork> Forks = new(StringComparer.Ordinal)
    {
        ["Frontier"] = Fork.Frontier,
        ["Homestead"] = Fork.Homestead,
        ["EIP150"] = Fork.TangerineWhistle,
        ["EIP158"] = Fork.SpuriousDragon,
        ["Byzantium"] = Fork.Byzantium,
        ["Constantinople"] = Fork.Constantinople,
        ["ConstantinopleFix"] = Fork.Petersburg,
        ["Istanbul"] = Fork.Istanbul,
        ["Berlin"] = Fork.Berlin,
        ["London"] = Fork.London,
        ["Merge"] = Fork.Paris,
        ["Paris"] = Fork.Paris,
        ["Shanghai"] = Fork.Shanghai,
        ["Cancun"] = Fork.Cancun,
        ["Prague"] = Fork.Prague,
        ["Osaka"] = Fork.Osaka,

        // Upgrades of blob parameters only (EIP-7892).
        ["BPO1"] = Fork.Osaka,
        ["BPO2"] = Fork.Osaka,
        ["BPO3"] = Fork.Osaka,
        ["BPO4"] = Fork.Osaka,
        ["BPO5"] = Fork.Osaka,
    };

    /// <summary>Finds an upgrade by its name.</summary>
    public static bool TryParse(string name, out Fork fork) => Forks.TryGetValue(name, out fork);

    /// <summary>
    /// Finds the upgrades of a network: one from the first block on, or, as in "CancunToPragueAtTime15k", a second
    /// from the timestamp 15,000 on.
    /// </summary>
    /// <param name="network">The name.</param>
    /// <param name="upgrades">Names, upgrades and first timestamps in order.</param>
    public static bool TryParseNetwork(string network, out (string Name, ForkStart Start)[] upgrades)
    {
        string[] names = network.EndsWith(TransitionSuffix, StringComparison.Ordinal)
            ? network[..^TransitionSuffix.Length].Split("To")
            : [network];
        upgrades = new (string, ForkStart)[names.Length];
        for (int i = 0; i < names.Length; i++)
        {
            if (!TryParse(names[i], out Fork fork)) return false;
            upgrades[i] = (names[i], new ForkStart(fork, ByTime: true, i == 0 ? 0 : TransitionTime));
        }

        return names.Length <= 2;
    }
}
