using System.Threading.Channels;
using Fragcast.Primitives.Metrics;
using Fragcast.Transport.Rings;

namespace Fragcast.Perf.Rings;

/// <summary>One of the things that are compared for throughput.</summary>
/// <param name="Name">Its name in figures.</param>
/// <param name="MustNotAllocate">Whether an allocated byte is a failure.</param>
/// <param name="Run">Runs it once, on a fresh instance: how many numbers, how many at a time.</param>
internal sealed record ThroughputSubject(string Name, bool MustNotAllocate, Func<int, int, RunResult> Run);

/// <summary>One of the things that are compared for latency.</summary>
/// <param name="Name">Its name in figures.</param>
/// <param name="MustNotAllocate">Whether an allocated byte is a failure.</param>
/// <param name="Run">Runs it once, on a fresh instance: how many numbers, the gap in ns, where to record.</param>
internal sealed record LatencySubject(
    string Name, bool MustNotAllocate, Func<int, long, LatencyHistogram, RunResult> Run);

/// <summary>
/// The lists of what is compared. Every queue has the same number of slots. Throughput is compared by the yielding ring
/// and channel, which a machine with other work disturbs least; latency by the spinning ones, the least there is.
/// </summary>
internal static class Subjects
{
    /// <summary>Slots of every ring and channel here.</summary>
    public const int QueueSize = 1024;

    public const string RingSpin = "ring spin";
    public const string RingYield = "ring yield";
    public const string ChannelAsync = "channel async";
    public const string ChannelPolled = "channel polled";
    public const string Bounce = "raw bounce";

    public static IReadOnlyList<ThroughputSubject> Throughput { get; } =
    [
        new(RingSpin, true, (count, batch) => Ring<BusySpin>(count, batch)),
        new(RingYield, true, (count, batch) => Ring<Yielding>(count, batch)),
        new("ring block", true, (count, batch) => Ring<Blocking>(count, batch)),
        new("ring multi-producer spin", true, (count, batch) => Ring<BusySpin>(count, batch, ProducerKind.Multi)),
        new(ChannelAsync, false, (count, _) => AsyncChannelRun.Throughput(NewChannel(), count)),
        new(ChannelPolled, false, (count, batch) =>
            PipeRun.Throughput(new PolledChannelPipe<Yielding>(NewChannel()), count, batch)),
        new(Bounce, true, (count, batch) => PipeRun.Throughput(new BouncePipe(), count, batch)),
    ];

    public static IReadOnlyList<LatencySubject> Latency { get; } =
    [
        new(RingSpin, true, RingLatency<BusySpin>),
        new(RingYield, true, RingLatency<Yielding>),
        new("ring block", true, RingLatency<Blocking>),
        new(ChannelAsync, false, (count, gapNs, ages) => AsyncChannelRun.Latency(NewChannel(), count, gapNs, ages)),
        new(ChannelPolled, false, (count, gapNs, ages) =>
            PipeRun.Latency(new PolledChannelPipe<BusySpin>(NewChannel()), count, gapNs, ages)),
        new(Bounce, true, (count, gapNs, ages) => PipeRun.Latency(new BouncePipe(), count, gapNs, ages)),
    ];

    public static Channel<long> NewChannel() => Channel.CreateBounded<long>(
        new BoundedChannelOptions(QueueSize) { SingleReader = true, SingleWriter = true });

    private static RunResult Ring<TWait>(int count, int batch, ProducerKind producers = ProducerKind.Single)
        where TWait : struct, IWaitStrategy =>
        PipeRun.Throughput(RingPipe<TWait>.Create(QueueSize, producers), count, batch);

    private static RunResult RingLatency<TWait>(int count, long gapNs, LatencyHistogram ages)
        where TWait : struct, IWaitStrategy =>
        PipeRun.Latency(RingPipe<TWait>.Create(QueueSize), count, gapNs, ages);
}
