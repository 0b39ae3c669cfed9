using System.Net;
using Fragcast.Transport.Identity;

namespace Fragcast.Gossip.Membership;

/// <summary>How firmly a node stands in the book; when room is needed the lowest go first.</summary>
public enum NodeStanding : byte
{
    /// <summary>Somebody passed its record on.</summary>
    Heard = 0,

    /// <summary>It acts for a sequencer of the schedule, by that sequencer's signature.</summary>
    Scheduled,

    /// <summary>This node shook hands with it since its record was last refreshed.</summary>
    Proven,

    /// <summary>The operator named it, or it is this node itself: it is never put out.</summary>
    Trusted,
}

/// <summary>What the book knows of one node. Changed by the book only.</summary>
public sealed class BookNode
{
    internal BookNode(int number, PeerId peer)
    {
        Number = number;
        Peer = peer;
    }

    /// <summary>The node's number: dense, from 0, never given to another node.</summary>
    public int Number { get; }

    /// <summary>Its identity.</summary>
    public PeerId Peer { get; }

    /// <summary>Its newest record; null for a peer that is connected and has not sent one yet.</summary>
    public NodeRecord? Record { get; internal set; }

    /// <summary>How firmly it stands.</summary>
    public NodeStanding Standing =>
        IsTrusted ? NodeStanding.Trusted
        : IsProven ? NodeStanding.Proven
        : IsScheduled ? NodeStanding.Scheduled
        : NodeStanding.Heard;

    /// <summary>Whether it is connected now.</summary>
    public bool IsConnected { get; internal set; }

    /// <summary>The address of the last handshake with it; null before the first.</summary>
    public IPEndPoint? ProvenAddress { get; internal set; }

    /// <summary>Dials that failed since the last handshake.</summary>
    public int FailedDials { get; internal set; }

    /// <summary>Whether it is banned, and so in no plan.</summary>
    public bool IsBanned { get; internal set; }

    /// <summary>Whether plans count on it.</summary>
    public bool IsUsable =>
        Record is not null && !IsBanned && (IsConnected || FailedDials < RecordBook.FailedDialsMax);

    internal bool IsTrusted { get; set; }

    internal bool IsProven { get; set; }

    internal bool IsScheduled { get; set; }

    /// <summary>The node that passed on its first record; its quota pays for it while it is only heard of.</summary>
    internal int Source { get; set; }

    /// <summary>When its newest record came.</summary>
    internal long RefreshedNs { get; set; }
}
