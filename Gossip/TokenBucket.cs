namespace Fragcast.Gossip;

/// <summary>
/// Allows so much at once and so much a second. Time comes from outside; one thread.
/// </summary>
/// <param name="perSecond">How much it gains in a second.</param>
/// <param name="burst">How much it holds; it begins full.</param>
internal struct TokenBucket(int perSecond, int burst)
{
    private const long SecondNs = 1_000_000_000;

    // Thousandths, so that short steps of time are not lost.
    private long _milliTokens = burst * 1000L;
    private long _lastNs = long.MinValue;

    /// <summary>Takes an amount; false, with nothing taken, when there is not enough.</summary>
    public bool TryTake(int amount, long nowNs)
    {
        if (_lastNs == long.MinValue)
        {
            _lastNs = nowNs;
        }

        long step = SecondNs / (1000L * perSecond);
        long steps = Math.Clamp((nowNs - _lastNs) / step, 0, burst * 1000L);
        _milliTokens = Math.Min(_milliTokens + steps, burst * 1000L);
        _lastNs = steps == burst * 1000L ? nowNs : _lastNs + (steps * step);
        if (_milliTokens < amount * 1000L)
        {
            return false;
        }

        _milliTokens -= amount * 1000L;
        return true;
    }
}
