using System.Net;
using Fragcast.Gossip.Broadcast;
using Fragcast.Gossip.Membership;
using Fragcast.Primitives;
using Fragcast.Primitives.Crypto;

namespace Fragcast.Gossip.Tests.Membership;

public sealed class RecordBookTests
{
    private const long Second = 1_000_000_000;

    private readonly RecordBook _book = new(
        TestNodes.Peer(0), new RecordBookOptions { NodesMax = 20, HeardOfOneSourceMax = 15 });

    [Fact]
    public void Offer_NewerAndOlder_KeepsTheNewest()
    {
        Assert.Equal(RecordOutcome.Added, Offer(1, sequence: 5, source: 0));
        int number = _book.Find(TestNodes.Peer(1))!.Number;
        Assert.Equal(RecordOutcome.Stale, Offer(1, sequence: 5, source: 0));
        Assert.Equal(RecordOutcome.Stale, Offer(1, sequence: 4, source: 0));
        Assert.Equal(RecordOutcome.Updated, Offer(1, sequence: 6, source: 0));
        BookNode node = _book.Find(TestNodes.Peer(1))!;
        Assert.Equal((6UL, number), (node.Record!.Sequence, node.Number));
        Assert.Same(node, _book.FindHash(node.Record.Hash));
        Assert.Same(node, _book[number]);
        Assert.Equal(1, _book.Count);
    }

    [Fact]
    public void Numbers_OfNodesThatLeft_AreNeverGivenAgain()
    {
        int first = _book.OnConnected(TestNodes.Peer(1), null).Number;
        _book.OnDisconnected(first);
        Assert.Null(_book[first]);
        int second = _book.OnConnected(TestNodes.Peer(2), null).Number;
        int again = _book.OnConnected(TestNodes.Peer(1), null).Number;
        Assert.Equal(3, new HashSet<int> { first, second, again }.Count);
    }

    [Fact]
    public void Offer_MadeUpIdentitiesOfOnePeer_StopAtItsQuotaAndLeaveTheFirmOnes()
    {
        BookNode liar = _book.OnConnected(TestNodes.Peer(100), null);
        for (int i = 0; i < 40; i++)
        {
            RecordOutcome expected = i < 15 ? RecordOutcome.Added : RecordOutcome.Full;
            Assert.Equal(expected, Offer(1000 + i, 1, liar.Number));
        }

        // The rest of the room, and then the liar's share, is others'.
        BookNode honest = _book.OnConnected(TestNodes.Peer(101), null);
        for (int i = 0; i < 10; i++)
        {
            Assert.Equal(RecordOutcome.Added, Offer(2000 + i, 1, honest.Number));
        }

        Assert.Equal(20, _book.Count);
        Assert.Equal(5, _book.Evicted);
        Assert.Equal(10, _book.Nodes.Count(n => n.Source == liar.Number && n.Record is not null));

        // Equal shares: neither puts the other out any more.
        Assert.Equal(RecordOutcome.Full, Offer(3000, 1, honest.Number));
        Assert.Equal(RecordOutcome.Full, Offer(3000, 1, liar.Number));

        // Who shakes hands gets in, and stays when all others press.
        _book.OnConnected(TestNodes.Peer(4000), null);
        Assert.Equal(RecordOutcome.Added, Offer(4000, 1, liar.Number));
        BookNode third = _book.OnConnected(TestNodes.Peer(102), null);
        for (int i = 0; i < 40; i++)
        {
            Offer(5000 + i, 1, third.Number);
        }

        Assert.NotNull(_book.Find(TestNodes.Peer(4000))!.Record);
        Assert.Equal(20, _book.Count);
    }

    [Fact]
    public void Offer_FullOfFirmNodes_KeepsTrustedAndScheduled()
    {
        _book.Trust(TestNodes.Peer(1));
        _book.SetScheduled([AddressOf(9)]);
        Offer(1, 1, 0);
        NodeRecord scheduled = WithRole(2, key: 9, serial: 1);
        Assert.Equal(RecordOutcome.Added, _book.Offer(scheduled, 77, 0, out BookNode? node));
        Assert.Equal(NodeStanding.Scheduled, node!.Standing);
        for (int i = 0; i < 40; i++)
        {
            _book.OnConnected(TestNodes.Peer(100 + i), null);
            Offer(100 + i, 1, 0);
        }

        Assert.Equal(20, _book.Count);
        Assert.Equal(NodeStanding.Trusted, _book.Find(TestNodes.Peer(1))!.Standing);
        Assert.Same(node, _book.FindSequencer(AddressOf(9)));
    }

    [Fact]
    public void FindSequencer_SeveralClaims_TakesTheGreatestSerialAndFallsBack()
    {
        _book.SetScheduled([AddressOf(9)]);
        Assert.Null(_book.FindSequencer(AddressOf(9)));
        _book.Offer(WithRole(1, key: 9, serial: 1), 0, 0, out BookNode? first);
        _book.Offer(WithRole(2, key: 9, serial: 2), 0, 0, out BookNode? second);
        Assert.Same(second, _book.FindSequencer(AddressOf(9)));
        Assert.Equal((NodeStanding.Heard, NodeStanding.Scheduled), (first!.Standing, second!.Standing));

        _book.Offer(TestNodes.Record(2, sequence: 9), 0, 0, out _);
        Assert.Same(first, _book.FindSequencer(AddressOf(9)));
        Assert.Equal((NodeStanding.Scheduled, NodeStanding.Heard), (first.Standing, second.Standing));
        _book.SetScheduled([]);
        Assert.Equal(NodeStanding.Heard, first.Standing);
    }

