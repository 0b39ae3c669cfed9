using System.Net;
using Fragcast.Transport.Buffers;
using Fragcast.Transport.Identity;

namespace Fragcast.Transport;

/// <summary>
/// The events of one endpoint. All calls come from its I/O thread, one at a time, and hold up every connection of
/// the endpoint: a handler copies or queues and returns. It may call any member of the endpoint.
/// </summary>
/// <remarks>
/// Order per connection: <see cref="OnConnected"/> first, then data and streams, <see cref="OnStreamClosed"/> for
/// each stream still open, <see cref="OnDisconnected"/> last. An exception that leaves a handler closes the
/// connection it was called for with <see cref="DisconnectKind.HandlerFault"/> and is passed to
/// <see cref="TransportOptions.FaultObserver"/>.
/// </remarks>
public interface ITransportHandler
{
    /// <summary>
    /// Both sides have proven their identities. For the dialling side this waits for the peer's confirmation (or its
    /// first data), so that a refused certificate is a failed dial and not a short connection.
    /// </summary>
    void OnConnected(ConnectionId connection, PeerId peer, IPEndPoint remote, bool dialled);

    /// <summary>A dial ended without a connection; the identifier is invalid from now on.</summary>
    void OnDialFailed(ConnectionId connection, IPEndPoint remote, DisconnectReason reason);

    /// <summary>A connection that was reported as connected is gone; the identifier is invalid from now on.</summary>
    void OnDisconnected(ConnectionId connection, DisconnectReason reason);

    /// <summary>
    /// A datagram has arrived. The handler is the lease's holder and releases it once, on any thread; the number of
    /// leases held at once is bounded by <see cref="TransportOptions.ReceiveLeases"/>.
    /// </summary>
    void OnDatagram(ConnectionId connection, BufferLease datagram);

    /// <summary>The peer has opened a stream.</summary>
    void OnStreamOpened(ConnectionId connection, StreamId stream);

    /// <summary>
    /// The next bytes of a stream, in order. <paramref name="data"/> is valid during the call only, and may be empty
    /// when <paramref name="end"/> says that the peer has ended its sending side.
    /// </summary>
    void OnStreamData(StreamId stream, ReadOnlySpan<byte> data, bool end);

    /// <summary>Room was made on a stream whose last write gave <see cref="SendResult.QueueFull"/>.</summary>
    void OnStreamWritable(StreamId stream);

    /// <summary>
    /// Both directions have ended, or the stream was reset, or the connection is gone. <paramref name="error"/> is
    /// the application's error code, 0 for an orderly end.
    /// </summary>
    void OnStreamClosed(StreamId stream, ulong error);

    /// <summary>
    /// The I/O thread's round is about to end: a handler that keeps time or takes work from other threads does it here.
    /// Called at least when the time that it named has passed, and after <see cref="ITransportEndpoint.Wake"/>.
    /// </summary>
    /// <returns>
    /// In how many nanoseconds it wants to be called again at the latest; 0 for at once, <see cref="long.MaxValue"/>
    /// for not until something happens.
    /// </returns>
    long OnTurn() => long.MaxValue;
}
