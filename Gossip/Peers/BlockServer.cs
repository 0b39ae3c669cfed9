using Fragcast.Gossip.Wire;
using Fragcast.Transport;

namespace Fragcast.Gossip.Peers;

/// <summary>
/// Gives peers the messages of blocks that they ask for, as far as the history has them: as much as a peer's buffer
/// takes at once, the rest when there is room. I/O thread only.
/// </summary>
internal sealed class BlockServer(ITransportEndpoint endpoint, MessageHistory history)
{
    /// <summary>
    /// A peer asks. The same again while it is being served changes nothing; another request replaces it.
    /// </summary>
    public void Answer(PeerLink link, BlockRequest request)
    {
        if (link.Owed != request)
        {
            link.Owed = request;
            link.OwedFrom = 0;
            GoOn(link);
        }
    }

    /// <summary>There is room on a peer's stream.</summary>
    public void GoOn(PeerLink link)
    {
        if (link.Owed is not { } request)
        {
            return;
        }

        foreach (KeptMessage message in history.Messages)
        {
            if (message.Number >= link.OwedFrom && request.Covers(message.Place.Epoch, message.Place.Block)
                && endpoint.TryWriteStream(link.Stream, message.Framed.Span, EgressClass.Bulk)
                    == SendResult.QueueFull)
            {
                link.OwedFrom = message.Number;
                return;
            }
        }

        link.Owed = null;
    }
}
