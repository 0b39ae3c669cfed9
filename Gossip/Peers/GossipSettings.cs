using Fragcast.Transport;

namespace Fragcast.Gossip.Peers;

/// <summary>Settings of a node's gossip.</summary>
public sealed record GossipSettings
{
    /// <summary>The network's id, see <see cref="Wire.NetworkId"/>.</summary>
    public required ulong NetworkId { get; init; }

    /// <summary>The Ed25519 seed of this node's identity, 32 bytes: it signs the node's record.</summary>
    public required ReadOnlyMemory<byte> IdentitySeed { get; init; }

    /// <summary>Whom to dial. Those that are named by identity are trusted.</summary>
    public required DialPlan Dials { get; init; }

    /// <summary>Where this node is, 0 to 63, by the network's list of regions.</summary>
    public byte Region { get; init; }

    /// <summary>What this node may send, in megabits a second.</summary>
    public ushort UplinkMbps { get; init; } = 1_000;

    /// <summary>The secp256k1 key that signs, 32 bytes; empty for a node that never leads.</summary>
    public ReadOnlyMemory<byte> SequencerKey { get; init; }

    /// <summary>
    /// The longest datagram, the same in the whole network for what goes through it unchanged: every path has to carry
    /// it.
    /// </summary>
    public int DatagramBytes { get; init; } = TransportLimits.SafeDatagramBytes;

    /// <summary>Items that are kept for peers that ask, a power of two.</summary>
    public int ItemsMax { get; init; } = 128;

    /// <summary>
    /// Chunks that are kept, own and received ones; the oldest item goes when there are more. Must be well below
    /// <see cref="TransportOptions.ReceiveLeases"/>, or nothing could be received any more.
    /// </summary>
    public int ChunksMax { get; init; } = 6_144;

    /// <summary>Bytes of messages that are kept for nodes that join late.</summary>
    public int HistoryBytes { get; init; } = 16 << 20;

    /// <summary>Randomness that peers cannot foresee.</summary>
    public ulong Seed { get; init; }

    /// <summary>The calendar that records are numbered by.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}
