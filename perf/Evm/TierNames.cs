using Fragcast.Execution.Evm;

namespace Fragcast.Perf.Evm;

/// <summary>The ways in which the machine executes code, by the names that the command line has for them.</summary>
internal static class TierNames
{
    /// <summary>The tier that a node uses.</summary>
    public const string Default = "auto";

    /// <summary>All of them: a tier is measured once it is named here.</summary>
    public static IReadOnlyList<string> All { get; } = [Default, "interpreter", "decoded", "compiled"];

    /// <summary>
    /// Whether runs with code seen for the first time say something: the compiled tier then compiles all of it at once,
    /// which no node does and which takes milliseconds a block.
    /// </summary>
    public static bool HasColdRuns(string tier) => tier != "compiled";

    /// <summary>Makes a machine use a tier.</summary>
    public static void Select(EvmMachine machine, string tier) =>
        machine.Tier = Enum.Parse<ExecutionTier>(tier, ignoreCase: true);
}
