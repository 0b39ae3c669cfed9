using System.Net.Security;
using Fragcast.Transport.Buffers;
using Fragcast.Transport.Identity;
using Fragcast.Transport.Quic;

namespace Fragcast.Transport.SystemQuic;

/// <summary>What the connections and streams of one endpoint share.</summary>
internal sealed class SystemShared
{
    // Slots for one datagram of a full Ethernet frame each.
    private const int SendSlotBytes = 1536;

    private readonly Lock _starvingGate = new();
    private readonly List<SystemStream> _starving = [];
    private long _held;

    public SystemShared(HostIdentity identity, HostCertificate certificate, TransportOptions options)
    {
        Options = options;
        LocalPeer = identity.Peer;
        Tls = new SystemTls(certificate, options);
        Protocols = [new SslApplicationProtocol(options.ApplicationProtocol)];
        Connections = new SlotTable<SystemConnection>(options.MaxConnections);
        ReceivePool = new PinnedBufferPool(options.ReceiveLeases);
        SendPool = new PinnedBufferPool(2 * options.SendRingSlots, SendSlotBytes);
    }

    public TransportOptions Options { get; }

    public PeerId LocalPeer { get; }

    public SystemTls Tls { get; }

    public List<SslApplicationProtocol> Protocols { get; }

    public TransportCounters Counters { get; } = new();

    public SlotTable<SystemConnection> Connections { get; }

    /// <summary>Bounded through the connections: each has at most MaxStreams of either side.</summary>
    public SlotTable<SystemStream> Streams { get; } = new(int.MaxValue);

    public PinnedBufferPool ReceivePool { get; }

    public PinnedBufferPool SendPool { get; }

    /// <summary>Set before the first connection.</summary>
    public SystemLoop Loop { get; set; } = null!;

    /// <summary>Reserves bytes of the bound on what all streams hold; false if they do not fit.</summary>
    public bool TryHold(int bytes)
    {
        if (Interlocked.Add(ref _held, bytes) <= Options.StreamSendBuffersBytes)
            return true;
        Interlocked.Add(ref _held, -bytes);
        return false;
    }

    /// <summary>Whether so many bytes would fit; a moment's view.</summary>
    public bool HasRoomFor(int bytes) => Interlocked.Read(ref _held) + bytes <= Options.StreamSendBuffersBytes;

    /// <summary>Gives bytes back, and has the streams looked at that wait for some.</summary>
    public void Unhold(int bytes)
    {
        Interlocked.Add(ref _held, -bytes);
        bool isDue;
        lock (_starvingGate)
            isDue = _starving.Count > 0;
        if (isDue)
            Loop.Post(Feed);
    }

    /// <summary>Notes a stream whose write did not fit a bound that it shares with others.</summary>
    public void AddStarving(SystemStream stream)
    {
        lock (_starvingGate)
        {
            if (!_starving.Contains(stream))
                _starving.Add(stream);
        }

        // What it waits for may have been freed between its write and now.
        Loop.Post(Feed);
    }

    private void Feed()
    {
        SystemStream[] waiting;
        lock (_starvingGate)
        {
            waiting = [.. _starving];
            _starving.Clear();
        }

        foreach (SystemStream stream in waiting)
        {
            if (stream.TryTakeRoomRequest())
                stream.TellWritable();
            else if (stream.Wants)
                AddBack(stream);
        }
    }

    private void AddBack(SystemStream stream)
    {
        lock (_starvingGate)
        {
            if (!_starving.Contains(stream))
                _starving.Add(stream);
        }
    }
}
