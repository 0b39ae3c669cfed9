using System.Net;
using System.Net.Sockets;
using Fragcast.Transport.Identity;

namespace Fragcast.Gossip.Scores;

/// <summary>How a peer is to be treated.</summary>
public enum PeerVerdict : byte
{
    /// <summary>As any other.</summary>
    Fine = 0,

    /// <summary>After the others: not asked for repairs, not chosen as a relay, served last.</summary>
    Deprioritised,

    /// <summary>To be disconnected now, and banned for a time.</summary>
    Banned,
}

/// <summary>
/// Keeps a score of each connected peer: points for misbehaviour, which fade, and how early its chunks arrive compared
/// with the first copy. Bans by identity and by address, for a time that doubles with each ban. No I/O and no clock;
/// one thread.
/// </summary>
/// <remarks>
/// <code>
/// state           event                                    next
/// Fine            points reach <see cref="DeprioritiseAt"/>               Deprioritised
/// Deprioritised   points fade below it                     Fine
/// any             points reach <see cref="BanAt"/>                       Banned, unless trusted: then Deprioritised
/// Banned          the ban is over                          may connect again, with no points
/// </code>
/// </remarks>
public sealed class PeerScores
{
    /// <summary>Points from which a peer comes after the others.</summary>
    public const double DeprioritiseAt = 20;

    /// <summary>Points from which a peer is banned.</summary>
    public const double BanAt = 100;

    /// <summary>Time in which half of the points fade.</summary>
    public const long HalfLifeNs = 60_000_000_000;

    /// <summary>Length of the first ban: ten minutes.</summary>
    public const long BanMinNs = 600_000_000_000;

    /// <summary>Length of the longest: a day.</summary>
    public const long BanMaxNs = 86_400_000_000_000;

    /// <summary>Bans remembered; the one that ends first is forgotten for another.</summary>
    public const int BansMax = 4096;

    /// <summary>Items whose first arrival is remembered: a second of 32 chunks every 10 ms.</summary>
    public const int ItemsMax = 4096;

    // A new observation weighs a 64th: the average is of about the last second.
    private const int ArrivalWeight = 64;

    // Copies that come later than this tell no more about a peer than that it is late.
    private const long LatenessMaxNs = 1_000_000_000;

    private readonly Dictionary<int, Score> _peers = [];
    private readonly HashSet<PeerId> _trusted;
    private readonly Dictionary<PeerId, Ban> _identities = [];
    private readonly Dictionary<IPAddress, Ban> _addresses = [];
    private readonly Dictionary<ulong, Arrival> _arrivals = new(ItemsMax);
    private readonly ulong[] _arrivalOrder = new ulong[ItemsMax];
    private int _nextArrival;

    /// <summary>Makes scores.</summary>
    /// <param name="trusted">Identities that the operator trusts: never banned.</param>
    public PeerScores(IEnumerable<PeerId> trusted) => _trusted = [.. trusted];

    /// <summary>Bans so far.</summary>
    public long Bans { get; private set; }

    /// <summary>Whether a handshake from an address may begin.</summary>
    public bool IsBanned(IPAddress address, long nowNs) =>
        _addresses.TryGetValue(BanKey(address), out Ban ban) && nowNs < ban.EndNs;

    /// <summary>Whether an identity may be connected.</summary>
    public bool IsBanned(PeerId peer, long nowNs) =>
        _identities.TryGetValue(peer, out Ban ban) && nowNs < ban.EndNs;

    /// <summary>A peer is connected.</summary>
    /// <param name="peer">The owner's number for it.</param>
    /// <param name="identity">Who it is.</param>
    /// <param name="address">Where it is.</param>
    /// <param name="nowNs">The time.</param>
    public void OnConnected(int peer, PeerId identity, IPAddress address, long nowNs)
    {
        // Points survive a reconnection while they are remembered, so that hanging up does not clear them.
        if (_peers.TryGetValue(peer, out Score? known))
        {
            known.Address = BanKey(address);
            known.IsConnected = true;
        }
        else
        {
            _peers.Add(peer, new Score(identity, BanKey(address), nowNs));
        }
    }

    /// <summary>A peer is gone; its points are forgotten once they have faded.</summary>
    public void OnDisconnected(int peer, long nowNs)
    {
        if (_peers.TryGetValue(peer, out Score? score))
        {
            score.IsConnected = false;
            if (score.Fade(nowNs) < 1)
            {
                _peers.Remove(peer);
            }
        }
    }

    /// <summary>Forgets peers that are gone and whose points have faded. Call about once a minute.</summary>
    public void Tidy(long nowNs)
    {
        foreach ((int peer, Score score) in _peers.ToArray())
        {
            if (!score.IsConnected && score.Fade(nowNs) < 1)
            {
                _peers.Remove(peer);
            }
        }
    }

