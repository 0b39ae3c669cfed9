using Fragcast.Primitives;
using Fragcast.Schedule.Rotation;

namespace Fragcast.Schedule.Tests.Rotation;

/// <summary>
/// A network of sequencers and followers in one process with a clock of its own: every node has a core, every sequencer
/// builds a frag each 10 ms, seals when its block's time is over, and does what its duties say. Messages take 20 ms.
/// </summary>
internal sealed class RotationNet
{
    public const long Ms = 1_000_000;
    public const long BlockMs = 200;
    public const long GraceMs = 60;
    public const long SkewMs = 10;

    private const long StepMs = 5;
    private const long FragMs = 10;
    private const long DelayMs = 20;

    private readonly PriorityQueue<(Node To, Action<Node> Deliver), (long, long)> _wire = new();
    private readonly List<(Node From, Node To, Action<Node> Deliver)> _kept = [];
    private long _nowMs;
    private long _order;

    public RotationNet(Address[] sequencers, int followers)
    {
        var schedule = new RoundRobinSchedule(sequencers, 1);
        Options = new RotationOptions
        {
            Clock = new SlotClock(0, 1, BlockMs * Ms),
            GraceNs = GraceMs * Ms,
            SkewNs = SkewMs * Ms,
        };
        Nodes = [.. Enumerable.Range(0, sequencers.Length + followers).Select(i =>
            new Node(this, i < sequencers.Length ? sequencers[i] : default, schedule))];
    }

    public RotationOptions Options { get; }

    public Node[] Nodes { get; }

    /// <summary>Whether a message may pass from one node to another; what may not is kept until it may.</summary>
    public Func<Node, Node, bool> MayPass { get; set; } = (_, _) => true;

    /// <summary>How much longer a message takes than others.</summary>
    public Func<Node, Node, long> ExtraDelayMs { get; set; } = (_, _) => 0;

    public void RunUntil(long timeMs)
    {
        for (; _nowMs < timeMs; _nowMs += StepMs)
        {
            foreach ((Node from, Node to, Action<Node> deliver) in _kept.ToArray())
            {
                if (MayPass(from, to))
                {
                    _kept.Remove((from, to, deliver));
                    deliver(to);
                }
            }

            while (_wire.TryPeek(out _, out (long Due, long) due) && due.Due <= _nowMs)
            {
                (Node to, Action<Node> deliver) = _wire.Dequeue();
                deliver(to);
            }

            foreach (Node node in Nodes)
            {
                node.Step(_nowMs);
            }
        }
    }

    /// <summary>All nodes have the same blocks, as far as the shorter of two goes, and the last is that far.</summary>
    public void AssertAgreed(ulong atLeast)
    {
        foreach (Node node in Nodes.Where(node => !node.IsDown))
        {
            Assert.True(node.Sealed.Count >= (int)atLeast, $"a node has only {node.Sealed.Count} blocks");
            foreach ((ulong number, Hash256 hash) in Nodes[^1].Sealed)
            {
                bool isSettled = number <= node.Core.SettledNumber && number <= Nodes[^1].Core.SettledNumber;
                Assert.True(!isSettled || !node.Sealed.TryGetValue(number, out Hash256 other) || other == hash,
                    $"two nodes have different blocks {number}");
            }
        }
    }

    private void Send(Node from, Action<Node> deliver)
    {
        deliver(from);
        foreach (Node to in Nodes)
        {
            if (to == from)
            {
                continue;
            }

            if (MayPass(from, to))
            {
                _wire.Enqueue((to, deliver), (_nowMs + DelayMs + ExtraDelayMs(from, to), _order++));
            }
            else
            {
                _kept.Add((from, to, deliver));
            }
        }
    }

    internal sealed class Node
    {
        private readonly RotationNet _net;
        private readonly LeaderDuties? _duties;
        private long _nextFragMs;

        public Node(RotationNet net, Address self, ILeaderSchedule schedule)
        {
            _net = net;
            Self = self;
            Core = new HandOverCore(schedule, net.Options, 0, default);
            _duties = self.IsZero ? null : new LeaderDuties(Core, self);
        }

        public Address Self { get; }

        public HandOverCore Core { get; }

        public long ClockOffsetMs { get; set; }

        /// <summary>Says nothing. What it hears stands for what it would fetch when it is back.</summary>
        public bool IsDown { get; set; }

