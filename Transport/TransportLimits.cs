namespace Fragcast.Transport;

/// <summary>Sizes that hold for every engine and path.</summary>
public static class TransportLimits
{
    /// <summary>
    /// A datagram of this many bytes fits every QUIC path: 1,200 of UDP payload (RFC 9000, section 14), less
    /// 1 + 20 + 4 of short header, 16 of AEAD tag and 3 of DATAGRAM frame head, rounded down to a multiple of 8.
    /// </summary>
    public const int SafeDatagramBytes = 1152;

    /// <summary>No datagram is larger: 1,500 of Ethernet less 20 + 8 of IPv4 and UDP, 28 of QUIC.</summary>
    public const int MaxDatagramBytes = 1444;
}
