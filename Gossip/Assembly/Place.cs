using Fragcast.Gossip.Wire;
using Fragcast.Primitives;

namespace Fragcast.Gossip.Assembly;

/// <summary>Where a message belongs in the order of a chain.</summary>
/// <param name="Kind">Env, frag or seal.</param>
/// <param name="Epoch">How often the chain was started anew.</param>
/// <param name="BlockNumber">The block's number.</param>
/// <param name="Sequence">A frag's seq; 0 for an Env; the total of frags for a seal.</param>
/// <param name="ParentHash">An Env's parent; zero for the other kinds.</param>
public readonly record struct Place(
    EnvelopeKind Kind, uint Epoch, ulong BlockNumber, ulong Sequence, Hash256 ParentHash)
{
    /// <summary>Whether two messages want the same slot, of which there is one Env and one seal a block.</summary>
    public bool SameSlot(in Place other) =>
        Kind == other.Kind && Epoch == other.Epoch && BlockNumber == other.BlockNumber
        && (Kind != EnvelopeKind.Frag || Sequence == other.Sequence);
}
