using Fragcast.Gossip.Membership;
using Fragcast.Gossip.Wire;

namespace Fragcast.Gossip.Tests.Membership;

/// <summary>Books in one process whose frames arrive a round after they were sent; some may be lost.</summary>
internal sealed class BookNetwork
{
    public const long RoundNs = 100_000_000;

    private readonly List<Member> _members = [];
    private readonly Random _random;
    private readonly double _loss;
    private List<(int From, int To, byte[] Frame)> _inFlight = [];

    public BookNetwork(int seed, double loss = 0)
    {
        _random = new Random(seed);
        _loss = loss;
    }

    public long NowNs { get; private set; }

    public long Bytes { get; private set; }

    public List<(int Member, int Peer, Refusal Reason)> Misdeeds { get; } = [];

    public IReadOnlyList<Member> Members => _members;

    public Member Add(int node, RecordBookOptions? options = null, byte[]? record = null)
    {
        var book = new RecordBook(TestNodes.Peer(node), options);
        var member = new Member(_members.Count, node, book);
        member.Exchange = new RecordExchange<Link>(
            book, TestNodes.Network, new Link(this, member), (ulong)_random.NextInt64());
        Assert.Equal(RecordError.None, member.Exchange.AddOwn(record ?? TestNodes.Bytes(node), NowNs));
        _members.Add(member);
        return member;
    }

    public void Connect(Member dialler, Member other)
    {
        int atDialler = dialler.Book.OnConnected(TestNodes.Peer(other.Node), null).Number;
        int atOther = other.Book.OnConnected(TestNodes.Peer(dialler.Node), null).Number;
        dialler.Peers[atDialler] = other.Index;
        other.Peers[atOther] = dialler.Index;
        other.Exchange.OnConnected(atOther, dialled: false, NowNs);
        dialler.Exchange.OnConnected(atDialler, dialled: true, NowNs);
    }

    public void Leave(Member member)
    {
        member.IsGone = true;
        foreach (int other in member.Peers.Values)
        {
            Member peer = _members[other];
            int number = peer.Book.Find(TestNodes.Peer(member.Node))!.Number;
            peer.Peers.Remove(number);
            peer.Exchange.OnDisconnected(number);
            peer.Book.OnDisconnected(number);
        }
    }

    /// <summary>Connects every member with a few random ones.</summary>
    public void ConnectAtRandom(int links)
    {
        foreach (Member member in _members)
        {
            for (int i = 0; i < links; i++)
            {
                Member other = _members[_random.Next(_members.Count)];
                if (other != member && !member.Peers.ContainsValue(other.Index))
                {
                    Connect(member, other);
                }
            }
        }
    }

    public void Round()
    {
        NowNs += RoundNs;
        (List<(int From, int To, byte[] Frame)> arriving, _inFlight) = (_inFlight, []);
        foreach ((int from, int to, byte[] frame) in arriving)
        {
            Member receiver = _members[to];
            if (!receiver.IsGone && receiver.Book.Find(TestNodes.Peer(_members[from].Node)) is { } sender)
            {
                receiver.Exchange.OnFrame(sender.Number, frame, NowNs);
            }
        }

        foreach (Member member in _members.Where(m => !m.IsGone))
        {
            member.Exchange.Tick(NowNs);
        }
    }

    /// <summary>Rounds until a condition holds; the test fails when there are too many.</summary>
    public int RoundsUntil(Func<bool> condition, int max)
    {
        for (int round = 0; round <= max; round++)
        {
            if (condition())
            {
                return round;
            }

            Round();
        }

        Assert.Fail($"not within {max} rounds; {_members.Min(m => m.Book.Count)} is the least a book has");
        return max;
    }

    public void Inject(Member from, Member to, byte[] frame) => _inFlight.Add((from.Index, to.Index, frame));

    internal sealed class Member(int index, int node, RecordBook book)
    {
        public int Index { get; } = index;

        public int Node { get; } = node;

        public RecordBook Book { get; } = book;

        public RecordExchange<Link> Exchange { get; set; } = null!;

        public Dictionary<int, int> Peers { get; } = [];

        public bool IsGone { get; set; }
    }

    internal readonly struct Link(BookNetwork network, Member member) : IMembershipLink
    {
        public bool TrySend(int peer, ReadOnlySpan<byte> frame)
        {
            Assert.True(MembershipFrames.IsOne(frame));
            network.Bytes += frame.Length;
            if (network._random.NextDouble() >= network._loss && member.Peers.TryGetValue(peer, out int to))
            {
                network._inFlight.Add((member.Index, to, frame.ToArray()));
            }

            return true;
        }

        public void OnMisbehaviour(int peer, Refusal reason) => network.Misdeeds.Add((member.Index, peer, reason));

        public void OnRecord(BookNode node, bool isNew) => Assert.NotNull(node.Record);
    }
}
