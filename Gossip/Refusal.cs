namespace Fragcast.Gossip;

/// <summary>
/// Why a message was refused. One list for the whole way of a message, so that counters, logs and scores name the
/// same reasons everywhere.
/// </summary>
public enum Refusal : byte
{
    /// <summary>Not refused.</summary>
    None = 0,

    /// <summary>Shorter than its head, or than the length that it states.</summary>
    Truncated,

    /// <summary>Longer than <see cref="Wire.EnvelopeLayout.LengthMax"/>.</summary>
    TooLong,

    /// <summary>A layout version that this node does not speak.</summary>
    UnknownVersion,

    /// <summary>A kind or flag that does not exist.</summary>
    UnknownKind,

    /// <summary>For another network.</summary>
    WrongNetwork,

    /// <summary>A stream that did not begin with a greeting, or greeted twice.</summary>
    BadGreeting,

    /// <summary>The message's bytes are not valid SSZ of its kind.</summary>
    Undecodable,

    /// <summary>Head and message name different places.</summary>
    HeadMismatch,

    /// <summary>The signature gives no key, or the key of somebody who is in no schedule.</summary>
    BadSignature,

    /// <summary>Signed by a sequencer who does not lead this block.</summary>
    NotLeader,

    /// <summary>The block lies before the schedule: it has no leader.</summary>
    UnknownLeader,

    /// <summary>Already had.</summary>
    Duplicate,

    /// <summary>Another message of the leader already stands in this place.</summary>
    Equivocation,

    /// <summary>For a block that is behind this node's head.</summary>
    Stale,

    /// <summary>Further ahead than this node keeps messages for.</summary>
    TooFarAhead,

    /// <summary>Early, and the place for early messages is full.</summary>
    HoldFull,

    /// <summary>The Env does not continue this node's head.</summary>
    WrongParent,

    /// <summary>The Env's number, time, gas limit or base fee breaks the chain's rules.</summary>
    BadEnv,

    /// <summary>A frag after the last one of its block.</summary>
    AfterLast,

    /// <summary>A transaction of the frag cannot be decoded.</summary>
    UndecodableTransaction,

    /// <summary>A transaction of the frag breaks the chain's rules where it stands.</summary>
    InvalidTransaction,

    /// <summary>The seal counts other frags than the block had.</summary>
    SealTotalFrags,

    /// <summary>The seal names another parent.</summary>
    SealParentHash,

    /// <summary>The seal's gas used differs.</summary>
    SealGasUsed,

    /// <summary>The seal's gas limit differs.</summary>
    SealGasLimit,

    /// <summary>The seal's blob gas differs.</summary>
    SealBlobGasUsed,

    /// <summary>The seal's transactions root differs.</summary>
    SealTransactionsRoot,

    /// <summary>The seal's receipts root differs.</summary>
    SealReceiptsRoot,

    /// <summary>The seal's state root differs.</summary>
    SealStateRoot,

    /// <summary>The seal's block hash differs.</summary>
    SealBlockHash,

    /// <summary>This node's state lacks what the block touches.</summary>
    StateUnavailable,

    /// <summary>A duty to relay that was not drawn for this node.</summary>
    BadDuty,

    /// <summary>More chunks asked for than a peer may.</summary>
    RepairFlood,

    /// <summary>No buffer was free; the fault is this node's, not the peer's.</summary>
    NoBuffer,

    /// <summary>A chunk's k and n do not exist: k is 0 or above n, or whole copies are cut off.</summary>
    ChunkCounts,

    /// <summary>A chunk's index is not below n.</summary>
    ChunkIndex,

    /// <summary>A chunk's segment is not below the number of segments, or a segment would be empty.</summary>
    ChunkSegment,

    /// <summary>A chunk is not as long as k and the message's length make it.</summary>
    ChunkLength,

    /// <summary>Bytes of a chunk that are padding are not zero.</summary>
    ChunkPadding,

    /// <summary>A chunk's duty is of no kind, or stands in an answer to a repair request.</summary>
    ChunkDuty,

    /// <summary>A chunk does not lead to the Merkle root that the leader signed.</summary>
    ChunkBranch,

    /// <summary>What was decoded from parity is not what the leader signed: its parity does not fit its data.</summary>
    ChunkParity,

    /// <summary>The signature was not looked at: too many bad ones came from this peer of late.</summary>
    SignatureBudget,

    /// <summary>The leader cancelled the block from an earlier place on.</summary>
    Voided,

    /// <summary>A control frame whose bytes are not of its form.</summary>
    BadControl,

    /// <summary>More than a peer may send in the time.</summary>
    RateExceeded,

    /// <summary>A node record that is not of its form, or not signed by its node.</summary>
    BadRecord,

    /// <summary>Evidence that proves nothing.</summary>
    BadEvidence,

    /// <summary>
    /// The schedule does not know the block's leader yet: the message is held, and it is never counted against the
    /// peer.
    /// </summary>
    LeaderNotYetKnown,
}
