using Fragcast.Primitives;

namespace Fragcast.Schedule.Sources;

/// <summary>Blocks that one leader has.</summary>
/// <param name="First">The first block.</param>
/// <param name="Last">The last block, included.</param>
/// <param name="Leader">Who leads them.</param>
public readonly record struct LeaderRange(ulong First, ulong Last, Address Leader);

/// <summary>
/// Leaders as somebody listed them, block range by block range. Blocks before the first range lie before the schedule,
/// gaps and what follows the last range are not known yet.
/// </summary>
public sealed class TableSchedule : ILeaderSchedule
{
    private readonly LeaderRange[] _ranges;
    private readonly Address[] _sequencers;

    /// <summary>Makes the schedule.</summary>
    /// <param name="ranges">In any order; none overlaps another.</param>
    /// <exception cref="ScheduleException">There are too many, one is empty, or two overlap.</exception>
    public TableSchedule(IEnumerable<LeaderRange> ranges)
    {
        _ranges = [.. ranges.OrderBy(range => range.First)];
        if (_ranges.Length > ScheduleLimits.RangesMax)
        {
            throw new ScheduleException(
                $"the schedule has {_ranges.Length} ranges; {ScheduleLimits.RangesMax} are possible");
        }

        for (int i = 0; i < _ranges.Length; i++)
        {
            LeaderRange range = _ranges[i];
            if (range.First > range.Last)
            {
                throw new ScheduleException($"the schedule has a range from {range.First} to {range.Last}");
            }

            if (i > 0 && range.First <= _ranges[i - 1].Last)
            {
                throw new ScheduleException($"the schedule names two leaders for block {range.First}");
            }
        }

        _sequencers = [.. _ranges.Select(range => range.Leader).Distinct()];
    }

    /// <inheritdoc/>
    public ReadOnlySpan<Address> Sequencers => _sequencers;

    /// <inheritdoc/>
    public bool IsClosed => false;

    /// <inheritdoc/>
    public LeaderLookup LeaderOf(ulong blockNumber, out Address leader)
    {
        int low = 0;
        int high = _ranges.Length;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (_ranges[middle].First <= blockNumber)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        leader = default;
        if (low == 0)
        {
            return _ranges.Length == 0 ? LeaderLookup.NotYetKnown : LeaderLookup.BeforeSchedule;
        }

        LeaderRange range = _ranges[low - 1];
        if (blockNumber > range.Last)
        {
            return LeaderLookup.NotYetKnown;
        }

        leader = range.Leader;
        return LeaderLookup.Known;
    }
}
