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
public sealed class BlockTestRunner
{
    private readonly SourceOfCase _source = new();
    private readonly EvmMachine _machine;

    /// <summary>A runner with a machine of its own.</summary>
    public BlockTestRunner() => _machine = new EvmMachine(new JournaledState(_source));

    /// <summary>Runs a case.</summary>
    /// <returns>Null when it passes, or one line that says what came out otherwise.</returns>
    public string? Run(BlockTest test)
    {
        StateTrie trie = Start(test);
        if (trie.Root != test.Genesis.StateRoot) return $"the genesis state has root {trie.Root}";
        var run = new ChainOfCase(test);
        BlockImporter importer = NewImporter(test, trie);
        foreach (BlockCase block in test.Blocks)
        {
            string problem = Import(test, run, ref importer, block.Rlp);
            if (problem.Length == 0 == (block.ExpectedException is null)) continue;
            return problem.Length == 0
                ? $"a block was accepted that is bad: {block.ExpectedException}"
                : $"a good block was refused: {problem}";
        }

        return run.Head == test.ExpectedHead ? null : $"the head is {run.Head}";
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

    private StateTrie Start(BlockTest test)
    {
        var trie = new StateTrie();
        _source.Current = trie;
        _machine.State.Reset();
        test.LoadPreState(_machine.State);
        trie.Update(_machine.State);
        _machine.State.CommitBlock();
        trie.CommitBlock();
        return trie;
    }

    private BlockImporter NewImporter(BlockTest test, StateTrie trie)
    {
        var hashes = new RecentBlockHashes();
        hashes.Add(test.Genesis.Number, test.Genesis.Hash);
        return new BlockImporter(new BlockExecutor(test.Chain, _machine, trie, hashes), test.Chain);
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

    /// <summary>A source that can be changed, so that cases share a machine.</summary>
    private sealed class SourceOfCase : IStateSource
    {
        public StateTrie Current { get; set; } = new();

        public bool TryGetAccount(in Address address, out AccountData account) =>
            Current.TryGetAccount(address, out account);

        public UInt256 GetStorage(in Address address, in UInt256 key) => Current.GetStorage(address, key);

        public ReadOnlyMemory<byte> GetCode(in Hash256 codeHash) => Current.GetCode(codeHash);
    }
}
