using System.Net;
using Fragcast.Transport.Buffers;
using Fragcast.Transport.Identity;

namespace Fragcast.Transport;

/// <summary>
/// One UDP port that listens and dials QUIC connections with mutual authentication, driven by one I/O thread.
/// </summary>
/// <remarks>
/// Every member may be called from any thread, the I/O thread inside a handler call included, and none blocks.
/// Identifiers carry a generation: one that outlived its connection or stream gives <see cref="SendResult.Closed"/>
/// or <see langword="false"/>, never another connection's data. <see cref="IDisposable.Dispose"/> closes all
/// connections towards their peers, reports them to the handler and ends the I/O thread before it returns; called
/// from a handler it only asks for that.
/// </remarks>
public interface ITransportEndpoint : IDisposable
{
    /// <summary>The identity that this endpoint proves to its peers.</summary>
    PeerId LocalPeer { get; }

    /// <summary>The bound address and port; for a wildcard address the wildcard.</summary>
    IPEndPoint LocalEndPoint { get; }

    /// <summary>Engine, library versions and the way datagrams go to the kernel.</summary>
    TransportDescription Description { get; }

    /// <summary>Totals since the endpoint was created.</summary>
    TransportCounters Counters { get; }

    /// <summary>Starts the I/O thread; accepting and dialling begin. To be called once.</summary>
    /// <param name="handler">Gets every event, on the I/O thread.</param>
    void Start(ITransportHandler handler);

    /// <summary>
    /// Starts a connection. The outcome arrives as <see cref="ITransportHandler.OnConnected"/> or
    /// <see cref="ITransportHandler.OnDialFailed"/> with the same identifier, always exactly one of the two, unless
    /// the endpoint is disposed first.
    /// </summary>
    /// <param name="remote">Address and port, IPv4 or IPv6.</param>
    /// <param name="expectedPeer">The handshake fails if the peer proves another identity; null accepts any.</param>
    ConnectionId Dial(IPEndPoint remote, PeerId? expectedPeer);

    /// <summary>
    /// Hands one datagram to the I/O thread. Unreliable and unordered: the network may lose it, and so may the
    /// connection's own bounded queue by the rule of its class (counted in <see cref="Counters"/>).
    /// </summary>
    /// <param name="connection">A connected peer.</param>
    /// <param name="payload">
    /// At most <see cref="PathStatistics.MaxDatagramBytes"/>; <see cref="TransportLimits.SafeDatagramBytes"/> fits
    /// always. Copied before the call returns.
    /// </param>
    /// <param name="egressClass">Order of sending, and what is dropped when the peer is slow.</param>
    SendResult TrySendDatagram(ConnectionId connection, ReadOnlySpan<byte> payload, EgressClass egressClass);

    /// <summary>
    /// As above, without a copy: for datagrams that go to several peers, or on from one peer to the next. If the
    /// result is <see cref="SendResult.Accepted"/> the endpoint has become one more holder of the lease, whose bytes
    /// must not change any more; the caller releases its own hold in every case.
    /// </summary>
    SendResult TrySendDatagram(ConnectionId connection, BufferLease payload, EgressClass egressClass);

    /// <summary>
    /// Opens a long-lived bidirectional stream. The peer learns of it with the first bytes written. When the peer's
    /// stream limit is reached the stream waits for it, and takes data in the meantime.
    /// </summary>
    SendResult TryOpenStream(ConnectionId connection, out StreamId stream);

    /// <summary>
    /// Appends to a stream: everything or nothing. <see cref="SendResult.QueueFull"/> when the bytes would exceed
    /// <see cref="TransportOptions.StreamSendBufferBytes"/> unacknowledged ones; then
    /// <see cref="ITransportHandler.OnStreamWritable"/> follows once they fit; more than that bound never fits and is
    /// <see cref="SendResult.TooLarge"/>.
    /// </summary>
    /// <param name="stream">An open stream whose sending side is not ended.</param>
    /// <param name="data">Copied before the call returns; may be empty together with <paramref name="end"/>.</param>
    /// <param name="egressClass">Order of sending among the streams and datagrams of the connection.</param>
    /// <param name="end">Ends the sending side after these bytes.</param>
    SendResult TryWriteStream(StreamId stream, ReadOnlySpan<byte> data, EgressClass egressClass, bool end = false);

    /// <summary>Gives up both directions of a stream; what is not yet acknowledged may be lost.</summary>
    void ResetStream(StreamId stream, ulong applicationError);

    /// <summary>
    /// Closes a connection, after what was handed in before as far as it can be sent at once; the peer gets
    /// <paramref name="applicationError"/>.
    /// The handler gets <see cref="ITransportHandler.OnDisconnected"/>, or OnDialFailed if it never was connected.
    /// </summary>
    void Close(ConnectionId connection, ulong applicationError);

    /// <summary>
    /// Has <see cref="ITransportHandler.OnTurn"/> called soon. What the caller wrote before is visible to it.
    /// </summary>
    void Wake();

    /// <summary>The last published state of the path; false if there is no such connection any more.</summary>
    bool TryGetPath(ConnectionId connection, out PathStatistics statistics);
}