    /// <summary>A message of a peer was refused.</summary>
    /// <returns>How it is to be treated from now on; <see cref="PeerVerdict.Banned"/> once.</returns>
    public PeerVerdict OnMisbehaviour(int peer, Refusal reason, long nowNs)
    {
        if (!_peers.TryGetValue(peer, out Score? score))
        {
            return PeerVerdict.Fine;
        }

        score.Add(MisbehaviourWeights.Of(reason), nowNs);
        if (score.Points >= BanAt && !_trusted.Contains(score.Identity))
        {
            score.Clear();
            StartBan(score, nowNs);
            return PeerVerdict.Banned;
        }

        return VerdictOf(peer, nowNs);
    }

    /// <summary>How a connected peer is to be treated.</summary>
    public PeerVerdict VerdictOf(int peer, long nowNs) =>
        _peers.TryGetValue(peer, out Score? score) && score.Fade(nowNs) >= DeprioritiseAt
            ? PeerVerdict.Deprioritised
            : PeerVerdict.Fine;

    /// <summary>
    /// A copy of an item arrived, good and unasked for; the first copy sets the time that the others are compared with.
    /// </summary>
    /// <param name="peer">Who sent it.</param>
    /// <param name="item">Names the item: chunk and place, hashed by the owner.</param>
    /// <param name="nowNs">The time.</param>
    public void OnArrival(int peer, ulong item, long nowNs)
    {
        if (!_peers.TryGetValue(peer, out Score? score))
        {
            return;
        }

        if (_arrivals.TryGetValue(item, out Arrival first))
        {
            score.Observe(Math.Min(nowNs - first.TimeNs, LatenessMaxNs), isFirst: false);
            return;
        }

        if (_arrivals.Count == ItemsMax)
        {
            _arrivals.Remove(_arrivalOrder[_nextArrival]);
        }

        _arrivalOrder[_nextArrival] = item;
        _nextArrival = (_nextArrival + 1) % ItemsMax;
        _arrivals.Add(item, new Arrival(nowNs));
        score.Observe(0, isFirst: true);
    }

    /// <summary>
    /// How much later than the first copy a peer's copies come on average, in nanoseconds; 0 at first.
    /// </summary>
    public long LatenessNs(int peer) => _peers.TryGetValue(peer, out Score? score) ? (long)score.LatenessNs : 0;

    /// <summary>The share of a peer's copies that were the first, from 0 to 1; 0 at first.</summary>
    public double FirstShare(int peer) => _peers.TryGetValue(peer, out Score? score) ? score.FirstShare : 0;

    // What one customer of a provider has: an address of IPv4, a /64 of IPv6.
    private static IPAddress BanKey(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
        {
            return address.MapToIPv4();
        }

        if (address.AddressFamily == AddressFamily.InterNetwork)
        {
            return address;
        }

        byte[] bytes = address.GetAddressBytes();
        bytes.AsSpan(8).Clear();
        return new IPAddress(bytes);
    }

    private void StartBan(Score score, long nowNs)
    {
        Bans++;
        Extend(_identities, score.Identity, nowNs);
        // Others may share the address, behind one router or on one machine: they are not to suffer.
        if (!_peers.Values.Any(
            other => other != score && other.IsConnected && other.Address.Equals(score.Address)))
        {
            Extend(_addresses, score.Address, nowNs);
        }
    }

    private static void Extend<TKey>(Dictionary<TKey, Ban> bans, TKey key, long nowNs)
        where TKey : notnull
    {
        long length = bans.TryGetValue(key, out Ban before) ? Math.Min(before.LengthNs * 2, BanMaxNs) : BanMinNs;
        if (bans.Count >= BansMax && !bans.ContainsKey(key))
        {
            bans.Remove(bans.MinBy(pair => pair.Value.EndNs).Key);
        }

        bans[key] = new Ban(nowNs + length, length);
    }

    private readonly record struct Ban(long EndNs, long LengthNs);

    private readonly record struct Arrival(long TimeNs);

    private sealed class Score(PeerId identity, IPAddress address, long nowNs)
    {
        private long _lastNs = nowNs;

        public PeerId Identity { get; } = identity;

        public IPAddress Address { get; set; } = address;

        public bool IsConnected { get; set; } = true;

        public double Points { get; private set; }

        public double LatenessNs { get; private set; }

        public double FirstShare { get; private set; }

        public double Fade(long nowNs)
        {
            if (Points > 0 && nowNs > _lastNs)
            {
                Points *= Math.Pow(2, -(double)(nowNs - _lastNs) / HalfLifeNs);
            }

            _lastNs = Math.Max(_lastNs, nowNs);
            return Points;
        }

        public void Add(int points, long nowNs)
        {
            Fade(nowNs);
            Points += points;
        }

        public void Clear() => Points = 0;

        public void Observe(long latenessNs, bool isFirst)
        {
            LatenessNs += (latenessNs - LatenessNs) / ArrivalWeight;
            FirstShare += ((isFirst ? 1 : 0) - FirstShare) / ArrivalWeight;
        }
    }
}
