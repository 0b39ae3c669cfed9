using Fragcast.Primitives;

namespace Fragcast.Schedule;

/// <summary>What a schedule knows of the leader of a block.</summary>
public enum LeaderLookup : byte
{
    /// <summary>The leader is known.</summary>
    Known = 0,

    /// <summary>The block lies before the first one that the schedule covers.</summary>
    BeforeSchedule,

    /// <summary>The block lies beyond what the schedule covers so far; it may become known.</summary>
    NotYetKnown,
}

/// <summary>
/// Says whose signature opens, fills and seals a block. Implementations are immutable, so every stage may ask from
/// its own thread.
/// </summary>
public interface ILeaderSchedule
{
    /// <summary>The distinct signing addresses that ever lead, in schedule order.</summary>
    ReadOnlySpan<Address> Sequencers { get; }

    /// <summary>Finds the leader of a block.</summary>
    /// <param name="blockNumber">The block's number.</param>
    /// <param name="leader">The address whose secp256k1 key signs the block; zero unless known.</param>
    LeaderLookup LeaderOf(ulong blockNumber, out Address leader);
}
