namespace Fragcast.Gossip.Broadcast;

/// <summary>Settings of a broadcast core.</summary>
public sealed record BroadcastOptions
{
    /// <summary>What IP, UDP and QUIC put around a chunk: 28 bytes, and about 30.</summary>
    public const int PacketBytes = 58;

    /// <summary>
    /// Chunks for each that is needed, after which a head stops to send an item on: who did not get so many asks.
    /// </summary>
    public const double LeafFactorMin = 1.0;

    /// <summary>The network's id, part of all draws.</summary>
    public required ulong NetworkId { get; init; }

    /// <summary>What this node may send, in megabits a second. The core paces itself to it.</summary>
    public int UplinkMbps { get; init; } = 200;

    /// <summary>What a datagram costs on the wire beyond the chunk's message bytes: heads of all layers.</summary>
    public int OverheadBytes { get; init; } = 280;

    /// <summary>Message bytes in a chunk, at most.</summary>
    public int ChunkBytesMax { get; init; } = 900;

    /// <summary>
    /// Items that are kept for peers that ask for chunks, a power of two: two blocks of a hundred frags, and what is
    /// around them.
    /// </summary>
    public int ItemsMax { get; init; } = 256;

    /// <summary>Blocks past the head that chunks are taken for; see <c>BlockAssembler</c>.</summary>
    public ulong BlocksAheadMax { get; init; } = 16;

    /// <summary>The least time without a new chunk before a node asks for what it misses.</summary>
    public long RepairPatienceMinNs { get; init; } = 5_000_000;

    /// <summary>The most of it.</summary>
    public long RepairPatienceMaxNs { get; init; } = 50_000_000;

    /// <summary>Requests for one item until it is left to the sync of blocks.</summary>
    public int RepairAttemptsMax { get; init; } = 10;

    /// <summary>Chunks that one peer may ask for in a second.</summary>
    public int RepairChunksPerSecond { get; init; } = 4_000;

    /// <summary>Next leaders that get everything directly.</summary>
    public int NextLeaders { get; init; } = 2;

    /// <summary>Time between two reports to the leader.</summary>
    public long ReceptionIntervalNs { get; init; } = 1_000_000_000;

    /// <summary>What waits longer than this to be relayed is dropped: news beats history.</summary>
    public long RelayAgeMaxNs { get; init; } = 250_000_000;
}
