using Fragcast.Primitives;
using Fragcast.Schedule;
using Fragcast.Schedule.Sources;

namespace Fragcast.Node.Schedules;

/// <summary>Where the schedule comes from.</summary>
internal enum ScheduleKind : byte
{
    /// <summary>Turns of some blocks in a fixed order.</summary>
    RoundRobin = 0,

    /// <summary>Turns of some time in a fixed order.</summary>
    Time,

    /// <summary>Drawn in proportion to stakes.</summary>
    Weighted,

    /// <summary>Asked from a registry over JSON-RPC.</summary>
    Registry,

    /// <summary>Read from a file that is watched.</summary>
    File,
}

/// <summary>What the operator said about the schedule; what belongs to other kinds is left as it is.</summary>
internal sealed record ScheduleSettings
{
    /// <summary>Default of <see cref="TurnsPerEpoch"/>.</summary>
    public const ulong TurnsPerEpochDefault = 32;

    /// <summary>Where the schedule comes from.</summary>
    public required ScheduleKind Kind { get; init; }

    /// <summary>Signing addresses with their stakes, in order of their turns.</summary>
    public IReadOnlyList<Stake> Sequencers { get; init; } = [];

    /// <summary>The first block of the schedule.</summary>
    public ulong FirstBlock { get; init; }

    /// <summary>Blocks that a leader has in a row.</summary>
    public ulong BlocksPerTurn { get; init; } = 1;

    /// <summary>When blocks are due.</summary>
    public SlotClock Clock { get; init; }

    /// <summary>Length of a turn by time, in nanoseconds.</summary>
    public long SlotNs { get; init; }

    /// <summary>The seed of which each epoch's is made.</summary>
    public Hash256 Seed { get; init; }

    /// <summary>Turns that are drawn from one seed.</summary>
    public ulong TurnsPerEpoch { get; init; } = TurnsPerEpochDefault;

    /// <summary>Where the registry answers.</summary>
    public Uri? Registry { get; init; }

    /// <summary>How the registry is asked.</summary>
    public RegistryOptions RegistryOptions { get; init; } = new();

    /// <summary>The watched file.</summary>
    public string File { get; init; } = "";
}
