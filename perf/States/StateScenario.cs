using System.Diagnostics;
using System.Text.Json.Nodes;
using Fragcast.Execution.Blocks;
using Fragcast.Execution.State;
using Fragcast.Execution.Trie;
using Fragcast.Primitives;
using Fragcast.Primitives.Metrics;
using Fragcast.Primitives.Reporting;
using Fragcast.Primitives.Transactions;

namespace Fragcast.Perf.States;

/// <summary>How much the state scenario measures.</summary>
/// <param name="Accounts">Accounts of the state.</param>
/// <param name="Transactions">Transactions of a block.</param>
/// <param name="Rounds">How often each way runs; the best counts.</param>
/// <param name="FragSize">Transactions of a frag.</param>
internal sealed record StateScenarioOptions(int Accounts, int Transactions, int Rounds, int FragSize)
{
    public static StateScenarioOptions Full { get; } = new(1_000_000, 10_000, 9, 100);

    public static StateScenarioOptions Quick { get; } = new(100_000, 2_000, 5, 100);
}

/// <summary>
/// Blocks of transfers between distinct accounts on a large state: with and without the root, from transactions with
/// known senders and from raw bytes. Each way runs on tables without residents; ways are interleaved. Every root is
/// compared with that of the expected state, built anew from its values. What one thread does is given in its processor
/// time, what several do by the clock; of all rounds the best.
/// </summary>
internal sealed class StateScenario
{
    private readonly StateScenarioOptions _options;
    private readonly Workload _workload;
    private readonly StateTrie _trie;
    private readonly TrieCrew _crew;
    private readonly List<string> _failures = [];
    private readonly List<Figure> _figures = [];

    private StateScenario(StateScenarioOptions options, TrieCrew crew)
    {
        _options = options;
        _crew = crew;
        _workload = new Workload(options.Accounts, options.Transactions);
        FlatState flat = _workload.State;
        long before = GC.GetTotalMemory(forceFullCollection: true);
        _trie = StateTrie.Of(flat, _crew);
        long trieBytes = GC.GetTotalMemory(forceFullCollection: true) - before;
        _figures.Add(Figure.Single(
            "memory, flat state, per account with token balance", "bytes",
            (double)flat.TableBytes / options.Accounts));
        _figures.Add(Figure.Single(
            "memory, tries, per account with token balance", "bytes", (double)trieBytes / options.Accounts));
    }

    /// <summary>Best times of the ways, in nanoseconds.</summary>
    private sealed class Times
    {
        public double Execution { get; set; } = double.MaxValue;

        public double Root { get; set; } = double.MaxValue;

        public double RootSplit { get; set; } = double.MaxValue;

        public double Background { get; set; } = double.MaxValue;

        public double FromRaw { get; set; } = double.MaxValue;

        public double Recovery { get; set; } = double.MaxValue;

        public double Commitment { get; set; } = double.MaxValue;

        public int Leaves { get; set; }

        public LatencyHistogram Seals { get; } = new();
    }

    /// <summary>Runs everything.</summary>
    /// <returns>The report, and a line for each result that is not the expected one.</returns>
    public static (Report Report, IReadOnlyList<string> Failures) Run(StateScenarioOptions options)
    {
        using var crew = new TrieCrew(TrieCrew.ThreadsFor(Environment.ProcessorCount));
        StateScenario scenario = new(options, crew);
        foreach (string kind in Workload.Kinds) scenario.Measure(kind);
        scenario.MeasureParts();
        JsonObject parameters = new()
        {
            ["accounts"] = options.Accounts,
            ["transactions"] = options.Transactions,
            ["rounds"] = options.Rounds,
            ["transactionsPerFrag"] = options.FragSize,
            ["crewThreads"] = crew.ThreadCount,
        };
        return (Report.Create("state", parameters, typeof(StateScenario).Assembly, scenario._figures),
            scenario._failures);
    }

