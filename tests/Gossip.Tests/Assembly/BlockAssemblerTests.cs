using Fragcast.Gossip.Assembly;
using Fragcast.Gossip.Wire;
using Fragcast.Primitives;

namespace Fragcast.Gossip.Tests.Assembly;

public sealed class BlockAssemblerTests
{
    private const ulong Head = 100;

    private static readonly Hash256 HeadHash = Keccak256.Hash([1]);
    private static readonly Hash256 NextHash = Keccak256.Hash([2]);

    private readonly BlockAssembler<string> _assembler = new(0, Head, HeadHash);

    [Fact]
    public void Offer_InOrder_DeliversEach()
    {
        Deliver(Env(101));
        _assembler.OnOpened();
        for (ulong seq = 0; seq < 3; seq++)
        {
            Deliver(Frag(101, seq));
            _assembler.OnFragApplied(isLast: seq == 2);
        }

        Deliver(Seal(101, 3));
        _assembler.OnSealed(NextHash);
        Assert.Equal(101UL, _assembler.HeadNumber);
        Assert.Equal(NextHash, _assembler.HeadHash);
        Assert.False(_assembler.IsOpen);
        Deliver(Env(102, NextHash));
    }

    [Fact]
    public void Offer_ReversedBlock_HoldsAndReleasesInOrder()
    {
        Hold(Seal(101, 3), "seal");
        Hold(Frag(101, 2), "2");
        Hold(Frag(101, 1), "1");
        Hold(Frag(101, 0), "0");
        Deliver(Env(101));
        _assembler.OnOpened();

        var order = new List<string>();
        while (_assembler.TryTakeHeld(out string message, out Placement placement, out _))
        {
            Assert.Equal(Placement.Deliver, placement);
            order.Add(message);
            if (message != "seal")
            {
                _assembler.OnFragApplied(isLast: message == "2");
            }
            else
            {
                _assembler.OnSealed(NextHash);
            }
        }

        Assert.Equal(["0", "1", "2", "seal"], order);
        Assert.Equal(0, _assembler.HeldCount);
    }

    [Fact]
    public void Offer_FragBeforeItsParentBlock_WaitsForIt()
    {
        Hold(Env(102, NextHash), "env 102");
        Hold(Frag(102, 0), "frag 102/0");
        BuildBlock101();
        Assert.True(_assembler.TryTakeHeld(out string message, out Placement placement, out _));
        Assert.Equal("env 102", message);
        Assert.Equal(Placement.Deliver, placement);
    }

    [Fact]
    public void Offer_RepeatedFrag_IsDuplicate()
    {
        Open();
        Deliver(Frag(101, 0));
        _assembler.OnFragApplied(isLast: false);
        Refuse(Frag(101, 0), Refusal.Duplicate);
    }

    [Fact]
    public void Offer_RepeatedHeldFrag_IsDuplicate()
    {
        Hold(Frag(101, 5), "a");
        Refuse(Frag(101, 5), Refusal.Duplicate);
        Assert.Equal(1, _assembler.HeldCount);
    }

    [Fact]
    public void Offer_FragAfterTheLast_IsRefused()
    {
        Open();
        Deliver(Frag(101, 0));
        _assembler.OnFragApplied(isLast: true);
        Refuse(Frag(101, 1), Refusal.AfterLast);
        Refuse(Frag(101, 7), Refusal.AfterLast);
    }

    [Fact]
    public void TryTakeHeld_FragsPastTheLast_AreRefusedAndLeave()
    {
        Open();
        Hold(Frag(101, 4), "4");
        Deliver(Frag(101, 0));
        _assembler.OnFragApplied(isLast: true);
        Assert.True(_assembler.TryTakeHeld(out _, out Placement placement, out Refusal reason));
        Assert.Equal((Placement.Refused, Refusal.AfterLast), (placement, reason));
        Assert.Equal(0, _assembler.HeldCount);
    }

    [Fact]
    public void Offer_EnvOfAnotherParent_IsRefused() => Refuse(Env(101, NextHash), Refusal.WrongParent);

    [Fact]
    public void Offer_SecondEnvOfAnOpenBlock_IsDuplicate()
    {
        Open();
        Refuse(Env(101), Refusal.Duplicate);
    }

    [Fact]
    public void Offer_EnvAfterARefusedFrag_OpensAnew()
    {
        Open();
        Deliver(Frag(101, 0));
        _assembler.OnFragApplied(isLast: false);
        Deliver(Frag(101, 1));
        _assembler.OnRefused();
        Assert.Equal(1UL, _assembler.AppliedFrags);
        Deliver(Env(101));
        _assembler.OnOpened();
        Assert.Equal(0UL, _assembler.AppliedFrags);
        Deliver(Frag(101, 0));
    }

