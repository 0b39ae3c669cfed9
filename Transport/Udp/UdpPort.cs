using System.Net;
using System.Net.Sockets;

namespace Fragcast.Transport.Udp;

/// <summary>A bound UDP socket with what the kernel offers for it found out.</summary>
internal sealed unsafe class UdpPort : IDisposable
{
    /// <summary>Largest UDP payload that is sent or taken: an Ethernet frame's.</summary>
    public const int MaxPayload = 1500;

    private readonly Socket _socket;

    private UdpPort(Socket socket, UdpMode wanted, int bufferBytes, bool usesMarks)
    {
        _socket = socket;
        Handle = (int)socket.Handle;
        Family = socket.AddressFamily;
        LocalEndPoint = (IPEndPoint)socket.LocalEndPoint!;
        SetBuffers(bufferBytes);
        ForbidFragments();
        Mode = FindMode(wanted);
        CanMark = usesMarks && Mode != UdpMode.Plain && TryReceiveMarks();
    }

    /// <summary>The file descriptor.</summary>
    public int Handle { get; }

    /// <summary>IPv4, or IPv6 (which carries IPv4 too if bound to the wildcard).</summary>
    public AddressFamily Family { get; }

    /// <summary>The bound address and port.</summary>
    public IPEndPoint LocalEndPoint { get; }

    /// <summary>The way to the kernel; never <see cref="UdpMode.Auto"/>.</summary>
    public UdpMode Mode { get; }

    /// <summary>Whether congestion marks (ECN) are sent and reported; plain calls have no room for them.</summary>
    public bool CanMark { get; }

    /// <summary>For the description of the endpoint.</summary>
    public string ModeText => Mode switch
    {
        UdpMode.Offload => "recvmmsg/sendmmsg with UDP_SEGMENT and UDP_GRO",
        UdpMode.Batched => "recvmmsg/sendmmsg",
        _ => "recvfrom/sendto",
    };

    /// <summary>Binds; [::] takes IPv4 too, and falls back to 0.0.0.0 where the system has no IPv6.</summary>
    /// <exception cref="EndpointBindException">The address or port cannot be had.</exception>
    public static UdpPort Bind(IPEndPoint listen, UdpMode mode, int bufferBytes, bool usesMarks = true)
    {
        if (listen.Address.Equals(IPAddress.IPv6Any) && !Socket.OSSupportsIPv6)
        {
            listen = new IPEndPoint(IPAddress.Any, listen.Port);
        }

        Socket? socket = null;
        try
        {
            socket = new Socket(listen.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            if (listen.Address.Equals(IPAddress.IPv6Any))
            {
                socket.DualMode = true;
            }

            socket.Bind(listen);
            return new UdpPort(socket, mode, bufferBytes, usesMarks);
        }
        catch (SocketException e)
        {
            socket?.Dispose();
            string reason = e.SocketErrorCode switch
            {
                SocketError.AddressAlreadyInUse => "the port is in use by another process; choose another port",
                SocketError.AddressNotAvailable => "the address is not one of this machine",
                SocketError.AccessDenied => "not allowed; ports below 1024 need privileges",
                _ => e.Message,
            };
            throw new EndpointBindException(listen, reason);
        }
    }

    public void Dispose() => _socket.Dispose();

    /// <summary>Sets the congestion mark (RFC 3168, two bits) of everything sent from now on.</summary>
    public void SetMark(byte mark)
    {
        _ = Libc.TrySetOption(Handle, Libc.LevelIp, Libc.IpTos, mark);
        if (Family == AddressFamily.InterNetworkV6)
        {
            _ = Libc.TrySetOption(Handle, Libc.LevelIpv6, Libc.Ipv6TrafficClass, mark);
        }
    }

    // As above: IPv4 that comes to an IPv6 socket is asked for by the option of IPv4.
    private bool TryReceiveMarks()
    {
        bool can = Libc.TrySetOption(Handle, Libc.LevelIp, Libc.IpReceiveTos, 1);
        return Family == AddressFamily.InterNetworkV6
            ? Libc.TrySetOption(Handle, Libc.LevelIpv6, Libc.Ipv6ReceiveTrafficClass, 1)
            : can;
    }

    // The forced variants pass the system-wide maximum, where the process may; else the kernel caps the value, and a
    // smaller buffer only loses packets earlier.
    private void SetBuffers(int bytes)
    {
        if (!Libc.TrySetOption(Handle, Libc.LevelSocket, Libc.ReceiveBufferForce, bytes))
        {
            _socket.ReceiveBufferSize = bytes;
        }

        if (!Libc.TrySetOption(Handle, Libc.LevelSocket, Libc.SendBufferForce, bytes))
        {
            _socket.SendBufferSize = bytes;
        }
    }

    // QUIC datagrams must not be fragmented (RFC 9000, section 14); path MTU discovery depends on it. Each option
    // exists for its family only, and a socket for both families needs both: a failure is an absent family.
    private void ForbidFragments()
    {
        _ = Libc.TrySetOption(Handle, Libc.LevelIp, Libc.IpMtuDiscover, Libc.MtuDiscoverProbe);
        if (Family == AddressFamily.InterNetworkV6)
        {
            _ = Libc.TrySetOption(Handle, Libc.LevelIpv6, Libc.Ipv6MtuDiscover, Libc.MtuDiscoverProbe);
        }
    }

    private UdpMode FindMode(UdpMode wanted)
    {
        if (wanted is UdpMode.Plain or UdpMode.Batched)
        {
            return wanted;
        }

        int segment = 0;
        uint length = sizeof(int);
        bool canSegment = Libc.GetOption(Handle, Libc.LevelUdp, Libc.UdpSegment, &segment, &length) == 0;
        return canSegment && Libc.TrySetOption(Handle, Libc.LevelUdp, Libc.UdpGro, 1)
            ? UdpMode.Offload
            : UdpMode.Batched;
    }
}