    private void Measure(string kind)
    {
        byte[][] raw = _workload.Of(kind);
        var times = new Times();
        var recovery = new SenderRecovery(raw, Environment.ProcessorCount - 1);
        Transaction[] transactions = [.. recovery.Take(0, raw.Length)];
        recovery.Join();
        Hash256 expected = Check(kind, transactions);
        for (int i = 0; i < _options.Rounds; i++)
        {
            RunThenRoot(kind, transactions, expected, times, isSplit: true);
            RunThenRoot(kind, transactions, expected, times, isSplit: false);
            RunBackground(kind, transactions, expected, times);
            RunFromRaw(kind, raw, expected, times);
            RunCommitment(transactions, times);
        }

        AddFigures(kind, times);
    }

    /// <summary>The expected root: of the expected state, built from its values.</summary>
    private Hash256 Check(string kind, Transaction[] transactions)
    {
        BlockExecutor executor = New(trie: null, crew: null, out _);
        Execute(executor, kind, transactions);
        if (executor.Receipts.Any(receipt => !receipt.Success)) _failures.Add($"{kind}: a transaction failed");
        FlatState after = _workload.After(kind, [.. executor.Receipts.Select(receipt => receipt.GasUsed)]);
        for (int i = 0; i < _workload.Accounts.Length; i += i < 2 * _workload.Count ? 1 : 97)
        {
            after.TryGetAccount(_workload.Accounts[i], out AccountData data);
            int account = executor.State.Account(_workload.Accounts[i]);
            if (data.Balance != executor.State.Balance(account) || data.Nonce != executor.State.Nonce(account))
            {
                _failures.Add($"{kind}: account {i} is not as expected");
                break;
            }
        }

        return StateTrie.Of(after).Root;
    }

    private void RunThenRoot(
        string kind, Transaction[] transactions, in Hash256 expected, Times times, bool isSplit)
    {
        BlockExecutor executor = New(_trie, crew: null, out JournaledState state);
        long start = ThreadClock.NowNs();
        Execute(executor, kind, transactions);
        times.Execution = Math.Min(times.Execution, ThreadClock.Since(start));
        times.Leaves = state.DirtyAccounts.Length + state.DirtySlots.Length;
        _trie.IsSplit = isSplit;
        long root = Stopwatch.GetTimestamp();
        long rootOfThread = ThreadClock.NowNs();
        Expect(kind, expected, executor.StateRoot());
        double elapsed = isSplit ? Elapsed(root) : ThreadClock.Since(rootOfThread);
        _trie.IsSplit = true;
        if (isSplit) times.RootSplit = Math.Min(times.RootSplit, elapsed);
        else times.Root = Math.Min(times.Root, elapsed);
        executor.Discard();
    }

    private void RunBackground(string kind, Transaction[] transactions, in Hash256 expected, Times times)
    {
        BlockExecutor executor = New(_trie, _crew, out _);
        long start = Stopwatch.GetTimestamp();
        Execute(executor, kind, transactions);
        long seal = Stopwatch.GetTimestamp();
        executor.Seal(out SealedBlock? block);
        times.Seals.Record((long)Elapsed(seal));
        times.Background = Math.Min(times.Background, Elapsed(start));
        Expect(kind, expected, block?.Header.StateRoot);
        executor.Discard();
    }

    private void RunFromRaw(string kind, byte[][] raw, in Hash256 expected, Times times)
    {
        long recoveryStart = Stopwatch.GetTimestamp();
        var alone = new SenderRecovery(raw, Environment.ProcessorCount - 1);
        alone.Take(0, raw.Length);
        alone.Join();
        times.Recovery = Math.Min(times.Recovery, Elapsed(recoveryStart));

        BlockExecutor executor = New(_trie, _crew, out _);
        long start = Stopwatch.GetTimestamp();
        var recovery = new SenderRecovery(raw, Environment.ProcessorCount - 1);
        executor.BeginUnchecked(Workload.Environment, 0);
        for (int i = 0; i < raw.Length; i += _options.FragSize)
            executor.ExecuteFrag(recovery.Take(i, Math.Min(_options.FragSize, raw.Length - i)));
        executor.Seal(out SealedBlock? block);
        times.FromRaw = Math.Min(times.FromRaw, Elapsed(start));
        Expect(kind, expected, block?.Header.StateRoot);
        recovery.Join();
        executor.Discard();
    }

