using Fragcast.Primitives;
using Fragcast.Schedule;
using Fragcast.Schedule.Sources;
using Microsoft.Extensions.Logging;

namespace Fragcast.Node.Schedules;

/// <summary>A schedule and what keeps it up to date. Disposing stops that; the last answers stay.</summary>
internal sealed class ScheduleSource : IDisposable
{
    private readonly IDisposable? _watcher;

    private ScheduleSource(ILeaderSchedule schedule, IDisposable? watcher = null)
    {
        Schedule = schedule;
        _watcher = watcher;
    }

    /// <summary>The schedule.</summary>
    public ILeaderSchedule Schedule { get; }

    /// <summary>Makes the schedule and starts what keeps it up to date.</summary>
    /// <exception cref="ScheduleException">The settings give no schedule.</exception>
    /// <exception cref="Cli.OperatorException">The file cannot be read.</exception>
    public static ScheduleSource Start(ScheduleSettings settings, ILogger logger)
    {
        Address[] sequencers = [.. settings.Sequencers.Select(stake => stake.Sequencer)];
        switch (settings.Kind)
        {
            case ScheduleKind.RoundRobin:
                return new ScheduleSource(
                    new RoundRobinSchedule(sequencers, settings.FirstBlock, settings.BlocksPerTurn));
            case ScheduleKind.Time:
                return new ScheduleSource(new TimeSlotSchedule(sequencers, settings.Clock, settings.SlotNs));
            case ScheduleKind.Weighted:
                return new ScheduleSource(new WeightedSchedule(
                    settings.Sequencers, EpochSeeds.Derived(settings.Seed),
                    new WeightedTurns(settings.FirstBlock, settings.BlocksPerTurn, settings.TurnsPerEpoch)));
            case ScheduleKind.Registry:
                var registry = new RegistrySource(settings.Registry!, settings.RegistryOptions, logger);
                return new ScheduleSource(registry.Schedule, registry);
            default:
                var file = new FileSource(settings.File, FileSource.PollIntervalDefault, logger);
                return new ScheduleSource(file.Schedule, file);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _watcher?.Dispose();
}
