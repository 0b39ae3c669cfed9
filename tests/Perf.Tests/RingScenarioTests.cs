using Fragcast.Perf.Rings;
using Fragcast.Primitives.Metrics;
using Fragcast.Primitives.Reporting;

namespace Fragcast.Perf.Tests;

public sealed class RingScenarioTests
{
    [Fact]
    public void Run_Tiny_ReportsEverySubjectAndTheRingAllocatesNothing()
    {
        (Report report, IReadOnlyList<string> failures) =
            RingScenario.Run(new RingScenarioOptions(Rounds: 3, Count: 1600, LatencyCount: 50, GapNs: 1000));
        Assert.Empty(failures);
        Assert.Equal("ring", report.Scenario);
        Figure[] gated = [.. report.Figures.Where(figure => figure.Goal is not null)];
        int throughput = Subjects.Throughput.Count(subject => subject.MustNotAllocate);
        int latency = Subjects.Latency.Count(subject => subject.MustNotAllocate);
        Assert.Equal((2 * throughput) + latency, gated.Length);
        Assert.All(gated, figure => Assert.True(figure.Holds, figure.ToString()));
        foreach (LatencySubject subject in Subjects.Latency)
        {
            string name = RingScenario.LatencyName(subject);
            Assert.Equal(150, Assert.Single(report.Figures, figure => figure.Name == name).Count);
        }

        Assert.All(report.Figures, figure => Assert.True(figure.Value is null or >= 0));
    }

    [Fact]
    public void Throughput_PipeThatChangesANumber_IsNotCorrect() =>
        Assert.False(PipeRun.Throughput(new LyingPipe(new BouncePipe()), 160, 16).IsCorrect);

    [Fact]
    public void Latency_HistogramFromBefore_CountsOnlyTheRun()
    {
        LatencyHistogram ages = new();
        Assert.True(PipeRun.Latency(new BouncePipe(), 10, 0, ages).IsCorrect);
        Assert.True(PipeRun.Latency(new BouncePipe(), 20, 0, ages).IsCorrect);
        Assert.Equal(30, ages.Count);
    }

    private readonly struct LyingPipe(BouncePipe inner) : IPipe
    {
        public void Send(long first, int count) => inner.Send(first == 32 ? 31 : first, count);

        public int Receive<TSink>(ref TSink sink)
            where TSink : struct, ISink => inner.Receive(ref sink);
    }
}
