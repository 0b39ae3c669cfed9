namespace Fragcast.Gossip.Membership;

/// <summary>Counts of an exchange.</summary>
public sealed class RecordExchangeCounters
{
    /// <summary>Records whose signatures were checked.</summary>
    public long Verified { get; internal set; }

    /// <summary>Records dropped unread because they were known or older.</summary>
    public long Stale { get; internal set; }

    /// <summary>Records that found no room.</summary>
    public long Full { get; internal set; }

    /// <summary>Frames and records dropped because their sender exceeded a limit.</summary>
    public long RateExceeded { get; internal set; }

    /// <summary>Records refused as <see cref="Refusal.BadRecord"/>.</summary>
    public long Bad { get; internal set; }

    /// <summary>Bytes handed to the link.</summary>
    public long SentBytes { get; internal set; }
}
