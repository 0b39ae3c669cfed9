using System.Buffers.Binary;
using System.Diagnostics;
using Fragcast.Gossip.Broadcast;
using Fragcast.Gossip.Membership;
using Fragcast.Gossip.Wire;
using Xunit.Abstractions;

namespace Fragcast.Gossip.Tests.Membership;

public sealed class RecordExchangeTests(ITestOutputHelper output)
{
    [Fact]
    public void Network_OfHundreds_AllKnowAllWithinAFewRounds()
    {
        // Every book checks every record: the work grows with the square.
        int count = Environment.GetEnvironmentVariable("FRAGCAST_CONFORMANCE") == "all" ? 300 : 120;
        var network = new BookNetwork(seed: 1);
        for (int i = 0; i < count; i++)
        {
            network.Add(i);
        }

        network.ConnectAtRandom(links: 4);
        int rounds = network.RoundsUntil(() => network.Members.All(m => m.Book.Count == count), max: 120);
        output.WriteLine($"{rounds} rounds, {network.Bytes / count / 1024} KiB sent by each");
        Assert.Empty(network.Misdeeds);
    }

    [Fact]
    public void Network_ThatLosesFrames_ConvergesByComparing()
    {
        var network = new BookNetwork(seed: 2, loss: 0.2);
        for (int i = 0; i < 60; i++)
        {
            network.Add(i);
        }

        network.ConnectAtRandom(links: 3);
        network.RoundsUntil(() => network.Members.All(m => m.Book.Count == 60), max: 1500);
        Assert.Empty(network.Misdeeds);
    }

    [Fact]
    public void NewRecord_IsPushedToAllWithinFewRounds()
    {
        BookNetwork network = Converged(60, seed: 3);
        network.Members[5].Exchange.AddOwn(TestNodes.Bytes(5, sequence: 2), network.NowNs);
        int rounds = network.RoundsUntil(
            () => network.Members.Count(
                m => m.Book.Find(TestNodes.Peer(5))!.Record!.Sequence == 2) >= 57, max: 20);
        output.WriteLine($"{rounds} rounds until 95% have it");
        network.RoundsUntil(
            () => network.Members.All(m => m.Book.Find(TestNodes.Peer(5))!.Record!.Sequence == 2), max: 400);
    }

    [Fact]
    public void Churn_JoinersLearnAllAndLeaversExpire()
    {
        BookNetwork network = Converged(60, seed: 4);
        for (int i = 0; i < 10; i++)
        {
            network.Leave(network.Members[i]);
            BookNetwork.Member joiner = network.Add(100 + i);
            network.Connect(joiner, network.Members[20 + i]);
            network.Connect(joiner, network.Members[40 + i]);
            network.Round();
        }

        network.RoundsUntil(
            () => network.Members.Where(m => !m.IsGone).All(
                m => Enumerable.Range(100, 10).All(j => m.Book.Find(TestNodes.Peer(j))?.Record is not null)), max: 400);

        long later = network.NowNs + new RecordBookOptions().LifetimeNs + 1;
        RecordBook book = network.Members[30].Book;
        Assert.NotNull(book.Find(TestNodes.Peer(0))?.Record);
        book.Expire(later);
        Assert.Null(book.Find(TestNodes.Peer(0))?.Record);
    }

    [Fact]
    public void Liar_WhoSpreadsForgedRecords_IsNamedAndNothingIsTaken()
    {
        BookNetwork network = Converged(10, seed: 5);
        BookNetwork.Member liar = network.Members[0];
        BookNetwork.Member victim = network.Members[liar.Peers.Values.First()];
        byte[] forged = TestNodes.Bytes(3, sequence: 99);
        forged[NodeRecordLayout.RegionOffset] ^= 1;
        network.Inject(liar, victim, Records(forged));
        network.Round();
        Assert.Equal(Refusal.BadRecord, Assert.Single(network.Misdeeds).Reason);
        Assert.Equal(1UL, victim.Book.Find(TestNodes.Peer(3))!.Record!.Sequence);
        Assert.Equal(1, victim.Exchange.Counters.Bad);
    }

