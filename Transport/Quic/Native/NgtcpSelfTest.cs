using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Fragcast.Transport.Quic.Native;

/// <summary>
/// Compares a loaded library with the table that describes it: the library fills structs with its documented defaults,
/// which must appear where the table says, and names its errors, which must be the ones that the table means.
/// </summary>
internal static unsafe class NgtcpSelfTest
{
    // Bytes that no default consists of: what still has this value was not written by the library.
    private const byte Untouched = 0xA5;

    private const ulong Millisecond = 1_000_000;

    /// <summary>The first difference, in words; null if everything is as expected.</summary>
    public static string? FindDifference(NgtcpLibrary library, NgtcpAbi abi) =>
        CheckSettings(library, abi) ?? CheckParameters(library, abi) ?? CheckErrors(library, abi) ?? CheckSizes();

    private static string? CheckSettings(NgtcpLibrary library, NgtcpAbi abi)
    {
        NgtcpAbi.SettingsLayout at = abi.Settings;
        byte* settings = stackalloc byte[NgtcpAbi.StructCapacity];
        Unsafe.InitBlock(settings, Untouched, NgtcpAbi.StructCapacity);
        library.SettingsDefault(settings);
        if (*(int*)(settings + at.CongestionAlgorithm) != (int)CongestionControl.Cubic)
        {
            return "settings.cc_algo";
        }

        if (*(ulong*)(settings + at.InitialRtt) != 333 * Millisecond)
        {
            return "settings.initial_rtt";
        }

        if (*(ulong*)(settings + at.MaxTxPayload) != 1452)
        {
            return "settings.max_tx_udp_payload_size";
        }

        if (*(ulong*)(settings + at.AckThreshold) != 2)
        {
            return "settings.ack_thresh";
        }

        bool cleared = *(ulong*)(settings + at.InitialTime) == 0 && *(ulong*)(settings + at.Token) == 0
            && *(ulong*)(settings + at.TokenLength) == 0 && *(ulong*)(settings + at.MaxWindow) == 0
            && *(ulong*)(settings + at.MaxStreamWindow) == 0;
        return cleared ? null : "settings";
    }

    private static string? CheckParameters(NgtcpLibrary library, NgtcpAbi abi)
    {
        byte* parameters = stackalloc byte[NgtcpAbi.StructCapacity];
        Unsafe.InitBlock(parameters, Untouched, NgtcpAbi.StructCapacity);
        library.ParametersDefault(parameters);
        bool defaults = *(ulong*)(parameters + NgtcpAbi.Parameters.MaxUdpPayload) == 65527
            && *(ulong*)(parameters + NgtcpAbi.Parameters.ActiveCidLimit) == 2
            && *(ulong*)(parameters + NgtcpAbi.Parameters.AckDelayExponent) == 3
            && *(ulong*)(parameters + NgtcpAbi.Parameters.MaxAckDelay) == 25 * Millisecond;
        bool cleared = *(ulong*)(parameters + NgtcpAbi.Parameters.MaxDatagramFrame) == 0
            && *(ulong*)(parameters + NgtcpAbi.Parameters.MaxIdleTimeout) == 0
            && *(ulong*)(parameters + NgtcpAbi.Parameters.MaxStreamsBidi) == 0
            && parameters[NgtcpAbi.Parameters.StatelessResetTokenPresent] == 0
            && parameters[abi.RetryScidPresent] == 0;
        return defaults && cleared ? null : "transport parameters";
    }

    private static string? CheckErrors(NgtcpLibrary library, NgtcpAbi abi)
    {
        NgtcpErrors errors = abi.Errors;
        ReadOnlySpan<(int Code, string Name)> expected =
        [
            (NgtcpErrors.InvalidArgument, "ERR_INVALID_ARGUMENT"),
            (NgtcpErrors.CallbackFailure, "ERR_CALLBACK_FAILURE"),
            (errors.StreamIdBlocked, "ERR_STREAM_ID_BLOCKED"),
            (errors.StreamDataBlocked, "ERR_STREAM_DATA_BLOCKED"),
            (errors.Crypto, "ERR_CRYPTO"),
            (errors.StreamShutWrite, "ERR_STREAM_SHUT_WR"),
            (errors.StreamNotFound, "ERR_STREAM_NOT_FOUND"),
            (errors.ReceivedVersionNegotiation, "ERR_RECV_VERSION_NEGOTIATION"),
            (errors.Closing, "ERR_CLOSING"),
            (errors.Draining, "ERR_DRAINING"),
            (errors.DiscardPacket, "ERR_DISCARD_PKT"),
            (errors.WriteMore, "ERR_WRITE_MORE"),
            (errors.Retry, "ERR_RETRY"),
            (errors.DropConnection, "ERR_DROP_CONN"),
            (errors.VersionNegotiation, "ERR_VERSION_NEGOTIATION"),
            (errors.HandshakeTimeout, "ERR_HANDSHAKE_TIMEOUT"),
            (errors.IdleClose, "ERR_IDLE_CLOSE"),
        ];
        foreach ((int code, string name) in expected)
        {
            string? found = Marshal.PtrToStringUTF8((nint)library.ErrorName(code));
            if (found != name)
            {
                return $"error {code} is {found}, not {name}";
            }
        }

        return null;
    }

    // Our own mirrors of the structs that did not change; sizes from the headers of both generations.
    private static string? CheckSizes() =>
        sizeof(NativeCid) == 32 && sizeof(NativeVec) == 16 && sizeof(NativePath) == 40
        && sizeof(NativePacketHeader) == 112 && sizeof(NativeVersionCid) == 40 && sizeof(NativeCloseError) == 40
            ? null
            : "struct sizes";
}
