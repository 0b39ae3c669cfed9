namespace Fragcast.Gossip.Broadcast;

/// <summary>
/// How long a datagram takes from one region to another, as far as the nodes have measured it. Not changed once made.
/// </summary>
public sealed class RegionLatencies
{
    /// <summary>Regions are numbers below this: a set of them is a word of 64 bits.</summary>
    public const int RegionsMax = 64;

    /// <summary>
    /// What is assumed where nothing was measured: between regions; within one it is a fiftieth of that.
    /// </summary>
    public const long UnknownNs = 100_000_000;

    private readonly long[] _oneWayNs;

    /// <summary>Takes over measurements.</summary>
    /// <param name="oneWayNs">Half the round trip in nanoseconds, [from, to]; 0 where it is not known.</param>
    public RegionLatencies(long[,] oneWayNs)
    {
        ArgumentNullException.ThrowIfNull(oneWayNs);
        Count = oneWayNs.GetLength(0);
        if (Count != oneWayNs.GetLength(1) || Count > RegionsMax)
        {
            throw new ArgumentException($"A square of at most {RegionsMax} regions is needed.", nameof(oneWayNs));
        }

        _oneWayNs = new long[Count * Count];
        for (int from = 0; from < Count; from++)
        {
            for (int to = 0; to < Count; to++)
            {
                long known = oneWayNs[from, to];
                _oneWayNs[(from * Count) + to] = known > 0 ? known : Unknown(from, to);
            }
        }
    }

    /// <summary>Number of regions that are known.</summary>
    public int Count { get; }

    /// <summary>Time from a region to another, or within one, in nanoseconds.</summary>
    public long OneWayNs(int from, int to) =>
        from < Count && to < Count ? _oneWayNs[(from * Count) + to] : Unknown(from, to);

    private static long Unknown(int from, int to) => from == to ? UnknownNs / 50 : UnknownNs;
}
