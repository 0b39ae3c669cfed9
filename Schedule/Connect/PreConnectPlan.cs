using Fragcast.Primitives;

namespace Fragcast.Schedule.Connect;

/// <summary>What to do with a connection.</summary>
public enum ConnectKind : byte
{
    /// <summary>Connect to the node.</summary>
    Dial = 0,

    /// <summary>
    /// Send that many bytes of probes and say with <see cref="PreConnectPlan{TDirectory}.OnMeasured"/> what came of it.
    /// </summary>
    Probe,

    /// <summary>The plan needs the connection no more; the owner closes it unless something else needs it.</summary>
    Release,
}

/// <summary>An action of a <see cref="PreConnectPlan{TDirectory}"/>.</summary>
/// <param name="Kind">What to do.</param>
/// <param name="Node">With which node.</param>
/// <param name="Bytes">Of a probe: how much to send.</param>
public readonly record struct ConnectAction(ConnectKind Kind, int Node, int Bytes);

/// <summary>How a path is, by its last probe.</summary>
/// <param name="RoundTripNs">Round trip.</param>
/// <param name="Sent">Datagrams of the probe.</param>
/// <param name="Lost">Those of them that were lost.</param>
/// <param name="WindowBytes">The connection's congestion window after it.</param>
public readonly record struct PathMeasure(long RoundTripNs, int Sent, int Lost, int WindowBytes);

/// <summary>How ready a connection is.</summary>
public enum Readiness : byte
{
    /// <summary>The plan does not want it, or knows no node for the leader.</summary>
    None = 0,

    /// <summary>Wanted and not there.</summary>
    Cold,

    /// <summary>Being dialled.</summary>
    Dialling,

    /// <summary>The handshake is done.</summary>
    Connected,

    /// <summary>Round trip and loss are known.</summary>
    Measured,

    /// <summary>The congestion window is open too.</summary>
    Warm,
}

/// <summary>The numbers of a <see cref="PreConnectPlan{TDirectory}"/>.</summary>
public sealed record PreConnectOptions
{
    /// <summary>Relays of each leader that are kept connected too.</summary>
    public int RelaysPerLeader { get; init; } = 4;

    /// <summary>Handshakes in progress at a time.</summary>
    public int DialsMax { get; init; } = 8;

    /// <summary>Time between two probes of a path that is not needed soon.</summary>
    public long ProbeIntervalNs { get; init; } = 1_000_000_000;

    /// <summary>How long before its block a leader's window is opened and kept so.</summary>
    public long WarmAheadNs { get; init; } = 1_000_000_000;

    /// <summary>A window is open from here on: two frags of 32 KB with their parity.</summary>
    public int WindowBytes { get; init; } = 128 * 1024;

    /// <summary>Most probe bytes sent at once.</summary>
    public int ProbeBytesMax { get; init; } = 32 * 1024;

    /// <summary>How long a connection stays that is not wanted any more.</summary>
    public long LingerNs { get; init; } = 10_000_000_000;

    /// <summary>First pause after a failed dial; it doubles up to <see cref="PauseMaxNs"/>.</summary>
    public long PauseMinNs { get; init; } = 100_000_000;

    /// <summary>Longest pause between two dials of a node.</summary>
    public long PauseMaxNs { get; init; } = 5_000_000_000;
}

