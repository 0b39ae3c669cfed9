namespace Fragcast.Gossip.Membership;

/// <summary>What the exchange remembers of one connected peer; its limits are here.</summary>
internal sealed class ExchangePeer(int number, long nowNs)
{
    /// <summary>Records a second that a peer may push unasked: a churn of 10,000 nodes within a minute.</summary>
    public const int PushedPerSecond = 170;

    /// <summary>Records that it may push at once.</summary>
    public const int PushedBurst = 1024;

    /// <summary>Digests a second; each costs a pass over the book.</summary>
    public const int DigestsPerSecond = 1;

    /// <summary>Digests at once.</summary>
    public const int DigestsBurst = 4;

    /// <summary>Records a second that a peer gets for the asking.</summary>
    public const int ServedPerSecond = 2000;

    /// <summary>Records that it gets at once: a whole book.</summary>
    public const int ServedBurst = 12_000;

    /// <summary>Records a second that this node asks a peer for: checking them takes about 3% of a core.</summary>
    public const int AskedPerSecond = 500;

    /// <summary>Records that it asks for at once: a whole book.</summary>
    public const int AskedBurst = 12_000;

    private TokenBucket _asked = new(AskedPerSecond, AskedBurst);
    private TokenBucket _pushed = new(PushedPerSecond, PushedBurst);
    private TokenBucket _digests = new(DigestsPerSecond, DigestsBurst);
    private TokenBucket _served = new(ServedPerSecond, ServedBurst);

    /// <summary>The peer's number in the book.</summary>
    public int Number { get; } = number;

    /// <summary>Salt of the digest that it was sent and has not answered; null when none is out.</summary>
    public ulong? DigestOut { get; set; }

    /// <summary>When the exchange with it last moved on.</summary>
    public long LastMoveNs { get; set; } = nowNs;

    /// <summary>Whether it may answer with a listing of single records.</summary>
    public bool ListingOut { get; set; }

    /// <summary>Hashes of records that it has and this node wants; the last ones are asked for first.</summary>
    public List<ulong> Wanted { get; } = [];

    /// <summary>Number of the want that it has not answered; 0 when none is out.</summary>
    public ulong AskOut { get; set; }

    /// <summary>Whether it may have another digest answered.</summary>
    public bool TryTakeDigest(long now) => _digests.TryTake(1, now);

    /// <summary>Whether it may be asked for so many records.</summary>
    public bool TryTakeAsked(int count, long now) => _asked.TryTake(count, now);

    /// <summary>Whether it may push so many records.</summary>
    public bool TryTakePushed(int count, long now) => _pushed.TryTake(count, now);

    /// <summary>Whether it may ask for so many records.</summary>
    public bool TryTakeServed(int count, long now) => _served.TryTake(count, now);
}
