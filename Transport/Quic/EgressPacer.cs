namespace Fragcast.Transport.Quic;

/// <summary>
/// Spreads large windows over the round trip, so that they do not overrun the queue of a narrow link at once; a token
/// bucket of our own.
/// </summary>
/// <remarks>
/// The library's pacer is not used (its packet times are never reported to it): from 1.17 on it keeps the initial rate
/// while the application sends little, which triples the round trip of single messages. Here bursts of up to
/// <see cref="BurstBytes"/> always go at once, which covers a frag to one peer; beyond, the rate is twice the
/// congestion window per smoothed round trip, enough for slow start to double. Below <see cref="MinRttNs"/> of round
/// trip nothing is held back: a local network absorbs a window, and timers are not finer than that.
/// </remarks>
internal struct EgressPacer
{
    /// <summary>Bytes that may go at once: 64 packets of about 1,440.</summary>
    public const long BurstBytes = 92_160;

    /// <summary>Round trips from which on sending is paced.</summary>
    public const long MinRttNs = 2_000_000;

    // The pause is at least worth this many bytes: a timer per packet would cost more than it spreads.
    private const long StepBytes = 16_384;

    private const double Gain = 2.0;

    private double _bytesPerNs;
    private long _credit;
    private ulong _refilledNs;

    /// <summary>When the next packet may go; 0 while it may.</summary>
    public ulong ResumeNs { get; private set; }

    /// <summary>Sets the rate from the newest statistics; a rate of 0 does not pace.</summary>
    public void SetPath(long windowBytes, long smoothedRttNs) =>
        _bytesPerNs = smoothedRttNs < MinRttNs ? 0 : Gain * windowBytes / smoothedRttNs;

    /// <summary>Whether a packet may go now.</summary>
    public bool MaySend(ulong nowNs)
    {
        ResumeNs = 0;
        if (_bytesPerNs <= 0)
        {
            _credit = BurstBytes;
            _refilledNs = nowNs;
            return true;
        }

        double earned = (nowNs - _refilledNs) * _bytesPerNs;
        _credit = earned >= BurstBytes ? BurstBytes : Math.Min(BurstBytes, _credit + (long)earned);
        _refilledNs = nowNs;
        if (_credit > 0)
        {
            return true;
        }

        ResumeNs = nowNs + (ulong)((StepBytes - _credit) / _bytesPerNs);
        return false;
    }

    /// <summary>Notes a packet that was sent.</summary>
    public void NoteSent(int bytes) => _credit -= bytes;
}
