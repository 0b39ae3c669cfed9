namespace Fragcast.Gossip.Broadcast;

/// <summary>Jobs of one rank in the order of their coming. Grows up to a bound and never shrinks.</summary>
internal sealed class JobQueue<TChunk>
{
    /// <summary>
    /// Jobs that wait at most: chunks that a relay at its limit could not send within
    /// <see cref="BroadcastOptions.RelayAgeMaxNs"/> anyway.
    /// </summary>
    public const int JobsMax = 4096;

    private EgressJob<TChunk>[] _jobs = new EgressJob<TChunk>[16];
    private int _first;
    private int _count;

    /// <summary>Whether nothing waits.</summary>
    public bool IsEmpty => _count == 0;

    /// <summary>The job whose turn it is.</summary>
    public ref EgressJob<TChunk> First => ref _jobs[_first];

    /// <summary>Adds a job; false if there are too many.</summary>
    public bool Add(in EgressJob<TChunk> job)
    {
        if (_count == _jobs.Length && !Grow())
        {
            return false;
        }

        _jobs[(_first + _count++) & (_jobs.Length - 1)] = job;
        return true;
    }

    /// <summary>Takes out the first.</summary>
    public void RemoveFirst()
    {
        _jobs[_first] = default;
        _first = (_first + 1) & (_jobs.Length - 1);
        _count--;
    }

    private bool Grow()
    {
        if (_jobs.Length == JobsMax)
        {
            return false;
        }

        var jobs = new EgressJob<TChunk>[_jobs.Length * 2];
        for (int i = 0; i < _count; i++)
        {
            jobs[i] = _jobs[(_first + i) & (_jobs.Length - 1)];
        }

        _jobs = jobs;
        _first = 0;
        return true;
    }
}
