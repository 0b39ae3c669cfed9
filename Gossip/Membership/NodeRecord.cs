using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Fragcast.Primitives;
using Fragcast.Transport.Identity;

namespace Fragcast.Gossip.Membership;

/// <summary>That a node acts for a sequencer, signed by the sequencer's key.</summary>
/// <param name="Sequencer">The sequencer's address, as a schedule names it.</param>
/// <param name="Serial">Of two nodes that claim one sequencer, the one with the greater serial is meant.</param>
public readonly record struct RoleClaim(Address Sequencer, uint Serial);

/// <summary>
/// A node record whose signatures were verified; see <see cref="NodeRecordLayout"/>. Who made it is proven, and so is a
/// role claim. All else (addresses, region, uplink, round trips) is what the node says. Not changed once made, any
/// thread.
/// </summary>
public sealed class NodeRecord
{
    private readonly byte[] _bytes;

    private NodeRecord(byte[] bytes, IPEndPoint[] addresses, RoleClaim? role)
    {
        _bytes = bytes;
        Addresses = addresses;
        Role = role;
        Peer = PeerId.FromPublicKey(bytes.AsSpan(NodeRecordLayout.PeerOffset, PeerId.KeyLength));
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes, digest);
        Hash = BinaryPrimitives.ReadUInt64LittleEndian(digest);
        SHA256.HashData(Peer.PublicKey, digest);
        RingPosition = BinaryPrimitives.ReadUInt32BigEndian(digest);
    }

    /// <summary>Whose it is.</summary>
    public PeerId Peer { get; }

    /// <summary>Where the node says that it listens; a handshake there proves it.</summary>
    public IReadOnlyList<IPEndPoint> Addresses { get; }

    /// <summary>The sequencer that the node acts for.</summary>
    public RoleClaim? Role { get; }

    /// <summary>Of two records of a node the one with the greater sequence is the newer.</summary>
    public ulong Sequence => ReadSequence(_bytes);

    /// <summary>Region, 0 to 63.</summary>
    public byte Region => _bytes[NodeRecordLayout.RegionOffset];

    /// <summary>What the node says that it can send, in megabits a second.</summary>
    public ushort UplinkMbps =>
        BinaryPrimitives.ReadUInt16LittleEndian(_bytes.AsSpan(NodeRecordLayout.UplinkOffset));

    /// <summary>Regions for which <see cref="RoundTripTenthsMs"/> may be known.</summary>
    public int RoundTripCount => _bytes[NodeRecordLayout.RoundTripCountOffset];

    /// <summary>The encoding.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes;

    /// <summary>First eight bytes of the SHA-256 of the encoding, for comparing books.</summary>
    public ulong Hash { get; }

    /// <summary>Place on the region's ring: the first four bytes of SHA-256 of the peer's public key.</summary>
    public uint RingPosition { get; }

    /// <summary>The median round trip to a region as the node measured it, in 0.1 ms; 0 if it does not know.</summary>
    public ushort RoundTripTenthsMs(int region) => region < RoundTripCount
        ? BinaryPrimitives.ReadUInt16LittleEndian(_bytes.AsSpan(RoundTripsOffset + (region * 2)))
        : (ushort)0;

    /// <summary>Whether this record replaces another of the same node; the same on all nodes.</summary>
    public bool Replaces(NodeRecord other) =>
        Sequence > other.Sequence
        || (Sequence == other.Sequence && _bytes.AsSpan().SequenceCompareTo(other._bytes) > 0);

    /// <summary>
    /// The identity and sequence of a record that is not verified yet, so that old ones cost nothing.
    /// </summary>
    /// <returns>False if the bytes are too short for any record.</returns>
    public static bool TryPeek(ReadOnlySpan<byte> bytes, out PeerId peer, out ulong sequence)
    {
        peer = default;
        sequence = 0;
        if (bytes.Length < NodeRecordLayout.LengthMin)
        {
            return false;
        }

        peer = PeerId.FromPublicKey(bytes.Slice(NodeRecordLayout.PeerOffset, PeerId.KeyLength));
        sequence = ReadSequence(bytes);
        return true;
    }

    /// <summary>
    /// Reads and verifies a record; costs an Ed25519 check, and a secp256k1 recovery with a role claim.
    /// </summary>
    /// <param name="bytes">The encoding, all of it; copied.</param>
    /// <param name="networkId">The network that this node is in.</param>
    /// <param name="record">The record, or null on an error.</param>
    public static RecordError TryRead(ReadOnlySpan<byte> bytes, ulong networkId, out NodeRecord? record)
    {
        record = null;
        RecordError error = CheckHead(bytes, networkId);
        if (error != RecordError.None)
        {
            return error;
        }

        error = ReadAddresses(bytes, out IPEndPoint[] addresses, out int offset);
        if (error != RecordError.None)
        {
            return error;
        }

        int roundTrips = bytes[NodeRecordLayout.RoundTripCountOffset];
        bool hasRole = (bytes[NodeRecordLayout.FlagsOffset] & NodeRecordLayout.RoleFlag) != 0;
        int expected = offset + (roundTrips * 2) + (hasRole ? NodeRecordLayout.RoleLength : 0)
            + NodeRecordLayout.SignatureLength;
        if (expected != bytes.Length)
        {
            return RecordError.BadLength;
        }

        offset += roundTrips * 2;
        if (roundTrips > 0 && BinaryPrimitives.ReadUInt16LittleEndian(bytes[(offset - 2)..]) == 0)
        {
            return RecordError.NotCanonical;
        }

        // The node's own signature first: a role claim costs more.
        if (!NodeRecordSigning.Verify(bytes))
        {
            return RecordError.BadSignature;
        }

        RoleClaim? role = null;
        if (hasRole)
        {
            if (!NodeRecordSigning.TryReadRole(bytes, offset, out RoleClaim claim))
            {
                return RecordError.BadRole;
            }

            role = claim;
        }

        record = new NodeRecord(bytes.ToArray(), addresses, role);
        return RecordError.None;
    }

    private int RoundTripsOffset =>
        _bytes.Length - NodeRecordLayout.SignatureLength - (Role is null ? 0 : NodeRecordLayout.RoleLength)
        - (RoundTripCount * 2);

    private static ulong ReadSequence(ReadOnlySpan<byte> bytes) =>
        BinaryPrimitives.ReadUInt64LittleEndian(bytes[NodeRecordLayout.SequenceOffset..]);

    private static RecordError CheckHead(ReadOnlySpan<byte> bytes, ulong networkId)
    {
        if (bytes.Length is < NodeRecordLayout.LengthMin or > NodeRecordLayout.LengthMax)
        {
            return RecordError.BadLength;
        }

        byte flags = bytes[NodeRecordLayout.FlagsOffset];
        if (bytes[0] != NodeRecordLayout.Version || (flags & ~NodeRecordLayout.RoleFlag) != 0)
        {
            return RecordError.UnknownVersion;
        }

        if (BinaryPrimitives.ReadUInt16LittleEndian(bytes[NodeRecordLayout.LengthOffset..]) != bytes.Length)
        {
            return RecordError.BadLength;
        }

        uint serial = BinaryPrimitives.ReadUInt32LittleEndian(bytes[NodeRecordLayout.RoleSerialOffset..]);
        if (bytes[NodeRecordLayout.ReservedOffset] != 0
            || BinaryPrimitives.ReadUInt16LittleEndian(bytes[NodeRecordLayout.Reserved2Offset..]) != 0
            || (flags == 0 && serial != 0))
        {
            return RecordError.ReservedNotZero;
        }

        if (bytes[NodeRecordLayout.AddressCountOffset] > NodeRecordLayout.AddressesMax
            || bytes[NodeRecordLayout.RoundTripCountOffset] > NodeRecordLayout.RegionsMax)
        {
            return RecordError.TooMany;
        }

        if (BinaryPrimitives.ReadUInt64LittleEndian(bytes[NodeRecordLayout.NetworkIdOffset..]) != networkId)
        {
            return RecordError.WrongNetwork;
        }

        return bytes[NodeRecordLayout.RegionOffset] < NodeRecordLayout.RegionsMax
            ? RecordError.None
            : RecordError.BadRegion;
    }

    private static RecordError ReadAddresses(ReadOnlySpan<byte> bytes, out IPEndPoint[] addresses, out int offset)
    {
        addresses = new IPEndPoint[bytes[NodeRecordLayout.AddressCountOffset]];
        offset = NodeRecordLayout.HeadLength;
        ReadOnlySpan<byte> previous = default;
        for (int i = 0; i < addresses.Length; i++)
        {
            int length = bytes[offset] switch { 4 => 7, 6 => 19, _ => 0 };
            if (length == 0)
            {
                return RecordError.BadAddress;
            }

            // A signature follows the addresses, so that what lies behind one too many is looked at and no harm done.
            if (offset + length > bytes.Length - NodeRecordLayout.SignatureLength)
            {
                return RecordError.BadLength;
            }

            ReadOnlySpan<byte> encoded = bytes.Slice(offset, length);
            addresses[i] = new IPEndPoint(
                new IPAddress(encoded[1..^2]), BinaryPrimitives.ReadUInt16LittleEndian(encoded[^2..]));
            if (!CanBeDialled(addresses[i]))
            {
                return RecordError.BadAddress;
            }

            if (i > 0 && previous.SequenceCompareTo(encoded) >= 0)
            {
                return RecordError.NotCanonical;
            }

            previous = encoded;
            offset += length;
        }

        return RecordError.None;
    }

    /// <summary>Whether an address can be in a record.</summary>
    internal static bool CanBeDialled(IPEndPoint endPoint)
    {
        IPAddress address = endPoint.Address;
        if (endPoint.Port == 0 || address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any))
        {
            return false;
        }

        if (address.AddressFamily == AddressFamily.InterNetworkV6)
        {
            return !address.IsIPv6Multicast && !address.IsIPv4MappedToIPv6;
        }

        // 224.0.0.0/4 is multicast; above it lie reserved addresses and the broadcast.
        Span<byte> octets = stackalloc byte[4];
        return address.TryWriteBytes(octets, out _) && octets[0] is > 0 and < 224;
    }
}
