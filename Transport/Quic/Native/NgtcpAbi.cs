namespace Fragcast.Transport.Quic.Native;

/// <summary>
/// What differs in binary form between the two generations of libngtcp2: places of fields and numbers of errors.
/// Taken from the headers of 0.12.1 and 1.11.0; soname 16 keeps the layouts of struct version 1 for good, and
/// <see cref="NgtcpSelfTest"/> compares them with the library that was loaded.
/// </summary>
internal sealed class NgtcpAbi
{
    /// <summary>Bytes that hold any of the structs below, with room for growth.</summary>
    public const int StructCapacity = 512;

    /// <summary>soname 9, 0.12.x: Debian 12, Ubuntu 24.04.</summary>
    public static NgtcpAbi Version0 { get; } = new()
    {
        IsVersion1 = false,
        Settings = new SettingsLayout
        {
            CongestionAlgorithm = 40, InitialTime = 48, InitialRtt = 56, MaxTxPayload = 72, Token = 80,
            TokenLength = 88, TokenType = -1, MaxWindow = 104, MaxStreamWindow = 112, AckThreshold = 120,
            HandshakeTimeout = 136,
        },
        OriginalDcidPresent = -1, RetryScidPresent = 290, StatelessResetToken = 292,
        StatisticsWindow = 112, StatisticsInFlight = 136,
        Errors = new NgtcpErrors
        {
            StreamIdBlocked = -208, StreamDataBlocked = -210, Crypto = -215, StreamShutWrite = -221,
            StreamNotFound = -222, ReceivedVersionNegotiation = -229, Closing = -230, Draining = -231,
            DiscardPacket = -235, WriteMore = -240, Retry = -241, DropConnection = -242, VersionNegotiation = -245,
            HandshakeTimeout = -246, IdleClose = -248,
        },
    };

    /// <summary>soname 16, 1.x: Debian 12 backports, Debian 13 and later.</summary>
    public static NgtcpAbi Version1 { get; } = new()
    {
        IsVersion1 = true,
        Settings = new SettingsLayout
        {
            CongestionAlgorithm = 8, InitialTime = 16, InitialRtt = 24, MaxTxPayload = 40, Token = 48,
            TokenLength = 56, TokenType = 64, MaxWindow = 80, MaxStreamWindow = 88, AckThreshold = 96,
            HandshakeTimeout = 112,
        },
        OriginalDcidPresent = 290, RetryScidPresent = 292, StatelessResetToken = 294,
        StatisticsWindow = 32, StatisticsInFlight = 48,
        Errors = new NgtcpErrors
        {
            StreamIdBlocked = -206, StreamDataBlocked = -208, Crypto = -213, StreamShutWrite = -219,
            StreamNotFound = -220, ReceivedVersionNegotiation = -222, Closing = -223, Draining = -224,
            DiscardPacket = -226, WriteMore = -230, Retry = -231, DropConnection = -232, VersionNegotiation = -235,
            HandshakeTimeout = -236, IdleClose = -238,
        },
    };

    public required bool IsVersion1 { get; init; }

    public required SettingsLayout Settings { get; init; }

    public required NgtcpErrors Errors { get; init; }

    // ngtcp2_transport_params: 0.12 says "present" by a nonzero length, 1.x by a byte.
    public required int OriginalDcidPresent { get; init; }

    public required int RetryScidPresent { get; init; }

    public required int StatelessResetToken { get; init; }

    // ngtcp2_conn_stat (0.12, 176 bytes) and ngtcp2_conn_info (1.x, 56 bytes): the four round-trip times are first.
    public required int StatisticsWindow { get; init; }

    public required int StatisticsInFlight { get; init; }

    /// <summary>Fields of ngtcp2_transport_params in the same place in both generations.</summary>
    public static class Parameters
    {
        public const int OriginalDcid = 96;
        public const int RetryScid = 160;
        public const int StreamDataBidiLocal = 192;
        public const int StreamDataBidiRemote = 200;
        public const int StreamDataUni = 208;
        public const int MaxData = 216;
        public const int MaxStreamsBidi = 224;
        public const int MaxStreamsUni = 232;
        public const int MaxIdleTimeout = 240;
        public const int MaxUdpPayload = 248;
        public const int ActiveCidLimit = 256;
        public const int AckDelayExponent = 264;
        public const int MaxAckDelay = 272;
        public const int MaxDatagramFrame = 280;
        public const int StatelessResetTokenPresent = 288;
    }

    /// <summary>Fields of the statistics in the same place in both generations.</summary>
    public static class Statistics
    {
        public const int MinRtt = 8;
        public const int SmoothedRtt = 16;
        public const int RttVariation = 24;
    }

    /// <summary>Offsets in ngtcp2_settings; -1 where a generation lacks the field.</summary>
    internal sealed class SettingsLayout
    {
        public required int CongestionAlgorithm { get; init; }

        public required int InitialTime { get; init; }

        public required int InitialRtt { get; init; }

        public required int MaxTxPayload { get; init; }

        public required int Token { get; init; }

        public required int TokenLength { get; init; }

        public required int TokenType { get; init; }

        public required int MaxWindow { get; init; }

        public required int MaxStreamWindow { get; init; }

        public required int AckThreshold { get; init; }

        public required int HandshakeTimeout { get; init; }
    }
}

/// <summary>The library's error numbers that decide something here.</summary>
internal sealed class NgtcpErrors
{
    public const int InvalidArgument = -201;
    public const int CallbackFailure = -502;

    public required int StreamIdBlocked { get; init; }

    public required int StreamDataBlocked { get; init; }

    public required int Crypto { get; init; }

    public required int StreamShutWrite { get; init; }

    public required int StreamNotFound { get; init; }

    public required int ReceivedVersionNegotiation { get; init; }

    public required int Closing { get; init; }

    public required int Draining { get; init; }

    public required int DiscardPacket { get; init; }

    public required int WriteMore { get; init; }

    public required int Retry { get; init; }

    public required int DropConnection { get; init; }

    public required int VersionNegotiation { get; init; }

    public required int HandshakeTimeout { get; init; }

    public required int IdleClose { get; init; }
}
