using System.Runtime.CompilerServices;

namespace Fragcast.Transport.Quic.Native;

/// <content>The functions. Unless said otherwise: 0 or a length on success, a negative error otherwise.</content>
internal sealed unsafe partial class NgtcpLibrary
{
    // Version numbers of the structs that are passed, always the first layout.
    private const int StructVersion = 1;

    private delegate* unmanaged<void**, NativeCid*, NativeCid*, NativePath*, uint, int, void*, int, void*, int, void*,
        void*, void*, int> _clientNew;

    private delegate* unmanaged<void**, NativeCid*, NativeCid*, NativePath*, uint, int, void*, int, void*, int, void*,
        void*, void*, int> _serverNew;

    private delegate* unmanaged<void*, void> _delete;
    private delegate* unmanaged<void*, NativePath*, int, void*, byte*, nuint, ulong, int> _readPacket;

    private delegate* unmanaged<void*, NativePath*, int, void*, byte*, nuint, nint*, uint, long, NativeVec*, nuint,
        ulong, nint> _writeStream;

    private delegate* unmanaged<void*, NativePath*, int, void*, byte*, nuint, int*, uint, ulong, NativeVec*, nuint,
        ulong, nint> _writeDatagram;

    private delegate* unmanaged<void*, NativePath*, int, void*, byte*, nuint, NativeCloseError*, ulong, nint>
        _writeClose;

    private delegate* unmanaged[SuppressGCTransition]<void*, ulong> _getExpiry;
    private delegate* unmanaged<void*, ulong, int> _handleExpiry;
    private delegate* unmanaged<void*, long*, void*, int> _openBidiStream;
    private delegate* unmanaged<void*, long*, void*, int> _openUniStream;
    private delegate* unmanaged<void*, long, void*, int> _setStreamUserData;
    private delegate* unmanaged<void*, long, ulong, int> _extendStreamOffset;
    private delegate* unmanaged[SuppressGCTransition]<void*, ulong, void> _extendOffset;
    private delegate* unmanaged<void*, nuint, void> _extendStreamsBidi;
    private delegate* unmanaged<void*, void*, void> _setTls;
    private delegate* unmanaged[SuppressGCTransition]<void*, byte> _getTlsAlert;
    private delegate* unmanaged[SuppressGCTransition]<void*, ulong> _getMaxDataLeft;
    private delegate* unmanaged[SuppressGCTransition]<void*, ulong> _getCongestionWindowLeft;
    private delegate* unmanaged[SuppressGCTransition]<void*, nuint> _getPathPayload;
    private delegate* unmanaged[SuppressGCTransition]<void*, NativeCid*> _getDestinationCid;
    private delegate* unmanaged<void*, byte*> _getRemoteParameters;
    private delegate* unmanaged<void*, ulong, void> _setKeepAlive;
    private delegate* unmanaged<void*, ulong> _getPto;
    private delegate* unmanaged<void*, ulong, int> _initiateKeyUpdate;
    private delegate* unmanaged<int, void*, void> _settingsDefault;
    private delegate* unmanaged<int, void*, void> _parametersDefault;
    private delegate* unmanaged<NativePacketHeader*, byte*, nuint, int> _accept;
    private delegate* unmanaged<NativeVersionCid*, byte*, nuint, nuint, int> _decodeVersionCid;

    private delegate* unmanaged<byte*, nuint, byte, byte*, nuint, byte*, nuint, uint*, nuint, nint>
        _writeVersionNegotiation;

    private delegate* unmanaged<byte*, nuint, byte*, byte*, nuint, nint> _writeStatelessReset;
    private delegate* unmanaged<int, byte*> _errorName;

    // Generation 0.12 and 1.x differ here in name or in signature.
    private delegate* unmanaged<void*, uint, long, ulong, int> _shutdownStream1;
    private delegate* unmanaged<void*, long, ulong, int> _shutdownStream0;
    private delegate* unmanaged<void*, int, void*, void> _getStatistics;
    private delegate* unmanaged<void*, NativeCloseError*> _getCloseError1;
    private delegate* unmanaged<void*, NativeCloseError*, void> _getCloseError0;
    private delegate* unmanaged<NativeCloseError*, int, byte*, nuint, void> _closeErrorFromLibrary;
    private delegate* unmanaged<NativeCloseError*, byte, byte*, nuint, void> _closeErrorFromAlert;
    private delegate* unmanaged<NativeCloseError*, ulong, byte*, nuint, void> _closeErrorFromApplication;

