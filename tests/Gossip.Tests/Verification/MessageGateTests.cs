using Fragcast.Gossip.Assembly;
using Fragcast.Gossip.Verification;
using Fragcast.Gossip.Wire;
using Fragcast.Primitives;
using Fragcast.Primitives.Messages;
using Fragcast.Schedule;
using Fragcast.Schedule.Sources;

namespace Fragcast.Gossip.Tests.Verification;

public sealed class MessageGateTests
{
    private const ulong Network = 42;
    private const ulong Head = 100;

    // Even blocks belong to the first, odd ones to the second; the stranger is in no schedule.
    private readonly TestSequencer _even = new(1);
    private readonly TestSequencer _odd = new(2);
    private readonly TestSequencer _stranger = new(3);
    private readonly MessageGate _gate;

    public MessageGateTests()
    {
        _gate = new MessageGate(new RoundRobinSchedule([_even.Address, _odd.Address], 0), Network);
        _gate.SetHead(0, Head);
    }

    [Fact]
    public void Check_EachKindOfTheLeader_Passes()
    {
        EnvV0 env = TestSequencer.Env(101, Keccak256.Hash([9]));
        GossipMessage message = Pass(_odd.Wrap(env, Network));
        Assert.Equal(new Place(EnvelopeKind.Env, 0, 101, 0, env.ParentHash), message.Place);
        Assert.Equal(env, message.Env);

        message = Pass(_odd.Frag(101, 3, Network, isLast: true, transactions: [[1, 2], [3]]));
        Assert.Equal(new Place(EnvelopeKind.Frag, 0, 101, 3, default), message.Place);
        Assert.True(message.Frag.IsLast);
        Assert.Equal(2, message.Frag.Transactions.Count);
        Assert.Equal([3], message.Frag.Transactions[1].ToArray());

        message = Pass(_odd.Wrap(TestSequencer.Seal(101, 4), Network));
        Assert.Equal(new Place(EnvelopeKind.Seal, 0, 101, 4, default), message.Place);
        Assert.Equal(TestSequencer.Seal(101, 4), message.Seal);
    }

    [Fact]
    public void Check_CancelAndHandOver_Pass()
    {
        CancelV0 cancel = TestSequencer.Cancel(101, Keccak256.Hash([9]), 7);
        GossipMessage message = Pass(_odd.Wrap(cancel, Network, attempt: 2));
        Assert.Equal(new Place(EnvelopeKind.Cancel, 0, 101, 7, cancel.ParentHash, 2), message.Place);
        Assert.Equal(cancel, message.Cancel);

        HandOverV0 handOver = TestSequencer.HandOver(101, 5);
        message = Pass(_odd.Wrap(handOver, Network));
        Assert.Equal(new Place(EnvelopeKind.HandOver, 0, 101, 5, default), message.Place);
        Assert.Equal(handOver, message.HandOver);
    }

    [Fact]
    public void Check_CancelOrHandOverOfAnotherSequencer_IsNotLeader()
    {
        Refuse(_even.Wrap(TestSequencer.Cancel(101, default, 0), Network), Refusal.NotLeader);
        Refuse(_even.Wrap(TestSequencer.HandOver(101, 0), Network), Refusal.NotLeader);
    }

    [Fact]
    public void Check_SecondCancelOfAnAttempt_Equivocates()
    {
        Assert.False(Pass(_odd.Wrap(TestSequencer.Cancel(101, default, 3), Network)).Equivocates);
        Assert.True(Pass(_odd.Wrap(TestSequencer.Cancel(101, default, 2), Network)).Equivocates);
        Assert.False(Pass(_odd.Wrap(TestSequencer.Cancel(101, default, 3), Network, attempt: 1)).Equivocates);
    }

    [Fact]
    public void Check_SamePlaceInALaterAttempt_IsNoEquivocation()
    {
        Assert.False(Pass(_odd.Frag(101, 0, Network, transactions: [[1]])).Equivocates);
        GossipMessage anew = Pass(_odd.Frag(101, 0, Network, attempt: 1, transactions: [[2]]));
        Assert.Equal((false, (byte)1, 0UL), (anew.Equivocates, anew.Place.Attempt, anew.Place.Sequence));
    }