    [Fact]
    public void Flood_OfMadeUpIdentities_IsBounded()
    {
        var options = new RecordBookOptions { NodesMax = 400, HeardOfOneSourceMax = 100 };
        var network = new BookNetwork(seed: 6);
        BookNetwork.Member liar = network.Add(0);
        BookNetwork.Member victim = network.Add(1, options);
        network.Connect(liar, victim);
        for (int i = 0; i < 1500; i += 50)
        {
            network.Inject(
                liar, victim, Records([.. Enumerable.Range(1000 + i, 50).Select(node => TestNodes.Bytes(node))]));
        }

        network.Round();
        Assert.InRange(victim.Book.Count, 100, 103);
        Assert.InRange(victim.Exchange.Counters.Verified, 100, ExchangePeer.PushedBurst + ExchangePeer.PushedPerSecond);
        Assert.Contains(network.Misdeeds, m => m.Reason == Refusal.RateExceeded);

        // An honest peer still gets all of its records in.
        BookNetwork.Member honest = network.Add(2);
        for (int i = 0; i < 50; i++)
        {
            honest.Exchange.AddOwn(TestNodes.Bytes(5000 + i), network.NowNs);
        }

        network.Connect(honest, victim);
        network.RoundsUntil(
            () => Enumerable.Range(5000, 50).All(n => victim.Book.Find(TestNodes.Peer(n)) is not null), max: 50);
    }

    [Fact]
    public void Flood_OfRecordsSignedAnew_IsNotHelpedAlong()
    {
        BookNetwork network = Converged(12, seed: 10);
        BookNetwork.Member liar = network.Members[0];
        BookNetwork.Member victim = network.Members[liar.Peers.Values.First()];
        long before = victim.Exchange.Counters.SentBytes;
        ulong sequence = 2;
        for (int round = 0; round < 50; round++)
        {
            for (int i = 0; i < 40; i++)
            {
                network.Inject(liar, victim, Records(TestNodes.Bytes(0, sequence++)));
            }

            network.Round();
        }

        // Of 2,000 records the burst and 5 s are passed on, each within one frame to four peers.
        long passedOn = RecordExchange<BookNetwork.Link>.PushQueueMax
            + (5 * RecordExchange<BookNetwork.Link>.PushesPerSecond);
        int length = TestNodes.Bytes(0).Length + MembershipFrames.HeadLength;
        long sent = victim.Exchange.Counters.SentBytes - before;
        Assert.InRange(sent, 1, (passedOn * RecordExchange<BookNetwork.Link>.PushFanout * length) + 50_000);
    }

    [Fact]
    public void Flood_OfDigestsAndWants_IsAnsweredToItsLimit()
    {
        BookNetwork network = Converged(12, seed: 7);
        BookNetwork.Member flooder = network.Members[0];
        BookNetwork.Member victim = network.Members[flooder.Peers.Values.First()];
        for (int i = 0; i < 100; i++)
        {
            var digest = new byte[MembershipFrames.HeadLength + (MembershipFrames.Buckets * 8)];
            MembershipFrames.WriteHead(digest, MembershipFrames.DigestMark, MembershipFrames.Buckets, (ulong)i);
            network.Inject(flooder, victim, digest);
        }

        ulong hash = victim.Book.Find(TestNodes.Peer(3))!.Record!.Hash;
        for (int i = 0; i < 300; i++)
        {
            var want = new byte[MembershipFrames.HeadLength + (64 * 8)];
            MembershipFrames.WriteHead(want, MembershipFrames.WantMark, 64, 1);
            for (int j = 0; j < 64; j++)
            {
                BinaryPrimitives.WriteUInt64LittleEndian(want.AsSpan(MembershipFrames.HeadLength + (j * 8)), hash);
            }

            network.Inject(flooder, victim, want);
        }

        long before = victim.Exchange.Counters.SentBytes;
        network.Round();
        long sent = victim.Exchange.Counters.SentBytes - before;
        Assert.InRange(network.Misdeeds.Count(m => m.Reason == Refusal.RateExceeded), 96 + 100, 400);
        Assert.InRange(sent, 1, (ExchangePeer.ServedBurst * 320L) + 20_000);
    }

