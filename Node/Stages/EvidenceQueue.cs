using System.Collections.Concurrent;
using Fragcast.Gossip.Evidence;

namespace Fragcast.Node.Stages;

/// <summary>
/// Evidence on its way from the I/O thread, which must not wait for a disk, to the tick stage, which writes it. Bounded
/// by the store behind the I/O thread, which gives each piece once. Thread-safe.
/// </summary>
/// <param name="folder">Where it goes; null for nowhere.</param>
internal sealed class EvidenceQueue(EvidenceFolder? folder)
{
    private readonly ConcurrentQueue<EvidenceRecord> _queue = new();

    /// <summary>Queues evidence.</summary>
    public void Add(EvidenceRecord evidence)
    {
        if (folder is not null)
        {
            _queue.Enqueue(evidence);
        }
    }

    /// <summary>Writes what is there.</summary>
    public void Write()
    {
        while (_queue.TryDequeue(out EvidenceRecord? evidence))
        {
            folder!.Add(evidence);
        }
    }
}
