using Fragcast.Perf.Simulate;
using Fragcast.Perf.Simulate.Schemes;

namespace Fragcast.Perf.Tests.Simulate;

public sealed class SimulationTests
{
    private static readonly SimConfig Small = new()
    {
        Nodes = 60,
        DurationNs = 200_000_000,
        TailNs = 2_000_000_000,
        Threads = 1,
    };

    public static TheoryData<string> Names => [.. SchemeNames.All];

    [Theory]
    [MemberData(nameof(Names))]
    public void Run_SameSeedOnAnyNumberOfThreads_SameDigest(string name)
    {
        SimConfig config = Small with { Slow = 0.1, Churn = 0.2, Dead = 0.05, BurstNs = 20_000_000 };

        ulong once = Digest(name, config);

        Assert.NotEqual(0UL, once);
        Assert.Equal(once, Digest(name, config));
        Assert.Equal(once, Digest(name, config with { Threads = 2 }));
        Assert.Equal(once, Digest(name, config with { Threads = 3 }));
        Assert.NotEqual(once, Digest(name, config with { Seed = 2 }));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Run_LosslessNetwork_DeliversEverything(string name)
    {
        SchemeResult result = Run(name, SchemeNames.Fit(name, Small with { Loss = 0 }));

        Assert.Equal(59L * result.Items, result.Pairs);
        Assert.Equal(0, result.Undelivered);
        Assert.Equal(result.Pairs, result.Decodable.Count);
        Assert.Equal(result.Pairs, result.Replayable.Count);
        Assert.True(result.Replayable.Min >= result.Decodable.Min + (Small.FragBytes * Small.ReplayNsPerByte));
    }

    [Fact]
    public void Run_Star_TakesAsLongAsTheLeaderSends()
    {
        SimConfig config = Small with { Loss = 0, Regions = 1, Nodes = 101 };
        SchemeResult result = Run("star", SchemeNames.Fit("star", config));

        // A hundred times 25 packets with 32,768 bytes, at a gigabit a second, and the way within the region.
        double sendsNs = 100 * (32_768 + (25 * 58)) * 8.0;
        Assert.InRange(result.Excess.Max, sendsNs, sendsNs + 30_000_000);
        Assert.InRange(result.Excess.ValueAtPercentile(50), sendsNs / 2, (sendsNs / 2) + 10_000_000);
        double sent = result.Counters.LeaderToRelays + result.Counters.LeaderToLeaders;
        const int Wire = 32_768 + (25 * 58);
        Assert.InRange(sent / result.Items, 100 * Wire, 100 * (Wire + SimMessage.SizeUnit));
    }

    [Fact]
    public void Run_Mesh_SendsLessWhenPeersSayThatTheyHaveIt()
    {
        SchemeResult result = Run("mesh", Small with { IntervalNs = 50_000_000 });

        Assert.Equal(0, result.Undelivered);
        Assert.InRange(result.Redundant, 1, 7);
    }

    [Fact]
    public void Run_DeadRelay_CostsTheTreeAllBelow()
    {
        SchemeResult result = Run("tree", Small with { Dead = 0.2 });

        Assert.InRange(result.Undelivered, 1, result.Pairs);
    }

    [Fact]
    public void Run_SlowNodes_AreLater()
    {
        long all = Run("star", SchemeNames.Fit("star", Small)).Replayable.ValueAtPercentile(99);
        long slow = Run("star", SchemeNames.Fit("star", Small with { Slow = 0.5 })).Replayable.ValueAtPercentile(99);

        Assert.True(slow > all + (5 * Small.FragBytes * Small.ReplayNsPerByte));
    }

    [Fact]
    public void Run_Churn_CountsOnlyNodesThatAreThere()
    {
        SimConfig config = Small with { Churn = 0.5, ChurnUpNs = 500_000_000, ChurnDownNs = 500_000_000, Loss = 0 };
        SchemeResult result = Run("star", SchemeNames.Fit("star", config));

        Assert.InRange(result.Pairs, 1, (59L * result.Items) - 1);
        Assert.Equal(0, result.Undelivered);
    }

    [Fact]
    public void Run_Rotation_NextLeaderStartsFromTheLastItem()
    {
        SimConfig config = Small with { RotateNs = 50_000_000, Loss = 0 };
        SchemeResult warm = Run("star", config);
        SchemeResult cold = Run("star", config with { IsCold = true });

        Assert.Equal(3 * (config.Nodes - config.Leaders), warm.Gap.Count);
        Assert.True(warm.LevelGap.Min >= 0);
        Assert.True(cold.Gap.ValueAtPercentile(50) > warm.Gap.ValueAtPercentile(50));
    }

    private static ulong Digest(string name, SimConfig config) => Run(name, config).Digest;

    private static SchemeResult Run(string name, SimConfig config)
    {
        Assert.Null(SimulateOptions.Problem(config));
        return SchemeResult.Run(config, SchemeNames.Create(name));
    }
}
