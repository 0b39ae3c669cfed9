using System.Net;
using Fragcast.Primitives.Metrics;
using Fragcast.Primitives.Reporting;
using Fragcast.Transport;
using Fragcast.Transport.Buffers;
using Fragcast.Transport.Identity;

namespace Fragcast.Perf.Transport;

/// <summary>
/// One datagram to many peers: the time until the last has it, and processor time, beside sendmmsg of as many copies.
/// All peers share one endpoint and I/O thread, as the raw copies share one socket: 256 threads would measure the
/// scheduler of a small machine. So the processor time is that of both sides, on either side of the comparison.
/// </summary>
internal static class FanOutRuns
{
    private const int DatagramBytes = 1200;
    private const double RatioMax = 3;

    public static void Run(Bench bench)
    {
        foreach (EngineChoice engine in bench.Engines)
        {
            foreach (int peers in bench.Options.Peers)
                Measure(bench, engine, peers);
        }
    }

    private static void Measure(Bench bench, EngineChoice engine, int peers)
    {
        string what = $"{peers} peers, {engine.Name}";
        using Receivers receivers = new(peers);
        using Broadcaster broadcaster = new(peers, receivers);
        using ITransportEndpoint far = receivers.Endpoint = engine.Start(receivers);
        using ITransportEndpoint near = broadcaster.Endpoint = engine.Start(broadcaster);
        using RawSocket rawNear = new(spins: false);
        using RawSocket rawFar = new(spins: false);
        rawNear.Connect(rawFar);
        rawFar.Connect(rawNear);
        if (!bench.Check(broadcaster.TryConnect(far), $"fan-out, {what}: connecting"))
            return;

        LatencyHistogram times = new(10_000_000_000);
        LatencyHistogram rawTimes = new(10_000_000_000);
        List<double> timeRatios = [];
        List<double> cpuRatios = [];
        List<double> cpu = [];
        int bursts = bench.Options.Bursts;
        for (int round = -1; round < bench.Options.Rounds; round++)
        {
            LatencyHistogram rawRound = new(10_000_000_000);
            LatencyHistogram engineRound = new(10_000_000_000);
            Cost start = Cost.Read();
            bool isRawGood = RunRaw(rawNear, rawFar, peers, bursts, rawRound);
            Cost middle = Cost.Read();
            bool isGood = broadcaster.Run(bursts, engineRound);
            Cost end = Cost.Read();
            if (!bench.Check(isGood && isRawGood, $"fan-out, {what}"))
                return;
            if (round < 0)
                continue;
            times.Merge(engineRound);
            rawTimes.Merge(rawRound);
            timeRatios.Add(engineRound.ValueAtPercentile(50) / Math.Max(1.0, rawRound.ValueAtPercentile(50)));
            cpuRatios.Add((end - middle).CpuNs / Math.Max(1.0, (middle - start).CpuNs));
            cpu.Add((end - middle).CpuNs / 1e3 / bursts / peers);
        }

        bench.Figures.Add(Figure.Latency($"fan-out until the last, {peers} peers, raw UDP sendmmsg", rawTimes));
        bench.Figures.Add(Figure.Latency($"fan-out until the last, {what}", times));
        bench.Figures.Add(Ratio($"fan-out time p50, {what} / raw UDP", timeRatios));
        bench.Figures.Add(Figure.Single($"fan-out CPU per datagram, both sides, {what}", "us", Bench.Median(cpu)));
        bench.Figures.Add(Ratio($"fan-out CPU, {what} / raw UDP", cpuRatios));
    }

    private static Figure Ratio(string name, List<double> ratios) =>
        Figure.Single(name, "ratio", Bench.Median(ratios)).WithAtMost(FigurePart.Value, RatioMax);

    private static bool RunRaw(RawSocket near, RawSocket far, int peers, int bursts, LatencyHistogram times)
    {
        MessageBytes message = new(DatagramBytes);
        MessageBytes answer = new(Exchange.AnswerBytes);
        long arrivedNs = 0;
        bool isFarGood = true;
        Thread thread = new(() =>
        {
            for (int i = 0; i < bursts && isFarGood; i++)
            {
                isFarGood = far.TryReceiveCopies(message.Span, peers);
                Volatile.Write(ref arrivedNs, Cost.NowNs);
                far.Send(answer.Span);
            }
        }) { IsBackground = true, Name = "raw far" };
        thread.Start();
        bool isGood = true;
        for (int i = 0; i < bursts && isGood; i++)
        {
            answer.Number(0);
            long startedNs = Cost.NowNs;
            near.SendCopies(message.Span, peers);
            isGood = near.TryReceive(answer);
            if (i > 0)
                times.Record(Volatile.Read(ref arrivedNs) - startedNs);
        }

        thread.Join();
        return isGood && isFarGood;
    }

