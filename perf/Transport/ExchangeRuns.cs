using Fragcast.Primitives.Metrics;
using Fragcast.Primitives.Reporting;

namespace Fragcast.Perf.Transport;

/// <summary>
/// Round trips and one way, pair by pair within each round, so that what disturbs the machine disturbs all of them.
/// </summary>
internal sealed class ExchangeRuns
{
    private const double RoundTripP50Max = 1.5;
    private const double RoundTripP99Max = 2;
    private const double OneWayP50Max = 1.3;

    private readonly Bench _bench;
    private readonly List<IExchangePair> _pairs = [];
    private readonly Dictionary<(Exchange Exchange, string Pair), List<OneRun>> _runs = [];

    private ExchangeRuns(Bench bench) => _bench = bench;

    /// <summary>Round trips of datagrams and on a stream, with the most important sizes.</summary>
    public static void RoundTrips(Bench bench) => new ExchangeRuns(bench).Run(
        bench.Options.Exchanges,
        new Exchange(Carrier.Datagram, 200, false),
        new Exchange(Carrier.Datagram, 1200, false),
        new Exchange(Carrier.Stream, 200, false),
        new Exchange(Carrier.Stream, 1200, false));

    /// <summary>Round trips to another process, for each engine beside a raw socket of the same process.</summary>
    public static void TwoProcesses(Bench bench)
    {
        foreach (EngineChoice engine in bench.Engines)
        {
            RawSocket raw = new(spins: false);
            using FarProcess? far = FarProcess.Start(engine.Name, raw.LocalEndPoint.Port);
            if (!bench.Check(far is not null, $"two processes, {engine.Name}: starting the other"))
            {
                raw.Dispose();
                continue;
            }

            raw.Connect(far!.Raw);
            new ExchangeRuns(bench).Run(
                bench.Options.Exchanges,
                () => [new RawProcessPair(engine, raw), new ProcessPair(engine, far)],
                new Exchange(Carrier.Datagram, 200, false),
                new Exchange(Carrier.Datagram, 1200, false),
                new Exchange(Carrier.Stream, 1200, false));
        }
    }

    /// <summary>32 KiB until the last of them has arrived.</summary>
    public static void OneWay(Bench bench) => new ExchangeRuns(bench).Run(
        bench.Options.OneWays,
        new Exchange(Carrier.Stream, 32 << 10, true),
        new Exchange(Carrier.Datagram, 32 << 10, true));

    private void Run(int count, params Exchange[] exchanges) => Run(count, PairsOfThisProcess, exchanges);

    private IEnumerable<IExchangePair> PairsOfThisProcess()
    {
        yield return new RawPair(spins: false);
        if (_bench.Options.Spins)
            yield return new RawPair(spins: true);
        foreach (EngineChoice engine in _bench.Engines)
        {
            yield return new EnginePair(engine);
            // The other engine has threads of its own, which nobody asks to spin.
            if (_bench.Options.Spins && engine.MustNotAllocate)
                yield return new EnginePair(engine, spins: true);
        }
    }

    private void Run(int count, Func<IEnumerable<IExchangePair>> makePairs, params Exchange[] exchanges)
    {
        try
        {
            foreach (IExchangePair pair in makePairs())
                _pairs.Add(pair);

            // One round is thrown away: the first calls are compiled without optimisation.
            for (int round = -1; round < _bench.Options.Rounds; round++)
            {
                foreach (Exchange exchange in exchanges)
                    RunRound(exchange, count, round < 0);
            }
        }
        finally
        {
            foreach (IExchangePair pair in _pairs)
                pair.Dispose();
        }

        foreach (Exchange exchange in exchanges)
            Report(exchange, count);
    }

    private void RunRound(Exchange exchange, int count, bool isWarmUp)
    {
        foreach (IExchangePair pair in _pairs)
        {
            LatencyHistogram durations = new(1_000_000_000);
            Cost before = Cost.Read();
            bool isGood = pair.Run(exchange, count, durations);
            Cost cost = Cost.Read() - before;
            _bench.Check(isGood, $"{exchange}, {pair.Name}");
            if (isWarmUp || !isGood)
                continue;
            if (!_runs.TryGetValue((exchange, pair.Name), out List<OneRun>? runs))
                _runs[(exchange, pair.Name)] = runs = [];
            runs.Add(new OneRun(durations, cost.CpuNs, pair.AllocatedBytes));
        }
    }

    private void Report(Exchange exchange, int count)
    {
        string what = exchange.IsOneWay ? "one way" : "round trip";
        foreach (IExchangePair pair in _pairs)
        {
            LatencyHistogram all = new(1_000_000_000);
            foreach (OneRun run in RunsOf(exchange, pair.Name))
                all.Merge(run.Durations);
            _bench.Figures.Add(Figure.Latency($"{what}, {exchange}, {pair.Name}", all));
        }

        foreach (IExchangePair pair in _pairs.Where(pair => pair.Limit is not null))
        {
            string pairs = $"{exchange}, {pair.Name} / {pair.Limit}";
            AddRatio($"{what} p50, {pairs}", exchange, pair, 50, exchange.IsOneWay ? OneWayP50Max : RoundTripP50Max);
            AddRatio($"{what} p99, {pairs}", exchange, pair, 99, exchange.IsOneWay ? null : RoundTripP99Max);
        }

        foreach (IExchangePair pair in _pairs)
        {
            List<OneRun> runs = RunsOf(exchange, pair.Name);
            if (runs.Count == 0)
                continue;
            // The leanest run: what a message costs is in all of them, what disturbs one of them is not.
            double allocated = runs.Min(run => run.AllocatedBytes) / (double)count;
            Figure figure = Figure.Single($"{what} allocated, {exchange}, {pair.Name}", "bytes", allocated);
            _bench.Figures.Add(
                pair is { MustNotAllocate: true, Limit: not null } ? figure.WithAtMost(FigurePart.Value, 0) : figure);
            _bench.Figures.Add(Figure.Single(
                $"{what} CPU, {exchange}, {pair.Name}",
                "us",
                Bench.Median(runs.Select(run => run.CpuNs / 1e3 / count))));
        }
    }

    // Of the two runs of the same round, so that a slow stretch of the machine is in both.
    private void AddRatio(string name, Exchange exchange, IExchangePair pair, double percentile, double? goal)
    {
        double[] ratios =
        [
            .. RunsOf(exchange, pair.Name).Zip(
                RunsOf(exchange, pair.Limit!),
                (run, limit) => run.Durations.ValueAtPercentile(percentile)
                    / Math.Max(1.0, limit.Durations.ValueAtPercentile(percentile))),
        ];
        if (ratios.Length == 0)
            return;
        Figure figure = Figure.Single(name, "ratio", Bench.Median(ratios));
        _bench.Figures.Add(goal is { } most ? figure.WithAtMost(FigurePart.Value, most) : figure);
    }

    private List<OneRun> RunsOf(Exchange exchange, string pair) => _runs.GetValueOrDefault((exchange, pair)) ?? [];

    private sealed record OneRun(LatencyHistogram Durations, long CpuNs, long AllocatedBytes);
}
