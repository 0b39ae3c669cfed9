namespace Fragcast.Gossip.Membership;

/// <summary>What the exchange of records has of the outside; a struct, so that calls need no dispatch.</summary>
public interface IMembershipLink
{
    /// <summary>Sends a control frame on the peer's stream. False when it cannot; the frame is lost then.</summary>
    /// <param name="peer">Number of the peer in the book.</param>
    /// <param name="frame">The frame without its length prefix; valid during the call.</param>
    bool TrySend(int peer, ReadOnlySpan<byte> frame);

    /// <summary>A peer did what an honest one does not; to be counted and scored.</summary>
    void OnMisbehaviour(int peer, Refusal reason);

    /// <summary>A record was taken in: a node is new, or says something new of itself.</summary>
    void OnRecord(BookNode node, bool isNew);
}
