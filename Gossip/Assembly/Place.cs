using Fragcast.Gossip.Wire;
using Fragcast.Primitives;

namespace Fragcast.Gossip.Assembly;

/// <summary>Where a message belongs in the order of a chain.</summary>
/// <param name="Kind">What the message is.</param>
/// <param name="Epoch">How often the chain was started anew.</param>
/// <param name="BlockNumber">The block's number.</param>
/// <param name="Sequence">
/// A frag's seq; 0 for an Env; the total of frags for a seal; the first void frag for a cancel; the last frag for a
/// hand-over.
/// </param>
/// <param name="ParentHash">The parent that an Env or a cancel names; zero for the other kinds.</param>
/// <param name="Attempt">How often the block was cancelled before; for a cancel, the attempt that it voids.</param>
public readonly record struct Place(
    EnvelopeKind Kind, uint Epoch, ulong BlockNumber, ulong Sequence, Hash256 ParentHash,
    byte Attempt = 0)
{
    /// <summary>Whether two messages want the same slot: an attempt has one Env, one seal, one cancel.</summary>
    public bool SameSlot(in Place other) =>
        Kind == other.Kind && Epoch == other.Epoch && BlockNumber == other.BlockNumber
        && Attempt == other.Attempt && (Kind != EnvelopeKind.Frag || Sequence == other.Sequence);
}
