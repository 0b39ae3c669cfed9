using BenchmarkDotNet.Attributes;
using Fragcast.Perf.Rings;
using Fragcast.Transport.Rings;

namespace Fragcast.Perf.Micro;

/// <summary>
/// Throughput from one thread to another: an operation is one number, sent alone or with fifteen others. An invocation
/// starts both threads, which is about a thousandth of it.
/// </summary>
public class QueueBenchmarks
{
    private const int Count = 1 << 19;

    /// <summary>How many numbers are sent at a time.</summary>
    [Params(1, 16)]
    public int Batch { get; set; }

    /// <summary>A bounded channel in its usual, asynchronous way: what the others are compared with.</summary>
    [Benchmark(Baseline = true, OperationsPerInvoke = Count)]
    public double ChannelAsync() => Check(AsyncChannelRun.Throughput(Subjects.NewChannel(), Count));

    /// <summary>A bounded channel whose two sides try again until it works.</summary>
    [Benchmark(OperationsPerInvoke = Count)]
    public double ChannelPolled() => Run(new PolledChannelPipe<Yielding>(Subjects.NewChannel()));

    /// <summary>The ring with one producer.</summary>
    [Benchmark(OperationsPerInvoke = Count)]
    public double Ring() => Run(RingPipe<Yielding>.Create(Subjects.QueueSize));

    /// <summary>The ring that allows several producers, with one.</summary>
    [Benchmark(OperationsPerInvoke = Count)]
    public double RingMultiProducer() => Run(RingPipe<Yielding>.Create(Subjects.QueueSize, ProducerKind.Multi));

    /// <summary>The ring whose sides park when they have to wait.</summary>
    [Benchmark(OperationsPerInvoke = Count)]
    public double RingBlocking() => Run(RingPipe<Blocking>.Create(Subjects.QueueSize));

    /// <summary>The raw limit: two threads that bounce one cache line.</summary>
    [Benchmark(OperationsPerInvoke = Count)]
    public double RawBounce() => Run(new BouncePipe());

    private double Run<TPipe>(TPipe pipe)
        where TPipe : struct, IPipe => Check(PipeRun.Throughput(pipe, Count, Batch));

    private static double Check(RunResult result) => result.IsCorrect
        ? result.ElapsedNs
        : throw new InvalidOperationException("What arrived is not what was sent.");
}
