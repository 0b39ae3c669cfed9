namespace Fragcast.Gossip.Broadcast;

/// <summary>How a leader's chunks leave it.</summary>
public enum PlanKind : byte
{
    /// <summary>Every chunk to every node, by the leader itself.</summary>
    Direct = 0,

    /// <summary>Every chunk to a root of its own, which sees to the rest.</summary>
    Relayed,
}

/// <summary>The way of one chunk.</summary>
/// <param name="RootRegion">Where its root is drawn.</param>
/// <param name="Regions">The regions that get it, a bit each.</param>
public readonly record struct ChunkRoute(byte RootRegion, ulong Regions);

/// <summary>
/// How the items of one number of data chunks go out, as long as the map and the losses stay what they are. Not changed
/// once made.
/// </summary>
/// <param name="Kind">Direct or relayed.</param>
/// <param name="Data">k.</param>
/// <param name="Total">n.</param>
/// <param name="Routes">Per chunk; of copies, the same for the chunks of a copy. Empty when direct.</param>
/// <param name="ExpectedNs">What the cost model expects until the median node has k chunks, past the floor.</param>
public sealed record BroadcastPlan(
    PlanKind Kind, byte Data, byte Total, ChunkRoute[] Routes, long ExpectedNs)
{
    /// <summary>Message bytes in each chunk of a message; the last one is padded.</summary>
    public int ChunkBytes(int length) => (length + Data - 1) / Data;
}
