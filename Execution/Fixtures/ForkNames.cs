using System.Globalization;
using Fragcast.Execution.Blocks;
using Fragcast.Execution.Evm;

namespace Fragcast.Execution.Fixtures;

/// <summary>The names that the public test suites have for upgrades and for transitions between them.</summary>
public static class ForkNames
{
    private static readonly Dictionary<string, Fork> Forks = new(StringComparer.Ordinal)
    {
        ["Frontier"] = Fork.Frontier,
        ["Homestead"] = Fork.Homestead,
        ["EIP150"] = Fork.TangerineWhistle,
        ["TangerineWhistle"] = Fork.TangerineWhistle,
        ["EIP158"] = Fork.SpuriousDragon,
        ["SpuriousDragon"] = Fork.SpuriousDragon,
        ["Byzantium"] = Fork.Byzantium,
        ["Constantinople"] = Fork.Constantinople,
        ["ConstantinopleFix"] = Fork.Petersburg,
        ["Petersburg"] = Fork.Petersburg,
        ["Istanbul"] = Fork.Istanbul,
        ["Berlin"] = Fork.Berlin,
        ["London"] = Fork.London,
        ["Merge"] = Fork.Paris,
        ["Paris"] = Fork.Paris,
        ["Shanghai"] = Fork.Shanghai,
        ["Cancun"] = Fork.Cancun,
        ["Prague"] = Fork.Prague,
        ["Osaka"] = Fork.Osaka,

        // Upgrades of the mining difficulty only: execution has the rules of the upgrade before.
        ["MuirGlacier"] = Fork.Istanbul,
        ["ArrowGlacier"] = Fork.London,
        ["GrayGlacier"] = Fork.London,

        // Upgrades of blob parameters only (EIP-7892).
        ["BPO1"] = Fork.Osaka,
        ["BPO2"] = Fork.Osaka,
        ["BPO3"] = Fork.Osaka,
        ["BPO4"] = Fork.Osaka,
        ["BPO5"] = Fork.Osaka,
    };

    /// <summary>All names, in the order of the upgrades.</summary>
    public static IEnumerable<string> All => Forks.OrderBy(pair => pair.Value).Select(pair => pair.Key);

    /// <summary>Finds an upgrade by its name.</summary>
    public static bool TryParse(string name, out Fork fork) => Forks.TryGetValue(name, out fork);

    /// <summary>
    /// Finds the upgrades of a network: one from the first block on, or a second from a block number on, as in
    /// "BerlinToLondonAt5", or from a time on, as in "CancunToPragueAtTime15k".
    /// </summary>
    /// <param name="network">The name.</param>
    /// <param name="upgrades">Names, upgrades and starts in order.</param>
    public static bool TryParseNetwork(string network, out (string Name, ForkStart Start)[] upgrades)
    {
        upgrades = [];
        if (TryParse(network, out Fork only))
        {
            upgrades = [(network, new ForkStart(only, ByTime: true, 0))];
            return true;
        }

        int at = network.LastIndexOf("At", StringComparison.Ordinal);
        if (at < 0 || !TryParseStart(network.AsSpan(at + 2), out bool byTime, out ulong start)) return false;
        string[] names = network[..at].Split("To");
        if (names.Length != 2) return false;
        if (!TryParse(names[0], out Fork first) || !TryParse(names[1], out Fork second)) return false;
        upgrades = [(names[0], new ForkStart(first, byTime, 0)), (names[1], new ForkStart(second, byTime, start))];
        return true;
    }

    private static bool TryParseStart(ReadOnlySpan<char> text, out bool byTime, out ulong start)
    {
        const string time = "Time";
        byTime = text.StartsWith(time, StringComparison.Ordinal);
        if (byTime) text = text[time.Length..];
        uint unit = 1;
        if (text.EndsWith("k", StringComparison.Ordinal))
        {
            unit = 1000;
            text = text[..^1];
        }

        bool isNumber = uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out uint number);
        start = (ulong)number * unit;
        return isNumber;
    }
}
