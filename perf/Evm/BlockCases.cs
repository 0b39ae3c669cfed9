using System.Text.Json;
using Fragcast.Execution.Blocks;
using Fragcast.Execution.Evm;
using Fragcast.Execution.Fixtures;
using Fragcast.Execution.State;
using Fragcast.Execution.Trie;
using Fragcast.Primitives;
using Fragcast.Primitives.Blocks;
using Fragcast.Primitives.Metrics;
using Fragcast.Primitives.Reporting;

namespace Fragcast.Perf.Evm;

/// <summary>What was measured of one block test by one tier.</summary>
internal sealed class BlockCaseFigures(string name, string tier)
{
    private const double NsPerUs = 1e3;

    public string Name => name;

    public string Tier => tier;

    /// <summary>Gas of the case's blocks.</summary>
    public ulong Gas { get; set; }

    /// <summary>Processor times of importing the blocks, sender recovery and roots included, in nanoseconds.</summary>
    public LatencyHistogram Times { get; } = new(highestNs: 100_000_000_000);

    /// <summary>Gas per microsecond, that is Mgas/s, at the least time.</summary>
    public double MgasPerSecond => Gas * NsPerUs / Math.Max(Times.Min, 1);

    /// <summary>The figures of the report.</summary>
    public IEnumerable<Figure> ToFigures()
    {
        yield return Figure.Latency($"cpu import {name} {tier}", Times);
        yield return Figure.Single($"rate import {name} {tier}", "Mgas/s", MgasPerSecond);
    }
}

/// <summary>
/// Block tests as benchmarks: the blocks are imported as a node would, one thread doing everything, and the head has
/// to be the one that the test states.
/// </summary>
internal static class BlockCases
{
    private const int RoundsMax = 3;

    /// <summary>Runs the selected cases.</summary>
    /// <param name="options">Tiers and rounds.</param>
    /// <param name="selection">The files, and which cases of them.</param>
    /// <param name="failures">Takes a line for each case that came out differently.</param>
    public static IReadOnlyList<BlockCaseFigures> Run(
        EvmScenarioOptions options, ProgramSelection selection, List<string> failures)
    {
        Machine[] machines = selection.BlockTests.Count == 0
            ? []
            : [.. options.Tiers.Select(tier => new Machine(tier))];
        List<BlockCaseFigures> figures = [];
        foreach ((string file, byte[] content) in selection.BlockTests)
        {
            using JsonDocument document = JsonDocument.Parse(content);
            foreach (BlockTest test in BlockTest.Read(file, document))
            {
                string name = ShortName(test.Name);
                if (!name.Contains(selection.NamePart ?? "", StringComparison.OrdinalIgnoreCase)) continue;
                BlockCaseFigures[] own = [.. machines.Select(machine => new BlockCaseFigures(name, machine.Tier))];
                if (RunRounds(machines, own, test, Math.Min(options.Rounds, RoundsMax)) is { } problem)
                    failures.Add(problem);
                else
                    figures.AddRange(own);
            }
        }

        return figures;
    }

    /// <summary>"file.py::test_x[fork_Osaka-blockchain_test-y]" without what all have.</summary>
    private static string ShortName(string name)
    {
        int start = name.LastIndexOf("::test_", StringComparison.Ordinal);
        return $"{ProgramSuites.Eest}/{(start < 0 ? name : name[(start + 7)..])}"
            .Replace("fork_Osaka-blockchain_test-", "", StringComparison.Ordinal);
    }

    private static string? RunRounds(Machine[] machines, BlockCaseFigures[] figures, BlockTest test, int rounds)
    {
        for (int round = 0; round < rounds; round++)
        {
            for (int i = 0; i < machines.Length; i++)
            {
                if (machines[i].Run(test, figures[i]) is { } problem)
                    return $"{figures[i].Name} by {machines[i].Tier}: {problem}";
            }
        }

        return null;
    }

    private sealed class Machine
    {
        private readonly SwitchableSource _source = new();
        private readonly EvmMachine _machine;

        public Machine(string tier)
        {
            Tier = tier;
            _machine = new EvmMachine(new JournaledState(_source));
            TierNames.Select(_machine, tier);
        }

        public string Tier { get; }

        public string? Run(BlockTest test, BlockCaseFigures figures)
        {
            JournaledState state = _machine.State;
            StateTrie trie = new();
            _source.Current = trie;
            state.Reset();
            test.LoadPreState(state);
            trie.Update(state);
            state.CommitBlock();
            trie.CommitBlock();
            RecentBlockHashes hashes = new();
            hashes.Add(test.Genesis.Number, test.Genesis.Hash);
            BlockImporter importer = new(new BlockExecutor(test.Chain, _machine, trie, hashes), test.Chain);
            return Import(test, importer, figures);
        }

        private static string? Import(BlockTest test, BlockImporter importer, BlockCaseFigures figures)
        {
            BlockHeader parent = test.Genesis;
            Hash256 head = parent.Hash;
            ulong gas = 0;
            long start = ThreadClock.NowNs();
            foreach (BlockCase one in test.Blocks)
            {
                if (!Block.TryDecode(one.Rlp, out Block? block)) return "a block is malformed";
                BlockError error = importer.Import(parent, block, out SealedBlock? done);
                if (error != BlockError.None) return $"a block is refused: {error} {importer.LastTransactionError}";
                parent = done!.Header;
                head = done.Hash;
                gas += parent.GasUsed;
            }

            figures.Times.Record(ThreadClock.Since(start));
            figures.Gas = gas;
            return head == test.ExpectedHead ? null : $"the head is {head}, expected {test.ExpectedHead}";
        }
    }
}
