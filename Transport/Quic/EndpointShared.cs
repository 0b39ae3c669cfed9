using System.Collections.Concurrent;
using Fragcast.Transport.Buffers;
using Fragcast.Transport.Identity;
using Fragcast.Transport.Quic.Native;
using Fragcast.Transport.Rings;
using Fragcast.Transport.Udp;

namespace Fragcast.Transport.Quic;

/// <summary>A datagram on its way from any thread to the I/O thread; a slot of the ring.</summary>
internal struct EgressItem
{
    public ulong Connection;
    public BufferLease Datagram;
    public EgressClass Class;
}

/// <summary>What the I/O thread is asked for now and then.</summary>
internal enum ControlKind : byte
{
    Dial,
    Close,
    ResetStream,
}

/// <summary>A request to the I/O thread.</summary>
/// <param name="Kind">What is wanted.</param>
/// <param name="Handle">Of a connection, or of a stream for <see cref="ControlKind.ResetStream"/>.</param>
/// <param name="Error">The application's error code.</param>
/// <param name="Dial">Set for <see cref="ControlKind.Dial"/>.</param>
internal readonly record struct ControlItem(ControlKind Kind, ulong Handle, ulong Error, DialRequest? Dial = null);

/// <summary>A dial: the connection made for it, or why there is none.</summary>
internal sealed record DialRequest(
    System.Net.IPEndPoint Remote, ConnectionId Id, QuicConnection? Connection, DisconnectKind Failure);

/// <summary>What the threads that use an endpoint and its I/O thread share.</summary>
internal sealed class EndpointShared
{
    // The smallest chunk that a packet does not exceed is a path's MTU; this keeps 8 small messages of an idle stream
    // together and costs a busy one a rent per 5 packets.
    private const int ChunkBytes = 8192;

    // Slots for one datagram of a full Ethernet frame each. Twice the ring: half in it, half in the peers' queues.
    private const int SendSlotBytes = 1536;

    public EndpointShared(HostIdentity identity, HostCertificate certificate, TransportOptions options)
    {
        Options = options;
        LocalPeer = identity.Peer;
        Library = NgtcpLibrary.Get(options.Library, options.LibraryDirectory);
        Port = UdpPort.Bind(options.Listen, options.Udp, options.SocketBufferBytes, options.CongestionMarks);
        try
        {
            Tls = new TlsCredentials(certificate, options);
            Signal = new EventSignal(Port);
        }
        catch
        {
            Port.Dispose();
            throw;
        }

        ResetSecret = identity.DeriveSecret("fragcast quic stateless reset"u8);
        RetrySecret = System.Security.Cryptography.RandomNumberGenerator.GetBytes(ResetSecret.Length);
        Connections = new SlotTable<QuicConnection>(options.MaxConnections);
        Streams = new SlotTable<QuicStream>(int.MaxValue);
        Ring = new RingBuffer<EgressItem>(options.SendRingSlots, ProducerKind.Multi);
        ReceivePool = new PinnedBufferPool(options.ReceiveLeases);
        SendPool = new PinnedBufferPool(2 * options.SendRingSlots, SendSlotBytes);
        Chunks = new ChunkBudget(Math.Max(1, options.StreamSendBuffersBytes / ChunkBytes), ChunkBytes);
    }

    public TransportOptions Options { get; }

    public PeerId LocalPeer { get; }

    public NgtcpLibrary Library { get; }

    public UdpPort Port { get; }

    public TlsCredentials Tls { get; }

    public EventSignal Signal { get; }

    public TransportCounters Counters { get; } = new();

    /// <summary>Secret of the stateless reset tokens; the same after a restart, so that peers learn of it.</summary>
    public byte[] ResetSecret { get; }

    /// <summary>Secret of the Retry tokens, which need not outlive the process.</summary>
    public byte[] RetrySecret { get; }

    public SlotTable<QuicConnection> Connections { get; }

    /// <summary>Bounded through the connections: each has at most MaxStreams of either side.</summary>
    public SlotTable<QuicStream> Streams { get; }

    public RingBuffer<EgressItem> Ring { get; }

    public PinnedBufferPool ReceivePool { get; }

    public PinnedBufferPool SendPool { get; }

    public ChunkBudget Chunks { get; }

    public StreamNews News { get; } = new();

    /// <summary>Requests of the application, which are rare; bounded by what it asks for.</summary>
    public ConcurrentQueue<ControlItem> Control { get; } = new();

    /// <summary>Wakes the I/O thread if it sleeps, after something was put where it looks.</summary>
    public void Wake()
    {
        // StoreLoad: what was put is visible before we look whether the I/O thread is about to sleep.
        Interlocked.MemoryBarrier();
        Signal.WakeIfArmed();
    }
}
