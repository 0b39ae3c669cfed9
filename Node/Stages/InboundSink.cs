using System.Net;
using Fragcast.Gossip;
using Fragcast.Gossip.Evidence;
using Fragcast.Gossip.Peers;
using Fragcast.Transport;
using Fragcast.Transport.Buffers;
using Fragcast.Transport.Identity;
using Fragcast.Transport.Rings;
using Microsoft.Extensions.Logging;

namespace Fragcast.Node.Stages;

/// <summary>Puts received envelopes into the inbound ring. Runs on the I/O thread and never waits.</summary>
internal sealed class InboundSink(
    RingBuffer<InboundMessage> inbound, RefusalLog refusals, EvidenceQueue evidence, ILogger logger) : IGossipSink
{
    private readonly HashSet<IPEndPoint> _unreachable = [];

    /// <inheritdoc/>
    public void OnEnvelope(int peer, BufferLease envelope)
    {
        if (!inbound.TryNext(out long sequence))
        {
            envelope.Release();
            refusals.Refuse(peer, Refusal.NoBuffer);
            return;
        }

        ref InboundMessage slot = ref inbound[sequence];
        slot.Peer = peer;
        slot.Bytes = envelope;
        slot.ReceivedNs = MonotonicClock.NowNs();
        inbound.Publish(sequence);
    }

    /// <inheritdoc/>
    public void OnRefused(int peer, Refusal reason) => refusals.Refuse(peer, reason);

    /// <inheritdoc/>
    public void OnPeerReady(int peer, PeerId identity) =>
        logger.LogInformation("peer {Peer} is {Identity}: connected", peer, identity);

    /// <inheritdoc/>
    public void OnPeerLost(int peer, PeerId identity, DisconnectReason reason) =>
        logger.LogInformation("peer {Peer}: disconnected, {Reason}", peer, reason);

    /// <inheritdoc/>
    public void OnEvidence(EvidenceRecord evidenceRecord) => evidence.Add(evidenceRecord);

    /// <inheritdoc/>
    public void OnDialFailed(IPEndPoint remote, DisconnectReason reason)
    {
        if (_unreachable.Add(remote))
        {
            logger.LogInformation("{Remote} does not answer yet: {Reason} (logged once; dialling on)", remote, reason);
        }
    }
}
