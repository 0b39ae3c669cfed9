using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Fragcast.Primitives;
using Fragcast.Primitives.Crypto;
using Fragcast.Transport.Identity;

namespace Fragcast.Gossip.Membership;

/// <summary>What a node says of itself in its record.</summary>
public sealed record NodeDescription
{
    /// <summary>The network that it is in.</summary>
    public required ulong NetworkId { get; init; }

    /// <summary>Grows with each record of the node; milliseconds since 1970 do.</summary>
    public required ulong Sequence { get; init; }

    /// <summary>Where it listens; at most <see cref="NodeRecordLayout.AddressesMax"/>, in any order.</summary>
    public IReadOnlyList<IPEndPoint> Addresses { get; init; } = [];

    /// <summary>Region, 0 to 63.</summary>
    public byte Region { get; init; }

    /// <summary>What it can send, in megabits a second.</summary>
    public ushort UplinkMbps { get; init; }

    /// <summary>Round trips to the regions from 0 on in 0.1 ms, 0 where unknown.</summary>
    public IReadOnlyList<ushort> RoundTripsTenthsMs { get; init; } = [];

    /// <summary>The secp256k1 key of the sequencer that it acts for, 32 bytes; empty for none.</summary>
    public ReadOnlyMemory<byte> SequencerKey { get; init; }

    /// <summary>Of two nodes that claim one sequencer, the one with the greater serial is meant.</summary>
    public uint RoleSerial { get; init; }
}

/// <summary>Makes and checks the signatures of node records.</summary>
public static class NodeRecordSigning
{
    /// <summary>Makes a node's record.</summary>
    /// <param name="description">What it says.</param>
    /// <param name="identitySeed">The Ed25519 seed of its identity, 32 bytes.</param>
    /// <exception cref="ArgumentException">Something in it cannot be in a record.</exception>
    public static byte[] Sign(NodeDescription description, ReadOnlySpan<byte> identitySeed)
    {
        ArgumentNullException.ThrowIfNull(description);
        Span<byte> publicKey = stackalloc byte[Ed25519.PublicKeySize];
        Span<byte> secretKey = stackalloc byte[Ed25519.SecretKeySize];
        Ed25519.FromSeed(identitySeed, publicKey, secretKey);
        Span<byte> buffer = stackalloc byte[NodeRecordLayout.LengthMax];
        buffer.Clear();
        int length = Write(description, publicKey, buffer);
        Span<byte> record = buffer[..(length + NodeRecordLayout.SignatureLength)];
        BinaryPrimitives.WriteUInt16LittleEndian(record[NodeRecordLayout.LengthOffset..], (ushort)record.Length);
        Ed25519.Sign(SignedBytes(record[..length], stackalloc byte[SignedMax]), secretKey, record[length..]);
        secretKey.Clear();
        RecordError error = NodeRecord.TryRead(record, description.NetworkId, out _);
        return error == RecordError.None
            ? record.ToArray()
            : throw new ArgumentException($"This cannot be in a record: {error}.", nameof(description));
    }

    /// <summary>The digest that a sequencer signs to name its node.</summary>
    /// <param name="networkId">The network.</param>
    /// <param name="serial">See <see cref="RoleClaim.Serial"/>.</param>
    /// <param name="peerKey">The public key of the node, 32 bytes.</param>
    public static Hash256 RoleDigest(ulong networkId, uint serial, ReadOnlySpan<byte> peerKey)
    {
        ReadOnlySpan<byte> domain = NodeRecordLayout.RoleDomain;
        Span<byte> message = stackalloc byte[domain.Length + sizeof(ulong) + sizeof(uint) + PeerId.KeyLength];
        domain.CopyTo(message);
        BinaryPrimitives.WriteUInt64LittleEndian(message[domain.Length..], networkId);
        BinaryPrimitives.WriteUInt32LittleEndian(message[(domain.Length + sizeof(ulong))..], serial);
        peerKey.CopyTo(message[^PeerId.KeyLength..]);
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(message, digest);
        return Hash256.FromBytes(digest);
    }

    /// <summary>Whether a record of sound form is signed by the node that it names.</summary>
    internal static bool Verify(ReadOnlySpan<byte> record)
    {
        ReadOnlySpan<byte> body = record[..^NodeRecordLayout.SignatureLength];
        return Ed25519.Verify(
            record[^NodeRecordLayout.SignatureLength..], SignedBytes(body, stackalloc byte[SignedMax]),
            record.Slice(NodeRecordLayout.PeerOffset, PeerId.KeyLength));
    }

