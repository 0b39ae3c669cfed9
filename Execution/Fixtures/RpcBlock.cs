using Fragcast.Execution.State;
using Fragcast.Primitives.Blocks;

namespace Fragcast.Execution.Fixtures;

/// <summary>
/// A block of a real OP-stack chain on Jovian rules in the form of RPC, with the values of the accounts and slots
/// that it touches. There are no proofs, so that the roots of the state can't be checked; all else can.
/// </summary>
public sealed class RpcBlock : BlockFixture
{
    /// <summary>The block's header as it is on the real chain.</summary>
    public required BlockHeader Header { get; init; }

    /// <summary>The accounts, slots and codes before the block.</summary>
    public required MemoryStateSource State { get; init; }
}