    public int ClientNew(
        out void* connection, in NativeCid destination, in NativeCid source, NativePath* path, uint version,
        void** callbacks, void* settings, void* parameters, void* user)
    {
        fixed (void** result = &connection)
        fixed (NativeCid* destinationCid = &destination)
        fixed (NativeCid* sourceCid = &source)
        {
            return _clientNew(
                result, destinationCid, sourceCid, path, version, StructVersion, callbacks, StructVersion, settings,
                StructVersion, parameters, null, user);
        }
    }

    public int ServerNew(
        out void* connection, in NativeCid destination, in NativeCid source, NativePath* path, uint version,
        void** callbacks, void* settings, void* parameters, void* user)
    {
        fixed (void** result = &connection)
        fixed (NativeCid* destinationCid = &destination)
        fixed (NativeCid* sourceCid = &source)
        {
            return _serverNew(
                result, destinationCid, sourceCid, path, version, StructVersion, callbacks, StructVersion, settings,
                StructVersion, parameters, null, user);
        }
    }

    public void Delete(void* connection) => _delete(connection);

    public int ReadPacket(void* connection, NativePath* path, byte* packet, int length, byte mark, ulong now)
    {
        // ngtcp2_pkt_info is one byte in both generations, with room for more.
        ulong packetInfo = mark;
        return _readPacket(connection, path, StructVersion, &packetInfo, packet, (nuint)length, now);
    }