    [Fact]
    public void Offer_AfterARefusedFrag_TakesABetterOneInItsPlace()
    {
        Open();
        Deliver(Frag(101, 0));
        _assembler.OnRefused();
        Deliver(Frag(101, 0));
    }

    [Theory]
    [InlineData(2UL)]
    [InlineData(4UL)]
    public void Offer_SealWithTheWrongTotal_IsRefusedOnceTheLastFragIsThere(ulong total)
    {
        Open();
        for (ulong seq = 0; seq < 3; seq++)
        {
            Deliver(Frag(101, seq));
            _assembler.OnFragApplied(isLast: seq == 2);
        }

        Refuse(Seal(101, total), Refusal.SealTotalFrags);
        Deliver(Seal(101, 3));
    }

    [Fact]
    public void Offer_SealThatCountsFewerThanApplied_IsRefusedAtOnce()
    {
        Open();
        Deliver(Frag(101, 0));
        _assembler.OnFragApplied(isLast: false);
        Refuse(Seal(101, 1), Refusal.SealTotalFrags);
    }

    [Fact]
    public void Offer_BehindTheHead_IsStale()
    {
        Refuse(Env(100), Refusal.Stale);
        Refuse(Frag(1, 0), Refusal.Stale);
    }

    [Fact]
    public void Offer_TooFarAhead_IsRefused()
    {
        Hold(Frag(Head + BlockAssembler<string>.BlocksAheadMax, 0), "last kept");
        Refuse(Frag(Head + BlockAssembler<string>.BlocksAheadMax + 1, 0), Refusal.TooFarAhead);
        Refuse(Frag(ulong.MaxValue, 0), Refusal.TooFarAhead);
    }

    [Fact]
    public void Offer_MoreEarlyMessagesThanFit_RefusesTheLater()
    {
        for (ulong seq = 1; seq <= BlockAssembler<string>.HeldMax; seq++)
        {
            Hold(Frag(101, seq), "");
        }

        Refuse(Frag(101, 100_000), Refusal.HoldFull);
        Assert.Equal(BlockAssembler<string>.HeldMax, _assembler.HeldCount);
    }

    [Fact]
    public void Offer_NextEpoch_WaitsForTheRestart()
    {
        var early = new Place(EnvelopeKind.Env, 1, 101, 0, HeadHash);
        Hold(early, "env of epoch 1");
        Refuse(early with { Epoch = 2 }, Refusal.TooFarAhead);
        _assembler.Restart(1, Head, HeadHash);
        Assert.True(_assembler.TryTakeHeld(out _, out Placement placement, out _));
        Assert.Equal(Placement.Deliver, placement);
        Refuse(early with { Epoch = 0 }, Refusal.Stale);
    }

    [Fact]
    public void Cancel_OfTheWholeBlock_OpensAnewInTheNextAttempt()
    {
        Open();
        Deliver(Frag(101, 0));
        _assembler.OnFragApplied(isLast: false);
        Hold(Env(101) with { Attempt = 1 }, "fresh env");

        Deliver(Cancel(0));
        Assert.Equal(1UL, _assembler.OnCancelled(0));
        Assert.False(_assembler.IsOpen);
        Assert.Equal(1, _assembler.Attempt);
        Refuse(Env(101), Refusal.Voided);
        Refuse(Frag(101, 0), Refusal.Voided);
        Refuse(Seal(101, 1), Refusal.Voided);
        Refuse(Cancel(0), Refusal.Duplicate);

        Assert.True(_assembler.TryTakeHeld(out string message, out Placement placement, out _));
        Assert.Equal(("fresh env", Placement.Deliver), (message, placement));
        _assembler.OnOpened();
        Deliver(Frag(101, 0) with { Attempt = 1 });
        _assembler.OnFragApplied(isLast: true);
        Deliver(Seal(101, 1) with { Attempt = 1 });
        _assembler.OnSealed(NextHash);
        Assert.Equal(0, _assembler.Attempt);
    }

    [Fact]
    public void Cancel_FromAFragOn_KeepsTheGoodPrefix()
    {
        Open();
        for (ulong seq = 0; seq < 4; seq++)
        {
            Deliver(Frag(101, seq));
            _assembler.OnFragApplied(isLast: seq == 3);
        }

        Deliver(Cancel(2));
        Assert.Equal(2UL, _assembler.OnCancelled(2));
        Assert.True(_assembler.IsOpen);
        Assert.Equal(2UL, _assembler.AppliedFrags);
        Refuse(Frag(101, 2), Refusal.Voided);
        Refuse(Frag(101, 1), Refusal.Duplicate);
        Refuse(Frag(101, 1) with { Attempt = 1 }, Refusal.Voided);
        Refuse(Seal(101, 4), Refusal.Voided);
        Deliver(Frag(101, 2) with { Attempt = 1 });
        _assembler.OnFragApplied(isLast: true);
        Deliver(Seal(101, 3) with { Attempt = 1 });
    }

