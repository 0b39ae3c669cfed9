namespace Fragcast.Perf.Simulate;

/// <summary>
/// A line that is good or bad by turns, for exponential times: while it is bad, half of what comes is lost. (Gilbert,
/// 1960; Elliott, 1963.)
/// </summary>
internal struct LossBursts
{
    private const double LossWhileBad = 0.5;

    private readonly long _goodNs;
    private readonly long _badNs;
    private long _untilNs;
    private ulong _random;
    private bool _isBad;

    /// <summary>A line that is good at first.</summary>
    /// <param name="loss">Share lost on average, below a half.</param>
    /// <param name="burstNs">Mean time for which it is bad.</param>
    /// <param name="random">The beginning of its random numbers.</param>
    public LossBursts(double loss, long burstNs, ulong random)
    {
        double bad = loss / LossWhileBad;
        _badNs = burstNs;
        _goodNs = (long)(burstNs * (1 - bad) / bad);
        _random = random;
        _untilNs = Next(_goodNs);
    }

    /// <summary>Whether what arrives at a time is lost; times do not decrease from call to call.</summary>
    public bool IsLost(long ns)
    {
        while (_untilNs <= ns)
        {
            _isBad = !_isBad;
            _untilNs += Next(_isBad ? _badNs : _goodNs);
        }

        return _isBad && Draw.Unit(ref _random) < LossWhileBad;
    }

    private long Next(long meanNs) => Draw.ExponentialOf((uint)(Draw.Next(ref _random) >> 33), meanNs) + 1;
}
