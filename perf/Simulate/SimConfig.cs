namespace Fragcast.Perf.Simulate;

/// <summary>What is simulated. Two runs of equal configurations give equal results, to the bit.</summary>
internal sealed record SimConfig
{
    /// <summary>Nodes, leaders included: node i is in region i + <see cref="FirstRegion"/>, modulo.</summary>
    public int Nodes { get; init; } = 1000;

    /// <summary>How many regions of <see cref="RegionTable.Order"/>.</summary>
    public int Regions { get; init; } = 15;

    /// <summary>The region of the first node, the first leader, by its place in the list; the others follow.</summary>
    public int FirstRegion { get; init; }

    /// <summary>Bytes of a frag as a signed message.</summary>
    public int FragBytes { get; init; } = 32_768;

    /// <summary>Time from a frag to the next.</summary>
    public long IntervalNs { get; init; } = 10_000_000;

    /// <summary>For how long frags are published.</summary>
    public long DurationNs { get; init; } = 60_000_000_000;

    /// <summary>For how long the network may go on after the last frag.</summary>
    public long TailNs { get; init; } = 4_000_000_000;

    /// <summary>Probability that a datagram is lost, on every hop.</summary>
    public double Loss { get; init; } = 0.01;

    /// <summary>
    /// Mean length of bursts of loss: 0 for losses that know nothing of each other. Otherwise a receiver's line is bad
    /// for exponential times of this mean, in which every second datagram is lost, and good in between for as long as
    /// it takes to lose <see cref="Loss"/> on average (Gilbert, Elliott).
    /// </summary>
    public long BurstNs { get; init; }

    /// <summary>Share of the followers that have crashed and that the others take to be there.</summary>
    public double Dead { get; init; }

    /// <summary>Share of the followers with a tenth of uplink, downlink and processor.</summary>
    public double Slow { get; init; }

    /// <summary>Share of the followers that leave and come back.</summary>
    public double Churn { get; init; }

    /// <summary>Mean time that such a follower stays, and mean time that it is away.</summary>
    public long ChurnUpNs { get; init; } = 5_000_000_000;

    /// <summary>Mean time that a follower is away.</summary>
    public long ChurnDownNs { get; init; } = 1_000_000_000;

    /// <summary>Share of the followers that are byzantine, and what they do.</summary>
    public double Byzantine { get; init; }

    /// <summary>What byzantine nodes do.</summary>
    public Misdeed Misdeed { get; init; }

    /// <summary>
    /// Nodes that lead in turn; they are the first ones, each in a region of its own as far as these go.
    /// </summary>
    public int Leaders { get; init; } = 3;

    /// <summary>Time that a leader leads; 0: the first one always.</summary>
    public long RotateNs { get; init; }

    /// <summary>
    /// Whether a leader has to shake hands first with everybody, two round trips, when it begins to lead.
    /// </summary>
    public bool IsCold { get; init; }

    /// <summary>Uplink and downlink of leaders, in megabits a second.</summary>
    public int LeaderMbps { get; init; } = 1000;

    /// <summary>Uplink of followers, in megabits a second.</summary>
    public int UplinkMbps { get; init; } = 200;

    /// <summary>Downlink of followers, in megabits a second.</summary>
    public int DownlinkMbps { get; init; } = 200;

    /// <summary>How much a link holds before it drops what comes last, as time to send it.</summary>
    public long QueueNs { get; init; } = 50_000_000;

    /// <summary>Whether the uplink serves the classes of egress in their order; else in the order of sending.</summary>
    public bool HasPriority { get; init; } = true;

    /// <summary>Time to replay a byte of a frag: 32 KiB in 1.6 ms.</summary>
    public int ReplayNsPerByte { get; init; } = 50;

    /// <summary>What all randomness comes from.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Threads; the result is the same with any number.</summary>
    public int Threads { get; init; } = Math.Min(2, Environment.ProcessorCount);

    /// <summary>How many frags are published.</summary>
    public int Items => (int)(DurationNs / IntervalNs);
}

/// <summary>What byzantine nodes do.</summary>
internal enum Misdeed
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Relays pass on chunks with other contents.</summary>
    WrongChunks,

    /// <summary>Relays send on with duties that nobody gave them, to everybody.</summary>
    FalseDuties,

    /// <summary>Relays take everything and pass nothing on.</summary>
    Withhold,

    /// <summary>Followers ask everybody for chunks that they have, again and again.</summary>
    AskAgain,

    /// <summary>The leader signs two frags for one place and sends one to each half of the network.</summary>
    Equivocate,
}
