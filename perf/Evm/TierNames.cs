using Fragcast.Execution.Evm;

namespace Fragcast.Perf.Evm;

/// <summary>The ways in which the machine executes code, by the names that the command line has for them.</summary>
internal static class TierNames
{
    /// <summary>The tier that a node uses.</summary>
    public const string Default = "interpreter";

    /// <summary>All of them, slowest to warm up last.</summary>
    public static IReadOnlyList<string> All { get; } = [Default];

    /// <summary>Makes a machine use a tier.</summary>
    public static void Select(EvmMachine machine, string tier)
    {
        ArgumentNullException.ThrowIfNull(machine);
        if (tier != Default) throw new ArgumentOutOfRangeException(nameof(tier), tier, "There is no such tier.");
    }
}
