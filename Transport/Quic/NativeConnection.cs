using System.Diagnostics;
using Fragcast.Transport.Quic.Native;
using Fragcast.Transport.Udp;

namespace Fragcast.Transport.Quic;

/// <summary>
/// The library's connection and its TLS session, owned and guarded: after <see cref="Delete"/> every call answers as
/// for a connection that is gone, and the calls that the library forbids within its callbacks refuse to be made there.
/// One thread.
/// </summary>
internal sealed unsafe class NativeConnection
{
    /// <summary>The only version spoken: QUIC v1 (RFC 9000).</summary>
    public const uint Version = 1;

    private readonly NgtcpLibrary _library;

    // In pinned memory, since the library keeps its address.
    private readonly PinnedArray<NativeConnectionReference> _reference = new(1);
    private void* _connection;
    private void* _session;
    private bool _isInside;

    public NativeConnection(NgtcpLibrary library)
    {
        _library = library;
    }

    /// <summary>Whether there is a connection to call.</summary>
    public bool IsAlive => _connection != null;

    /// <summary>The congestion mark that the packet written last is to have.</summary>
    public byte Mark { get; private set; }

    /// <summary>The TLS session.</summary>
    public void* Session => _session;

    private int Gone => _library.Abi.Errors.DropConnection;

    /// <summary>Joins what the library made with a TLS session; false if there is no session to be had.</summary>
    /// <param name="connection">From ClientNew or ServerNew; owned from now on.</param>
    /// <param name="handle">What callbacks of the TLS library find the connection by.</param>
    /// <param name="tls">Makes the session.</param>
    /// <param name="isServer">The side of the handshake.</param>
    public bool TryAdopt(void* connection, ulong handle, TlsCredentials tls, bool isServer)
    {
        _connection = connection;
        _reference[0] = new NativeConnectionReference
        {
            GetConnection = &ConnectionCallbacks.GetConnection, Handle = (void*)handle, Connection = connection,
        };
        _session = tls.NewSession(isServer, _reference.Pointer, _library);
        if (_session == null)
        {
            Delete();
            return false;
        }

        _library.SetTls(connection, _session);
        return true;
    }

    public int Read(NativePath* path, in DatagramReceiver.Packet packet, ulong now)
    {
        if (!TryEnter())
        {
            return Gone;
        }

        int result = _library.ReadPacket(_connection, path, packet.Data, packet.Length, packet.Mark, now);
        _isInside = false;
        return result;
    }

    public nint WriteStream(
        NativePath* path, byte* destination, nint* consumed, uint flags, long stream, NativeVec* data, int count,
        ulong now)
    {
        if (!TryEnter())
        {
            return Gone;
        }

        nint result = _library.WriteStream(
            _connection, path, destination, UdpPort.MaxPayload, consumed, flags, stream, data, count, now,
            out byte mark);
        Mark = mark;
        _isInside = false;
        return result;
    }

    public nint WriteDatagram(
        NativePath* path, byte* destination, int* accepted, uint flags, ulong id, NativeVec* data, ulong now)
    {
        if (!TryEnter())
        {
            return Gone;
        }

        nint result = _library.WriteDatagram(
            _connection, path, destination, UdpPort.MaxPayload, accepted, flags, id, data, now, out byte mark);
        Mark = mark;
        _isInside = false;
        return result;
    }

    /// <summary>Writes the packet that tells the peer of the end.</summary>
    public nint WriteClose(NativePath* path, byte* destination, NativeCloseError error, ulong now)
    {
        if (!TryEnter())
        {
            return Gone;
        }

        nint result = _library.WriteClose(_connection, path, destination, UdpPort.MaxPayload, ref error, now);
        _isInside = false;
        return result;
    }

    public int HandleExpiry(ulong now)
    {
        if (!TryEnter())
        {
            return Gone;
        }

        int result = _library.HandleExpiry(_connection, now);
        _isInside = false;
        return result;
    }

