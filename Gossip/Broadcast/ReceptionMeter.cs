namespace Fragcast.Gossip.Broadcast;

/// <summary>
/// Counts the items that came by themselves and those that had to be asked for, for the reports to the leaders.
/// </summary>
internal sealed class ReceptionMeter<TChunk>(ItemTable<TChunk> items)
{
    // What has not come by then is lost, or of no use.
    private const long SettledNs = 400_000_000;

    // Nodes of one region that report in one interval, about.
    private const int ReportersPerRegion = 6;

    /// <summary>Sums up the items that are settled and not yet in a report.</summary>
    /// <param name="region">This node's region.</param>
    /// <param name="nowNs">The time.</param>
    /// <param name="report">The sums.</param>
    /// <returns>Whether there is anything to report.</returns>
    public bool TryTake(byte region, long nowNs, out ReceptionReport report)
    {
        uint seen = 0;
        uint late = 0;
        for (int i = 0; i < items.Count; i++)
        {
            ItemState<TChunk> item = items[i];
            if (!item.IsReported && !item.IsOwn && item.IsKnown && nowNs - item.LastNs > SettledNs)
            {
                item.IsReported = true;
                if (!item.Item.IsCopied)
                {
                    seen++;
                    late += item.RepairAttempts > 0 ? 1U : 0;
                }
            }
        }

        report = new ReceptionReport(region, seen, late);
        return seen > 0;
    }

    /// <summary>Whether it is this node's turn to send its report.</summary>
    public static bool IsReporter(int self, int regionMembers, long interval) =>
        Draws.Mix((ulong)(uint)self ^ ((ulong)interval << 24)) % (ulong)Math.Max(regionMembers, 1) < ReportersPerRegion;
}