    [Fact]
    public void Check_AttemptChangedOnTheWay_IsRefused()
    {
        byte[] bytes = _odd.Frag(101, 0, Network);
        bytes[EnvelopeLayout.SequenceOffset + 7] = 1;
        Refuse(bytes, Refusal.BadSignature);
    }

    [Fact]
    public void Check_FirstRevision_Passes() =>
        Pass(_odd.Frag(101, 0, Network, revision: MessageRevision.V0, transactions: [[1]]));

    [Fact]
    public void Check_SignedBySequencerOutOfTurn_IsNotLeader() =>
        Refuse(_even.Frag(101, 0, Network), Refusal.NotLeader);

    [Fact]
    public void Check_SignedByStranger_IsBadSignature() =>
        Refuse(_stranger.Frag(101, 0, Network), Refusal.BadSignature);

    [Fact]
    public void Check_AnyBrokenByte_IsRefused()
    {
        byte[] good = _odd.Frag(101, 1, Network, transactions: [[1, 2, 3]]);
        for (int i = 0; i < good.Length; i++)
        {
            byte[] bad = (byte[])good.Clone();
            bad[i] ^= 0x10;
            Assert.NotEqual(Refusal.None, new MessageGate(
                new RoundRobinSchedule([_even.Address, _odd.Address], 0), Network).Check(bad, out _));
        }
    }

    [Fact]
    public void Check_AnyTruncation_IsRefused()
    {
        byte[] good = _odd.Wrap(TestSequencer.Env(101), Network);
        for (int length = 0; length < good.Length; length++)
        {
            Assert.NotEqual(Refusal.None, _gate.Check(good.AsMemory(0, length), out _));
        }
    }

    [Fact]
    public void Check_AnotherNetwork_IsRefused() => Refuse(_odd.Frag(101, 0, Network + 1), Refusal.WrongNetwork);

    [Fact]
    public void Check_AnotherVersion_IsRefused()
    {
        byte[] bytes = _odd.Frag(101, 0, Network);
        bytes[EnvelopeLayout.VersionOffset] = 2;
        Refuse(bytes, Refusal.UnknownVersion);
    }

    [Theory]
    [InlineData(EnvelopeLayout.KindOffset, 5)]
    [InlineData(EnvelopeLayout.KindOffset, 0xFF)]
    [InlineData(EnvelopeLayout.FlagsOffset, 2)]
    public void Check_UnknownKindOrFlag_IsRefused(int offset, byte value)
    {
        byte[] bytes = _odd.Frag(101, 0, Network);
        bytes[offset] = value;
        Refuse(bytes, Refusal.UnknownKind);
    }

    [Fact]
    public void Check_HeadNamesAnotherPlace_IsRefused()
    {
        byte[] bytes = _odd.Frag(101, 0, Network);
        bytes[EnvelopeLayout.SequenceOffset] = 1;
        Refuse(bytes, Refusal.HeadMismatch);
        bytes = _odd.Frag(103, 0, Network);
        bytes[EnvelopeLayout.BlockNumberOffset] = 101;
        Refuse(bytes, Refusal.HeadMismatch);
    }

    [Fact]
    public void Check_SecondTime_IsDuplicate()
    {
        byte[] bytes = _odd.Frag(101, 0, Network);
        Pass(bytes);
        Refuse(bytes, Refusal.Duplicate);
    }

    [Fact]
    public void Check_BadSignatureFirst_DoesNotShutTheGoodOneOut()
    {
        Refuse(_stranger.Frag(101, 0, Network), Refusal.BadSignature);
        Pass(_odd.Frag(101, 0, Network));
    }

