using System.Net;
using Fragcast.Primitives.Reporting;
using Fragcast.Transport;
using Fragcast.Transport.Identity;

namespace Fragcast.Perf.Transport;

/// <summary>One stream as fast as it goes, from one I/O thread to another.</summary>
internal static class ThroughputRuns
{
    private const double OffloadMin = 600;
    private const double PlainMin = 300;

    // What all streams carry, over and over.
    private static readonly byte[] Pattern = MakePattern();

    public static void Run(Bench bench)
    {
        foreach (EngineChoice engine in bench.Engines)
        {
            // The other engine chooses its way to the kernel by itself.
            if (engine.MustNotAllocate)
            {
                Measure(bench, engine, "with segmentation offload", UdpMode.Offload, OffloadMin);
                Measure(bench, engine, "without offload", UdpMode.Batched, PlainMin);
            }
            else
            {
                Measure(bench, engine, "of its own", UdpMode.Auto, PlainMin);
            }
        }
    }

    // The best run: a bulk transfer shares two cores with whatever else runs, and noise only makes it slower.
    private static void Measure(Bench bench, EngineChoice engine, string how, UdpMode mode, double goal)
    {
        double best = 0;
        double cpuNsPerByte = double.MaxValue;
        for (int round = 0; round < bench.Options.Rounds; round++)
        {
            using BulkSink sink = new(bench.Options.StreamBytes);
            BulkSource source = new(bench.Options.StreamBytes);
            using ITransportEndpoint far = engine.Start(sink, options => options with { Udp = mode });
            using ITransportEndpoint near = engine.Start(source, options => options with { Udp = mode });
            source.Endpoint = near;
            Cost before = Cost.Read();
            near.Dial(far.LocalEndPoint, far.LocalPeer);
            if (!bench.Check(sink.Wait(), $"throughput {how}, {engine.Name}"))
                return;
            Cost cost = Cost.Read() - before;
            best = Math.Max(best, bench.Options.StreamBytes * 1e3 / (sink.EndedNs - source.StartedNs));
            cpuNsPerByte = Math.Min(cpuNsPerByte, cost.CpuNs / (double)bench.Options.StreamBytes);
        }

        string name = $"one stream {how}, {engine.Name}";
        bench.Figures.Add(Figure.Single($"throughput, {name}", "MB/s", best).WithAtLeast(FigurePart.Value, goal));
        bench.Figures.Add(Figure.Single($"throughput CPU, both sides, {name}", "ns/byte", cpuNsPerByte));
    }

    private static byte[] MakePattern()
    {
        byte[] pattern = new byte[64 << 10];
        new Random(1).NextBytes(pattern);
        return pattern;
    }

    private sealed class BulkSource(long total) : QuietHandler
    {
        private readonly Lock _writing = new();
        private long _written;
        private StreamId _stream;

        public ITransportEndpoint? Endpoint { get; set; }

        public long StartedNs { get; private set; }

        public override void OnConnected(ConnectionId connection, PeerId peer, IPEndPoint remote, bool dialled)
        {
            StartedNs = Cost.NowNs;
            _ = Endpoint!.TryOpenStream(connection, out _stream);
            Write();
        }

        public override void OnStreamWritable(StreamId stream) => Write();

        // Also called again from within, by an engine that has room at once.
        private void Write()
        {
            lock (_writing)
            {
                while (_written < total)
                {
                    int length = (int)Math.Min(Pattern.Length, total - _written);
                    SendResult result = Endpoint!.TryWriteStream(
                        _stream, Pattern.AsSpan(0, length), EgressClass.Bulk, _written + length == total);
                    if (result != SendResult.Accepted)
                        return;
                    _written += length;
                }
            }
        }
    }

    private sealed class BulkSink(long total) : QuietHandler, IDisposable
    {
        private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

        private readonly ManualResetEventSlim _done = new();
        private long _received;
        private bool _isWrong;

        public long EndedNs { get; private set; }

        public void Dispose() => _done.Dispose();

        public bool Wait() => _done.Wait(Patience) && !_isWrong && _received == total;

        public override void OnStreamData(StreamId stream, ReadOnlySpan<byte> data, bool end)
        {
            while (!data.IsEmpty)
            {
                ReadOnlySpan<byte> expected = Pattern.AsSpan((int)(_received % Pattern.Length));
                int length = Math.Min(expected.Length, data.Length);
                _isWrong |= !data[..length].SequenceEqual(expected[..length]);
                _received += length;
                data = data[length..];
            }

            if (end)
            {
                EndedNs = Cost.NowNs;
                _done.Set();
            }
        }
    }
}
