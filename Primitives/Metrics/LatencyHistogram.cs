using System.Numerics;

namespace Fragcast.Primitives.Metrics;

/// <summary>
/// Counts durations in buckets that are log-linear, as in Gil Tene's HdrHistogram: exact below 2048 ns, and from there
/// 1024 buckets to each doubling, so that a value read back is too high by less than 0.1 %. All memory is taken at the
/// start. For one thread; give each its own and <see cref="Merge"/> them.
/// </summary>
public sealed class LatencyHistogram
{
    /// <summary>The longest duration told apart by default: ten minutes, 241 KiB of counters.</summary>
    public const long DefaultHighestNs = 600L * 1_000_000_000;

    private const int HalfBits = 10;
    private const int Half = 1 << HalfBits;

    private readonly long[] _counts;
    private long _min = long.MaxValue;

    /// <summary>An empty histogram.</summary>
    /// <param name="highestNs">Longer durations are counted together; <see cref="Max"/> stays exact.</param>
    public LatencyHistogram(long highestNs = DefaultHighestNs)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(highestNs, 1);
        _counts = new long[IndexOf(highestNs) + 1];
    }

    /// <summary>How many durations were recorded.</summary>
    public long Count { get; private set; }

    /// <summary>The shortest duration recorded, exact, in nanoseconds; 0 if there is none.</summary>
    public long Min => Count == 0 ? 0 : _min;

    /// <summary>The longest duration recorded, exact, in nanoseconds; 0 if there is none.</summary>
    public long Max { get; private set; }

    /// <summary>Counts a duration in nanoseconds; below zero, as clocks of two machines may give, it counts as zero.
    /// </summary>
    public void Record(long ns)
    {
        ns = Math.Max(ns, 0);
        _counts[Math.Min(IndexOf(ns), _counts.Length - 1)]++;
        Count++;
        if (ns < _min) _min = ns;
        if (ns > Max) Max = ns;
    }

    /// <summary>
    /// The duration that <paramref name="percentile"/> percent of all recorded ones do not exceed, in nanoseconds: the
    /// top of its bucket, within <see cref="Min"/> and <see cref="Max"/>. 0 percent gives the shortest, 100 the
    /// longest; an empty histogram gives 0.
    /// </summary>
    public long ValueAtPercentile(double percentile)
    {
        if (Count == 0) return 0;
        long rank = RankOf(percentile, Count);
        if (rank <= 1) return _min;
        long seen = 0;
        for (int index = 0; index < _counts.Length - 1; index++)
        {
            seen += _counts[index];
            if (seen >= rank) return Math.Clamp(HighestOf(index), _min, Max);
        }

        return Max;
    }

    /// <summary>Adds all that <paramref name="other"/> counted; that stays as it is.</summary>
    public void Merge(LatencyHistogram other)
    {
        if (other.Count == 0) return;
        for (int index = 0; index < other._counts.Length; index++)
            _counts[Math.Min(index, _counts.Length - 1)] += other._counts[index];
        Count += other.Count;
        _min = Math.Min(_min, other._min);
        Max = Math.Max(Max, other.Max);
    }

    /// <summary>Forgets all durations.</summary>
    public void Reset()
    {
        Array.Clear(_counts);
        Count = 0;
        _min = long.MaxValue;
        Max = 0;
    }

    /// <summary>The place in sorted order, from 1, of the smallest value with so many percent at or below it.</summary>
    internal static long RankOf(double percentile, long count)
    {
        // 99.9 has no exact binary form; without the allowance its product could come out just above a whole number.
        double exact = percentile / 100 * count;
        return Math.Clamp((long)Math.Ceiling(exact - (exact * 1e-12)), 1, count);
    }

    private static int IndexOf(long ns)
    {
        int shift = 64 - HalfBits - 1 - BitOperations.LeadingZeroCount((ulong)ns | ((2 * Half) - 1));
        return (shift << HalfBits) + (int)(ns >> shift);
    }

    private static long HighestOf(int index)
    {
        int shift = Math.Max((index >> HalfBits) - 1, 0);
        long inBucket = index - ((long)shift << HalfBits);
        return ((inBucket + 1) << shift) - 1;
    }
}
