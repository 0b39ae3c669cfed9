using Fragcast.Primitives;
using Fragcast.Primitives.Messages;
using Fragcast.Schedule.Rotation;
using Fragcast.Schedule.Sources;
using static Fragcast.Schedule.Tests.TestLeaders;

namespace Fragcast.Schedule.Tests.Rotation;

/// <summary>
/// The rules one by one. A leads block 1, B block 2, C block 3; blocks take 1,000 ns, the grace is 100.
/// </summary>
public sealed class HandOverCoreTests
{
    private static readonly RotationOptions Options = new()
    {
        Clock = new SlotClock(0, 1, 1000),
        GraceNs = 100,
        SkewNs = 10,
    };

    private readonly HandOverCore _core = new(new RoundRobinSchedule([A, B, C], 1), Options, 0, Hash(9));

    [Fact]
    public void PrefixChain_Vector_IsThatOfTheDocument()
    {
        Hash256 chain = PrefixChain.Start(7, Hash(1));
        Assert.Equal(Hash256.Parse("060c8a7281e269f2dd29b5da49761beba4e7b49d3e5618fe8e7df3848402e190"), chain);
        chain = PrefixChain.Next(PrefixChain.Next(chain, Hash(2)), Hash(3));
        Assert.Equal(Hash256.Parse("e8a14ea3566a1345f0b95a305bfe2b6b5feb7de43685719b4d2d24363d74aca4"), chain);
        Assert.Equal(
            Hash256.Parse("25189f1c132d518f58be041d5c1a28976b4595782a7086b635ba11aae3ac48e8"),
            PrefixChain.Taken(chain, A));
    }

    [Fact]
    public void Take_BeforeItsTime_IsHeldAndCountsLater()
    {
        Frags(A, 3);
        Assert.Equal(RotationNote.Kept, _core.OnHandOver(Take(B, 2, 1), B));
        _core.Advance(1089);
        Assert.Equal(A, _core.Open.Leader);
        Assert.Equal(1090, _core.NextNs);
        Assert.Equal(LeaderLookup.Known, _core.LeaderOf(1, 2, out Address leader));
        Assert.Equal(A, leader);
        _core.Advance(1090);
        Assert.Equal((B, 2UL), (_core.Open.Leader, _core.Open.FromSeq));
        Assert.True(_core.TryTakeChange(out LeadChange change));
        Assert.Equal(new LeadChange(1, 2, B, WasSealed: false), change);
        _core.LeaderOf(1, 1, out leader);
        Assert.Equal(A, leader);
        _core.LeaderOf(1, 2, out leader);
        Assert.Equal(B, leader);
        Assert.Equal(1190, _core.NextNs);
    }

    [Fact]
    public void Take_WithTheProofOfAnother_NeverCounts()
    {
        Frags(A, 3);
        HandOver take = Take(B, 2, 1);
        _core.OnHandOver(take with { NextLeader = C }, C);
        _core.Advance(5000);
        Assert.Equal(A, _core.Open.Leader);
        _core.OnHandOver(take with { LastFragRoot = Hash(7) }, B);
        _core.Advance(5001);
        Assert.Equal(A, _core.Open.Leader);
    }

    [Fact]
    public void Take_WhoseFragsAreMissingHere_CountsOnceTheyAreThere()
    {
        Frags(A, 1);
        _core.OnHandOver(Take(B, 2, 1), B);
        _core.Advance(5000);
        Assert.Equal(A, _core.Open.Leader);
        _core.OnFrag(1, 1, Root(A, 1), A);
        _core.Advance(5000);
        Assert.Equal(B, _core.Open.Leader);
    }

    [Fact]
    public void Take_OnAnotherParent_DoesNotCount()
    {
        _core.OnHandOver(new HandOver(1, Hash(8), 0, default, B, 0), B);
        _core.Advance(5000);
        Assert.Equal(A, _core.Open.Leader);
    }

    [Fact]
    public void Leave_NamesTheNext_LetsItTakeAtOnce()
    {
        Frags(A, 3);
        _core.OnHandOver(new HandOver(1, Hash(9), 3, Root(A, 2), B, 5), A);
        _core.OnHandOver(Take(B, 3, 1), B);
        _core.Advance(10);
        Assert.Equal((B, 3UL), (_core.Open.Leader, _core.Open.FromSeq));
    }

    [Theory]
    [InlineData(2, 2)]
    [InlineData(3, 1)]
    public void Leave_NamesAnotherFragThanTheTake_GivesNothing(ulong takenSeq, byte rootOf)
    {
        Frags(A, 3);
        _core.OnHandOver(new HandOver(1, Hash(9), 3, Root(A, rootOf), B, 5), A);
        _core.OnHandOver(Take(B, takenSeq, 1), B);
        _core.Advance(10);
        Assert.Equal(A, _core.Open.Leader);
    }

