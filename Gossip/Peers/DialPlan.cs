using System.Net;
using Fragcast.Transport.Identity;

namespace Fragcast.Gossip.Peers;

/// <summary>A peer that this node dials.</summary>
/// <param name="Address">Where it listens.</param>
/// <param name="Expected">Who it must prove to be; null accepts anybody.</param>
public sealed record PeerAddress(IPEndPoint Address, PeerId? Expected);

/// <summary>
/// Decides when which known peer is dialled: at once at the start and after a loss, then with doubling pauses while
/// it does not answer. No I/O and no clock; thread-safe, because events come from the I/O thread and time from
/// another.
/// </summary>
/// <remarks>
/// <code>
/// state       event            next
/// Waiting     its time came    Dialling
/// Dialling    connected        Connected (pause back to the shortest)
/// Dialling    failed           Waiting (pause doubles, up to the longest)
/// Connected   lost             Waiting (shortest pause)
/// </code>
/// </remarks>
public sealed class DialPlan
{
    /// <summary>First pause after a failure.</summary>
    public const long PauseMinNs = 100_000_000;

    /// <summary>Longest pause.</summary>
    public const long PauseMaxNs = 5_000_000_000;

    private readonly Lock _lock = new();
    private readonly Entry[] _entries;

    /// <summary>Makes a plan for a fixed list of peers.</summary>
    public DialPlan(IEnumerable<PeerAddress> peers) => _entries = peers.Select(p => new Entry(p)).ToArray();

    private enum DialState : byte
    {
        Waiting = 0,
        Dialling,
        Connected,
    }

    /// <summary>Number of peers in the plan.</summary>
    public int Count => _entries.Length;

    /// <summary>The identities that the operator named.</summary>
    public IEnumerable<PeerId> Named => _entries.Select(e => e.Peer.Expected).OfType<PeerId>();

    /// <summary>A peer of the plan.</summary>
    /// <param name="index">The peer's place in the list.</param>
    public PeerAddress this[int index] => _entries[index].Peer;

    /// <summary>Takes the next peer whose time has come; it counts as dialling from now on.</summary>
    /// <param name="nowNs">The time.</param>
    /// <param name="index">The peer's place in the list.</param>
    /// <param name="peer">The peer.</param>
    public bool TryNext(long nowNs, out int index, out PeerAddress peer)
    {
        lock (_lock)
        {
            for (index = 0; index < _entries.Length; index++)
            {
                Entry entry = _entries[index];
                if (entry.State == DialState.Waiting && entry.DueNs <= nowNs)
                {
                    entry.State = DialState.Dialling;
                    peer = entry.Peer;
                    return true;
                }
            }
        }

        peer = null!;
        return false;
    }

    /// <summary>The dial succeeded.</summary>
    public void OnConnected(int index)
    {
        lock (_lock)
        {
            _entries[index].State = DialState.Connected;
            _entries[index].PauseNs = PauseMinNs;
        }
    }

    /// <summary>The dial failed, or the connection was lost.</summary>
    /// <param name="index">The peer's place in the list.</param>
    /// <param name="nowNs">The time.</param>
    public void OnLost(int index, long nowNs)
    {
        lock (_lock)
        {
            Entry entry = _entries[index];
            entry.DueNs = nowNs + entry.PauseNs;
            if (entry.State == DialState.Dialling)
            {
                entry.PauseNs = Math.Min(entry.PauseNs * 2, PauseMaxNs);
            }

            entry.State = DialState.Waiting;
        }
    }

    private sealed class Entry(PeerAddress peer)
    {
        public PeerAddress Peer { get; } = peer;

        public DialState State { get; set; }

        public long DueNs { get; set; } = long.MinValue;

        public long PauseNs { get; set; } = PauseMinNs;
    }
}
