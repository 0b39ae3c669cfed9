using System.Text.Json;
using Fragcast.Execution.Blocks;
using Fragcast.Execution.Evm;
using Fragcast.Execution.State;
using Fragcast.Execution.Trie;
using Fragcast.Primitives;
using Fragcast.Primitives.Blocks;

namespace Fragcast.Execution.Fixtures;

/// <summary>
/// Runs cases of the block test suites, one after the other on one machine. Not thread-safe: one runner for a thread.
/// </summary>
public sealed class BlockTestRunner : ITestRunner
{
    private const string MinedBlocks = "blocks before Paris are not executed: rewards and proof of work are left out";

    private readonly TestOptions _options;
    private readonly SwitchedSource _source = new();
    private readonly EvmMachine _machine;

    /// <summary>A runner with a machine of its own.</summary>
    public BlockTestRunner(TestOptions options)
    {
        _options = options;
        _machine = new EvmMachine(new JournaledState(_source)) { Tier = options.Tier };
    }

    /// <inheritdoc/>
    public IEnumerable<TestOutcome> RunFile(string path) => FixtureFile.Run(path, Run);

    /// <summary>Runs the cases of a file that was read already; the document has to stay open meanwhile.</summary>
    /// <param name="file">Its name, for messages.</param>
    /// <param name="document">Its content.</param>
    public IEnumerable<TestOutcome> Run(string file, JsonDocument document) =>
        FixtureFile.Guard(new JsonField(file, document.RootElement).Fields().Select(Run));

    private TestOutcome Run((string Name, JsonField Json) field)
    {
        string network = "";
        try
        {
            network = field.Json["network"].AsText();
            if (!_options.Chooses(field.Name, network, 0))
                return new TestOutcome(TestVerdict.Skipped, field.Name, network, 0, null, "not chosen");
            BlockTest test = new(field.Name, field.Json);
            if (test.Chain.Forks[0].Fork < Fork.Paris)
                return new TestOutcome(TestVerdict.Skipped, field.Name, network, 0, null, MinedBlocks);
            string? problem = Run(test, out Hash256 root);
            TestVerdict verdict = problem is null ? TestVerdict.Passed : TestVerdict.Failed;
            return new TestOutcome(verdict, test.Name, network, 0, root, problem);
        }
        catch (FixtureException error)
        {
            return new TestOutcome(TestVerdict.Unreadable, field.Name, network, 0, null, error.Message);
        }
    }

    /// <summary>Runs a case; what came out otherwise, or null, and the root of the head's state.</summary>
    private string? Run(BlockTest test, out Hash256 root)
    {
        StateTrie trie = Start(test);
        root = trie.Root;
        if (root != test.Genesis.StateRoot)
            return $"genesis state root mismatch: got {root}, want {test.Genesis.StateRoot}";
        var run = new ChainOfCase(test);
        BlockImporter importer = NewImporter(test, trie);
        for (int i = 0; i < test.Blocks.Count; i++)
        {
            BlockCase block = test.Blocks[i];
            string problem = Import(test, run, ref importer, block.Rlp);
            root = run.Headers[run.Head].StateRoot;
            if (problem.Length == 0 == (block.ExpectedException is null)) continue;
            return problem.Length == 0
                ? $"block {i} was accepted, and must be refused: {block.ExpectedException}"
                : $"block {i} was refused: {problem}";
        }

        return run.Head == test.ExpectedHead
            ? null
            : $"last block hash mismatch: got {run.Head}, want {test.ExpectedHead}";
    }

    /// <summary>Imports a block on its parent, which need not be the head; what is wrong with it, or nothing.</summary>
    private string Import(BlockTest test, ChainOfCase run, ref BlockImporter importer, byte[] rlp)
    {
        if (!Block.TryDecode(rlp, out Block? block)) return "malformed";
        if (!run.Headers.TryGetValue(block.Header.ParentHash, out BlockHeader? parent)) return "unknown parent";
        if (block.Header.ParentHash != run.StateOf) importer = Replay(test, run, block.Header.ParentHash);
        BlockError error = importer.Import(parent, block, out SealedBlock? done);
        if (error != BlockError.None)
            return error == BlockError.InvalidTransaction ? $"{error}: {importer.LastTransactionError}" : $"{error}";
        run.Add(done!, block);
        return "";
    }

    /// <summary>The state of another block than the last: everything down to it is executed anew.</summary>
    private BlockImporter Replay(BlockTest test, ChainOfCase run, in Hash256 target)
    {
        BlockImporter importer = NewImporter(test, Start(test));
        foreach (Block block in run.PathTo(target))
            importer.Import(run.Headers[block.Header.ParentHash], block, out _);
        run.StateOf = target;
        return importer;
    }

    private StateTrie Start(BlockTest test) => _source.Start(_machine.State, test.PreState);

    private BlockImporter NewImporter(BlockTest test, StateTrie trie)
    {
        var hashes = new RecentBlockHashes();
        hashes.Add(test.Genesis.Number, test.Genesis.Hash);
        var executor = new BlockExecutor(test.Chain, _machine, trie, hashes) { TraceOutput = _options.Trace };
        return new BlockImporter(executor, test.Chain);
    }

    /// <summary>The blocks of a case that were accepted.</summary>
    private sealed class ChainOfCase
    {
        private readonly Dictionary<Hash256, Block> _blocks = [];

        public ChainOfCase(BlockTest test)
        {
            Head = StateOf = test.Genesis.Hash;
            Headers[Head] = test.Genesis;
        }

        public Dictionary<Hash256, BlockHeader> Headers { get; } = [];

        /// <summary>The last block of the longest chain; the first of several.</summary>
        public Hash256 Head { get; private set; }

        /// <summary>The block after which the state is.</summary>
        public Hash256 StateOf { get; set; }

        public void Add(SealedBlock done, Block block)
        {
            Headers[done.Hash] = done.Header;
            _blocks[done.Hash] = block;
            StateOf = done.Hash;
            if (done.Header.Number > Headers[Head].Number) Head = done.Hash;
        }

        public Stack<Block> PathTo(Hash256 target)
        {
            var path = new Stack<Block>();
            while (_blocks.TryGetValue(target, out Block? block))
            {
                path.Push(block);
                target = block.Header.ParentHash;
            }

            return path;
        }
    }
}
