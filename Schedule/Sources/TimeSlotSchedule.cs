using Fragcast.Primitives;

namespace Fragcast.Schedule.Sources;

/// <summary>
/// Sequencers take turns by time: slot s lasts from genesis + s × length to the next, and belongs to sequencer
/// s mod count. A block is led by whom the slot belongs to in which it begins by the <see cref="SlotClock"/>; so the
/// leader follows from the block's number alone, and nodes with different clocks agree.
/// </summary>
/// <remarks>
/// Where slots are longer than blocks a leader has all blocks that begin in its slot; where they are shorter, slots in
/// which no block begins lead nothing. A block never changes hands in its middle because of this schedule.
/// </remarks>
public sealed class TimeSlotSchedule : ILeaderSchedule
{
    private readonly Address[] _sequencers;
    private readonly SlotClock _clock;
    private readonly long _slotNs;

    /// <summary>Makes the schedule.</summary>
    /// <param name="sequencers">Signing addresses in order of their slots; at least one, none twice.</param>
    /// <param name="clock">When blocks begin; its genesis is also where slot 0 begins.</param>
    /// <param name="slotNs">Length of a slot in nanoseconds.</param>
    /// <exception cref="ScheduleException">The list cannot be used, or there is no clock or no length.</exception>
    public TimeSlotSchedule(ReadOnlySpan<Address> sequencers, SlotClock clock, long slotNs)
    {
        if (!clock.IsSet)
        {
            throw new ScheduleException("a schedule by time needs the time of a block");
        }

        if (slotNs <= 0)
        {
            throw new ScheduleException("a slot must last at least a millisecond");
        }

        _sequencers = SequencerList.Check(sequencers);
        _clock = clock;
        _slotNs = slotNs;
    }

    /// <inheritdoc/>
    public ReadOnlySpan<Address> Sequencers => _sequencers;

    /// <inheritdoc/>
    public LeaderLookup LeaderOf(ulong blockNumber, out Address leader)
    {
        if (blockNumber < _clock.FirstBlock)
        {
            leader = default;
            return LeaderLookup.BeforeSchedule;
        }

        UInt128 sinceGenesis = (UInt128)(blockNumber - _clock.FirstBlock) * (ulong)_clock.BlockTimeNs;
        UInt128 slot = sinceGenesis / (ulong)_slotNs;
        leader = _sequencers[(int)(slot % (ulong)_sequencers.Length)];
        return LeaderLookup.Known;
    }
}
