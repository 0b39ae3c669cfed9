using Fragcast.Execution.Parallel;

namespace Fragcast.Perf.Parallel;

/// <summary>
/// What a stretch of transactions takes with any number of workers: the times of a run with one worker, laid out by
/// the schedule as the workers would do it, who take what became ready first. Memory and caches are not simulated.
/// </summary>
internal sealed class ScheduleSimulation
{
    private readonly long[] _ticks;
    private readonly int[] _waits;
    private readonly int[][] _waiting;

    /// <summary>Takes the last run of a replay over, which took so many ticks in all.</summary>
    public ScheduleSimulation(ParallelReplay replay, long elapsedTicks)
        : this(
            [.. Enumerable.Range(0, replay.Schedule.Count).Select(replay.TicksOf)],
            [.. Enumerable.Range(0, replay.Schedule.Count).Select(i => replay.Schedule.WaitingFor(i).ToArray())])
    {
        Depth = replay.Schedule.Depth;
        SerialTicks = Math.Max(0, elapsedTicks - _ticks.Sum());
    }

    /// <summary>Transactions by what they take, each with those that wait for it.</summary>
    public ScheduleSimulation(long[] ticks, int[][] waiting)
    {
        _ticks = ticks;
        _waiting = waiting;
        _waits = new int[ticks.Length];
        foreach (int waits in waiting.SelectMany(list => list)) _waits[waits]++;
    }

    /// <summary>Transactions on the longest chain.</summary>
    public int Depth { get; }

    /// <summary>What does not depend on the number of workers.</summary>
    public long SerialTicks { get; }

    /// <summary>The longest chain of transactions that wait for one another, in ticks.</summary>
    public long CriticalPathTicks() => Makespan(Math.Max(1, _ticks.Length));

    /// <summary>From the start of the first transaction to the end of the last, in ticks.</summary>
    public long Makespan(int workers)
    {
        var left = (int[])_waits.Clone();
        var ready = new PriorityQueue<int, (long Since, int Index)>();
        var running = new PriorityQueue<int, long>();
        for (int i = 0; i < left.Length; i++)
        {
            if (left[i] == 0) ready.Enqueue(i, (0, i));
        }

        long now = 0;
        while (ready.Count > 0 || running.Count > 0)
        {
            while (running.Count < workers && ready.TryDequeue(out int next, out _))
                running.Enqueue(next, now + _ticks[next]);
            running.TryDequeue(out int done, out now);
            foreach (int waiting in _waiting[done])
            {
                if (--left[waiting] == 0) ready.Enqueue(waiting, (now, waiting));
            }
        }

        return now;
    }
}
