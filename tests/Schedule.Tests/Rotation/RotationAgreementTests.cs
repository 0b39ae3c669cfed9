using FsCheck;
using FsCheck.Fluent;
using Fragcast.Primitives;
using Fragcast.Primitives.Messages;
using Fragcast.Schedule.Rotation;
using static Fragcast.Schedule.Tests.TestLeaders;

namespace Fragcast.Schedule.Tests.Rotation;

/// <summary>
/// Nodes that got the same messages and whose clocks passed the same time agree, in whatever order the messages came
/// and whenever each node looked.
/// </summary>
public sealed class RotationAgreementTests
{
    private const int Kinds = 7;
    private const int EndNs = 10_000;

    private static readonly Address[] Signers = [A, B, C, D];

    private static readonly RotationOptions Options = new()
    {
        Clock = new SlotClock(0, 1, 1000),
        GraceNs = 100,
        SkewNs = 10,
    };

    /// <summary>Numbers that stand for messages, two orders of them, and the times at which one node looks.</summary>
    private static Arbitrary<(int[] Codes, int[] Order, int[] Times)> Cases => (
        from codes in Gen.ArrayOf(Gen.Choose(0, int.MaxValue - 1), 40)
        from count in Gen.Choose(0, 40)
        from order in Gen.Shuffle(Enumerable.Range(0, count))
        from times in Gen.ArrayOf(Gen.Choose(0, EndNs), 40)
        select (codes[..count], order.ToArray(), times)).ToArbitrary();

    [Fact]
    public void Decision_SameMessagesInAnyOrder_IsTheSame() => Prop.ForAll(Cases, input =>
    {
        HandOverCore one = NewCore();
        foreach (int code in input.Codes)
        {
            Tell(one, code);
        }

        HandOverCore other = NewCore();
        int[] times = [.. input.Times.Order()];
        for (int i = 0; i < input.Order.Length; i++)
        {
            other.Advance(times[i]);
            Tell(other, input.Codes[input.Order[i]]);
            if (i % 3 == 0)
            {
                // Told twice: peers repeat what they have.
                Tell(other, input.Codes[input.Order[i]]);
            }
        }

        one.Advance(EndNs);
        other.Advance(EndNs);
        return Outcome(one) == Outcome(other);
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));

    [Fact]
    public void Changes_Applied_GiveTheSameFragsAsTheFinalDecision() => Prop.ForAll(Cases, input =>
    {
        // A node that follows the changes one by one holds in the end just what the last decision says.
        HandOverCore core = NewCore();
        var owners = new Dictionary<(ulong, ulong), Address>();
        int[] times = [.. input.Times.Order()];
        for (int i = 0; i < input.Codes.Length; i++)
        {
            Tell(core, input.Codes[i]);
            core.Advance(times[i]);
            while (core.TryTakeChange(out LeadChange change))
            {
                foreach ((ulong, ulong) gone in owners.Keys.Where(place => place.Item1 > change.Number
                    || (place.Item1 == change.Number && place.Item2 >= change.FromSeq)).ToArray())
                {
                    owners.Remove(gone);
                }
            }

            for (ulong number = 1; core.TryGetLead(number, out _); number++)
            {
                for (ulong seq = 0; seq < 6; seq++)
                {
                    Assert.Equal(LeaderLookup.Known, core.LeaderOf(number, seq, out Address owner));
                    if (!owners.TryAdd((number, seq), owner) && owners[(number, seq)] != owner)
                    {
                        return false;
                    }
                }
            }
        }

        return true;
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));

    [Fact]
    public void Takes_InGeneratedCases_DoCount()
    {
        // The properties above would hold for a core that never counts a take too.
        var random = new Random(5);
        int taken = 0;
        int reverted = 0;
        for (int round = 0; round < 300; round++)
        {
            HandOverCore core = NewCore();
            for (int i = 0; i < 40; i++)
            {
                Tell(core, random.Next());
                core.Advance(i * 250);
                while (core.TryTakeChange(out LeadChange change))
                {
                    reverted += change.WasSealed ? 1 : 0;
                    taken += change.WasSealed ? 0 : 1;
                }
            }
        }

        Assert.True(taken > 50, $"{taken} takes");
        Assert.True(reverted > 5, $"{reverted} seals undone");
    }

    private static HandOverCore NewCore() => new(new RoundRobinSchedule(Signers, 1), Options, 0, Hash(9));

    private static string Outcome(HandOverCore core)
    {
        var text = new System.Text.StringBuilder();
        for (ulong number = 1; core.TryGetLead(number, out BlockLead lead); number++)
        {
            text.Append(lead);
            for (ulong seq = 0; seq < 6; seq++)
            {
                core.LeaderOf(number, seq, out Address owner);
                text.Append(owner);
            }
        }

        return text.ToString();
    }

    private static void Tell(HandOverCore core, int code)
    {
        int kind = Next(ref code, Kinds);
        Address signer = Signers[Next(ref code, Signers.Length)];
        ulong number = (ulong)Next(ref code, 3) + 1;
        ulong seq = (ulong)Next(ref code, 5);
        // Parents that exist: the start, and hashes that seals here may have.
        Hash256 parent = number == 1 ? Hash(9) : SealHash(number - 1, Signers[Next(ref code, 3)]);
        switch (kind)
        {
            case 0:
                core.OnEnv(number, parent, signer);
                break;
            case 1 or 2:
                // Frags come in a bunch, so that prefixes exist.
                for (ulong i = 0; i <= seq; i++)
                {
                    core.OnFrag(number, i, Root(signer, number, i), signer);
                }

                break;
            case 3:
                core.OnSeal(number, seq, parent, SealHash(number, signer), signer);
                break;
            case 4:
                core.OnHandOver(Take(number, parent, seq, signer, Signers[Next(ref code, 3)]), signer);
                break;
            case 5:
                core.OnHandOver(
                    new HandOver(
                        number, parent, seq, seq == 0 ? default : Root(signer, number, seq - 1),
                        Signers[Next(ref code, Signers.Length)], 0),
                    signer);
                break;
            default:
                core.OnCancel(new Cancel(number, parent, seq, CancelReason.LeaderWithdrawn), signer);
                break;
        }
    }

    private static HandOver Take(ulong number, Hash256 parent, ulong seq, Address taker, Address of)
    {
        Hash256 chain = PrefixChain.Start(number, parent);
        for (ulong i = 0; i < seq; i++)
        {
            chain = PrefixChain.Next(chain, Root(of, number, i));
        }

        return new HandOver(number, parent, seq, seq == 0 ? default : PrefixChain.Taken(chain, taker), taker, 0);
    }

    private static int Next(ref int code, int choices)
    {
        (code, int choice) = Math.DivRem(code, choices);
        return choice;
    }

    private static Hash256 Root(Address signer, ulong number, ulong seq) =>
        PrefixChain.Taken(PrefixChain.Start((number * 100) + seq, default), signer);

    private static Hash256 SealHash(ulong number, Address signer) =>
        PrefixChain.Taken(PrefixChain.Start(number, Hash(77)), signer);
}
