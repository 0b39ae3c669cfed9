namespace Fragcast.Transport.Quic.Native;

/// <content>Resolves the functions by name.</content>
internal sealed unsafe partial class NgtcpLibrary
{
    private void BindCore()
    {
        _clientNew = (delegate* unmanaged<void**, NativeCid*, NativeCid*, NativePath*, uint, int, void*, int, void*,
            int, void*, void*, void*, int>)Core("ngtcp2_conn_client_new_versioned");
        _serverNew = (delegate* unmanaged<void**, NativeCid*, NativeCid*, NativePath*, uint, int, void*, int, void*,
            int, void*, void*, void*, int>)Core("ngtcp2_conn_server_new_versioned");
        _delete = (delegate* unmanaged<void*, void>)Core("ngtcp2_conn_del");
        _readPacket = (delegate* unmanaged<void*, NativePath*, int, void*, byte*, nuint, ulong, int>)
            Core("ngtcp2_conn_read_pkt_versioned");
        _writeStream = (delegate* unmanaged<void*, NativePath*, int, void*, byte*, nuint, nint*, uint, long,
            NativeVec*, nuint, ulong, nint>)Core("ngtcp2_conn_writev_stream_versioned");
        _writeDatagram = (delegate* unmanaged<void*, NativePath*, int, void*, byte*, nuint, int*, uint, ulong,
            NativeVec*, nuint, ulong, nint>)Core("ngtcp2_conn_writev_datagram_versioned");
        _writeClose = (delegate* unmanaged<void*, NativePath*, int, void*, byte*, nuint, NativeCloseError*, ulong,
            nint>)Core("ngtcp2_conn_write_connection_close_versioned");
        _getExpiry = (delegate* unmanaged[SuppressGCTransition]<void*, ulong>)Core("ngtcp2_conn_get_expiry");
        _handleExpiry = (delegate* unmanaged<void*, ulong, int>)Core("ngtcp2_conn_handle_expiry");
        _openBidiStream = (delegate* unmanaged<void*, long*, void*, int>)Core("ngtcp2_conn_open_bidi_stream");
        _openUniStream = (delegate* unmanaged<void*, long*, void*, int>)Core("ngtcp2_conn_open_uni_stream");
        _setStreamUserData = (delegate* unmanaged<void*, long, void*, int>)Core("ngtcp2_conn_set_stream_user_data");
        _extendStreamOffset = (delegate* unmanaged<void*, long, ulong, int>)
            Core("ngtcp2_conn_extend_max_stream_offset");
        _extendOffset = (delegate* unmanaged[SuppressGCTransition]<void*, ulong, void>)
            Core("ngtcp2_conn_extend_max_offset");
        _extendStreamsBidi = (delegate* unmanaged<void*, nuint, void>)Core("ngtcp2_conn_extend_max_streams_bidi");
        _setTls = (delegate* unmanaged<void*, void*, void>)Core("ngtcp2_conn_set_tls_native_handle");
        _getTlsAlert = (delegate* unmanaged[SuppressGCTransition]<void*, byte>)Core("ngtcp2_conn_get_tls_alert");
        _getMaxDataLeft = (delegate* unmanaged[SuppressGCTransition]<void*, ulong>)
            Core("ngtcp2_conn_get_max_data_left");
        _getCongestionWindowLeft = (delegate* unmanaged[SuppressGCTransition]<void*, ulong>)
            Core("ngtcp2_conn_get_cwnd_left");
        _getPathPayload = (delegate* unmanaged[SuppressGCTransition]<void*, nuint>)
            Core("ngtcp2_conn_get_path_max_tx_udp_payload_size");
        _getDestinationCid = (delegate* unmanaged[SuppressGCTransition]<void*, NativeCid*>)
            Core("ngtcp2_conn_get_dcid");
        _getRemoteParameters = (delegate* unmanaged<void*, byte*>)Core("ngtcp2_conn_get_remote_transport_params");
        _setKeepAlive = (delegate* unmanaged<void*, ulong, void>)Core("ngtcp2_conn_set_keep_alive_timeout");
        _getPto = (delegate* unmanaged<void*, ulong>)Core("ngtcp2_conn_get_pto");
        _initiateKeyUpdate = (delegate* unmanaged<void*, ulong, int>)Core("ngtcp2_conn_initiate_key_update");
        _settingsDefault = (delegate* unmanaged<int, void*, void>)Core("ngtcp2_settings_default_versioned");
        _parametersDefault = (delegate* unmanaged<int, void*, void>)Core("ngtcp2_transport_params_default_versioned");
        _accept = (delegate* unmanaged<NativePacketHeader*, byte*, nuint, int>)Core("ngtcp2_accept");
        _decodeVersionCid = (delegate* unmanaged<NativeVersionCid*, byte*, nuint, nuint, int>)
            Core("ngtcp2_pkt_decode_version_cid");
        _writeVersionNegotiation = (delegate* unmanaged<byte*, nuint, byte, byte*, nuint, byte*, nuint, uint*, nuint,
            nint>)Core("ngtcp2_pkt_write_version_negotiation");
        _writeStatelessReset = (delegate* unmanaged<byte*, nuint, byte*, byte*, nuint, nint>)
            Core("ngtcp2_pkt_write_stateless_reset");
        _errorName = (delegate* unmanaged<int, byte*>)Core("ngtcp2_strerror");
    }

    private void BindGenerations()
    {
        bool one = Abi.IsVersion1;
        nint shutdown = Core("ngtcp2_conn_shutdown_stream");
        _shutdownStream1 = one ? (delegate* unmanaged<void*, uint, long, ulong, int>)shutdown : null;
        _shutdownStream0 = one ? null : (delegate* unmanaged<void*, long, ulong, int>)shutdown;
        _getStatistics = (delegate* unmanaged<void*, int, void*, void>)
            Core(one ? "ngtcp2_conn_get_conn_info_versioned" : "ngtcp2_conn_get_conn_stat_versioned");
        nint closeError = Core(one ? "ngtcp2_conn_get_ccerr" : "ngtcp2_conn_get_connection_close_error");
        _getCloseError1 = one ? (delegate* unmanaged<void*, NativeCloseError*>)closeError : null;
        _getCloseError0 = one ? null : (delegate* unmanaged<void*, NativeCloseError*, void>)closeError;
        _closeErrorFromLibrary = (delegate* unmanaged<NativeCloseError*, int, byte*, nuint, void>)Core(
            one ? "ngtcp2_ccerr_set_liberr" : "ngtcp2_connection_close_error_set_transport_error_liberr");
        _closeErrorFromAlert = (delegate* unmanaged<NativeCloseError*, byte, byte*, nuint, void>)Core(
            one ? "ngtcp2_ccerr_set_tls_alert" : "ngtcp2_connection_close_error_set_transport_error_tls_alert");
        _closeErrorFromApplication = (delegate* unmanaged<NativeCloseError*, ulong, byte*, nuint, void>)Core(
            one ? "ngtcp2_ccerr_set_application_error" : "ngtcp2_connection_close_error_set_application_error");
    }
}
