using Fragcast.Primitives;

namespace Fragcast.Gossip.Evidence;

/// <summary>What became of evidence that was offered to a store.</summary>
public enum EvidenceOutcome : byte
{
    /// <summary>Taken.</summary>
    Added = 0,

    /// <summary>There is evidence of this already.</summary>
    Known,

    /// <summary>There is enough of this leader, or in all.</summary>
    Full,
}

/// <summary>
/// The evidence that a node has: one for each place that a leader signed twice, bounded by leader and in all. Nothing
/// is put out for newer evidence, so that a leader cannot push out its own past. One thread.
/// </summary>
public sealed class EvidenceStore
{
    /// <summary>Most of one leader: that it does it is proven by one.</summary>
    public const int OfLeaderMax = 64;

    /// <summary>Most in all: 1 MB.</summary>
    public const int Max = 1024;

    private readonly Dictionary<EvidenceKey, EvidenceRecord> _records = [];
    private readonly List<EvidenceRecord> _inOrder = [];
    private readonly Dictionary<Address, int> _byLeader = [];

    /// <summary>All evidence in the order in which it came.</summary>
    public IReadOnlyList<EvidenceRecord> Records => _inOrder;

    /// <summary>Evidence against a leader.</summary>
    public int CountOf(in Address leader) => _byLeader.GetValueOrDefault(leader);

    /// <summary>Whether there is evidence of this already.</summary>
    public bool Contains(in EvidenceKey key) => _records.ContainsKey(key);

    /// <summary>Takes evidence in.</summary>
    public EvidenceOutcome Add(EvidenceRecord evidence)
    {
        ArgumentNullException.ThrowIfNull(evidence);
        if (_records.ContainsKey(evidence.Key))
        {
            return EvidenceOutcome.Known;
        }

        int ofLeader = CountOf(evidence.Leader);
        if (_records.Count >= Max || ofLeader >= OfLeaderMax)
        {
            return EvidenceOutcome.Full;
        }

        _records.Add(evidence.Key, evidence);
        _inOrder.Add(evidence);
        _byLeader[evidence.Leader] = ofLeader + 1;
        return EvidenceOutcome.Added;
    }
}
