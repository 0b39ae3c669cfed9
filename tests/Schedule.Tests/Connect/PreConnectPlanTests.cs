using Fragcast.Primitives;
using Fragcast.Schedule.Connect;
using static Fragcast.Schedule.Tests.TestLeaders;

namespace Fragcast.Schedule.Tests.Connect;

/// <summary>Leaders A to E are nodes 1 to 5 and turn each second; node n's relays are 10n and 10n + 1.</summary>
public sealed class PreConnectPlanTests
{
    private const long Second = 1_000_000_000;
    private const long Ms = 1_000_000;

    private readonly PreConnectOptions _options = new() { RelaysPerLeader = 2, DialsMax = 100 };
    private readonly Lookahead _lookahead =
        new(new RoundRobinSchedule([A, B, C, D, E], 0), new SlotClock(0, 0, Second), ahead: 2);

    [Fact]
    public void Update_Start_DialsLeadersAndTheirRelaysSoonestFirst()
    {
        PreConnectPlan<Directory> plan = NewPlan();
        plan.Update(0, 0);
        Assert.Equal([2, 20, 21, 3, 30, 31, 4, 40, 41], Actions(plan, 0).Select(a => a.Node));
        Assert.Equal(Readiness.Dialling, plan.ReadinessOf(2));
        Assert.Equal(Readiness.None, plan.ReadinessOf(5));
    }

    [Fact]
    public void Dials_AtATime_AreBounded()
    {
        PreConnectPlan<Directory> plan = NewPlan(_options with { DialsMax = 2 });
        plan.Update(0, 0);
        Assert.Equal([2, 20], Actions(plan, 0).Select(a => a.Node));
        plan.OnConnected(2, 1);
        plan.OnLost(20, 1);
        Assert.Equal([(2, ConnectKind.Probe), (21, ConnectKind.Dial), (3, ConnectKind.Dial)],
            Actions(plan, 1).Select(a => (a.Node, a.Kind)));
    }

    [Fact]
    public void Dial_Failed_IsRepeatedAfterPausesThatDouble()
    {
        PreConnectPlan<Directory> plan = NewPlan(_options with { RelaysPerLeader = 0 });
        plan.Update(0, 0);
        Actions(plan, 0);
        long now = 0;
        foreach (long pause in (long[])[100, 200, 400, 800, 1600, 3200, 5000, 5000])
        {
            plan.OnLost(2, now);
            Assert.DoesNotContain(Actions(plan, now + (pause * Ms) - 1), a => a.Node == 2);
            now += pause * Ms;
            Assert.Contains(Actions(plan, now), a => a is { Node: 2, Kind: ConnectKind.Dial });
        }
    }

    [Fact]
    public void Leader_ComingUp_IsProbedUntilItsWindowIsOpen()
    {
        PreConnectPlan<Directory> plan = NewPlan(_options with { RelaysPerLeader = 0 });
        plan.Update(0, 0);
        Actions(plan, 0);
        plan.OnConnected(4, 0);
        // D leads block 3, which begins at 3 s: until 2 s it is only measured.
        ConnectAction first = Assert.Single(Actions(plan, 0));
        Assert.Equal((ConnectKind.Probe, 4), (first.Kind, first.Node));
        plan.OnMeasured(4, new PathMeasure(40 * Ms, 1, 0, 12_000), 40 * Ms);
        Assert.Equal(Readiness.Measured, plan.ReadinessOf(4));
        Assert.True(plan.TryGetMeasure(4, out PathMeasure measure));
        Assert.Equal(40 * Ms, measure.RoundTripNs);
        Assert.Empty(Actions(plan, 100 * Ms));

        long now = 2 * Second;
        int window = 12_000;
        int rounds = 0;
        while (plan.ReadinessOf(4) != Readiness.Warm)
        {
            ConnectAction probe = Assert.Single(Actions(plan, now));
            Assert.InRange(probe.Bytes, 1200, _options.ProbeBytesMax);
            window += probe.Bytes;
            now += 40 * Ms;
            plan.OnMeasured(4, new PathMeasure(40 * Ms, 10, 0, window), now);
            rounds++;
        }

        Assert.InRange(rounds, 2, 8);
        // Open: nothing but a look now and then.
        Assert.InRange(Actions(plan, now + (40 * Ms)).Sum(a => a.Bytes), 0, 1200);
    }

