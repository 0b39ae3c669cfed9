namespace Fragcast.Transport;

/// <summary>
/// Totals of one endpoint since its creation. Written by the I/O thread except where noted; a reader on another
/// thread gets each number whole and at most a moment old, but not all from the same moment.
/// </summary>
public sealed class TransportCounters
{
    private readonly long[] _values = new long[(int)TransportCounter.Count];

    /// <summary>The total of one counter.</summary>
    public long this[TransportCounter counter] => Volatile.Read(ref _values[(int)counter]);

    /// <summary>Adds on the I/O thread, the only writer of the counter.</summary>
    internal void Add(TransportCounter counter, long amount = 1)
    {
        // A single writer needs no interlocked addition; the volatile write keeps the value whole for readers.
        ref long value = ref _values[(int)counter];
        Volatile.Write(ref value, value + amount);
    }

    /// <summary>Takes over a total that the I/O thread keeps elsewhere.</summary>
    internal void Set(TransportCounter counter, long total) => Volatile.Write(ref _values[(int)counter], total);

    /// <summary>Adds on any thread.</summary>
    internal void AddShared(TransportCounter counter, long amount = 1) =>
        Interlocked.Add(ref _values[(int)counter], amount);
}

/// <summary>Names of the totals.</summary>
public enum TransportCounter
{
    /// <summary>UDP datagrams received.</summary>
    PacketsIn,

    /// <summary>UDP payload bytes received.</summary>
    BytesIn,

    /// <summary>UDP datagrams sent.</summary>
    PacketsOut,

    /// <summary>UDP payload bytes sent.</summary>
    BytesOut,

    /// <summary>UDP datagrams that the kernel refused to take; to QUIC they are lost packets.</summary>
    PacketsOutRefused,

    /// <summary>System calls that received.</summary>
    ReceiveCalls,

    /// <summary>System calls that sent.</summary>
    SendCalls,

    /// <summary>UDP datagrams that belong to no connection and open none: garbage, stale, truncated.</summary>
    PacketsUnrecognised,

    /// <summary>Application datagrams received.</summary>
    DatagramsIn,

    /// <summary>Application datagrams sent.</summary>
    DatagramsOut,

    /// <summary>Application datagrams received but dropped because handlers hold all leases.</summary>
    DatagramsInDropped,

    /// <summary>Datagrams of the class Realtime dropped in a peer's queue (the oldest).</summary>
    RealtimeDropped,

    /// <summary>Datagrams of the class Control dropped in a peer's queue (the newest).</summary>
    ControlDropped,

    /// <summary>Datagrams of the class Bulk dropped in a peer's queue (the newest).</summary>
    BulkDropped,

    /// <summary>Datagrams dropped because their connection was gone or its path had become too narrow.</summary>
    DatagramsUnsendable,

    /// <summary>Sends refused because the ring to the I/O thread was full (any thread).</summary>
    RingFull,

    /// <summary>Connections that became connected, dialled and accepted.</summary>
    Connected,

    /// <summary>Connected connections that ended.</summary>
    Disconnected,

    /// <summary>Handshakes accepted from peers.</summary>
    HandshakesAccepted,

    /// <summary>Handshakes that failed, both directions, all reasons.</summary>
    HandshakesFailed,

    /// <summary>Failed: no answer or no progress in time.</summary>
    HandshakeTimeouts,

    /// <summary>Failed: no application protocol in common.</summary>
    HandshakeWrongProtocol,

    /// <summary>Failed: certificate refused by this side.</summary>
    HandshakeBadCertificate,

    /// <summary>Failed: another identity than the one that was dialled.</summary>
    HandshakeWrongPeer,

    /// <summary>Failed: any other TLS alert.</summary>
    HandshakeTlsAlert,

    /// <summary>
    /// Packets of newcomers dropped because a limit on connections, handshakes, Retries or waiting packets was reached.
    /// </summary>
    HandshakesRefusedByLimit,

    /// <summary>Retry packets sent.</summary>
    RetriesSent,

    /// <summary>Initials with a Retry token that is not ours, not for that address, or too old.</summary>
    RetryTokensInvalid,

    /// <summary>Version negotiation packets sent.</summary>
    VersionNegotiationsSent,

    /// <summary>Stateless resets sent.</summary>
    StatelessResetsSent,

    /// <summary>Connections ended by silence.</summary>
    IdleTimeouts,

    /// <summary>Connections ended because the peer broke the protocol.</summary>
    ProtocolErrors,

    /// <summary>Streams opened by peers.</summary>
    StreamsAccepted,

    /// <summary>Streams opened by this side.</summary>
    StreamsOpened,

    /// <summary>Connections of libp2p nodes, which count as connected too.</summary>
    Libp2pConnected,

    /// <summary>Streams on which a libp2p node agreed to ping.</summary>
    Libp2pPings,

    /// <summary>UDP datagrams received with the mark of congestion (ECN CE).</summary>
    PacketsInMarked,

    /// <summary>Changes of a connection's keys that this side began.</summary>
    KeyUpdates,

    /// <summary>Exceptions that left a handler.</summary>
    HandlerFaults,

    /// <summary>Number of counters; not a counter.</summary>
    Count,
}
