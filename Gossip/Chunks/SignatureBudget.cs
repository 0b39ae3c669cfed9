namespace Fragcast.Gossip.Chunks;

/// <summary>
/// How many bad signatures each peer may have checked: a burst, and then one per interval. Good ones cost nothing. So a
/// peer that sends noise takes at most 50 µs of every interval, and takes nothing from others. One thread.
/// </summary>
public sealed class SignatureBudget
{
    /// <summary>Bad signatures in a row that a peer is allowed.</summary>
    public const int Burst = 16;

    /// <summary>Time after which a peer is allowed one more: 50 µs of each is 0.2% of a core for each peer.</summary>
    public const long RefillNs = 25_000_000;

    // The time at which a peer's allowance is whole again, by peer.
    private readonly long[] _wholeAtNs;

    /// <summary>Makes a budget for each peer.</summary>
    /// <param name="peersMax">How many peers there can be; numbers above share the last place.</param>
    public SignatureBudget(int peersMax)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(peersMax, 1);
        _wholeAtNs = new long[peersMax];
        Array.Fill(_wholeAtNs, long.MinValue);
    }

    /// <summary>Whether a signature from this peer may be checked now.</summary>
    public bool MayCheck(int peer, long nowNs) => _wholeAtNs[Place(peer)] <= nowNs + ((Burst - 1) * RefillNs);

    /// <summary>A signature from this peer was bad.</summary>
    public void Charge(int peer, long nowNs)
    {
        ref long wholeAtNs = ref _wholeAtNs[Place(peer)];
        wholeAtNs = Math.Max(wholeAtNs, nowNs) + RefillNs;
    }

    /// <summary>Another peer has this number from now on.</summary>
    public void Forget(int peer) => _wholeAtNs[Place(peer)] = long.MinValue;

    private int Place(int peer) => Math.Clamp(peer, 0, _wholeAtNs.Length - 1);
}