    /// <summary>
    /// Reads the role claim and verifies that the sequencer signed it, in the one form that it may have.
    /// </summary>
    internal static bool TryReadRole(ReadOnlySpan<byte> record, int offset, out RoleClaim role)
    {
        Address address = Address.FromBytes(record.Slice(offset, Address.Size));
        ReadOnlySpan<byte> signature = record.Slice(offset + Address.Size, Secp256k1.SignatureSize);
        uint serial = BinaryPrimitives.ReadUInt32LittleEndian(record[NodeRecordLayout.RoleSerialOffset..]);
        ulong networkId = BinaryPrimitives.ReadUInt64LittleEndian(record[NodeRecordLayout.NetworkIdOffset..]);
        role = new RoleClaim(address, serial);
        Hash256 digest = RoleDigest(networkId, serial, record.Slice(NodeRecordLayout.PeerOffset, PeerId.KeyLength));
        return signature[64] <= 1
            && Secp256k1.IsLowS(Hash256.FromBytes(signature.Slice(32, 32)).ToUInt256())
            && Secp256k1.TryRecover(digest, signature[..64], signature[64], out Address signer)
            && signer == address;
    }

    private const int SignedMax = 32 + NodeRecordLayout.LengthMax;

    private static ReadOnlySpan<byte> SignedBytes(ReadOnlySpan<byte> body, Span<byte> buffer)
    {
        ReadOnlySpan<byte> domain = NodeRecordLayout.SigningDomain;
        domain.CopyTo(buffer);
        body.CopyTo(buffer[domain.Length..]);
        return buffer[..(domain.Length + body.Length)];
    }

    private static int Write(NodeDescription description, ReadOnlySpan<byte> publicKey, Span<byte> buffer)
    {
        byte[][] addresses = description.Addresses.Select(Encode).ToArray();
        Array.Sort(addresses, static (a, b) => a.AsSpan().SequenceCompareTo(b));
        int roundTrips = description.RoundTripsTenthsMs.Count;
        while (roundTrips > 0 && description.RoundTripsTenthsMs[roundTrips - 1] == 0)
        {
            roundTrips--;
        }

        if (addresses.Length > NodeRecordLayout.AddressesMax || roundTrips > NodeRecordLayout.RegionsMax)
        {
            throw new ArgumentException("More addresses or round trips than a record holds.", nameof(description));
        }

        bool hasRole = !description.SequencerKey.IsEmpty;
        buffer[0] = NodeRecordLayout.Version;
        buffer[NodeRecordLayout.FlagsOffset] = hasRole ? NodeRecordLayout.RoleFlag : (byte)0;
        buffer[NodeRecordLayout.RegionOffset] = description.Region;
        buffer[NodeRecordLayout.AddressCountOffset] = (byte)addresses.Length;
        buffer[NodeRecordLayout.RoundTripCountOffset] = (byte)roundTrips;
        BinaryPrimitives.WriteUInt64LittleEndian(buffer[NodeRecordLayout.NetworkIdOffset..], description.NetworkId);
        BinaryPrimitives.WriteUInt64LittleEndian(buffer[NodeRecordLayout.SequenceOffset..], description.Sequence);
        BinaryPrimitives.WriteUInt16LittleEndian(buffer[NodeRecordLayout.UplinkOffset..], description.UplinkMbps);
        publicKey.CopyTo(buffer[NodeRecordLayout.PeerOffset..]);
        int offset = NodeRecordLayout.HeadLength;
        foreach (byte[] address in addresses)
        {
            address.CopyTo(buffer[offset..]);
            offset += address.Length;
        }

        for (int i = 0; i < roundTrips; i++)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(buffer[offset..], description.RoundTripsTenthsMs[i]);
            offset += sizeof(ushort);
        }

        return hasRole ? WriteRole(description, publicKey, buffer, offset) : offset;
    }

    private static int WriteRole(
        NodeDescription description, ReadOnlySpan<byte> publicKey, Span<byte> buffer, int offset)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(buffer[NodeRecordLayout.RoleSerialOffset..], description.RoleSerial);
        Span<byte> sequencer = stackalloc byte[Secp256k1.PublicKeySize];
        if (!Secp256k1.TryGetPublicKey(description.SequencerKey.Span, sequencer))
        {
            throw new ArgumentException("The sequencer's key is none.", nameof(description));
        }

        Secp256k1.AddressOf(sequencer).CopyTo(buffer[offset..]);
        Secp256k1.Sign(
            RoleDigest(description.NetworkId, description.RoleSerial, publicKey), description.SequencerKey.Span,
            buffer.Slice(offset + Address.Size, Secp256k1.SignatureSize));
        return offset + NodeRecordLayout.RoleLength;
    }

    private static byte[] Encode(IPEndPoint endPoint)
    {
        IPAddress address = endPoint.Address.IsIPv4MappedToIPv6 ? endPoint.Address.MapToIPv4() : endPoint.Address;
        bool isOld = address.AddressFamily == AddressFamily.InterNetwork;
        byte[] encoded = [isOld ? (byte)4 : (byte)6, .. address.GetAddressBytes(), 0, 0];
        BinaryPrimitives.WriteUInt16LittleEndian(encoded.AsSpan(encoded.Length - 2), (ushort)endPoint.Port);
        return encoded;
    }
}
