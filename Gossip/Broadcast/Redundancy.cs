namespace Fragcast.Gossip.Broadcast;

/// <summary>
/// How many chunks a region is sent for each that it needs, from what its nodes report to have got. A liar moves
/// nothing: what counts is a low percentile of many nodes' reports.
/// </summary>
internal sealed class Redundancy
{
    /// <summary>The least, when nothing is lost.</summary>
    public const double Min = 1.25;

    /// <summary>The most, whatever is lost.</summary>
    public const double Max = 2.5;

    /// <summary>
    /// What is spent to be faster, as long as the uplinks have room: a node needs any k, so slow ways drop out.
    /// </summary>
    public const double ForSpeed = 1.55;

    // The newest reports of a region; the fifth part of them may be lies.
    private const int ReportsMax = 16;
    private const int ReportRank = 3;

    // A head's death or a burst takes several chunks at once: losses vary more than independent ones by this factor.
    private const double Clustering = 2;
    private const double Deviations = 3;

    private readonly RegionReports[] _regions = new RegionReports[RegionLatencies.RegionsMax];

    /// <summary>Counts the changes that matter to a plan.</summary>
    public int Version { get; private set; }

    /// <summary>Takes a node's report.</summary>
    public void Add(int node, in ReceptionReport report)
    {
        if (report.Region >= _regions.Length || report.Needed == 0)
        {
            return;
        }

        ref RegionReports region = ref _regions[report.Region];
        region.Nodes ??= new int[ReportsMax];
        region.Ratios ??= new double[ReportsMax];
        int at = Array.IndexOf(region.Nodes, node, 0, Math.Min(region.Count, ReportsMax));
        if (at < 0)
        {
            at = region.Count++ % ReportsMax;
        }

        double sent = region.Sent > 0 ? region.Sent : Min;
        region.Nodes[at] = node;
        region.Ratios[at] = Math.Clamp(report.Arrived / (double)report.Needed / sent, 0.05, 1);
        double before = region.Factor;
        region.Factor = FactorOf(region);
        if (Math.Abs(region.Factor - before) > 0.04)
        {
            Version++;
        }
    }

    /// <summary>The factor for a region.</summary>
    /// <param name="region">The region.</param>
    /// <param name="hasRoom">Whether the uplinks bear more than is needed.</param>
    public double Of(int region, bool hasRoom)
    {
        double needed = Math.Max(_regions[region].Factor, Min);
        return hasRoom ? Math.Max(needed, ForSpeed) : needed;
    }

    /// <summary>What a region is sent now, so that reports can be compared with it.</summary>
    public void NoteSent(int region, double factor) => _regions[region].Sent = factor;

    /// <summary>The factor that lets nearly every item through, given the part of the chunks that arrives.</summary>
    internal static double FactorFor(double arrives, int data)
    {
        double spread = Deviations * Math.Sqrt(Clustering * (1 - arrives) / Math.Max(data, 1));

        // n a - s sqrt(n a) >= k with s = spread sqrt(k), solved for sqrt(n a).
        double root = (spread + Math.Sqrt((spread * spread) + 4)) / 2;
        return Math.Clamp(root * root / arrives, Min, Max);
    }

    private static double FactorOf(in RegionReports region)
    {
        int count = Math.Min(region.Count, ReportsMax);
        Span<double> sorted = stackalloc double[count];
        region.Ratios.AsSpan(0, count).CopyTo(sorted);
        sorted.Sort();
        return FactorFor(sorted[Math.Min(ReportRank, count - 1)], UsualData);
    }

    // A frag of 32 KiB.
    private const int UsualData = 32;

    private struct RegionReports
    {
        public int[]? Nodes;
        public double[]? Ratios;
        public int Count;
        public double Sent;
        public double Factor;
    }
}
