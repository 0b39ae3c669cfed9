using Fragcast.Gossip.Assembly;
using Fragcast.Gossip.Evidence;
using Fragcast.Gossip.Wire;
using Fragcast.Primitives;
using Fragcast.Primitives.Messages;

namespace Fragcast.Gossip.Verification;

/// <summary>
/// A message whose leader's signature was verified. One of <see cref="Env"/>, <see cref="Frag"/>, <see cref="Seal"/>,
/// <see cref="Cancel"/> and <see cref="HandOver"/> is set, by the kind of its place. A frag is a view over the received
/// bytes and lives as long as they do.
/// </summary>
public readonly record struct GossipMessage
{
    /// <summary>Where it belongs.</summary>
    public Place Place { get; init; }

    /// <summary>Form of its SSZ bytes.</summary>
    public MessageRevision Revision { get; init; }

    /// <summary>The digest that the leader signed.</summary>
    public Hash256 Digest { get; init; }

    /// <summary>Whether the leader signed another message for the same place before.</summary>
    public bool Equivocates { get; init; }

    /// <summary>The proof of that; null if <see cref="Equivocates"/> is not set.</summary>
    public EvidenceRecord? Evidence { get; init; }

    /// <summary>The start of a block.</summary>
    public EnvV0? Env { get; init; }

    /// <summary>A slice of a block.</summary>
    public FragV0 Frag { get; init; }

    /// <summary>The hash-tree-root of a frag's transactions.</summary>
    public Hash256 TransactionsRoot { get; init; }

    /// <summary>The end of a block.</summary>
    public SealV0? Seal { get; init; }

    /// <summary>The end of an attempt at a block.</summary>
    public CancelV0? Cancel { get; init; }

    /// <summary>A leader's leave.</summary>
    public HandOverV0? HandOver { get; init; }

    /// <summary>Kind of the message.</summary>
    public EnvelopeKind Kind => Place.Kind;
}
