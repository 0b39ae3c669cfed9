using Fragcast.Primitives;

namespace Fragcast.Schedule.Rotation;

/// <summary>
/// Who may build a block, in order: its scheduled leader, then the leaders of the blocks after it, each once. The place
/// in this line is the round in which it may take the block over. Not changed once made.
/// </summary>
public sealed class Succession
{
    /// <summary>Length of the line: the leader and three who may take over.</summary>
    public const int RoundsMax = 4;

    private readonly Address[] _line;

    private Succession(Address[] line, bool isComplete, long version)
    {
        _line = line;
        IsComplete = isComplete;
        Version = version;
    }

    /// <summary>Whether nobody can join the line any more when the schedule learns of further leaders.</summary>
    public bool IsComplete { get; }

    /// <summary>Version of the schedule that it was made from.</summary>
    public long Version { get; }

    /// <summary>How many are in the line; 0 when the block's leader is not known.</summary>
    public int Count => _line.Length;

    /// <summary>Who is on in a round.</summary>
    public Address this[int round] => _line[round];

    /// <summary>The round of somebody; -1 if not in the line.</summary>
    public int RoundOf(in Address sequencer) => Array.IndexOf(_line, sequencer);

    /// <summary>The line of a block.</summary>
    /// <remarks>Looks at up to <see cref="ScheduleLimits.ScanBlocksMax"/> blocks.</remarks>
    public static Succession Of(ILeaderSchedule schedule, ulong block)
    {
        long version = schedule.Version;
        var line = new List<Address>(RoundsMax);
        for (ulong ahead = 0; ahead < ScheduleLimits.ScanBlocksMax && ahead <= ulong.MaxValue - block; ahead++)
        {
            if (schedule.LeaderOf(block + ahead, out Address leader) != LeaderLookup.Known)
            {
                return new Succession([.. line], isComplete: false, version);
            }

            if (!line.Contains(leader))
            {
                line.Add(leader);
                if (line.Count == RoundsMax || (schedule.IsClosed && line.Count == schedule.Sequencers.Length))
                {
                    break;
                }
            }
        }

        return new Succession([.. line], isComplete: true, version);
    }
}