    [Fact]
    public void Leave_OfSomebodyWhoHasNotTheBlock_GivesNothing()
    {
        _core.OnHandOver(new HandOver(1, Hash(9), 0, default, C, 0), B);
        _core.OnHandOver(Take(C, 0, 1), C);
        _core.Advance(10);
        Assert.Equal(A, _core.Open.Leader);
    }

    [Fact]
    public void Cancel_Withdrawn_VoidsTheFragsAndLetsTheNextTake()
    {
        Frags(A, 4);
        _core.OnCancel(new Cancel(1, Hash(9), 2, CancelReason.LeaderWithdrawn), A);
        _core.OnHandOver(Take(B, 2, 1), B);
        _core.Advance(10);
        Assert.Equal((B, 2UL), (_core.Open.Leader, _core.Open.FromSeq));

        var other = new HandOverCore(new RoundRobinSchedule([A, B, C], 1), Options, 0, Hash(9));
        other.OnCancel(new Cancel(1, Hash(9), 1, CancelReason.LeaderWithdrawn), A);
        other.OnHandOver(Take(B, 2, 1), B);
        other.Advance(10);
        Assert.Equal(A, other.Open.Leader);
    }

    [Fact]
    public void Cancel_Restart_FreesThePlaces()
    {
        Frags(A, 2);
        Assert.Equal(RotationNote.Known, _core.OnFrag(1, 1, Hash(66), A));
        _core.OnCancel(new Cancel(1, Hash(9), 0, CancelReason.BuilderRestart), A);
        Assert.Equal(0UL, _core.PrefixOfOpen(10, out _));
        Assert.Equal(RotationNote.Kept, _core.OnFrag(1, 0, Hash(66), A));
        Assert.Equal(1UL, _core.PrefixOfOpen(10, out _));
    }

    [Fact]
    public void Seal_OfTheLowerRound_StandsUntilSomebodyBuildsOnTheOther()
    {
        Frags(A, 1);
        _core.OnHandOver(Take(B, 1, 1), B);
        _core.OnSeal(1, 1, Hash(9), Hash(50), B);
        _core.Advance(2000);
        Assert.Equal(Hash(50), Sealed(1));
        _core.OnSeal(1, 1, Hash(9), Hash(60), A);
        _core.Advance(2000);
        Assert.Equal(Hash(60), Sealed(1));
        Assert.True(_core.TryTakeChange(out LeadChange change));
        while (_core.TryTakeChange(out LeadChange later))
        {
            change = later;
        }

        Assert.Equal(new LeadChange(1, 1, A, WasSealed: true), change);
        _core.OnEnv(2, Hash(50), B);
        _core.Advance(2000);
        Assert.Equal(Hash(50), Sealed(1));
    }

    [Fact]
    public void Seal_Refuted_CountsNoMore()
    {
        _core.OnSeal(1, 0, Hash(9), Hash(50), A);
        _core.Advance(5);
        Assert.Equal(2UL, _core.Open.Number);
        _core.OnSealRefuted(1, Hash(50), A);
        Assert.Equal(RotationNote.Known, _core.OnSeal(1, 0, Hash(9), Hash(50), A));
        _core.Advance(6);
        Assert.Equal(1UL, _core.Open.Number);
        _core.OnSeal(1, 0, Hash(9), Hash(51), A);
        _core.Advance(7);
        Assert.Equal(Hash(51), Sealed(1));
    }

    [Fact]
    public void Settle_Block_ForgetsItAndRefusesWhatIsLate()
    {
        _core.OnSeal(1, 0, Hash(9), Hash(50), A);
        _core.Advance(5);
        _core.Settle(1, Hash(50));
        Assert.Equal((2UL, Hash(50)), (_core.Open.Number, _core.Open.ParentHash));
        Assert.Equal(RotationNote.Stale, _core.OnEnv(1, Hash(9), A));
        Assert.Equal(RotationNote.Stale, _core.OnHandOver(Take(B, 0, 1), B));
    }

    [Fact]
    public void TrySettle_BlocksOfOneSequencer_NeedAnotherOneOrDepth()
    {
        var core = new HandOverCore(new RoundRobinSchedule([A, B], 1, blocksPerTurn: 20), Options, 0, Hash(9));
        Hash256 parent = Hash(9);
        for (ulong number = 1; number <= HandOverCore.SettleDepth; number++)
        {
            core.OnSeal(number, 0, parent, Hash((byte)(50 + number)), A);
            parent = Hash((byte)(50 + number));
            core.Advance(1);
            Assert.False(core.TrySettle());
        }

        core.OnSeal(HandOverCore.SettleDepth + 1, 0, parent, Hash(99), A);
        core.Advance(1);
        Assert.True(core.TrySettle());
        Assert.Equal((1UL, Hash(51)), (core.SettledNumber, core.SettledHash));

        _core.OnSeal(1, 0, Hash(9), Hash(51), A);
        _core.Advance(1);
        Assert.False(_core.TrySettle());
        _core.OnSeal(2, 0, Hash(51), Hash(52), B);
        _core.Advance(1);
        Assert.True(_core.TrySettle());
        Assert.Equal((1UL, 3UL), (_core.SettledNumber, _core.Open.Number));
    }

