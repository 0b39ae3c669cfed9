using Fragcast.Primitives;

namespace Fragcast.Schedule.Sources;

/// <summary>
/// A schedule that is replaced while the node runs, by what a registry says or by an edited file. Asking is for any
/// thread; replacing is for one.
/// </summary>
/// <param name="first">What holds until the first replacement.</param>
public sealed class LiveSchedule(ILeaderSchedule first) : ILeaderSchedule
{
    private ILeaderSchedule _current = first;
    private long _version;

    /// <summary>Called on the replacing thread after each replacement.</summary>
    public Action? Changed { get; set; }

    /// <inheritdoc/>
    // Acquire: the schedule is complete when its reference is seen.
    public ReadOnlySpan<Address> Sequencers => Volatile.Read(ref _current).Sequencers;

    /// <inheritdoc/>
    // Others may come with the next replacement.
    public bool IsClosed => false;

    /// <inheritdoc/>
    // Acquire: whoever sees a version sees the schedule of it, or a later one, see Replace.
    public long Version => Volatile.Read(ref _version);

    /// <inheritdoc/>
    // Acquire: as above.
    public LeaderLookup LeaderOf(ulong blockNumber, out Address leader) =>
        Volatile.Read(ref _current).LeaderOf(blockNumber, out leader);

    /// <summary>Answers by another schedule from now on.</summary>
    public void Replace(ILeaderSchedule next)
    {
        // Release, twice: the schedule's contents before its reference, the reference before the version.
        Volatile.Write(ref _current, next);
        Volatile.Write(ref _version, _version + 1);
        Changed?.Invoke();
    }
}
