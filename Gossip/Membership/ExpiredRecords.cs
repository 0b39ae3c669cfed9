using Fragcast.Transport.Identity;

namespace Fragcast.Gossip.Membership;

/// <summary>
/// Remembers which records expired here, so that a peer that still has one does not bring it back. Bounded: the oldest
/// memory goes first. One thread.
/// </summary>
internal sealed class ExpiredRecords(int max)
{
    private readonly Dictionary<PeerId, ulong> _sequences = [];
    private readonly Queue<PeerId> _order = new();

    /// <summary>The record expired.</summary>
    public void Add(PeerId peer, ulong sequence)
    {
        if (!_sequences.ContainsKey(peer))
        {
            if (_order.Count == max)
            {
                _sequences.Remove(_order.Dequeue());
            }

            _order.Enqueue(peer);
        }

        _sequences[peer] = sequence;
    }

    /// <summary>Whether this record, or a newer one of the node, expired here.</summary>
    public bool Covers(PeerId peer, ulong sequence) =>
        _sequences.TryGetValue(peer, out ulong expired) && sequence <= expired;
}
