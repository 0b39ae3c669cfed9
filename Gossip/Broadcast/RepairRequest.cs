namespace Fragcast.Gossip.Broadcast;

/// <summary>Asks a peer for chunks of one item.</summary>
/// <param name="Place">The item's place.</param>
/// <param name="Tag">Which item of that place; 0 when no chunk of it is known yet.</param>
/// <param name="Wanted">How many chunks are enough; 255 for all that the item needs.</param>
/// <param name="Have">The chunks that the asker has; the peer sends others.</param>
public readonly record struct RepairRequest(ItemPlace Place, ulong Tag, byte Wanted, ChunkSet Have);