    /// <summary>All peers: counts copies, and asks for the next burst when the last has come.</summary>
    private sealed class Receivers(int peers) : QuietHandler, IDisposable
    {
        private readonly CountdownEvent _connected = new(peers);
        private long _arrivedNs;
        private int _received;

        public ITransportEndpoint Endpoint { get; set; } = null!;

        public MessageBytes Message { get; } = new(DatagramBytes);

        public CountdownEvent Connected => _connected;

        public long ArrivedNs => Volatile.Read(ref _arrivedNs);

        public void Dispose() => _connected.Dispose();

        public override void OnConnected(ConnectionId connection, PeerId peer, IPEndPoint remote, bool dialled) =>
            _connected.Signal();

        public override void OnDatagram(ConnectionId connection, BufferLease datagram)
        {
            if (datagram.Span.SequenceEqual(Message.Span) && ++_received == peers)
            {
                _received = 0;
                Volatile.Write(ref _arrivedNs, Cost.NowNs);
                _ = Endpoint.TrySendDatagram(connection, "received"u8, EgressClass.Realtime);
            }

            datagram.Release();
        }
    }

    /// <summary>The one sender: every burst is one buffer that all connections share.</summary>
    private sealed class Broadcaster(int peers, Receivers receivers) : QuietHandler, IDisposable
    {
        private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

        private readonly ConnectionId[] _connections = new ConnectionId[peers];
        private readonly CountdownEvent _connected = new(peers);
        private readonly ManualResetEventSlim _done = new();
        private readonly PinnedBufferPool _pool = new(4);
        private LatencyHistogram _times = new(1);
        private int _left;
        private long _startedNs;
        private bool _isFirst;
        private bool _isWrong;

        public ITransportEndpoint Endpoint { get; set; } = null!;

        public void Dispose()
        {
            _connected.Dispose();
            _done.Dispose();
        }

        public bool TryConnect(ITransportEndpoint far)
        {
            for (int i = 0; i < peers; i++)
            {
                _connections[i] = Endpoint.Dial(far.LocalEndPoint, far.LocalPeer);
                // A few handshakes at a time, so that none runs into its time-out on a busy machine.
                if (!SpinWait.SpinUntil(() => i - (peers - _connected.CurrentCount) < 16, Patience))
                    return false;
            }

            return _connected.Wait(Patience) && receivers.Connected.Wait(Patience)
                && SpinWait.SpinUntil(() => _connections.All(IsWide), Patience);
        }

        public bool Run(int bursts, LatencyHistogram times)
        {
            _times = times;
            _left = bursts;
            _isFirst = true;
            _isWrong = false;
            _done.Reset();
            SendBurst();
            return _done.Wait(Patience) && !_isWrong;
        }

        public override void OnConnected(ConnectionId connection, PeerId peer, IPEndPoint remote, bool dialled) =>
            _connected.Signal();

        public override void OnDatagram(ConnectionId connection, BufferLease datagram)
        {
            datagram.Release();
            if (!_isFirst)
                _times.Record(receivers.ArrivedNs - _startedNs);
            _isFirst = false;
            if (--_left > 0)
                SendBurst();
            else
                _done.Set();
        }

        private bool IsWide(ConnectionId connection) =>
            Endpoint.TryGetPath(connection, out PathStatistics path) && path.MaxDatagramBytes >= DatagramBytes;

        private void SendBurst()
        {
            _startedNs = Cost.NowNs;
            if (!_pool.TryRent(out BufferLease buffer))
            {
                _isWrong = true;
                _done.Set();
                return;
            }

            BufferLease datagram = buffer.Slice(0, DatagramBytes);
            receivers.Message.Span.CopyTo(datagram.Span);
            foreach (ConnectionId connection in _connections)
                _isWrong |= Endpoint.TrySendDatagram(connection, datagram, EgressClass.Realtime) != SendResult.Accepted;
            datagram.Release();
        }
    }
}
