using Fragcast.Primitives;

namespace Fragcast.Schedule.Connect;

/// <summary>A leader of the moment or of the near future.</summary>
/// <param name="Leader">Its signing address.</param>
/// <param name="FirstBlock">The first block from the next one on that it leads.</param>
/// <param name="StartUnixNs">When that block is due; <see cref="SlotClock.NeverNs"/> without a clock.</param>
public readonly record struct UpcomingLeader(Address Leader, ulong FirstBlock, long StartUnixNs);

/// <summary>
/// The current leader and the next ones, each once, in the order of their turns. Found anew only when the head or the
/// schedule moved. No I/O and no clock; one thread.
/// </summary>
/// <param name="schedule">Whose turn it is.</param>
/// <param name="clock">When blocks are due.</param>
/// <param name="ahead">How many leaders after the current one; 1 to <see cref="AheadMax"/>.</param>
public sealed class Lookahead(ILeaderSchedule schedule, SlotClock clock, int ahead = Lookahead.AheadDefault)
{
    /// <summary>Leaders after the current one that a node keeps connections to.</summary>
    public const int AheadDefault = 6;

    /// <summary>Most leaders after the current one.</summary>
    public const int AheadMax = 64;

    private readonly int _count = Math.Clamp(ahead, 1, AheadMax) + 1;
    private readonly List<UpcomingLeader> _leaders = new(AheadMax + 1);
    private (ulong Head, long Version)? _basis;

    /// <summary>The current leader first; empty while it is not known.</summary>
    public IReadOnlyList<UpcomingLeader> Leaders => _leaders;

    /// <summary>Follows the head.</summary>
    /// <param name="head">The last sealed block.</param>
    /// <returns>Whether anything was found anew.</returns>
    public bool Update(ulong head)
    {
        (ulong, long) basis = (head, schedule.Version);
        if (_basis == basis)
        {
            return false;
        }

        _basis = basis;
        _leaders.Clear();
        int most = schedule.IsClosed ? Math.Min(_count, schedule.Sequencers.Length) : _count;
        for (ulong i = 1; i <= ScheduleLimits.ScanBlocksMax && i <= ulong.MaxValue - head && _leaders.Count < most; i++)
        {
            ulong block = head + i;
            LeaderLookup lookup = schedule.LeaderOf(block, out Address leader);
            if (lookup == LeaderLookup.NotYetKnown)
            {
                // A gap in a table: whoever is known behind it comes up later than one thinks, but comes up.
                continue;
            }

            if (lookup == LeaderLookup.Known && !IsListed(leader))
            {
                _leaders.Add(new UpcomingLeader(leader, block, clock.StartNs(block)));
            }
        }

        return true;
    }

    private bool IsListed(in Address leader)
    {
        foreach (UpcomingLeader known in _leaders)
        {
            if (known.Leader == leader)
            {
                return true;
            }
        }

        return false;
    }
}
