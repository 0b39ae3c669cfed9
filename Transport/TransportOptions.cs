using System.Net;
using Fragcast.Transport.Identity;

namespace Fragcast.Transport;

/// <summary>Which QUIC implementation carries an endpoint.</summary>
public enum TransportEngine : byte
{
    /// <summary>The best one that this machine has: ngtcp2 if it is installed, else System.Net.Quic.</summary>
    Auto,

    /// <summary>ngtcp2 with GnuTLS from the system's packages.</summary>
    Ngtcp2,

    /// <summary>System.Net.Quic on MsQuic, where the runtime finds that library.</summary>
    System,
}

/// <summary>Which generation of libngtcp2 is loaded.</summary>
public enum NgtcpLibraryPreference : byte
{
    /// <summary>libngtcp2.so.16 (1.x) if it is installed, else libngtcp2.so.9 (0.12).</summary>
    Newest,

    /// <summary>Only libngtcp2.so.16.</summary>
    Version1,

    /// <summary>Only libngtcp2.so.9.</summary>
    Version0,
}

/// <summary>How UDP datagrams pass to and from the kernel.</summary>
public enum UdpMode : byte
{
    /// <summary>The most capable one that the kernel has, tried at start.</summary>
    Auto,

    /// <summary>One system call per datagram (recvmsg, sendmsg).</summary>
    Plain,

    /// <summary>Many datagrams per call (recvmmsg, sendmmsg).</summary>
    Batched,

    /// <summary>Batched, and the kernel cuts and joins runs of equal datagrams (UDP_SEGMENT, UDP_GRO).</summary>
    Offload,
}

/// <summary>Congestion controllers of the library.</summary>
public enum CongestionControl : byte
{
    /// <summary>NewReno (RFC 9002).</summary>
    Reno = 0,

    /// <summary>CUBIC (RFC 9438).</summary>
    Cubic = 1,

    /// <summary>BBR; version depends on the library.</summary>
    Bbr = 2,
}

/// <summary>Settings of one endpoint. Every limit is a hard bound; the defaults suit a node of the network.</summary>
public sealed record TransportOptions
{
    /// <summary>The project's application protocol (ALPN).</summary>
    public const string DefaultApplicationProtocol = "fragcast/1";

    /// <summary>Address and port to bind; port 0 lets the system choose. [::] takes IPv4 as well.</summary>
    public IPEndPoint Listen { get; init; } = new(IPAddress.IPv6Any, 0);

    /// <summary>The implementation.</summary>
    public TransportEngine Engine { get; init; }

    /// <summary>The generation of libngtcp2. All endpoints of a process use the generation loaded first.</summary>
    public NgtcpLibraryPreference Library { get; init; }

    /// <summary>Folder to load libngtcp2 from instead of the system's paths; null for the system's.</summary>
    public string? LibraryDirectory { get; init; }

    /// <summary>The way to the kernel.</summary>
    public UdpMode Udp { get; init; }

    /// <summary>The only application protocol spoken; a peer without it is refused.</summary>
    public string ApplicationProtocol { get; init; } = DefaultApplicationProtocol;

    /// <summary>
    /// Whether libp2p nodes may dial too (ALPN "libp2p"): they prove their peer ids as all do, and their ping protocol
    /// is answered; the handler never hears of them. Of the engine on ngtcp2.
    /// </summary>
    public bool AcceptLibp2p { get; init; }

    /// <summary>Gets the identity of every libp2p node that has connected, on the I/O thread; for the log.</summary>
    public Action<PeerId>? Libp2pObserver { get; init; }

    /// <summary>Connections of this endpoint, both directions, handshakes included.</summary>
    public int MaxConnections { get; init; } = 4096;

    /// <summary>Accepted connections from one IP address.</summary>
    public int MaxConnectionsPerAddress { get; init; } = 256;

    /// <summary>Accepted handshakes in progress; Initials beyond are dropped.</summary>
    public int MaxHandshakes { get; init; } = 512;

    /// <summary>
    /// From this many accepted handshakes in progress on, or twice as many begun in a second, newcomers have to
    /// prove their address by a Retry token first (RFC 9000, section 8.1), which costs no memory. 0 asks always.
    /// </summary>
    public int RetryThreshold { get; init; } = 64;

    /// <summary>Streams that the peer may have open at once, and that this side may, per connection.</summary>
    public int MaxStreams { get; init; } = 1024;

    /// <summary>Receive window per stream at the start; grows to <see cref="MaxStreamWindowBytes"/> as used.</summary>
    public int StreamWindowBytes { get; init; } = 256 << 10;

    /// <summary>Bound on the receive window of a stream.</summary>
    public int MaxStreamWindowBytes { get; init; } = 6 << 20;

    /// <summary>Receive window per connection at the start; grows to <see cref="MaxConnectionWindowBytes"/>.</summary>
    public int ConnectionWindowBytes { get; init; } = 1 << 20;

    /// <summary>Bound on the receive window of a connection: what a peer can make this side hold.</summary>
    public int MaxConnectionWindowBytes { get; init; } = 16 << 20;

    /// <summary>Bytes written to a stream and not yet acknowledged.</summary>
    public int StreamSendBufferBytes { get; init; } = 1 << 20;

    /// <summary>The same, over all streams of a connection.</summary>
    public int ConnectionSendBufferBytes { get; init; } = 8 << 20;

    /// <summary>The same, over all streams of the endpoint. Memory is touched as it is used.</summary>
    public int StreamSendBuffersBytes { get; init; } = 32 << 20;

    /// <summary>Datagrams of one class waiting for one peer, in bytes.</summary>
    public int DatagramQueueBytes { get; init; } = 1 << 20;

    /// <summary>Slots of the ring between senders and the I/O thread, for all peers together; a power of two.</summary>
    public int SendRingSlots { get; init; } = 4096;

    /// <summary>Received datagrams that handlers may hold at once; beyond, they are dropped and counted.</summary>
    public int ReceiveLeases { get; init; } = 8192;

    /// <summary>Kernel buffers of the socket, each direction.</summary>
    public int SocketBufferBytes { get; init; } = 4 << 20;

    /// <summary>A connection on which nothing was heard for so long is given up.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Send something at least so often; zero sends nothing on idle connections.</summary>
    public TimeSpan KeepAlive { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>Bound on the time from the first packet to the proven identities.</summary>
    public TimeSpan HandshakeTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The congestion controller.</summary>
    public CongestionControl Congestion { get; init; } = CongestionControl.Cubic;

    /// <summary>
    /// Whether packets may carry congestion marks (ECN, RFC 9000 section 13.4), which let a router slow a connection
    /// down without losing its packets. Found out anew for every path; not used with <see cref="UdpMode.Plain"/>.
    /// </summary>
    public bool CongestionMarks { get; init; } = true;

    /// <summary>
    /// Packets sent before a connection changes its keys, 16 at least (RFC 9001, section 6). Far below what the ciphers
    /// allow; the library changes them at that limit in any case.
    /// </summary>
    public long KeyUpdatePackets { get; init; } = 1 << 20;

    /// <summary>
    /// How long the I/O thread polls after work before it sleeps. Saves the wake-up (several microseconds) where a
    /// core can be spared, and costs much more than it saves where none can.
    /// </summary>
    public TimeSpan Spin { get; init; } = TimeSpan.Zero;

    /// <summary>Name of the I/O thread.</summary>
    public string ThreadName { get; init; } = "quic-io";

    /// <summary>The calendar that certificates are checked against.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Gets every exception that left a handler, on the I/O thread; for the log.</summary>
    public Action<Exception>? FaultObserver { get; init; }
}
