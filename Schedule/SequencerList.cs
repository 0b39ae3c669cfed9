using Fragcast.Primitives;

namespace Fragcast.Schedule;

/// <summary>What every list of sequencers that an operator gives must be.</summary>
internal static class SequencerList
{
    /// <summary>Copies a list.</summary>
    /// <exception cref="ScheduleException">It is empty, too long, or names one twice.</exception>
    public static Address[] Check(ReadOnlySpan<Address> sequencers)
    {
        if (sequencers.IsEmpty)
        {
            throw new ScheduleException("the schedule names no sequencer");
        }

        if (sequencers.Length > ScheduleLimits.SequencersMax)
        {
            throw new ScheduleException(
                $"the schedule names {sequencers.Length} sequencers; {ScheduleLimits.SequencersMax} are possible");
        }

        var seen = new HashSet<Address>(sequencers.Length);
        foreach (Address sequencer in sequencers)
        {
            if (!seen.Add(sequencer))
            {
                throw new ScheduleException($"the schedule names sequencer {sequencer} twice");
            }
        }

        return sequencers.ToArray();
    }
}
