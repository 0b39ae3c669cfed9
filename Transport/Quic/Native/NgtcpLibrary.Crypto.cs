namespace Fragcast.Transport.Quic.Native;

/// <content>
/// The helper library that joins ngtcp2 and GnuTLS. Its callbacks are given to the core as they are, so that packets
/// are encrypted and decrypted without a way through managed code.
/// </content>
internal sealed unsafe partial class NgtcpLibrary
{
    /// <summary>Room for a Retry token: magic, id, time, tag and salt are 78 bytes in 0.12, later maybe more.</summary>
    public const int RetryTokenCapacity = 256;

    private delegate* unmanaged<void*, int> _configureServer;
    private delegate* unmanaged<void*, int> _configureClient;
    private delegate* unmanaged<byte*, byte*, nuint, NativeCid*, int> _resetToken;

    private delegate* unmanaged<byte*, byte*, nuint, uint, void*, uint, NativeCid*, NativeCid*, ulong, nint>
        _generateRetryToken;

    private delegate* unmanaged<NativeCid*, byte*, nuint, byte*, nuint, uint, void*, uint, NativeCid*, ulong, ulong,
        int> _verifyRetryToken;

    private delegate* unmanaged<byte*, nuint, uint, NativeCid*, NativeCid*, NativeCid*, byte*, nuint, nint>
        _writeRetry;

    /// <summary>Native addresses for the callback table.</summary>
    public CryptoCallbacks Crypto { get; private set; } = null!;

    public int ConfigureServerSession(void* session) => _configureServer(session);

    public int ConfigureClientSession(void* session) => _configureClient(session);

    /// <summary>Derives the stateless reset token (16 bytes) of a connection id.</summary>
    public int StatelessResetToken(byte* token, ReadOnlySpan<byte> secret, in NativeCid cid)
    {
        fixed (byte* key = secret)
        fixed (NativeCid* id = &cid)
        {
            return _resetToken(token, key, (nuint)secret.Length, id);
        }
    }

    public nint GenerateRetryToken(
        byte* token, ReadOnlySpan<byte> secret, uint version, in NativeAddress remote, in NativeCid retrySource,
        in NativeCid originalDestination, ulong now)
    {
        fixed (byte* key = secret)
        fixed (NativeCid* source = &retrySource)
        fixed (NativeCid* original = &originalDestination)
        {
            return _generateRetryToken(
                token, key, (nuint)secret.Length, version, remote.Address, remote.Length, source, original, now);
        }
    }

    /// <summary>0 if the token is ours, for this address and id, and younger than the time-out.</summary>
    public int VerifyRetryToken(
        out NativeCid originalDestination, in NativePacketHeader header, ReadOnlySpan<byte> secret,
        in NativeAddress remote, ulong timeoutNs, ulong now)
    {
        fixed (byte* key = secret)
        fixed (NativeCid* original = &originalDestination)
        fixed (NativeCid* destination = &header.DestinationCid)
        {
            return _verifyRetryToken(
                original, header.Token, header.TokenLength, key, (nuint)secret.Length, header.Version, remote.Address,
                remote.Length, destination, timeoutNs, now);
        }
    }

    public nint WriteRetry(
        byte* destination, int capacity, in NativePacketHeader header, in NativeCid retrySource, byte* token,
        nint tokenLength)
    {
        fixed (NativeCid* client = &header.SourceCid)
        fixed (NativeCid* source = &retrySource)
        fixed (NativeCid* original = &header.DestinationCid)
        {
            return _writeRetry(
                destination, (nuint)capacity, header.Version, client, source, original, token, (nuint)tokenLength);
        }
    }

    private void BindHelper()
    {
        _configureServer = (delegate* unmanaged<void*, int>)Helper("ngtcp2_crypto_gnutls_configure_server_session");
        _configureClient = (delegate* unmanaged<void*, int>)Helper("ngtcp2_crypto_gnutls_configure_client_session");
        _resetToken = (delegate* unmanaged<byte*, byte*, nuint, NativeCid*, int>)
            Helper("ngtcp2_crypto_generate_stateless_reset_token");
        _generateRetryToken = (delegate* unmanaged<byte*, byte*, nuint, uint, void*, uint, NativeCid*, NativeCid*,
            ulong, nint>)Helper("ngtcp2_crypto_generate_retry_token");
        _verifyRetryToken = (delegate* unmanaged<NativeCid*, byte*, nuint, byte*, nuint, uint, void*, uint,
            NativeCid*, ulong, ulong, int>)Helper("ngtcp2_crypto_verify_retry_token");
        _writeRetry = (delegate* unmanaged<byte*, nuint, uint, NativeCid*, NativeCid*, NativeCid*, byte*, nuint,
            nint>)Helper("ngtcp2_crypto_write_retry");
        Crypto = new CryptoCallbacks
        {
            ClientInitial = Helper("ngtcp2_crypto_client_initial_cb"),
            ReceiveClientInitial = Helper("ngtcp2_crypto_recv_client_initial_cb"),
            ReceiveCryptoData = Helper("ngtcp2_crypto_recv_crypto_data_cb"),
            Encrypt = Helper("ngtcp2_crypto_encrypt_cb"),
            Decrypt = Helper("ngtcp2_crypto_decrypt_cb"),
            HeaderMask = Helper("ngtcp2_crypto_hp_mask_cb"),
            ReceiveRetry = Helper("ngtcp2_crypto_recv_retry_cb"),
            UpdateKey = Helper("ngtcp2_crypto_update_key_cb"),
            DeleteAead = Helper("ngtcp2_crypto_delete_crypto_aead_ctx_cb"),
            DeleteCipher = Helper("ngtcp2_crypto_delete_crypto_cipher_ctx_cb"),
            PathChallenge = Helper("ngtcp2_crypto_get_path_challenge_data_cb"),
            VersionNegotiation = Helper("ngtcp2_crypto_version_negotiation_cb"),
        };
    }

    /// <summary>Functions of the helper that the core calls back.</summary>
    internal sealed class CryptoCallbacks
    {
        public required nint ClientInitial { get; init; }

        public required nint ReceiveClientInitial { get; init; }

        public required nint ReceiveCryptoData { get; init; }

        public required nint Encrypt { get; init; }

        public required nint Decrypt { get; init; }

        public required nint HeaderMask { get; init; }

        public required nint ReceiveRetry { get; init; }

        public required nint UpdateKey { get; init; }

        public required nint DeleteAead { get; init; }

        public required nint DeleteCipher { get; init; }

        public required nint PathChallenge { get; init; }

        public required nint VersionNegotiation { get; init; }
    }
}
