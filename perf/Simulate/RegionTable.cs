using System.Globalization;

namespace Fragcast.Perf.Simulate;

/// <summary>
/// The regions of a simulation, and how long a datagram takes from one to another: half the median round trip, and on
/// top of it nothing for one half of the datagrams and an exponential time for the others, with a mean for which the
/// 90th percentile of the sum is half that of the round trip. Not changed once made.
/// </summary>
internal sealed class RegionTable
{
    /// <summary>As many regions as there are data for.</summary>
    public const int CountMax = 33;

    // An exponential time is above ln 5 of its mean with a probability of a fifth: a tenth of all datagrams.
    private const double MeansToP90 = 1.6094379124341003;

    private readonly long[] _floorNs;
    private readonly int[] _jitterNs;

    private RegionTable(int count)
    {
        Count = count;
        _floorNs = new long[count * count];
        _jitterNs = new int[count * count];
    }

    /// <summary>
    /// The order in which regions are taken. The first fifteen are those with most of the world's public nodes nearby,
    /// spread over all continents, neighbours apart in the list, so that a network of few regions is a wide one too and
    /// leaders, who live in the first ones, are far from each other.
    /// </summary>
    public static IReadOnlyList<string> Order { get; } =
    [
        "us-east-1", "eu-central-1", "ap-northeast-1", "us-west-2", "ap-southeast-1", "eu-west-1", "sa-east-1",
        "ap-south-1", "us-east-2", "eu-west-2", "ap-southeast-2", "ca-central-1", "ap-northeast-2", "eu-north-1",
        "af-south-1",
        "us-west-1", "eu-west-3", "ap-east-1", "me-central-1", "eu-south-1", "ap-northeast-3", "ca-west-1",
        "ap-south-2", "eu-south-2", "ap-southeast-3", "mx-central-1", "il-central-1", "ap-east-2", "eu-central-2",
        "ap-southeast-4",
        "me-south-1", "ap-southeast-5", "ap-southeast-7",
    ];

    /// <summary>Number of regions.</summary>
    public int Count { get; }

    /// <summary>The shortest time from any node to any other.</summary>
    public long LeastNs { get; private set; }

    /// <summary>Where in <see cref="Order"/> a region stands; null if it is not there, or not given.</summary>
    public static int? IndexOf(string? region)
    {
        for (int i = 0; i < Order.Count; i++)
        {
            if (Order[i] == region) return i;
        }

        return null;
    }

    /// <summary>Reads the data that are part of the program.</summary>
    /// <param name="count">How many regions, 1 to <see cref="CountMax"/>.</param>
    public static RegionTable Load(int count)
    {
        RegionTable table = new(count);
        Dictionary<string, int> indices = [];
        for (int i = 0; i < count; i++) indices.Add(Order[i], i);
        using Stream stream = typeof(RegionTable).Assembly.GetManifestResourceStream("aws-rtt-ms.csv")!;
        using StreamReader reader = new(stream);
        reader.ReadLine();
        while (reader.ReadLine() is { } line)
        {
            string[] fields = line.Split(',');
            if (!indices.TryGetValue(fields[0], out int from) || !indices.TryGetValue(fields[1], out int to)) continue;
            double median = double.Parse(fields[2], CultureInfo.InvariantCulture);
            double p90 = double.Parse(fields[3], CultureInfo.InvariantCulture);
            table._floorNs[(from * count) + to] = (long)(median * 1e6 / 2);
            table._jitterNs[(from * count) + to] = (int)((p90 - median) * 1e6 / 2 / MeansToP90);
        }

        table.LeastNs = table._floorNs.Min();
        return table;
    }

    /// <summary>The least time from a region to another, in nanoseconds.</summary>
    public long FloorNs(int from, int to) => _floorNs[(from * Count) + to];

    /// <summary>The mean of what half of the datagrams take longer, in nanoseconds.</summary>
    public int JitterNs(int from, int to) => _jitterNs[(from * Count) + to];

    /// <summary>The least times as the production code takes them.</summary>
    public long[,] ToMatrix()
    {
        long[,] matrix = new long[Count, Count];
        for (int from = 0; from < Count; from++)
        {
            for (int to = 0; to < Count; to++) matrix[from, to] = FloorNs(from, to);
        }

        return matrix;
    }
}
