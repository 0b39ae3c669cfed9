using System.Net;
using Fragcast.Gossip.Peers;
using Fragcast.Node.Schedules;
using Fragcast.Transport;

namespace Fragcast.Node.Config;

/// <summary>Settings of one node, checked.</summary>
internal sealed record NodeOptions
{
    /// <summary>Default of <see cref="FragsPerBlock"/>.</summary>
    public const int FragsPerBlockDefault = 8;

    /// <summary>Default of <see cref="FragInterval"/> in milliseconds.</summary>
    public const int FragIntervalMsDefault = 10;

    /// <summary>Default of <see cref="WarmUpRounds"/>.</summary>
    public const int WarmUpRoundsDefault = 3;

    /// <summary>Default of <see cref="UplinkMbps"/>.</summary>
    public const ushort UplinkMbpsDefault = 200;

    /// <summary>The Ed25519 seed of the node's identity, 32 bytes.</summary>
    public required byte[] IdentitySeed { get; init; }

    /// <summary>The secp256k1 key that signs frags, 32 bytes; null for a follower.</summary>
    public byte[]? SequencerKey { get; init; }

    /// <summary>Address and UDP port to listen on.</summary>
    public required IPEndPoint Listen { get; init; }

    /// <summary>The QUIC engine.</summary>
    public TransportEngine Transport { get; init; }

    /// <summary>Whether libp2p nodes may dial and ping.</summary>
    public bool AcceptLibp2p { get; init; }

    /// <summary>Where the node is, 0 to 63, by the network's list of regions.</summary>
    public byte Region { get; init; }

    /// <summary>What the node may send, in megabits a second.</summary>
    public ushort UplinkMbps { get; init; } = UplinkMbpsDefault;

    /// <summary>Peers to dial.</summary>
    public required IReadOnlyList<PeerAddress> Peers { get; init; }

    /// <summary>Who leads when.</summary>
    public required ScheduleSettings Schedule { get; init; }

    /// <summary>Files with the blocks: the chain's start, the state that they touch, the transactions.</summary>
    public required IReadOnlyList<string> BlockFiles { get; init; }

    /// <summary>How often the list of blocks is run, each time on fresh state.</summary>
    public int Repeat { get; init; } = 1;

    /// <summary>How many frags a block is cut into, at most one per transaction.</summary>
    public int FragsPerBlock { get; init; } = FragsPerBlockDefault;

    /// <summary>Time between two frags of a sequencer.</summary>
    public TimeSpan FragInterval { get; init; } = TimeSpan.FromMilliseconds(FragIntervalMsDefault);

    /// <summary>How often the first blocks are run inside the process before it joins.</summary>
    public int WarmUpRounds { get; init; } = WarmUpRoundsDefault;

    /// <summary>Peers that a sequencer waits for before its first block.</summary>
    public int WaitPeers { get; init; }

    /// <summary>File that gets the times taken on the hot path; null takes none.</summary>
    public string? TraceFile { get; init; }

    /// <summary>File that gets what the node committed and refused; null writes none.</summary>
    public string? ResultFile { get; init; }

    /// <summary>Folder that keeps proof of what leaders sign twice; null keeps none.</summary>
    public string? EvidenceFolder { get; init; }

    /// <summary>Whether the node ends when its standard input does, so that it never outlives who started it.</summary>
    public bool ExitWithInput { get; init; }
}