    [Fact]
    public void Expire_UnrefreshedNodes_LeaveAndDoNotComeBackWithTheOldRecord()
    {
        long lifetime = new RecordBookOptions().LifetimeNs;
        Offer(1, 5, 0);
        BookNode connected = _book.OnConnected(TestNodes.Peer(2), null);
        Offer(2, 5, 0);
        _book.Expire(lifetime);
        Assert.Equal(2, _book.Count);
        _book.Expire(lifetime + 1);
        Assert.Equal(1, _book.Count);
        Assert.Same(connected, _book.Find(TestNodes.Peer(2)));
        Assert.False(_book.IsNews(TestNodes.Peer(1), 5));
        Assert.Equal(RecordOutcome.Stale, Offer(1, 5, 0));
        Assert.True(_book.IsNews(TestNodes.Peer(1), 6));
        Assert.Equal(RecordOutcome.Added, Offer(1, 6, 0));
    }

    [Fact]
    public void TryTakeMap_OnlyWhenSomethingRelevantChangedAndNotTooOften()
    {
        Assert.False(_book.TryTakeMap(0, out _));
        Offer(1, 1, 0);
        Assert.True(_book.TryTakeMap(0, out NetworkMap? map));
        Assert.Equal(1, map!.Count);
        Offer(2, 1, 0);
        Assert.False(_book.TryTakeMap(Second - 1, out _));
        Assert.True(_book.TryTakeMap(Second, out map));
        Assert.Equal(2, map!.Count);
        Assert.True(map.TryGet(_book.Find(TestNodes.Peer(2))!.Number, out MapNode entry));
        Assert.Equal((byte)2, entry.Region);

        // The same again with a newer sequence, and round trips that moved by less than a tenth.
        Offer(2, 2, 0);
        NodeDescription moved = TestNodes.Description(2, 3) with { RoundTripsTenthsMs = [105, 210, 300, 400, 500] };
        _book.Offer(TestNodes.Record(2, moved), 0, 0, out _);
        Assert.False(_book.TryTakeMap(10 * Second, out _));
        _book.Offer(TestNodes.Record(2, moved with { Sequence = 4, UplinkMbps = 900 }), 0, 0, out _);
        Assert.True(_book.TryTakeMap(10 * Second, out _));
    }

    [Fact]
    public void TryTakeMap_UnreachableOrBannedNodes_AreLeftOutUntilTheyAnswer()
    {
        Offer(1, 1, 0);
        Offer(2, 1, 0);
        int node = _book.Find(TestNodes.Peer(1))!.Number;
        for (int i = 0; i < RecordBook.FailedDialsMax; i++)
        {
            _book.OnDialFailed(node);
        }

        Assert.Equal(1, Map(0).Count);
        _book.OnConnected(TestNodes.Peer(1), IPEndPoint.Parse("10.0.0.1:9440"));
        Assert.Equal(2, Map(2 * Second).Count);
        _book.SetBanned(node, true);
        Assert.Equal(1, Map(4 * Second).Count);
        _book.SetBanned(node, false);
        Assert.Equal(2, Map(6 * Second).Count);
    }

    [Fact]
    public void Latencies_AFewLiars_DoNotMoveTheMedian()
    {
        for (int i = 0; i < 12; i++)
        {
            bool lies = i < 5;
            NodeDescription description = TestNodes.Description(i + 1) with
            {
                Region = (byte)(i % 2),
                RoundTripsTenthsMs = lies ? [1, 1] : i % 2 == 0 ? [20, (ushort)(800 + i)] : [(ushort)(800 + i), 20],
            };
            _book.Offer(TestNodes.Record(i + 1, description), 0, 0, out _);
        }

        RegionLatencies latencies = Map(0).Latencies;
        Assert.InRange(latencies.OneWayNs(0, 1), 40_000_000, 41_000_000);
        Assert.Equal(latencies.OneWayNs(0, 1), latencies.OneWayNs(1, 0));
        Assert.Equal(RegionLatencies.UnknownNs, latencies.OneWayNs(0, 7));
    }

    [Fact]
    public void Latencies_MadeUpMajority_IsNotHeardBesideProvenNodes()
    {
        for (int i = 0; i < 18; i++)
        {
            bool isProven = i < LatencySurvey.ProvenVoicesMin;
            NodeDescription description = TestNodes.Description(i + 1) with
            {
                Region = 0,
                RoundTripsTenthsMs = [10, isProven ? (ushort)500 : (ushort)1],
            };
            if (isProven)
            {
                _book.OnConnected(TestNodes.Peer(i + 1), null);
            }

            _book.Offer(TestNodes.Record(i + 1, description), 0, 0, out _);
        }

        Assert.Equal(25_000_000, Map(0).Latencies.OneWayNs(0, 1));
    }

    private NetworkMap Map(long nowNs)
    {
        Assert.True(_book.TryTakeMap(nowNs, out NetworkMap? map));
        return map!;
    }

    private RecordOutcome Offer(int node, ulong sequence, int source) =>
        _book.Offer(TestNodes.Record(node, sequence), source, 0, out _);

    private static NodeRecord WithRole(int node, byte key, uint serial) => TestNodes.Record(
        node, TestNodes.Description(node) with { SequencerKey = TestNodes.SequencerKey(key), RoleSerial = serial });

    private static Address AddressOf(byte key)
    {
        Span<byte> publicKey = stackalloc byte[64];
        Assert.True(Secp256k1.TryGetPublicKey(TestNodes.SequencerKey(key), publicKey));
        return Secp256k1.AddressOf(publicKey);
    }
}
