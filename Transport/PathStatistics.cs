namespace Fragcast.Transport;

/// <summary>
/// What is known of the way to one peer. Published by the I/O thread when it has worked on the connection.
/// </summary>
public readonly record struct PathStatistics
{
    /// <summary>Smoothed round-trip time (RFC 9002) in nanoseconds.</summary>
    public long SmoothedRttNs { get; init; }

    /// <summary>Smallest round-trip time seen, in nanoseconds.</summary>
    public long MinRttNs { get; init; }

    /// <summary>Round-trip time variation (RFC 9002) in nanoseconds.</summary>
    public long RttVariationNs { get; init; }

    /// <summary>Congestion window in bytes.</summary>
    public long CongestionWindowBytes { get; init; }

    /// <summary>Bytes sent and neither acknowledged nor declared lost.</summary>
    public long BytesInFlight { get; init; }

    /// <summary>UDP payloads and their bytes sent on this connection.</summary>
    public long PacketsSent { get; init; }

    /// <summary>UDP payload bytes sent on this connection.</summary>
    public long BytesSent { get; init; }

    /// <summary>UDP payloads received on this connection.</summary>
    public long PacketsReceived { get; init; }

    /// <summary>UDP payload bytes received on this connection.</summary>
    public long BytesReceived { get; init; }

    /// <summary>Datagrams of this side that the network lost, as far as acknowledgements tell.</summary>
    public long DatagramsLost { get; init; }

    /// <summary>Datagrams of this side that were dropped in its own queue.</summary>
    public long DatagramsDropped { get; init; }

    /// <summary>Bytes of datagrams waiting in this side's queue, all classes.</summary>
    public long QueuedBytes { get; init; }

    /// <summary>Largest UDP payload that the path is known to carry.</summary>
    public int PathMtuBytes { get; init; }

    /// <summary>Largest datagram that can be sent now.</summary>
    public int MaxDatagramBytes { get; init; }
}
