namespace Fragcast.Gossip.Broadcast;

/// <summary>
/// How many chunks a leader makes for each that is needed: more while nodes report that they had to ask, less again
/// while they do not. A liar moves nothing: what counts is what several nodes of a region say.
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
    public const double ForSpeed = 2.15;

    /// <summary>
    /// Chunks that each region gets of these for each that is needed: those with the shortest ways to it.
    /// </summary>
    public const double ServedMin = 1.7;

    /// <summary>What of that a leaf gets, about: heads stop when they have enough themselves.</summary>
    public const double LeafMean = 1.6;

    /// <summary>Part of the items that may need a request before there is more parity.</summary>
    public const double LateMax = 0.01;

    /// <summary>From so many on there is at once as much parity as there may be.</summary>
    public const double LateMany = 0.2;

    // The newest reports of a region; the greatest three of them may be lies.
    private const int ReportsMax = 16;
    private const int LiarsMax = 3;

    // Up at once, down slowly: losses come in bouts.
    private const double StepUp = 1.15;
    private const double StepDown = 0.01;
    private const long IntervalNs = 1_000_000_000;
    private const long ForgetNs = 3 * IntervalNs;

    private readonly (int Node, double Late, long AtNs)[]?[] _regions =
        new (int Node, double Late, long AtNs)[]?[RegionLatencies.RegionsMax];

    private long _adjustedNs = long.MinValue;
    private bool _isReported;

    /// <summary>Chunks made for each that is needed, to make up for what is lost.</summary>
    public double Factor { get; private set; } = Min;

    /// <summary>
    /// Chunks that a region gets for each that is needed, as long as the uplinks have room. Before the first report it
    /// is all that are made: nobody knows yet what is lost.
    /// </summary>
    public double Served => _isReported ? Math.Max(Factor, ServedMin) : ForSpeed;

    /// <summary>What the plans made last spend, from which it goes up.</summary>
    public double Spent { get; set; } = Min;

    /// <summary>Takes a node's report.</summary>
    public void Add(int node, in ReceptionReport report, long nowNs)
    {
        if (report.Region >= _regions.Length || report.Items == 0)
        {
            return;
        }

        (int Node, double Late, long AtNs)[] reports = _regions[report.Region] ??= NewReports();
        int oldest = 0;
        for (int i = 0; i < reports.Length; i++)
        {
            if (reports[i].Node == node)
            {
                oldest = i;
                break;
            }

            oldest = reports[i].AtNs < reports[oldest].AtNs ? i : oldest;
        }

        reports[oldest] = (node, Math.Min(1, report.Late / (double)report.Items), nowNs);
        if (_adjustedNs == long.MinValue || nowNs - _adjustedNs >= IntervalNs)
        {
            _adjustedNs = nowNs;
            Adjust(nowNs);
        }
    }

    private static (int Node, double Late, long AtNs)[] NewReports()
    {
        var reports = new (int Node, double Late, long AtNs)[ReportsMax];
        Array.Fill(reports, (-1, 0, long.MinValue));
        return reports;
    }

    private void Adjust(long nowNs)
    {
        double worst = 0;
        Span<double> late = stackalloc double[ReportsMax];
        foreach ((int Node, double Late, long AtNs)[]? reports in _regions)
        {
            if (reports is null)
            {
                continue;
            }

            int count = 0;
            foreach ((int node, double ratio, long atNs) in reports)
            {
                if (node >= 0 && nowNs - atNs <= ForgetNs)
                {
                    late[count++] = ratio;
                }
            }

            // Of few reports the least counts: it takes many to tell a bout of losses from a liar.
            late[..count].Sort();
            worst = Math.Max(worst, count == 0 ? 0 : late[Math.Max(0, count - 1 - LiarsMax)]);
        }

        _isReported = true;
        Factor = worst > LateMany ? Max
            : worst > LateMax ? Math.Min(Max, Math.Max(Factor, Spent) * StepUp)
            : Math.Max(Min, Factor - StepDown);
    }
}
