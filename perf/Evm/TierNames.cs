using Fragcast.Execution.Evm;

namespace Fragcast.Perf.Evm;

/// <summary>The ways in which the machine executes code, by the names that the command line has for them.</summary>
internal static class TierNames
{
    /// <summary>The tier that a node uses.</summary>
    public const string Default = "auto";

    /// <summary>All of them: a tier is measured once it is named here.</summary>
    public static IReadOnlyList<string> All { get; } = [Default, "interpreter", "decoded"];

    /// <summary>Makes a machine use a tier.</summary>
    public static void Select(EvmMachine machine, string tier) =>
        machine.Tier = Enum.Parse<ExecutionTier>(tier, ignoreCase: true);
}
