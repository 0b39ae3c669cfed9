using Fragcast.Transport;

namespace Fragcast.Gossip.Broadcast;

/// <summary>
/// What the broadcast core has of the outside: sending, and handing on what is complete. Implemented by the QUIC
/// runtime and by the simulator, as a struct, so that calls need no dispatch. Nodes are numbers given by the owner, the
/// same as in <see cref="NetworkMap"/>.
/// </summary>
/// <typeparam name="TChunk">A chunk with all its bytes, as the owner keeps it; the core only stores and passes
/// it.</typeparam>
public interface IBroadcastLink<TChunk>
{
    /// <summary>
    /// The leader that the schedule names for an item's block: its number, or -1 while no node is known by that key,
    /// and the first eight bytes of its address. False when the schedule names none (yet).
    /// </summary>
    bool TryGetLeader(in ItemPlace place, out int node, out ulong key);

    /// <summary>
    /// Sends a chunk. False when the node is not connected or its queue is full; the chunk is lost then.
    /// </summary>
    bool TrySendChunk(int node, in ItemHeader item, byte index, TChunk chunk, in Duty duty, EgressClass egressClass);

    /// <summary>Asks a node for chunks.</summary>
    bool TrySendRepairRequest(int node, in RepairRequest request);

    /// <summary>Reports to a leader how much of what was sent here arrived.</summary>
    bool TrySendReception(int node, in ReceptionReport report);

    /// <summary>
    /// Enough chunks are there, once per item: the owner puts the message together. They stay the core's.
    /// </summary>
    /// <param name="item">The item.</param>
    /// <param name="chunks">
    /// By index, at least <see cref="ItemHeader.Total"/> long; those of <paramref name="have"/> are set.
    /// </param>
    /// <param name="have">Which are there.</param>
    void OnDecodable(in ItemHeader item, ReadOnlySpan<TChunk> chunks, in ChunkSet have);

    /// <summary>
    /// Makes a chunk that is not there from those that are, to answer a repair request; false if it cannot.
    /// </summary>
    bool TryMakeChunk(
        in ItemHeader item, ReadOnlySpan<TChunk> chunks, in ChunkSet have, byte index, out TChunk made);

    /// <summary>Two different items are signed for one place. The second chunk is the one that showed it.</summary>
    void OnEquivocation(in ItemHeader first, TChunk ofFirst, in ItemHeader second, TChunk ofSecond);

    /// <summary>A peer did what an honest one does not; counted and scored.</summary>
    void OnMisbehaviour(int node, Refusal reason);

    /// <summary>The core no longer holds the chunk.</summary>
    void Release(TChunk chunk);
}
