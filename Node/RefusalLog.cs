using Fragcast.Gossip;
using Fragcast.Gossip.Assembly;
using Microsoft.Extensions.Logging;

namespace Fragcast.Node;

/// <summary>Counts refusals and writes a line for the first of each peer and reason. Thread-safe.</summary>
internal sealed class RefusalLog(ILogger logger)
{
    /// <summary>The counts.</summary>
    public RefusalLedger Ledger { get; } = new();

    /// <summary>Counts a refusal that has no place in a chain.</summary>
    public void Refuse(int peer, Refusal reason)
    {
        if (Ledger.Add(peer, reason))
        {
            logger.LogWarning("refused a message of peer {Peer}: {Reason} (logged once for this peer)", peer, reason);
        }
    }

    /// <summary>Counts a refusal and says which message it was.</summary>
    public void Refuse(int peer, Refusal reason, in Place place)
    {
        if (Ledger.Add(peer, reason))
        {
            logger.LogWarning(
                "refused {Kind} {Sequence} of block {Block} from peer {Peer}: {Reason} (logged once for this peer)",
                place.Kind, place.Sequence, place.BlockNumber, peer, reason);
        }
    }
}