    /// <summary>Writes a packet with stream data; <paramref name="consumed"/> is -1 if none of it went in.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public nint WriteStream(
        void* connection, NativePath* path, byte* destination, int capacity, nint* consumed, uint flags, long stream,
        NativeVec* data, int dataCount, ulong now, out byte mark)
    {
        ulong packetInfo = 0;
        nint result = _writeStream(
            connection, path, StructVersion, &packetInfo, destination, (nuint)capacity, consumed, flags, stream, data,
            (nuint)dataCount, now);
        mark = (byte)packetInfo;
        return result;
    }

    /// <summary>Writes a packet with a DATAGRAM frame; <paramref name="accepted"/> is 0 if it did not go in.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public nint WriteDatagram(
        void* connection, NativePath* path, byte* destination, int capacity, int* accepted, uint flags, ulong id,
        NativeVec* data, ulong now, out byte mark)
    {
        ulong packetInfo = 0;
        nint result = _writeDatagram(
            connection, path, StructVersion, &packetInfo, destination, (nuint)capacity, accepted, flags, id, data, 1,
            now);
        mark = (byte)packetInfo;
        return result;
    }

    public nint WriteClose(
        void* connection, NativePath* path, byte* destination, int capacity, ref NativeCloseError error, ulong now)
    {
        ulong packetInfo = 0;
        fixed (NativeCloseError* pointer = &error)
        {
            return _writeClose(
                connection, path, StructVersion, &packetInfo, destination, (nuint)capacity, pointer, now);
        }
    }

    /// <summary>When <see cref="HandleExpiry"/> is due, in the caller's nanoseconds; the maximum for never.</summary>
    public ulong GetExpiry(void* connection) => _getExpiry(connection);

    public int HandleExpiry(void* connection, ulong now) => _handleExpiry(connection, now);

    public int OpenBidiStream(void* connection, out long stream, void* user)
    {
        fixed (long* number = &stream)
        {
            return _openBidiStream(connection, number, user);
        }
    }

    public int OpenUniStream(void* connection, out long stream, void* user)
    {
        fixed (long* number = &stream)
        {
            return _openUniStream(connection, number, user);
        }
    }

    public int SetStreamUserData(void* connection, long stream, void* user) =>
        _setStreamUserData(connection, stream, user);

    /// <summary>Lets the peer send more: on the stream and on the connection.</summary>
    public void ExtendReceiveWindow(void* connection, long stream, ulong bytes)
    {
        _ = _extendStreamOffset(connection, stream, bytes);
        _extendOffset(connection, bytes);
    }

    public void ExtendPeerStreams(void* connection) => _extendStreamsBidi(connection, 1);

    public int ShutdownStream(void* connection, long stream, ulong error) => Abi.IsVersion1
        ? _shutdownStream1(connection, 0, stream, error)
        : _shutdownStream0(connection, stream, error);

    public void SetTls(void* connection, void* session) => _setTls(connection, session);

    /// <summary>The TLS alert behind a crypto error, 0 if none.</summary>
    public byte GetTlsAlert(void* connection) => _getTlsAlert(connection);

    /// <summary>What the peer's window for the whole connection still allows, in bytes.</summary>
    public ulong GetMaxDataLeft(void* connection) => _getMaxDataLeft(connection);

    /// <summary>What the congestion window still allows, in bytes of UDP payload.</summary>
    public ulong GetCongestionWindowLeft(void* connection) => _getCongestionWindowLeft(connection);

    /// <summary>Largest UDP payload of the current path.</summary>
    public int GetPathPayload(void* connection) => (int)_getPathPayload(connection);

    public int GetDestinationCidLength(void* connection) => (int)_getDestinationCid(connection)->Length;

    /// <summary>The peer's max_datagram_frame_size; 0 if it takes none, or is not known yet.</summary>
    public ulong GetPeerDatagramFrame(void* connection)
    {
        byte* parameters = GetPeerParameters(connection);
        return parameters == null ? 0 : *(ulong*)(parameters + NgtcpAbi.Parameters.MaxDatagramFrame);
    }

    /// <summary>The peer's <see cref="NgtcpAbi.Parameters"/>; null before it has sent any.</summary>
    public byte* GetPeerParameters(void* connection) => _getRemoteParameters(connection);

    /// <summary>Takes new keys into use; an error while the last ones are not confirmed, or only just.</summary>
    public int InitiateKeyUpdate(void* connection, ulong now) => _initiateKeyUpdate(connection, now);

    public void SetKeepAlive(void* connection, ulong ns) => _setKeepAlive(connection, ns);

    /// <summary>The probe time-out (RFC 9002) in nanoseconds.</summary>
    public ulong GetProbeTimeout(void* connection) => _getPto(connection);

    /// <summary>Fills the generation's statistics, read by the offsets of <see cref="Abi"/>.</summary>
    public void GetStatistics(void* connection, void* statistics) =>
        _getStatistics(connection, StructVersion, statistics);

    public void SettingsDefault(void* settings) => _settingsDefault(StructVersion, settings);

    public void ParametersDefault(void* parameters) => _parametersDefault(StructVersion, parameters);

    /// <summary>0 if the packet is an Initial that may open a connection.</summary>
    public int Accept(NativePacketHeader* header, byte* packet, int length) => _accept(header, packet, (nuint)length);

    public int DecodeVersionCid(NativeVersionCid* result, byte* packet, int length, int shortCidLength) =>
        _decodeVersionCid(result, packet, (nuint)length, (nuint)shortCidLength);

    public nint WriteVersionNegotiation(
        byte* destination, int capacity, byte random, in NativeVersionCid received, uint version)
    {
        // The answer goes back to where the packet came from: its source id is our destination id.
        return _writeVersionNegotiation(
            destination, (nuint)capacity, random, received.SourceCid, received.SourceCidLength,
            received.DestinationCid, received.DestinationCidLength, &version, 1);
    }

    public nint WriteStatelessReset(byte* destination, int capacity, byte* token, byte* random, int randomLength) =>
        _writeStatelessReset(destination, (nuint)capacity, token, random, (nuint)randomLength);

    /// <summary>The library's name of an error, for example "ERR_DRAINING"; static native text.</summary>
    public byte* ErrorName(int error) => _errorName(error);

    /// <summary>What the peer's CONNECTION_CLOSE said.</summary>
    public NativeCloseError GetCloseError(void* connection)
    {
        if (Abi.IsVersion1)
        {
            NativeCloseError* found = _getCloseError1(connection);
            return found == null ? default : *found;
        }

        NativeCloseError error = default;
        _getCloseError0(connection, &error);
        return error;
    }

    public NativeCloseError CloseErrorFromLibrary(int error)
    {
        NativeCloseError result = default;
        _closeErrorFromLibrary(&result, error, null, 0);
        return result;
    }

    public NativeCloseError CloseErrorFromAlert(byte alert)
    {
        NativeCloseError result = default;
        _closeErrorFromAlert(&result, alert, null, 0);
        return result;
    }

    public NativeCloseError CloseErrorFromApplication(ulong error)
    {
        NativeCloseError result = default;
        _closeErrorFromApplication(&result, error, null, 0);
        return result;
    }
}
