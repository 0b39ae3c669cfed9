using System.Threading.Channels;
using BenchmarkDotNet.Attributes;
using Fragcast.Perf.Rings;
using Fragcast.Transport.Buffers;
using Fragcast.Transport.Rings;

namespace Fragcast.Perf.Micro;

/// <summary>
/// The instructions alone: both sides on one thread, so that no cache line moves. An operation is one number, or one
/// buffer, through and back.
/// </summary>
public class UncontendedBenchmarks
{
    private const int Count = 4096;

    private readonly RingPipe<BusySpin> _ring = RingPipe<BusySpin>.Create(Subjects.QueueSize);
    private readonly RingPipe<BusySpin> _multi = RingPipe<BusySpin>.Create(Subjects.QueueSize, ProducerKind.Multi);
    private readonly Channel<long> _channel = Subjects.NewChannel();
    private readonly PinnedBufferPool _pool = new(64);
    private SumSink _sink;

    /// <summary>How many numbers are sent before they are received.</summary>
    [Params(1, 16)]
    public int Batch { get; set; }

    /// <summary>A bounded channel.</summary>
    [Benchmark(Baseline = true, OperationsPerInvoke = Count)]
    public long Channel() => Pass(new PolledChannelPipe<BusySpin>(_channel));

    /// <summary>The ring with one producer.</summary>
    [Benchmark(OperationsPerInvoke = Count)]
    public long Ring() => Pass(_ring);

    /// <summary>The ring that allows several producers.</summary>
    [Benchmark(OperationsPerInvoke = Count)]
    public long RingMultiProducer() => Pass(_multi);

    /// <summary>Renting a buffer for two holders, and both releases.</summary>
    [Benchmark(OperationsPerInvoke = Count)]
    public int RentShareRelease()
    {
        int bytes = 0;
        for (int i = 0; i < Count && _pool.TryRent(out BufferLease lease); i++)
        {
            bytes += lease.Retain().Length;
            lease.Release();
            lease.Release();
        }

        return bytes;
    }

    private long Pass<TPipe>(TPipe pipe)
        where TPipe : struct, IPipe
    {
        for (int first = 0; first < Count; first += Batch)
        {
            pipe.Send(first, Batch);
            for (int left = Batch; left > 0;)
                left -= pipe.Receive(ref _sink);
        }

        return _sink.Sum;
    }
}