/// <summary>
/// Keeps connections to the current and the next leaders and to their relays ready before they are needed: handshake
/// done, path measured, window open. No I/O and no clock; one thread.
/// </summary>
/// <remarks>
/// <code>
/// state      event                                            next
/// Cold       wanted, its pause is over, a dial is free        Dialling
/// Dialling   connected                                        Connected
/// Dialling   failed                                           Cold; the pause doubles
/// Connected  measured                                         Measured, or Warm when the window is wide enough
/// Measured   measured with a window wide enough               Warm
/// Warm       measured with a window too small, or not probed  Measured
///            for three intervals
/// any        lost                                             Cold, shortest pause
/// any        not wanted for as long as connections linger     gone, Release
/// </code>
/// Bounded: at most (ahead + 1) × (1 + relays) wanted nodes, and as many again that linger.
/// </remarks>
/// <typeparam name="TDirectory">Which node a leader is.</typeparam>
public sealed class PreConnectPlan<TDirectory>(
    Lookahead lookahead, TDirectory directory, PreConnectOptions options, int self)
    where TDirectory : struct, IPeerDirectory
{
    private const int ProbeBytesMin = 1200;
    private const int StaleProbes = 3;

    // By node.
    private readonly Dictionary<int, Entry> _entries = [];
    private readonly List<Entry> _byUrgency = [];
    private readonly int[] _relays = new int[Math.Max(1, options.RelaysPerLeader)];
    private Address _leader;
    private int _dialling;
    private long _wantedRound;
    private long _order;

    /// <summary>Changes of the leader so far.</summary>
    public long HandOvers { get; private set; }

    /// <summary>Changes of the leader at which there was no connection to the new one.</summary>
    public long ColdDials { get; private set; }

    /// <summary>
    /// Changes of the leader at which there was a connection, but no measured path or no open window.
    /// </summary>
    public long UnwarmedHandOvers { get; private set; }

    /// <summary>Changes of the leader at which nobody knew which node the new one is.</summary>
    public long UnknownLeaders { get; private set; }

    /// <summary>Nodes that the plan knows about.</summary>
    public int Count => _entries.Count;

    /// <summary>How ready the connection to a node is.</summary>
    public Readiness ReadinessOf(int node) =>
        _entries.TryGetValue(node, out Entry? entry) ? entry.State : Readiness.None;

    /// <summary>The last measurement of a path; false when there is none.</summary>
    public bool TryGetMeasure(int node, out PathMeasure measure)
    {
        bool found = _entries.TryGetValue(node, out Entry? entry) && entry.State >= Readiness.Measured;
        measure = found ? entry!.Measure : default;
        return found;
    }

    /// <summary>
    /// Follows the head: call when a block is sealed, and when records of nodes changed (then with
    /// <paramref name="recordsChanged"/>, since leaders may have become nodes).
    /// </summary>
    public void Update(ulong head, long nowNs, bool recordsChanged = false)
    {
        if (!lookahead.Update(head) && !recordsChanged)
        {
            return;
        }

        _wantedRound++;
        foreach (UpcomingLeader upcoming in lookahead.Leaders)
        {
            int node = directory.NodeOf(upcoming.Leader);
            if (node < 0)
            {
                continue;
            }

            Want(node, upcoming.StartUnixNs, isLeader: true);
            int relays = options.RelaysPerLeader > 0 ? directory.RelaysOf(node, _relays) : 0;
            for (int i = 0; i < relays; i++)
            {
                Want(_relays[i], upcoming.StartUnixNs, isLeader: false);
            }
        }

        foreach (Entry entry in _byUrgency)
        {
            if (entry.WantedRound != _wantedRound && entry.UnwantedSinceNs < 0)
            {
                entry.UnwantedSinceNs = nowNs;
            }
        }

        // In the order in which leaders come up; those that linger last.
        _byUrgency.Sort(static (a, b) => a.WantedRound != b.WantedRound
            ? b.WantedRound.CompareTo(a.WantedRound)
            : a.Order.CompareTo(b.Order));
        CountHandOver();
    }

    /// <summary>Takes the next action, if there is one now. Each is done at once; the owner says how it went.</summary>
    /// <param name="nowNs">A monotonic time.</param>
    /// <param name="nowUnixNs">The time in which blocks are due.</param>
    /// <param name="action">What to do.</param>
    public bool TryNext(long nowNs, long nowUnixNs, out ConnectAction action)
    {
        for (int i = 0; i < _byUrgency.Count; i++)
        {
            Entry entry = _byUrgency[i];
            if (entry.UnwantedSinceNs >= 0)
            {
                if (nowNs - entry.UnwantedSinceNs >= options.LingerNs)
                {
                    Forget(i, entry);
                    action = new ConnectAction(ConnectKind.Release, entry.Node, 0);
                    return true;
                }
            }
            else if (entry.State == Readiness.Cold)
            {
                if (nowNs >= entry.DueNs && _dialling < options.DialsMax)
                {
                    _dialling++;
                    entry.State = Readiness.Dialling;
                    action = new ConnectAction(ConnectKind.Dial, entry.Node, 0);
                    return true;
                }
            }
            else if (entry.State > Readiness.Dialling && nowNs >= entry.DueNs)
            {
                action = Probe(entry, nowNs, nowUnixNs);
                return true;
            }
        }

        action = default;
        return false;
    }

    /// <summary>The connection to a node is there, whoever dialled.</summary>
    public void OnConnected(int node, long nowNs)
    {
        if (_entries.TryGetValue(node, out Entry? entry) && entry.State < Readiness.Connected)
        {
            EndDial(entry);
            entry.State = Readiness.Connected;
            entry.PauseNs = 0;
            entry.DueNs = nowNs;
        }
    }

    /// <summary>The dial failed, or the connection was lost.</summary>
    public void OnLost(int node, long nowNs)
    {
        if (!_entries.TryGetValue(node, out Entry? entry))
        {
            return;
        }

        bool failed = entry.State == Readiness.Dialling;
        EndDial(entry);
        entry.State = Readiness.Cold;
        entry.PauseNs = failed ? Math.Clamp(entry.PauseNs * 2, options.PauseMinNs, options.PauseMaxNs) : 0;
        entry.DueNs = nowNs + entry.PauseNs;
    }

    /// <summary>A probe, or other traffic, showed how the path is.</summary>
    public void OnMeasured(int node, in PathMeasure measure, long nowNs)
    {
        if (_entries.TryGetValue(node, out Entry? entry) && entry.State >= Readiness.Connected)
        {
            entry.Measure = measure;
            entry.MeasuredNs = nowNs;
            entry.State = measure.WindowBytes >= options.WindowBytes ? Readiness.Warm : Readiness.Measured;
        }
    }

    private ConnectAction Probe(Entry entry, long nowNs, long nowUnixNs)
    {
        // A leader without a time may come up at any moment.
        bool isSoon = entry.IsLeader
            && (entry.StartUnixNs == SlotClock.NeverNs || nowUnixNs >= entry.StartUnixNs - options.WarmAheadNs);
        if (entry.State == Readiness.Warm && nowNs - entry.MeasuredNs > StaleProbes * options.ProbeIntervalNs)
        {
            entry.State = Readiness.Measured;
        }

        int bytes = ProbeBytesMin;
        long next = options.ProbeIntervalNs;
        if (isSoon && entry.State == Readiness.Measured)
        {
            // A full window a round trip doubles it; more than the window would only wait.
            bytes = Math.Clamp(entry.Measure.WindowBytes, ProbeBytesMin, options.ProbeBytesMax);
            next = Math.Clamp(entry.Measure.RoundTripNs, options.ProbeIntervalNs / 100, options.ProbeIntervalNs);
        }
        else if (entry.State == Readiness.Connected)
        {
            next = options.ProbeIntervalNs / 4;
        }

        entry.DueNs = nowNs + next;
        return new ConnectAction(ConnectKind.Probe, entry.Node, bytes);
    }

    private void Want(int node, long startUnixNs, bool isLeader)
    {
        if (node == self)
        {
            return;
        }

        if (!_entries.TryGetValue(node, out Entry? entry))
        {
            entry = new Entry(node);
            _entries.Add(node, entry);
            _byUrgency.Add(entry);
        }

        if (entry.WantedRound != _wantedRound)
        {
            entry.WantedRound = _wantedRound;
            entry.IsLeader = isLeader;
            entry.StartUnixNs = startUnixNs;
            entry.UnwantedSinceNs = -1;
            entry.Order = _order++;
        }
        else
        {
            entry.IsLeader |= isLeader;
        }
    }

    private void Forget(int place, Entry entry)
    {
        EndDial(entry);
        _byUrgency.RemoveAt(place);
        _entries.Remove(entry.Node);
    }

    private void EndDial(Entry entry) => _dialling -= entry.State == Readiness.Dialling ? 1 : 0;

    private void CountHandOver()
    {
        if (lookahead.Leaders.Count == 0 || lookahead.Leaders[0].Leader == _leader)
        {
            return;
        }

        bool isFirst = _leader.IsZero;
        _leader = lookahead.Leaders[0].Leader;
        int node = directory.NodeOf(_leader);
        // The leader that a node meets when it starts had no time to be warmed for.
        if (isFirst || node == self)
        {
            return;
        }

        HandOvers++;
        if (node < 0)
        {
            UnknownLeaders++;
        }
        else if (ReadinessOf(node) < Readiness.Connected)
        {
            ColdDials++;
        }
        else if (ReadinessOf(node) < Readiness.Warm)
        {
            UnwarmedHandOvers++;
        }
    }

    private sealed class Entry(int node)
    {
        public int Node { get; } = node;

        public Readiness State { get; set; } = Readiness.Cold;

        public bool IsLeader { get; set; }

        public long StartUnixNs { get; set; }

        public long Order { get; set; }

        public long WantedRound { get; set; }

        public long UnwantedSinceNs { get; set; } = -1;

        public long DueNs { get; set; } = long.MinValue;

        public long PauseNs { get; set; }

        public long MeasuredNs { get; set; }

        public PathMeasure Measure { get; set; }
    }
}
