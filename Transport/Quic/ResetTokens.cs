using System.Buffers.Binary;

namespace Fragcast.Transport.Quic;

/// <summary>
/// The stateless reset tokens that peers have given out for the ids by which we address them (RFC 9000, section 10.3).
/// A packet for no known connection that ends in one of them says that the peer has lost the connection. One thread.
/// </summary>
internal sealed class ResetTokens
{
    /// <summary>Bytes of a token.</summary>
    public const int Length = 16;

    /// <summary>Smallest packet that can be a stateless reset.</summary>
    public const int MinPacket = 21;

    // Found by a seeded hash and then compared once: timing tells an outsider nothing about a token of 128 bits.
    private readonly Dictionary<UInt128, QuicConnection> _owners = [];

    public void Add(ReadOnlySpan<byte> token, QuicConnection owner) => _owners[Key(token)] = owner;

    public void Remove(ReadOnlySpan<byte> token, QuicConnection owner)
    {
        if (_owners.TryGetValue(Key(token), out QuicConnection? found) && found == owner)
        {
            _owners.Remove(Key(token));
        }
    }

    /// <summary>The connection whose peer may have sent this packet as a stateless reset.</summary>
    public QuicConnection? FindOwner(ReadOnlySpan<byte> packet) =>
        packet.Length >= MinPacket && _owners.TryGetValue(Key(packet[^Length..]), out QuicConnection? owner)
            ? owner
            : null;

    private static UInt128 Key(ReadOnlySpan<byte> token) => BinaryPrimitives.ReadUInt128LittleEndian(token);
}
