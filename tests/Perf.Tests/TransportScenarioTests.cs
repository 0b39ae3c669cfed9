using Fragcast.Perf.Transport;
using Fragcast.Primitives.Reporting;

namespace Fragcast.Perf.Tests;

public sealed class TransportScenarioTests
{
    private static readonly TransportScenarioOptions Tiny = new()
    {
        Rounds = 1,
        Spins = true,
        Exchanges = 20,
        OneWays = 5,
        StreamBytes = 200_000,
        Peers = [1, 3],
        Bursts = 5,
        Connects = 2,
        Idle = 10,
        Churn = 20,
        Streams = 200,
        FloodRate = 2000,
    };

    public static TheoryData<string> Parts => [.. TransportScenario.Parts];

    [Theory]
    [MemberData(nameof(Parts))]
    public void Run_Tiny_AllArrivesAndIsReported(string part)
    {
        (Report report, IReadOnlyList<string> failures) = TransportScenario.Run(Tiny with { Only = [part] });

        Assert.Empty(failures);
        Assert.NotEmpty(report.Figures);
        foreach (EngineChoice engine in EngineChoice.Find(""))
        {
            Assert.Contains(
                report.Figures,
                figure => figure.Name.Contains(engine.Name, StringComparison.Ordinal) && figure.Count != 0);
        }
    }

    [Fact]
    public void TryTake_AnotherByte_IsNotTheMessage()
    {
        MessageBytes message = new(100);
        message.Number(7);
        byte[] copy = message.Span.ToArray();
        copy[99] ^= 1;

        Assert.True(message.TryTake(copy.AsSpan(0, 99)));
        Assert.False(message.IsWhole);
        Assert.False(message.TryTake(copy.AsSpan(99)));
        copy[99] ^= 1;
        Assert.True(message.TryTake(copy.AsSpan(99)));
        Assert.True(message.IsWhole);
    }

    [Fact]
    public void TryReceive_AnotherMessage_IsNoticed()
    {
        using RawSocket near = new(spins: false);
        using RawSocket far = new(spins: false);
        near.Connect(far);
        MessageBytes sent = new(5000);
        sent.Number(1);

        near.Send(sent.Span);
        Assert.True(far.TryReceive(sent));
        near.Send(sent.Span);
        sent.Number(2);
        Assert.False(far.TryReceive(sent));
    }
}