    [Fact]
    public void Check_OtherMessageInTheSamePlace_PassesAndSaysSo()
    {
        Assert.False(Pass(_odd.Frag(101, 0, Network, transactions: [[1]])).Equivocates);
        GossipMessage second = Pass(_odd.Frag(101, 0, Network, transactions: [[2]]));
        Assert.True(second.Equivocates);
        Assert.Equal((_odd.Address, 101UL), (second.Evidence!.Leader, second.Evidence.Block));
        Assert.False(Pass(_odd.Wrap(TestSequencer.Seal(101, 4), Network)).Equivocates);
        Assert.True(Pass(_odd.Wrap(TestSequencer.Seal(101, 5), Network)).Equivocates);
    }

    [Fact]
    public void Check_BehindTheHead_IsStale()
    {
        Refuse(_even.Frag(100, 0, Network), Refusal.Stale);
        _gate.SetHead(1, 50);
        Refuse(_odd.Frag(101, 0, Network, epoch: 0), Refusal.Stale);
        Pass(_odd.Frag(51, 0, Network, epoch: 1));
    }

    [Fact]
    public void Check_FarAhead_IsRefusedBeforeTheSignature()
    {
        ulong far = Head + BlockAssembler<int>.BlocksAheadMax + 1;
        Refuse(_stranger.Frag(far, 0, Network), Refusal.TooFarAhead);
        Refuse(_stranger.Frag(101, 0, Network, epoch: 2), Refusal.TooFarAhead);
        Pass(_odd.Frag(101, 0, Network, epoch: 1));
    }

    [Fact]
    public void Check_BeforeTheSchedule_HasNoLeader()
    {
        var gate = new MessageGate(new RoundRobinSchedule([_even.Address], 500), Network);
        Assert.Equal(Refusal.UnknownLeader, gate.Check(_even.Frag(1, 0, Network), out _));
    }

    [Fact]
    public void Check_LeaderNotYetKnown_IsToldApartAndPassesLater()
    {
        var schedule = new LiveSchedule(new TableSchedule([new LeaderRange(1, 101, _odd.Address)]));
        var gate = new MessageGate(schedule, Network);
        gate.SetHead(0, Head);
        byte[] bytes = _even.Frag(102, 0, Network);
        Assert.Equal(Refusal.LeaderNotYetKnown, gate.Check(bytes, out GossipMessage message));
        Assert.Equal(102UL, message.Place.BlockNumber);
        long version = gate.ScheduleVersion;
        schedule.Replace(new RoundRobinSchedule([_even.Address, _odd.Address], 0));
        Assert.NotEqual(version, gate.ScheduleVersion);
        Assert.Equal(Refusal.None, gate.Check(bytes, out _));
    }

    [Fact]
    public void Check_RandomBytes_NeverThrows()
    {
        var random = new Random(1);
        byte[] good = _odd.Wrap(TestSequencer.Env(101), Network);
        for (int round = 0; round < 5000; round++)
        {
            byte[] bytes = round % 2 == 0 ? new byte[random.Next(400)] : (byte[])good.Clone();
            if (round % 2 == 0)
            {
                random.NextBytes(bytes);
            }

            for (int i = 0; i < 4 && bytes.Length > 0; i++)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            _gate.Check(bytes, out _);
        }
    }

    [Fact]
    public void Check_MorePlacesThanRemembered_ForgetsTheOldest()
    {
        var recent = new RecentMessages();
        var signature = new byte[65];
        for (ulong seq = 0; seq < RecentMessages.PlacesMax; seq++)
        {
            Assert.Equal(Recall.New, recent.Add(Place(seq), signature, default, []));
        }

        Assert.True(recent.Contains(Place(0), signature));
        Assert.Equal(Recall.New, recent.Add(Place(RecentMessages.PlacesMax), signature, default, []));
        Assert.False(recent.Contains(Place(0), signature));
        Assert.True(recent.Contains(Place(1), signature));
    }

    private static Envelope Place(ulong seq) =>
        new(EnvelopeKind.Frag, MessageRevision.V0WithBlobGas, 0, Network, 101, seq);

    private GossipMessage Pass(byte[] bytes)
    {
        Assert.Equal(Refusal.None, _gate.Check(bytes, out GossipMessage message));
        return message;
    }

    private void Refuse(byte[] bytes, Refusal expected) => Assert.Equal(expected, _gate.Check(bytes, out _));
}