    [Fact]
    public void Cancel_BeforeThePrefixIsThere_LetsThePrefixComeLate()
    {
        Hold(Frag(101, 2) with { Attempt = 1 }, "2 of the next attempt");
        Deliver(Cancel(2));
        Assert.Equal(0UL, _assembler.OnCancelled(2));
        Deliver(Env(101));
        _assembler.OnOpened();
        Refuse(Frag(101, 2), Refusal.Voided);
        for (ulong seq = 0; seq < 2; seq++)
        {
            Deliver(Frag(101, seq));
            _assembler.OnFragApplied(isLast: false);
        }

        Assert.True(_assembler.TryTakeHeld(out _, out Placement placement, out _));
        Assert.Equal(Placement.Deliver, placement);
    }

    [Fact]
    public void Cancel_OutOfOrder_WaitsForTheOneBefore()
    {
        Open();
        Hold(Cancel(1) with { Attempt = 1 }, "second");
        Deliver(Cancel(5));
        _assembler.OnCancelled(5);
        Assert.True(_assembler.TryTakeHeld(out _, out Placement placement, out _));
        Assert.Equal(Placement.Deliver, placement);
        _assembler.OnCancelled(1);

        // The first attempt stands up to where the second cancel cut.
        Deliver(Frag(101, 0));
        _assembler.OnFragApplied(isLast: false);
        Refuse(Frag(101, 1), Refusal.Voided);
        Refuse(Frag(101, 5) with { Attempt = 1 }, Refusal.Voided);
        Deliver(Frag(101, 1) with { Attempt = 2 });
    }

    [Fact]
    public void Cancel_OfAnotherParentOrOfTheLastAttempt_IsRefused()
    {
        Refuse(Cancel(0) with { ParentHash = NextHash }, Refusal.WrongParent);
        for (int attempt = 0; attempt < BlockAttempts.CancelsMax; attempt++)
        {
            Deliver(Cancel(1) with { Attempt = (byte)attempt });
            _assembler.OnCancelled(1);
        }

        Refuse(Cancel(1) with { Attempt = BlockAttempts.CancelsMax }, Refusal.Duplicate);
    }

    [Fact]
    public void HandOver_IsDeliveredAtOnceAndChangesNothing()
    {
        Deliver(new Place(EnvelopeKind.HandOver, 0, 103, 9, default));
        Assert.False(_assembler.IsOpen);
        Refuse(new Place(EnvelopeKind.HandOver, 0, 100, 9, default), Refusal.Stale);
    }

    [Fact]
    public void TakeAll_GivesUpWhatIsHeld()
    {
        Hold(Frag(101, 3), "a");
        Hold(Frag(101, 4), "b");
        Assert.Equal(["a", "b"], _assembler.TakeAll());
        Assert.Equal(0, _assembler.HeldCount);
    }

    private void Open()
    {
        Deliver(Env(101));
        _assembler.OnOpened();
    }

    private void BuildBlock101()
    {
        Open();
        Deliver(Frag(101, 0));
        _assembler.OnFragApplied(isLast: true);
        Deliver(Seal(101, 1));
        _assembler.OnSealed(NextHash);
    }

    private void Deliver(Place place)
    {
        Assert.Equal(Placement.Deliver, _assembler.Offer(place, "", out Refusal reason));
        Assert.Equal(Refusal.None, reason);
    }

    private void Hold(Place place, string message)
    {
        Assert.Equal(Placement.Held, _assembler.Offer(place, message, out Refusal reason));
        Assert.Equal(Refusal.None, reason);
    }

    private void Refuse(Place place, Refusal expected)
    {
        Assert.Equal(Placement.Refused, _assembler.Offer(place, "", out Refusal reason));
        Assert.Equal(expected, reason);
    }

    private static Place Env(ulong number, Hash256? parent = null) =>
        new(EnvelopeKind.Env, 0, number, 0, parent ?? HeadHash);

    private static Place Cancel(ulong fromSeq) => new(EnvelopeKind.Cancel, 0, 101, fromSeq, HeadHash);

    private static Place Frag(ulong number, ulong seq) => new(EnvelopeKind.Frag, 0, number, seq, default);

    private static Place Seal(ulong number, ulong total) => new(EnvelopeKind.Seal, 0, number, total, default);
}
