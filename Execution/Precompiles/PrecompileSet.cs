using Fragcast.Execution.Evm;
using Fragcast.Primitives;

namespace Fragcast.Execution.Precompiles;

/// <summary>The precompiled contracts of a fork, by address.</summary>
public sealed class PrecompileSet
{
    private PrecompileSet(Fork fork, OpFork opFork) => (Fork, OpFork) = (fork, opFork);

    private Fork Fork { get; }

    private OpFork OpFork { get; }

    /// <summary>Whether there is a precompile at the address.</summary>
    public bool Contains(in Address address)
    {
        var number = address.ToUInt256();
        return number <= 0x100 && IsActive((int)number.U0);
    }

    internal static PrecompileSet For(Fork fork, OpFork opFork) => new(fork, opFork);

    private bool IsActive(int number) => number switch
    {
        >= 1 and <= 4 => true,
        >= 5 and <= 8 => Fork >= Fork.Byzantium,
        9 => Fork >= Fork.Istanbul,
        10 => Fork >= Fork.Cancun,
        >= 11 and <= 17 => Fork >= Fork.Prague,
        0x100 => Fork >= Fork.Osaka || OpFork >= OpFork.Fjord,
        _ => false,
    };
}
