using Fragcast.Primitives;

namespace Fragcast.Schedule;

/// <summary>What a schedule knows of the leader of a block.</summary>
public enum LeaderLookup : byte
{
    /// <summary>The leader is known.</summary>
    Known = 0,

    /// <summary>The block lies before the first one that the schedule covers.</summary>
    BeforeSchedule,

    /// <summary>
    /// The block lies beyond what the schedule covers so far; it may become known. What comes for it is held, and never
    /// held against the peer that sent it.
    /// </summary>
    NotYetKnown,
}

/// <summary>
/// Says whose turn a block is. Implementations are immutable, or swap immutable tables (<see
/// cref="Sources.LiveSchedule"/>), so that every stage may ask from its own thread. Who takes a block over when its
/// leader falls silent follows from the same answers, see <see cref="Rotation.Succession"/>.
/// </summary>
public interface ILeaderSchedule
{
    /// <summary>The distinct signing addresses that ever lead, as far as they are known, in schedule order.</summary>
    ReadOnlySpan<Address> Sequencers { get; }

    /// <summary>Whether nobody else than <see cref="Sequencers"/> will ever lead.</summary>
    bool IsClosed => true;

    /// <summary>Moves on whenever answers may have changed; never for a schedule that is fixed.</summary>
    long Version => 0;

    /// <summary>Finds the leader of a block.</summary>
    /// <param name="blockNumber">The block's number.</param>
    /// <param name="leader">The address whose secp256k1 key signs the block; zero unless known.</param>
    LeaderLookup LeaderOf(ulong blockNumber, out Address leader);
}
