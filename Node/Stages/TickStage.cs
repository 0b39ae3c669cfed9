using Fragcast.Gossip.Peers;
using Fragcast.Transport.Rings;

namespace Fragcast.Node.Stages;

/// <summary>Gives the gossip layer the time, so that lost peers are dialled again, and writes evidence.</summary>
internal sealed class TickStage(GossipNode gossip, EvidenceQueue evidence) : IStageWork
{
    /// <inheritdoc/>
    public bool IsEnded => false;

    /// <inheritdoc/>
    public int DoWork()
    {
        gossip.Tick();
        evidence.Write();
        return 0;
    }

    /// <inheritdoc/>
    public void OnStop()
    {
        evidence.Write();
    }
}
