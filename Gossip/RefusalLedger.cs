namespace Fragcast.Gossip;

/// <summary>
/// Counts refusals by reason, and by peer and reason, and tells which are the first of their kind so that each is
/// logged once. Thread-safe: refusals come from the I/O thread and from the stages behind it.
/// </summary>
/// <param name="peersMax">How many peers are told apart; further ones share the last place.</param>
public sealed class RefusalLedger(int peersMax = RefusalLedger.PeersMaxDefault)
{
    /// <summary>Default number of peers told apart: 1,024 × 40 reasons × 8 bytes = 320 KiB.</summary>
    public const int PeersMaxDefault = 1024;

    private static readonly int Reasons = Enum.GetValues<Refusal>().Length;

    private readonly long[] _byReason = new long[Reasons];
    private readonly long[][] _byPeer = new long[peersMax][];

    /// <summary>All refusals so far.</summary>
    public long Total
    {
        get
        {
            long total = 0;
            for (int i = 0; i < _byReason.Length; i++)
            {
                total += Count((Refusal)i);
            }

            return total;
        }
    }

    /// <summary>Counts one refusal.</summary>
    /// <param name="peer">Index of the peer that sent the message; negative for this node itself.</param>
    /// <param name="reason">Why it was refused.</param>
    /// <returns>True for the first of this peer and reason: the one to log.</returns>
    public bool Add(int peer, Refusal reason)
    {
        Interlocked.Increment(ref _byReason[(int)reason]);
        int place = Place(peer);
        long[] counts = _byPeer[place]
            ?? Interlocked.CompareExchange(ref _byPeer[place], new long[Reasons], null) ?? _byPeer[place];
        return Interlocked.Increment(ref counts[(int)reason]) == 1;
    }

    /// <summary>Refusals for one reason, of all peers.</summary>
    public long Count(Refusal reason) => Volatile.Read(ref _byReason[(int)reason]);

    /// <summary>Refusals of one peer for one reason.</summary>
    public long Count(int peer, Refusal reason)
    {
        // Acquire: the array's contents must not be read before the array reference that publishes them.
        long[]? counts = Volatile.Read(ref _byPeer[Place(peer)]);
        return counts is null ? 0 : Volatile.Read(ref counts[(int)reason]);
    }

    private int Place(int peer) => Math.Clamp(peer + 1, 0, _byPeer.Length - 1);
}
