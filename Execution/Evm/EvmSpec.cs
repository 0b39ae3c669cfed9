using System.Collections.Concurrent;
using Fragcast.Execution.Precompiles;

namespace Fragcast.Execution.Evm;

/// <summary>
/// The execution rules of a fork: one object for each combination of <see cref="Fork"/> and <see cref="OpFork"/>,
/// immutable, shared by all threads.
/// </summary>
public sealed class EvmSpec
{
    private static readonly ConcurrentDictionary<(Fork, OpFork), EvmSpec> Known = new();

    private EvmSpec(Fork fork, OpFork opFork)
    {
        Fork = fork;
        OpFork = opFork;
        Precompiles = PrecompileSet.For(fork, opFork);
    }

    /// <summary>The Ethereum upgrade whose rules hold.</summary>
    public Fork Fork { get; }

    /// <summary>The OP-stack upgrade whose rules hold, if any.</summary>
    public OpFork OpFork { get; }

    /// <summary>The precompiled contracts.</summary>
    public PrecompileSet Precompiles { get; }

    /// <summary>Rules of Ethereum, or with <paramref name="opFork"/> those of an OP-stack chain.</summary>
    public static EvmSpec For(Fork fork, OpFork opFork = OpFork.None) =>
        Known.GetOrAdd((fork, opFork), static key => new EvmSpec(key.Item1, key.Item2));
}
