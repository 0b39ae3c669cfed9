using Fragcast.Transport;

namespace Fragcast.Node.Devnet;

/// <summary>Settings of a devnet, checked.</summary>
internal sealed record DevnetOptions
{
    /// <summary>Sequencer processes.</summary>
    public required int Sequencers { get; init; }

    /// <summary>Follower processes.</summary>
    public required int Followers { get; init; }

    /// <summary>Files with the blocks, in order.</summary>
    public required IReadOnlyList<string> BlockFiles { get; init; }

    /// <summary>How often the list is run.</summary>
    public required int Repeat { get; init; }

    /// <summary>Frags a block.</summary>
    public required int FragsPerBlock { get; init; }

    /// <summary>Time between two frags.</summary>
    public required TimeSpan FragInterval { get; init; }

    /// <summary>Rounds of warming up in each node before it joins.</summary>
    public required int WarmUpRounds { get; init; }

    /// <summary>The QUIC engine of every node.</summary>
    public required TransportEngine Transport { get; init; }

    /// <summary>File for the figures; null writes none.</summary>
    public string? JsonFile { get; init; }

    /// <summary>How long nothing may happen before the devnet gives up.</summary>
    public required TimeSpan StallTimeout { get; init; }

    /// <summary>Folder to keep the nodes' files in; null for a temporary one.</summary>
    public string? KeepFolder { get; init; }
}
