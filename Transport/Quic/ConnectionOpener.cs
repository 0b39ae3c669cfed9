using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Fragcast.Transport.Carriers;
using Fragcast.Transport.Quic.Native;
using Fragcast.Transport.Udp;

namespace Fragcast.Transport.Quic;

/// <summary>Makes the library's part of connections from the endpoint's options. I/O thread.</summary>
internal sealed unsafe class ConnectionOpener
{
    /// <summary>Length of the ids that we give out: 64 random bits are not guessed.</summary>
    public const int CidLength = 8;

    // The id that a client makes up for the server must be unpredictable and of at least 8 bytes (RFC 9000, 7.2).
    private const int FirstCidLength = 18;

    // Before the first sample. The standard's 333 ms make a lost first packet cost a second; most paths have less
    // than 100 ms, and a premature repetition costs one packet.
    private const ulong InitialRttNs = 100_000_000;

    // ngtcp2_token_type: from a Retry packet.
    private const int TokenTypeRetry = 1;

    private const ulong MaxDatagramFrame = 65_535;

    private readonly EndpointLoop _loop;
    private readonly PinnedArray<nint> _clientCallbacks;
    private readonly PinnedArray<nint> _serverCallbacks;

    public ConnectionOpener(EndpointLoop loop)
    {
        _loop = loop;
        _clientCallbacks = ConnectionCallbacks.Table(loop.Library, isServer: false);
        _serverCallbacks = ConnectionCallbacks.Table(loop.Library, isServer: true);
    }

    /// <summary>A random id.</summary>
    public static NativeCid NewCid(int length)
    {
        Span<byte> bytes = stackalloc byte[length];
        RandomNumberGenerator.Fill(bytes);
        return NativeCid.From(bytes);
    }

    /// <summary>Starts a handshake with the connection's remote address.</summary>
    public bool TryDial(QuicConnection connection, ulong now)
    {
        byte* settings = stackalloc byte[NgtcpAbi.StructCapacity];
        byte* parameters = stackalloc byte[NgtcpAbi.StructCapacity];
        FillSettings(settings, now);
        FillParameters(parameters);
        NativeCid destination = NewCid(FirstCidLength);
        NativeCid source = NewCid(CidLength);
        SocketAddressNative remote = connection.Remote;
        NativePath path = _loop.PathFrom(&remote);
        int result = _loop.Library.ClientNew(
            out void* native, destination, source, &path, NativeConnection.Version,
            (void**)_clientCallbacks.Pointer, settings, parameters, (void*)connection.Handle);
        if (result != 0 ||
            !connection.Native.TryAdopt(native, connection.Handle, _loop.Shared.Tls, isServer: false))
        {
            return false;
        }

        connection.AddCid(source.Bytes);
        return true;
    }

    /// <summary>Answers an Initial.</summary>
    /// <param name="connection">In the table already.</param>
    /// <param name="header">The Initial.</param>
    /// <param name="originalDestination">The client's first choice of our id; not the header's after a Retry.</param>
    /// <param name="now">The time.</param>
    public bool TryAccept(
        QuicConnection connection, in NativePacketHeader header, in NativeCid originalDestination, ulong now)
    {
        byte* settings = stackalloc byte[NgtcpAbi.StructCapacity];
        byte* parameters = stackalloc byte[NgtcpAbi.StructCapacity];
        FillSettings(settings, now);
        FillParameters(parameters);
        NativeCid source = NewCid(CidLength);
        NgtcpAbi abi = _loop.Library.Abi;
        *(NativeCid*)(parameters + NgtcpAbi.Parameters.OriginalDcid) = originalDestination;
        if (abi.OriginalDcidPresent >= 0)
        {
            parameters[abi.OriginalDcidPresent] = 1;
        }

        bool isAfterRetry = !originalDestination.Bytes.SequenceEqual(header.DestinationCid.Bytes);
        if (isAfterRetry)
        {
            *(NativeCid*)(parameters + NgtcpAbi.Parameters.RetryScid) = header.DestinationCid;
            parameters[abi.RetryScidPresent] = 1;
            *(byte**)(settings + abi.Settings.Token) = header.Token;
            *(nuint*)(settings + abi.Settings.TokenLength) = header.TokenLength;
            if (abi.Settings.TokenType >= 0)
            {
                *(int*)(settings + abi.Settings.TokenType) = TokenTypeRetry;
            }
        }

        if (_loop.Library.StatelessResetToken(
                parameters + abi.StatelessResetToken, _loop.Shared.ResetSecret, source) == 0)
        {
            parameters[NgtcpAbi.Parameters.StatelessResetTokenPresent] = 1;
        }

        SocketAddressNative remote = connection.Remote;
        NativePath path = _loop.PathFrom(&remote);
        int result = _loop.Library.ServerNew(
            out void* native, header.SourceCid, source, &path, header.Version,
            (void**)_serverCallbacks.Pointer, settings, parameters, (void*)connection.Handle);
        if (result != 0 || !connection.Native.TryAdopt(native, connection.Handle, _loop.Shared.Tls, isServer: true))
        {
            return false;
        }

        connection.AddCid(source.Bytes);
        connection.AddCid(header.DestinationCid.Bytes);
        return true;
    }

    private void FillSettings(byte* settings, ulong now)
    {
        TransportOptions options = _loop.Shared.Options;
        NgtcpAbi.SettingsLayout at = _loop.Library.Abi.Settings;
        Unsafe.InitBlock(settings, 0, NgtcpAbi.StructCapacity);
        _loop.Library.SettingsDefault(settings);
        *(int*)(settings + at.CongestionAlgorithm) = (int)options.Congestion;
        *(ulong*)(settings + at.InitialTime) = now;
        *(ulong*)(settings + at.InitialRtt) = InitialRttNs;
        *(ulong*)(settings + at.MaxWindow) = (ulong)options.MaxConnectionWindowBytes;
        *(ulong*)(settings + at.MaxStreamWindow) = (ulong)options.MaxStreamWindowBytes;
        *(ulong*)(settings + at.HandshakeTimeout) = ToNs(options.HandshakeTimeout);
    }

    private void FillParameters(byte* parameters)
    {
        TransportOptions options = _loop.Shared.Options;
        Unsafe.InitBlock(parameters, 0, NgtcpAbi.StructCapacity);
        _loop.Library.ParametersDefault(parameters);
        Set(NgtcpAbi.Parameters.StreamDataBidiLocal, (ulong)options.StreamWindowBytes);
        Set(NgtcpAbi.Parameters.StreamDataBidiRemote, (ulong)options.StreamWindowBytes);
        Set(NgtcpAbi.Parameters.MaxData, (ulong)options.ConnectionWindowBytes);
        Set(NgtcpAbi.Parameters.MaxStreamsBidi, (ulong)options.MaxStreams);
        // Carriers of datagrams only, which live as long as the connection: 0.12 never gives their numbers back.
        Set(NgtcpAbi.Parameters.MaxStreamsUni, DatagramRecords.CarriersMax);
        Set(NgtcpAbi.Parameters.StreamDataUni, (ulong)options.StreamWindowBytes);
        Set(NgtcpAbi.Parameters.MaxIdleTimeout, ToNs(options.IdleTimeout));
        Set(NgtcpAbi.Parameters.MaxUdpPayload, UdpPort.MaxPayload);
        Set(NgtcpAbi.Parameters.MaxDatagramFrame, MaxDatagramFrame);

        void Set(int offset, ulong value) => *(ulong*)(parameters + offset) = value;
    }

    private static ulong ToNs(TimeSpan time) => (ulong)time.Ticks * 100;
}
