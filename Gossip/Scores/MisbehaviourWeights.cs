namespace Fragcast.Gossip.Scores;

/// <summary>
/// What a refusal costs the peer whose message it was, in points; <see cref="PeerScores.BanAt"/> of them within about a
/// half-life are a ban. What an honest peer can do costs nothing: to be late, to be ahead, to repeat, to pass on what a
/// leader signed and should not have. Points are only for the peer that sent the bytes: what was put together from many
/// peers' chunks is no one peer's.
/// </summary>
public static class MisbehaviourWeights
{
    /// <summary>Points of a refusal.</summary>
    public static int Of(Refusal reason) => reason switch
    {
        // No honest implementation sends these: the forms are checked before anything is passed on.
        Refusal.Truncated or Refusal.TooLong or Refusal.UnknownVersion or Refusal.UnknownKind => 20,
        Refusal.WrongNetwork or Refusal.BadGreeting or Refusal.BadControl => 50,
        Refusal.Undecodable or Refusal.HeadMismatch => 20,
        Refusal.ChunkCounts or Refusal.ChunkIndex or Refusal.ChunkSegment or Refusal.ChunkLength
            or Refusal.ChunkPadding or Refusal.ChunkDuty or Refusal.ChunkBranch => 20,
        // Relays check signatures first; a record or evidence costs us a check of one or two.
        Refusal.BadSignature or Refusal.BadRecord or Refusal.BadEvidence => 25,
        // Two nodes' schedules and maps may differ for a moment around a change.
        Refusal.NotLeader => 2,
        Refusal.BadDuty => 1,
        // A burst may happen to anybody; a flood is many.
        Refusal.RateExceeded or Refusal.RepairFlood => 2,
        _ => 0,
    };
}