        /// <summary>Publishes no hand-over.</summary>
        public bool IsRude { get; set; }

        /// <summary>Seals, and leaves, after so many frags of a block.</summary>
        public int FragsMax { get; set; } = int.MaxValue;

        /// <summary>Leaves in the middle of a block after so many frags.</summary>
        public int LeavesAfter { get; set; } = int.MaxValue;

        public SortedDictionary<ulong, Hash256> Sealed { get; } = [];

        public List<LeadChange> Changes { get; } = [];

        public List<Duty> Done { get; } = [];

        public List<Cancel> Cancels { get; } = [];

        /// <summary>Time of each frag that this node published, by block.</summary>
        public List<(ulong Block, ulong Seq, long AtMs)> Published { get; } = [];

        public void Step(long nowMs)
        {
            long clockMs = nowMs + ClockOffsetMs;
            Advance(clockMs);
            if (_duties is null || IsDown)
            {
                return;
            }

            Duty duty = _duties.Next(clockMs * Ms);
            switch (duty.Kind)
            {
                case DutyKind.Open:
                    _net.Send(this, node => node.Core.OnEnv(duty.Number, duty.ParentHash, Self));
                    _nextFragMs = nowMs + FragMs;
                    Done.Add(duty);
                    break;
                case DutyKind.Take:
                    _net.Send(this, node => node.Core.OnHandOver(duty.Take, Self));
                    _nextFragMs = nowMs;
                    Done.Add(duty);
                    break;
                case DutyKind.Cancel:
                    _net.Send(this, node =>
                    {
                        node.Core.OnCancel(duty.Cancel, Self);
                        node.Cancels.Add(duty.Cancel);
                    });
                    Done.Add(duty);
                    break;
                case DutyKind.Build when nowMs >= _nextFragMs:
                    Build(duty, nowMs, clockMs);
                    break;
                default:
                    break;
            }
        }

        private void Build(Duty duty, long nowMs, long clockMs)
        {
            ulong seq = Core.PrefixOfOpen(HandOverCore.FragsMax, out Hash256 chain);
            long endNs = _net.Options.Clock.StartNs(duty.Number + 1);
            if (clockMs * Ms >= duty.SealFromNs
                && (clockMs * Ms >= endNs - (FragMs * Ms) || seq >= (ulong)FragsMax))
            {
                Address self = Self;
                Hash256 hash = PrefixChain.Taken(chain, self);
                _net.Send(this, node => node.Core.OnSeal(duty.Number, seq, duty.ParentHash, hash, self));
                Advance(clockMs);
                if (!IsRude && _duties!.LeaveAfterBlock(pending: 3) is { } leave)
                {
                    _net.Send(this, node => node.Core.OnHandOver(leave, self));
                }

                return;
            }

            if (Published.Count(frag => frag.Block == duty.Number) >= LeavesAfter)
            {
                if (_duties!.LeaveInBlock(pending: 3) is { } leave)
                {
                    Address self = Self;
                    _net.Send(this, node => node.Core.OnHandOver(leave, self));
                }

                LeavesAfter = int.MaxValue;
                // When nobody took it by the time that the whole line had, it goes on.
                _nextFragMs = nowMs + BlockMs + (5 * GraceMs);
                return;
            }

            Hash256 root = PrefixChain.Taken(PrefixChain.Start(duty.Number, Keccak256.Hash([(byte)seq])), Self);
            _net.Send(this, node => node.Core.OnFrag(duty.Number, seq, root, Self));
            Published.Add((duty.Number, seq, nowMs));
            _nextFragMs = nowMs + FragMs;
        }

        private void Advance(long clockMs)
        {
            Core.Advance(clockMs * Ms);
            while (Core.TryTakeChange(out LeadChange change))
            {
                Changes.Add(change);
                foreach (ulong gone in Sealed.Keys.Where(n => n > change.Number
                    || (n == change.Number && change.WasSealed)).ToArray())
                {
                    Sealed.Remove(gone);
                }
            }

            for (ulong number = Core.SettledNumber + 1; Core.TryGetLead(number, out BlockLead lead); number++)
            {
                if (lead.Seal is { } hash)
                {
                    Sealed[number] = hash;
                }
            }

            Core.TrySettle();
        }
    }
}
