using Fragcast.Execution.Fixtures;
using Fragcast.Execution.State;
using Fragcast.Execution.Trie;
using Fragcast.Primitives;
using Fragcast.Primitives.Transactions;

namespace Fragcast.Execution.Blocks;

/// <summary>Outcome of a block that was replayed.</summary>
/// <param name="Number">Its number.</param>
/// <param name="Hash">The hash that came out; zero when the block could not be finished.</param>
/// <param name="ExpectedHash">The hash on the real chain.</param>
/// <param name="GasUsed">Gas that its transactions used.</param>
/// <param name="ElapsedTicks">Time from its begin to its commit, in the clock's ticks.</param>
/// <param name="Problem">One line that says why the block could not be finished; null when it was.</param>
public readonly record struct ReplayedBlock(
    ulong Number, Hash256 Hash, Hash256 ExpectedHash, ulong GasUsed, long ElapsedTicks, string? Problem)
{
    /// <summary>Whether the block came out as it is on the real chain.</summary>
    public bool IsEqual => Problem is null && Hash == ExpectedHash;
}

/// <summary>
/// Executes real blocks one after the other. A block whose parent was the last one continues on its state; any other
/// one starts from its own witness. Not thread-safe.
/// </summary>
/// <param name="clock">Gives the time in ticks of any fixed length.</param>
/// <param name="crew">Threads that work on each frag's outcome in the background; null to do all at the seal.</param>
public sealed class BlockReplayer(Func<long> clock, TrieCrew? crew = null)
{
    private WitnessStore _witness = new();
    private BlockExecutor? _executor;
    private SealedBlock? _last;

    /// <summary>Time from the last frag's end to the commit of the last block, in the clock's ticks.</summary>
    public long LastSealTicks { get; private set; }

    /// <summary>Executes a block: all of its transactions as one frag.</summary>
    public ReplayedBlock Replay(BlockFixture block) => Replay(block, [block.Transactions]);

    /// <summary>Executes a block whose transactions are cut into frags.</summary>
    public ReplayedBlock Replay(BlockFixture block, IReadOnlyList<IReadOnlyList<Transaction>> frags)
    {
        _executor = block is RealBlock real ? Prepare(real) : Prepare((RpcBlock)block);
        long start = clock();
        string? problem = null;
        SealedBlock? done = null;
        try
        {
            problem = Execute(block, frags, out done);
        }
        catch (StateUnavailableException e)
        {
            problem = e.Message;
        }

        long elapsed = clock() - start;
        if (done is null) _executor.Discard();
        _last = done;
        return new ReplayedBlock(
            block.Environment.Number,
            done is null ? Hash256.Zero : HashOf(block, done),
            block.ExpectedHash,
            done?.Header.GasUsed ?? 0,
            elapsed,
            problem);
    }

    /// <summary>
    /// Without proofs the roots of the state do not come out: the hash is that with the roots that are stated.
    /// </summary>
    private static Hash256 HashOf(BlockFixture block, SealedBlock done)
    {
        if (block is not RpcBlock { Header: var stated }) return done.Hash;
        return (done.Header with { StateRoot = stated.StateRoot, WithdrawalsRoot = stated.WithdrawalsRoot }).Hash;
    }

    private string? Execute(
        BlockFixture block, IReadOnlyList<IReadOnlyList<Transaction>> frags, out SealedBlock? done)
    {
        done = null;
        BlockExecutor executor = _executor!;
        BlockError error = BlockError.None;
        if (block is RealBlock real) error = executor.Begin(_last?.Header ?? real.Parent, block.Environment);
        else executor.BeginUnchecked(block.Environment, excessBlobGas: 0);
        if (error != BlockError.None) return $"the block can't begin: {error}";
        foreach (IReadOnlyList<Transaction> frag in frags)
        {
            FragResult result = executor.ExecuteFrag(frag);
            int index = executor.Transactions.Count + result.FailedIndex;
            if (!result.IsGood) return $"transaction {index} is invalid: {result.Error}";
        }

        long sealStart = clock();
        error = executor.Seal(out _);
        if (error != BlockError.None) return $"the block can't be sealed: {error}";
        done = executor.Commit();
        LastSealTicks = clock() - sealStart;
        return null;
    }

    private BlockExecutor Prepare(RealBlock block)
    {
        if (_executor is not null && _last?.Hash == block.Environment.ParentHash)
        {
            _witness.Merge(block.Witness);
            return _executor;
        }

        _last = null;
        _witness = new WitnessStore();
        _witness.Merge(block.Witness);
        return BlockExecutor.OverWitness(block.Chain, _witness, block.Parent.StateRoot, crew);
    }

    private BlockExecutor Prepare(RpcBlock block)
    {
        _last = null;
        return new BlockExecutor(block.Chain, new JournaledState(block.State), trie: null, crew: crew);
    }
}