    /// <summary>Takes new keys into use; 0 if so. Only once the handshake is confirmed.</summary>
    public int InitiateKeyUpdate(ulong now)
    {
        if (!TryEnter())
        {
            return Gone;
        }

        int result = _library.InitiateKeyUpdate(_connection, now);
        _isInside = false;
        return result;
    }

    public int OpenStream(out long number, ulong handle)
    {
        if (!TryEnter())
        {
            number = QuicStream.Unopened;
            return Gone;
        }

        int result = _library.OpenBidiStream(_connection, out number, (void*)handle);
        _isInside = false;
        return result;
    }

    public int OpenCarrier(out long number, ulong handle)
    {
        if (!TryEnter())
        {
            number = QuicStream.Unopened;
            return Gone;
        }

        int result = _library.OpenUniStream(_connection, out number, (void*)handle);
        _isInside = false;
        return result;
    }

    public int ShutdownStream(long number, ulong error)
    {
        if (!TryEnter())
        {
            return Gone;
        }

        int result = _library.ShutdownStream(_connection, number, error);
        _isInside = false;
        return result;
    }

    // From here on: allowed within callbacks too.

    public ulong Expiry => IsAlive ? _library.GetExpiry(_connection) : ulong.MaxValue;

    public byte TlsAlert => IsAlive ? _library.GetTlsAlert(_connection) : (byte)0;

    public int PathPayload => IsAlive ? _library.GetPathPayload(_connection) : 0;

    public int DestinationCidLength => IsAlive ? _library.GetDestinationCidLength(_connection) : 0;

    public ulong PeerDatagramFrame => IsAlive ? _library.GetPeerDatagramFrame(_connection) : 0;

    /// <summary>What the peer has said of itself, in the library's memory; null before.</summary>
    public byte* PeerParameters => IsAlive ? _library.GetPeerParameters(_connection) : null;

    public ulong ProbeTimeout => IsAlive ? _library.GetProbeTimeout(_connection) : 0;

    /// <summary>Bytes that the congestion window still allows.</summary>
    public ulong CongestionWindowLeft => IsAlive ? _library.GetCongestionWindowLeft(_connection) : 0;

    /// <summary>Whether the peer's window for the whole connection is used up.</summary>
    public bool IsWindowUsedUp => IsAlive && _library.GetMaxDataLeft(_connection) == 0;

    public NativeCloseError CloseError => IsAlive ? _library.GetCloseError(_connection) : default;

    public bool TryGetStatistics(byte* statistics)
    {
        if (IsAlive)
        {
            _library.GetStatistics(_connection, statistics);
        }

        return IsAlive;
    }

    public void SetKeepAlive(ulong ns)
    {
        if (IsAlive)
        {
            _library.SetKeepAlive(_connection, ns);
        }
    }

    public bool SetStreamUser(long number, ulong handle) =>
        IsAlive && _library.SetStreamUserData(_connection, number, (void*)handle) == 0;

    public void ExtendReceiveWindow(long number, ulong bytes)
    {
        if (IsAlive)
        {
            _library.ExtendReceiveWindow(_connection, number, bytes);
        }
    }

    public void ExtendPeerStreams()
    {
        if (IsAlive)
        {
            _library.ExtendPeerStreams(_connection);
        }
    }

    /// <summary>Frees both. The library forbids it within its callbacks.</summary>
    public void Delete()
    {
        if (_isInside)
        {
            throw new InvalidOperationException("A connection cannot be deleted within a callback of its library.");
        }

        if (_connection != null)
        {
            _library.Delete(_connection);
            _connection = null;
        }

        if (_session != null)
        {
            TlsCredentials.DeleteSession(_session);
            _session = null;
        }

        _reference[0] = default;
    }

    private bool TryEnter()
    {
        Debug.Assert(!_isInside, "The library must not be entered from its own callbacks.");
        if (_connection == null || _isInside)
        {
            return false;
        }

        _isInside = true;
        return true;
    }
}
