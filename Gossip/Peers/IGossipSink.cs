using System.Net;
using Fragcast.Gossip.Evidence;
using Fragcast.Transport;
using Fragcast.Transport.Buffers;
using Fragcast.Transport.Identity;

namespace Fragcast.Gossip.Peers;

/// <summary>
/// Takes what the gossip layer received. Called on the transport's I/O thread: hand on, never block.
/// </summary>
public interface IGossipSink
{
    /// <summary>A whole envelope came in.</summary>
    /// <param name="peer">
    /// Who sent it; of a message that was put together from chunks its leader, -1 if no node is known to be it.
    /// </param>
    /// <param name="envelope">Its bytes; ownership passes to the sink, which must release them.</param>
    void OnEnvelope(int peer, BufferLease envelope);

    /// <summary>A message was refused before it was an envelope.</summary>
    void OnRefused(int peer, Refusal reason);

    /// <summary>A peer of this network is connected and greeted.</summary>
    void OnPeerReady(int peer, PeerId identity);

    /// <summary>A peer that was ready is gone.</summary>
    void OnPeerLost(int peer, PeerId identity, DisconnectReason reason);

    /// <summary>There is new evidence of a leader that signed twice, by this node or from a peer.</summary>
    void OnEvidence(EvidenceRecord evidence)
    {
    }

    /// <summary>A dial did not succeed; it will be tried again.</summary>
    void OnDialFailed(IPEndPoint remote, DisconnectReason reason);
}
