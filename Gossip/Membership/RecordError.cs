namespace Fragcast.Gossip.Membership;

/// <summary>Why bytes are not a node record.</summary>
public enum RecordError : byte
{
    /// <summary>They are one.</summary>
    None = 0,

    /// <summary>Shorter or longer than the counts in it say, or than any record.</summary>
    BadLength,

    /// <summary>A version or flag that does not exist.</summary>
    UnknownVersion,

    /// <summary>A reserved byte that is not 0, or a serial without a role claim.</summary>
    ReservedNotZero,

    /// <summary>More addresses or round trips than fit.</summary>
    TooMany,

    /// <summary>Of another network.</summary>
    WrongNetwork,

    /// <summary>A region that does not exist.</summary>
    BadRegion,

    /// <summary>
    /// An address that nobody can be reached at (port 0, unspecified, multicast, an IPv4 address as IPv6).
    /// </summary>
    BadAddress,

    /// <summary>Addresses are not in ascending order, or the last round trip is 0.</summary>
    NotCanonical,

    /// <summary>The role claim is not signed by the address that it names.</summary>
    BadRole,

    /// <summary>The record is not signed by the node that it names.</summary>
    BadSignature,
}