    [Fact]
    public void HandOver_ToEachReadiness_IsCountedForWhatItIs()
    {
        PreConnectPlan<Directory> plan = NewPlan(_options with { RelaysPerLeader = 0 });
        plan.Update(0, 0);
        Assert.Equal(0, plan.HandOvers);
        Actions(plan, 0);
        plan.Update(1, 0);
        Assert.Equal((1L, 1L, 0L), (plan.HandOvers, plan.ColdDials, plan.UnwarmedHandOvers));
        Actions(plan, 0);
        plan.OnConnected(4, 0);
        plan.Update(2, 0);
        Assert.Equal((2L, 1L, 1L), (plan.HandOvers, plan.ColdDials, plan.UnwarmedHandOvers));
        Actions(plan, 0);
        plan.OnConnected(5, 0);
        plan.OnMeasured(5, new PathMeasure(Ms, 1, 0, _options.WindowBytes), 1);
        plan.Update(3, 1);
        Assert.Equal((3L, 1L, 1L), (plan.HandOvers, plan.ColdDials, plan.UnwarmedHandOvers));
    }

    [Fact]
    public void Leader_WithoutARecord_IsDialledWhenItHasOne()
    {
        var directory = new Directory { Unknown = [B] };
        var plan = new PreConnectPlan<Directory>(
            _lookahead, directory, _options with { RelaysPerLeader = 0 }, self: 99);
        plan.Update(0, 0);
        Assert.Equal([3, 4], Actions(plan, 0).Select(a => a.Node));
        directory.Unknown!.Clear();
        plan.Update(0, 1);
        Assert.Empty(Actions(plan, 1));
        plan.Update(0, 1, recordsChanged: true);
        Assert.Equal([2], Actions(plan, 1).Select(a => a.Node));
        directory.Unknown.Add(C);
        plan.Update(1, 2);
        Assert.Equal(1, plan.UnknownLeaders);
    }

    [Fact]
    public void Leader_NotComingUpAnyMore_IsLetGoAfterAWhile()
    {
        PreConnectPlan<Directory> plan = NewPlan(_options with { RelaysPerLeader = 0 });
        plan.Update(0, 0);
        foreach (ConnectAction dial in Actions(plan, 0).ToArray())
        {
            plan.OnConnected(dial.Node, 0);
        }

        plan.Update(1, Second);
        Assert.DoesNotContain(Actions(plan, 2 * Second), a => a.Kind == ConnectKind.Release);
        ConnectAction release = Assert.Single(
            Actions(plan, Second + _options.LingerNs), a => a.Kind == ConnectKind.Release);
        Assert.Equal(2, release.Node);
        Assert.Equal(Readiness.None, plan.ReadinessOf(2));
        plan.OnMeasured(2, default, 0);
        plan.OnLost(2, 0);
    }

    [Fact]
    public void Self_IsNeverDialledNorCounted()
    {
        PreConnectPlan<Directory> plan = NewPlan(_options with { RelaysPerLeader = 0 }, self: 3);
        plan.Update(0, 0);
        Assert.Equal([2, 4], Actions(plan, 0).Select(a => a.Node));
        plan.Update(1, 0);
        Assert.Equal(0, plan.HandOvers);
    }

    [Fact]
    public void Count_OverManyTurns_IsBounded()
    {
        PreConnectPlan<Directory> plan = NewPlan();
        for (ulong head = 0; head < 200; head++)
        {
            plan.Update(head, (long)head * Second);
            Assert.InRange(Actions(plan, (long)head * Second).Count, 0, 50);
        }

        Assert.InRange(plan.Count, 1, 5 * 3);
    }

    private PreConnectPlan<Directory> NewPlan(PreConnectOptions? options = null, int self = 99) =>
        new(_lookahead, new Directory(), options ?? _options, self);

    private static List<ConnectAction> Actions(PreConnectPlan<Directory> plan, long nowNs)
    {
        var actions = new List<ConnectAction>();
        while (plan.TryNext(nowNs, nowNs, out ConnectAction action))
        {
            actions.Add(action);
            Assert.True(actions.Count < 1000, "the plan never ends");
        }

        return actions;
    }

    private readonly struct Directory : IPeerDirectory
    {
        public Directory()
        {
        }

        public HashSet<Address>? Unknown { get; init; }

        public int NodeOf(in Address sequencer) =>
            Unknown?.Contains(sequencer) == true ? -1 : Array.IndexOf([A, B, C, D, E], sequencer) + 1;

        public int RelaysOf(int leader, Span<int> relays)
        {
            relays[0] = leader * 10;
            relays[1] = (leader * 10) + 1;
            return 2;
        }
    }
}
