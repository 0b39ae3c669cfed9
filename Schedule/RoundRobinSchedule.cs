using Fragcast.Primitives;

namespace Fragcast.Schedule;

/// <summary>
/// Sequencers take turns in a fixed order, a fixed number of blocks each, from a first block on, without end.
/// </summary>
public sealed class RoundRobinSchedule : ILeaderSchedule
{
    private readonly Address[] _sequencers;
    private readonly ulong _firstBlock;
    private readonly ulong _blocksPerTurn;

    /// <summary>Makes the schedule.</summary>
    /// <param name="sequencers">Signing addresses in order of their turns; at least one, none twice.</param>
    /// <param name="firstBlock">Number of the first block; the first sequencer leads it.</param>
    /// <param name="blocksPerTurn">Length of a turn in blocks; at least 1.</param>
    /// <exception cref="ScheduleException">The list is empty or has a repetition, or a turn has no blocks.</exception>
    public RoundRobinSchedule(ReadOnlySpan<Address> sequencers, ulong firstBlock, ulong blocksPerTurn = 1)
    {
        if (blocksPerTurn == 0)
        {
            throw new ScheduleException("a sequencer's turn must last at least one block");
        }

        _sequencers = SequencerList.Check(sequencers);
        _firstBlock = firstBlock;
        _blocksPerTurn = blocksPerTurn;
    }

    /// <inheritdoc/>
    public ReadOnlySpan<Address> Sequencers => _sequencers;

    /// <inheritdoc/>
    public LeaderLookup LeaderOf(ulong blockNumber, out Address leader)
    {
        if (blockNumber < _firstBlock)
        {
            leader = default;
            return LeaderLookup.BeforeSchedule;
        }

        ulong turn = (blockNumber - _firstBlock) / _blocksPerTurn;
        leader = _sequencers[(int)(turn % (ulong)_sequencers.Length)];
        return LeaderLookup.Known;
    }
}
