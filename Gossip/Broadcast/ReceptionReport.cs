namespace Fragcast.Gossip.Broadcast;

/// <summary>What a node tells a leader about his items, over the time since its last report.</summary>
/// <param name="Region">The node's region.</param>
/// <param name="Items">Erasure-coded items of which any chunk came.</param>
/// <param name="Late">Those for which it had to ask.</param>
public readonly record struct ReceptionReport(byte Region, uint Items, uint Late);