    [Fact]
    public void BadFrames_AreRefusedAndNothingThrows()
    {
        BookNetwork network = Converged(4, seed: 8);
        BookNetwork.Member sender = network.Members[0];
        BookNetwork.Member victim = network.Members[sender.Peers.Values.First()];
        int number = victim.Book.Find(TestNodes.Peer(0))!.Number;
        var random = new Random(8);
        for (int round = 0; round < 5000; round++)
        {
            var frame = new byte[random.Next(1, 3000)];
            random.NextBytes(frame);
            frame[0] = (byte)(MembershipFrames.DigestMark + random.Next(5));
            if (round % 2 == 0 && frame.Length >= MembershipFrames.HeadLength)
            {
                frame.AsSpan(1, 7).Clear();
                frame[2] = (byte)random.Next(70);
            }

            victim.Exchange.OnFrame(number, frame, network.NowNs);
        }

        Assert.Contains(network.Misdeeds, m => m.Reason == Refusal.BadControl);
        Assert.Equal(4, victim.Book.Count);
    }

    [Fact]
    public void TenThousandRecords_AreTakenComparedAndMapped()
    {
        var network = new BookNetwork(seed: 9);
        // Signing and checking 10,000 takes seconds, so only a run that asks for it has them all.
        bool isFull = Environment.GetEnvironmentVariable("FRAGCAST_CONFORMANCE") == "all";
        int count = isFull ? 10_000 : 1_500;
        BookNetwork.Member full = network.Add(0);
        byte[][] records = [.. Enumerable.Range(1, count - 2).Select(node => TestNodes.Bytes(node))];
        long bytes = GC.GetTotalMemory(forceFullCollection: true);
        long start = Stopwatch.GetTimestamp();
        foreach (byte[] record in records)
        {
            full.Exchange.AddOwn(record, 0);
        }

        TimeSpan taken = Stopwatch.GetElapsedTime(start);
        bytes = GC.GetTotalMemory(forceFullCollection: true) - bytes;
        start = Stopwatch.GetTimestamp();
        Assert.True(full.Book.TryTakeMap(0, out NetworkMap? map));
        TimeSpan mapped = Stopwatch.GetElapsedTime(start);
        Assert.Equal(count - 1, map!.Count);

        BookNetwork.Member joiner = network.Add(count, new RecordBookOptions { HeardOfOneSourceMax = 10_000 });
        network.Connect(joiner, full);
        start = Stopwatch.GetTimestamp();
        int rounds = network.RoundsUntil(() => joiner.Book.Count == count && full.Book.Count == count, max: 500);
        output.WriteLine(
            $"{count} records: taken in {taken.TotalMilliseconds:F0} ms, {bytes / count} bytes each, map in "
            + $"{mapped.TotalMilliseconds:F1} ms, a joiner has all after {rounds} rounds, "
            + $"{Stopwatch.GetElapsedTime(start).TotalMilliseconds:F0} ms of work, {network.Bytes / 1024} KiB");
        Assert.Empty(network.Misdeeds);
    }

    private static byte[] Records(params byte[][] records)
    {
        var head = new byte[MembershipFrames.HeadLength];
        MembershipFrames.WriteHead(head, MembershipFrames.RecordsMark, records.Length);
        return [.. head, .. records.SelectMany(record => record)];
    }

    private static BookNetwork Converged(int nodes, int seed)
    {
        var network = new BookNetwork(seed);
        for (int i = 0; i < nodes; i++)
        {
            network.Add(i);
        }

        network.ConnectAtRandom(links: 3);
        network.RoundsUntil(() => network.Members.All(m => m.Book.Count == nodes), max: 400);
        return network;
    }
}
