namespace Fragcast.Transport.Quic;

/// <summary>So many per second, and some at once after a pause: a token bucket. One thread.</summary>
internal struct RateLimit
{
    private readonly ulong _intervalNs;
    private readonly ulong _savedNs;
    private ulong _dueNs;

    /// <summary>A full bucket.</summary>
    /// <param name="perSecond">The rate in the long run.</param>
    /// <param name="burst">How many may go at once.</param>
    public RateLimit(int perSecond, int burst)
    {
        _intervalNs = 1_000_000_000 / (ulong)perSecond;
        _savedNs = _intervalNs * ((ulong)burst - 1);
    }

    /// <summary>Takes one, if there is one.</summary>
    /// <param name="nowNs">The time, which never goes back.</param>
    public bool TryTake(ulong nowNs)
    {
        ulong oldestNs = nowNs > _savedNs ? nowNs - _savedNs : 0;
        ulong dueNs = Math.Max(_dueNs, oldestNs);
        if (dueNs > nowNs)
            return false;
        _dueNs = dueNs + _intervalNs;
        return true;
    }
}