    [Fact]
    public void Notes_ForWhatCannotBe_AreDifferentFromThoseForWhatIsUnknown()
    {
        Assert.Equal(RotationNote.NotInLine, _core.OnEnv(1, Hash(9), E));
        Assert.Equal(RotationNote.TooFarAhead, _core.OnEnv(HandOverCore.WindowBlocks + 1, Hash(9), A));
        Assert.Equal(RotationNote.Malformed, _core.OnFrag(1, HandOverCore.FragsMax, Hash(1), A));
        Assert.Equal(RotationNote.Malformed, _core.OnHandOver(new HandOver(1, Hash(9), 0, Hash(1), B, 0), A));
        Assert.Equal(RotationNote.Malformed, _core.OnHandOver(new HandOver(1, Hash(9), 1, default, B, 0), A));
    }

    [Fact]
    public void Notes_ScheduleDoesNotKnowYet_AskToHoldAndThenKeep()
    {
        var live = new LiveSchedule(new TableSchedule([new LeaderRange(0, 1, A)]));
        var core = new HandOverCore(live, Options, 0, Hash(9));
        Assert.Equal(RotationNote.Kept, core.OnEnv(1, Hash(9), A));
        Assert.Equal(RotationNote.LineUnknown, core.OnEnv(2, Hash(50), B));
        core.OnSeal(1, 0, Hash(9), Hash(50), A);
        core.Advance(5);
        Assert.Equal((2UL, default), (core.Open.Number, core.Open.Leader));
        Assert.Equal(LeaderLookup.NotYetKnown, core.LeaderOf(2, 0, out _));
        live.Replace(new TableSchedule([new LeaderRange(0, 1, A), new LeaderRange(2, 9, B)]));
        Assert.Equal(RotationNote.Kept, core.OnEnv(2, Hash(50), B));
        core.Advance(6);
        Assert.Equal(B, core.Open.Leader);
    }

    [Fact]
    public void Flood_OfAllThatIsSigned_StaysBounded()
    {
        for (ulong number = 1; number <= HandOverCore.WindowBlocks; number++)
        {
            for (byte i = 1; i < 100; i++)
            {
                foreach (Address signer in (Address[])[A, B, C])
                {
                    _core.OnEnv(number, Hash(i), signer);
                    _core.OnFrag(number, i, Hash(i), signer);
                    _core.OnFrag(number, i + HandOverCore.FragsMax, Hash(i), signer);
                    _core.OnSeal(number, i, Hash(i), Hash(i), signer);
                    _core.OnHandOver(new HandOver(number, Hash(i), i, Hash(i), signer, 0), signer);
                    _core.OnCancel(new Cancel(number, Hash(i), i, CancelReason.LeaderWithdrawn), signer);
                }
            }
        }

        _core.Advance(long.MaxValue);
        Assert.Equal(99, _core.FactsOf(1, A)!.Frags);
        Assert.Equal(1UL, _core.FactsOf(1, A)!.WithdrawnFrom);
    }

    [Fact]
    public void Succession_Line_NamesEachOnceInOrderOfTheirTurns()
    {
        Succession line = Succession.Of(new RoundRobinSchedule([A, B, C, D, E], 1, blocksPerTurn: 3), 2);
        Assert.Equal([A, B, C, D], Enumerable.Range(0, line.Count).Select(i => line[i]));
        Assert.True(line.IsComplete);
        Assert.Equal(-1, line.RoundOf(E));
        line = Succession.Of(new TableSchedule([new LeaderRange(1, 3, A), new LeaderRange(4, 9, B)]), 2);
        Assert.Equal(2, line.Count);
        Assert.False(line.IsComplete);
    }

    private static Hash256 Root(Address signer, ulong seq) => PrefixChain.Taken(Hash((byte)(seq + 1)), signer);

    private static HandOver Take(Address taker, ulong seq, ulong number)
    {
        Hash256 chain = PrefixChain.Start(number, Hash(9));
        for (ulong i = 0; i < seq; i++)
        {
            chain = PrefixChain.Next(chain, Root(A, i));
        }

        return new HandOver(number, Hash(9), seq, seq == 0 ? default : PrefixChain.Taken(chain, taker), taker, 0);
    }

    private Hash256? Sealed(ulong number) => _core.TryGetLead(number, out BlockLead lead) ? lead.Seal : null;

    private void Frags(Address signer, ulong count)
    {
        for (ulong seq = 0; seq < count; seq++)
        {
            Assert.Equal(RotationNote.Kept, _core.OnFrag(1, seq, Root(signer, seq), signer));
        }
    }
}
