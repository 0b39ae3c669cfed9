using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Fragcast.Primitives.Metrics;
using Fragcast.Primitives.Reporting;
using Fragcast.Transport;

namespace Fragcast.Perf.Transport;

/// <summary>
/// Round trips on an existing connection, with and without Initials that pour in from many addresses: half of them
/// replayed from genuine diallers, half with fresh ids and a body of noise. What sends them runs on the same cores, so
/// the limit is the same flood sent to a socket that nobody reads.
/// </summary>
internal static class FloodRuns
{
    private const double P99RatioMax = 2;
    private const long LongestNs = 10_000_000_000;

    private static readonly Exchange RoundTrip = new(Carrier.Datagram, 1200, false);

    public static void Run(Bench bench)
    {
        foreach (EngineChoice engine in bench.Engines)
            Measure(bench, engine);
    }

    private static void Measure(Bench bench, EngineChoice engine)
    {
        using EnginePair pair = new(engine);
        using InitialFlood flood = new(engine, pair.Far.LocalEndPoint);
        string[] names = ["no flood", "the flood to another port", "the flood"];
        LatencyHistogram[] all = [new(LongestNs), new(LongestNs), new(LongestNs)];
        List<double>[] p99 = [[], [], []];
        List<double> rates = [];
        for (int round = -1; round < bench.Options.Rounds; round++)
        {
            for (int i = 0; i < names.Length; i++)
            {
                LatencyHistogram durations = new(LongestNs);
                flood.Begin(i == 0 ? 0 : bench.Options.FloodRate, isElsewhere: i == 1);
                bool isGood = pair.Run(RoundTrip, 4 * bench.Options.Exchanges, durations);
                double rate = flood.End();
                if (!bench.Check(isGood, $"round trips during {names[i]}, {engine.Name}"))
                    return;
                if (round < 0)
                    continue;
                all[i].Merge(durations);
                p99[i].Add(durations.ValueAtPercentile(99));
                if (i == 2)
                    rates.Add(rate);
            }
        }

        for (int i = 0; i < names.Length; i++)
            bench.Figures.Add(Figure.Latency($"round trip, {RoundTrip}, {names[i]}, {engine.Name}", all[i]));
        Figure Ratio(int limit) => Figure.Single(
            $"round trip p99, {names[2]} / {names[limit]}, {engine.Name}",
            "ratio",
            Bench.Median(p99[2].Zip(p99[limit], (flooded, quiet) => flooded / Math.Max(1, quiet))));
        bench.Figures.Add(Ratio(0));
        bench.Figures.Add(Ratio(1).WithAtMost(FigurePart.Value, P99RatioMax));
        bench.Figures.Add(Figure.Single($"flood, Initials sent, {engine.Name}", "1/s", Bench.Median(rates)));
        foreach (TransportCounter counter in Counted)
            bench.Figures.Add(Figure.Single($"flood, {counter}, {engine.Name}", "count", pair.Far.Counters[counter]));
    }

    private static readonly TransportCounter[] Counted =
    [
        TransportCounter.PacketsIn, TransportCounter.PacketsUnrecognised, TransportCounter.HandshakesAccepted,
        TransportCounter.HandshakesRefusedByLimit, TransportCounter.RetriesSent,
    ];
}

/// <summary>A thread that sends Initials at a rate, each from one of many loopback addresses.</summary>
internal sealed class InitialFlood : IDisposable
{
    private const int InitialBytes = 1200;
    private const int Sources = 200;
    private const int Captured = 64;

    private readonly Socket[] _sources = new Socket[Sources];
    private readonly List<byte[]> _genuine = [];
    private readonly byte[] _noise = new byte[InitialBytes];
    private readonly Socket _sink = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly SocketAddress _target;
    private readonly Random _random = new(1);
    private Thread? _thread;
    private bool _isStopping;
    private long _sent;
    private long _startedNs;

    public InitialFlood(EngineChoice engine, IPEndPoint target)
    {
        _target = target.Serialize();
        _sink.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        for (int i = 0; i < Sources; i++)
        {
            _sources[i] = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            _sources[i].Blocking = false;
            _sources[i].Bind(new IPEndPoint(new IPAddress([127, 1, (byte)(i >> 6), (byte)(1 + (i & 63))]), 0));
        }

        _random.NextBytes(_noise);
        Capture(engine);
    }

    public void Dispose()
    {
        _sink.Dispose();
        foreach (Socket source in _sources)
            source.Dispose();
    }

    public void Begin(int perSecond, bool isElsewhere)
    {
        SocketAddress target = isElsewhere ? _sink.LocalEndPoint!.Serialize() : _target;
        _isStopping = false;
        _sent = 0;
        _startedNs = Cost.NowNs;
        _thread = new Thread(() => Send(perSecond, target)) { IsBackground = true, Name = "flood" };
        _thread.Start();
    }

    /// <summary>Stops, and tells how many a second were sent.</summary>
    public double End()
    {
        Volatile.Write(ref _isStopping, true);
        _thread!.Join();
        return _sent * 1e9 / (Cost.NowNs - _startedNs);
    }

    // What a dialler of the engine sends to an address where nobody answers.
    private void Capture(EngineChoice engine)
    {
        using Socket sink = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        sink.ReceiveTimeout = 2000;
        sink.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        using ITransportEndpoint dialler = engine.Start(new Listener());
        for (int i = 0; i < Captured; i++)
            dialler.Dial((IPEndPoint)sink.LocalEndPoint!, null);
        byte[] buffer = new byte[2048];
        while (_genuine.Count < Captured)
        {
            try
            {
                int length = sink.Receive(buffer);
                if (length >= InitialBytes)
                    _genuine.Add(buffer[..length]);
            }
            catch (SocketException)
            {
                return;
            }
        }
    }

    private void Send(int perSecond, SocketAddress target)
    {
        while (!Volatile.Read(ref _isStopping))
        {
            Thread.Sleep(1);
            long due = (Cost.NowNs - _startedNs) * perSecond / 1_000_000_000;
            // Not all of what a pause of the scheduler has held up.
            for (int burst = perSecond / 100; _sent < due && burst > 0; burst--)
                SendOne(target);
        }
    }

    private void SendOne(SocketAddress target)
    {
        byte[] packet = _noise;
        if (_genuine.Count > 0 && (_sent & 1) == 0)
        {
            packet = _genuine[(int)(_sent / 2 % _genuine.Count)];
        }
        else
        {
            // Long header, Initial, version 1; ids of 8 bytes; no token; the length of the rest (RFC 9000, 17.2.2).
            // A fresh id makes it a connection of its own.
            packet[0] = 0xC0;
            BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(1), 1);
            packet[5] = 8;
            _random.NextBytes(packet.AsSpan(6, 8));
            packet[14] = 8;
            packet[23] = 0;
            BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(24), 0x4000 | (InitialBytes - 26));
        }

        try
        {
            _sources[_sent % Sources].SendTo(packet, SocketFlags.None, target);
        }
        catch (SocketException)
        {
            // Its buffer is full, or an answer found nobody: a flood does not care.
        }

        _sent++;
    }

    private sealed class Listener : QuietHandler;
}