    /// <summary>Without a trie all that a frag's end does is to take the difference and to commit to it.</summary>
    private void RunCommitment(Transaction[] transactions, Times times)
    {
        BlockExecutor executor = New(trie: null, TrieCrew.None, out _);
        executor.BeginUnchecked(Workload.Environment, 0);
        double sum = 0;
        foreach (Transaction[] frag in transactions.Chunk(_options.FragSize))
        {
            foreach (Transaction transaction in frag) executor.Execute(transaction);
            long start = ThreadClock.NowNs();
            executor.CloseFrag();
            sum += ThreadClock.Since(start);
        }

        times.Commitment = Math.Min(times.Commitment, sum);
        executor.Discard();
    }

    private void AddFigures(string kind, Times times)
    {
        double count = _options.Transactions;
        _figures.Add(Figure.Single($"senders recovered, all cores, {kind}", "tx/s", count * 1e9 / times.Recovery));
        _figures.Add(Figure.Single($"execution alone, {kind}", "tx/s", count * 1e9 / times.Execution));
        _figures.Add(Figure.Single(
            $"execution, then root on one thread, {kind}", "tx/s", count * 1e9 / (times.Execution + times.Root)));
        _figures.Add(Figure.Single(
            $"execution, roots in the background, sealed, {kind}", "tx/s", count * 1e9 / times.Background));
        _figures.Add(Figure.Single($"from raw bytes to sealed, {kind}", "tx/s", count * 1e9 / times.FromRaw));
        _figures.Add(Figure.Single(
            $"root per changed leaf, one thread, {kind}", "us", times.Root / 1e3 / times.Leaves));
        _figures.Add(Figure.Single(
            $"root per changed leaf, all cores, {kind}", "us", times.RootSplit / 1e3 / times.Leaves));
        _figures.Add(Figure.Single(
            $"commitment and leaves of lists, per changed entry, {kind}", "us", times.Commitment / 1e3 / times.Leaves));
        _figures.Add(Figure.Latency($"seal behind the last frag, {kind}", times.Seals));
    }

    private void MeasureParts()
    {
        var parts = new RootParts(_workload.Accounts);
        int count = Math.Min(2 * _options.Transactions, _options.Accounts);
        var best = new RootParts.Cost(double.MaxValue, double.MaxValue, double.MaxValue);
        for (int i = 0; i < _options.Rounds; i++)
        {
            RootParts.Cost cost = parts.Measure(count);
            best = new RootParts.Cost(
                Math.Min(best.Keys, cost.Keys), Math.Min(best.Walk, cost.Walk), Math.Min(best.Nodes, cost.Nodes));
        }

        _figures.Add(Figure.Single("part of the root per leaf: hash keys", "us", best.Keys / 1e3));
        _figures.Add(Figure.Single("part of the root per leaf: sort and walk", "us", best.Walk / 1e3));
        _figures.Add(Figure.Single("part of the root per leaf: hash nodes", "us", best.Nodes / 1e3));
    }

    private BlockExecutor New(StateTrie? trie, TrieCrew? crew, out JournaledState state)
    {
        state = new JournaledState(_workload.State, 1 << 16, 1 << 16);
        return new BlockExecutor(Workload.Chain, state, trie, crew: crew);
    }

    private void Execute(BlockExecutor executor, string kind, Transaction[] transactions)
    {
        executor.BeginUnchecked(Workload.Environment, 0);
        for (int i = 0; i < transactions.Length; i += _options.FragSize)
        {
            int count = Math.Min(_options.FragSize, transactions.Length - i);
            FragResult result = executor.ExecuteFrag(new ArraySegment<Transaction>(transactions, i, count));
            if (!result.IsGood) _failures.Add($"{kind}: transaction {i + result.FailedIndex}: {result.Error}");
        }
    }

    private void Expect(string kind, in Hash256 expected, Hash256? root)
    {
        if (root != expected) _failures.Add($"{kind}: root {root} instead of {expected}");
    }

    private static double Elapsed(long start) => Stopwatch.GetElapsedTime(start).TotalNanoseconds;
}
