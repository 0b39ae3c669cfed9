namespace Fragcast.Gossip.Broadcast;

/// <summary>What a node tells a leader about the chunks of its items, over the time since its last report.</summary>
/// <param name="Region">The node's region.</param>
/// <param name="Needed">Chunks that were needed: the sum of k over the items of which any chunk came.</param>
/// <param name="Arrived">Different chunks of these items that came without being asked for.</param>
public readonly record struct ReceptionReport(byte Region, uint Needed, uint Arrived);
