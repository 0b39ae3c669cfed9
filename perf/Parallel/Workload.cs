using System.Diagnostics;
using Fragcast.Execution.Blocks;
using Fragcast.Execution.Fixtures;
using Fragcast.Execution.Parallel;
using Fragcast.Execution.State;
using Fragcast.Execution.Trie;
using Fragcast.Primitives;
using Fragcast.Primitives.Transactions;

namespace Fragcast.Perf.Parallel;

/// <summary>
/// A block that is executed as one frag again and again on the same executor, so that its state is resident and its
/// codes are known. Senders are recovered beforehand. The outcome is what the sealed block's hash and the accounts
/// and slots that changed say.
/// </summary>
internal sealed class Workload
{
    private readonly BlockExecutor _executor;
    private readonly Action<BlockExecutor> _begin;
    private readonly IReadOnlyList<Transaction> _transactions;
    private readonly bool _mustSucceed;
    private (Hash256 Block, Hash256 State) _expected;

    /// <summary>A block.</summary>
    /// <param name="name">What it is called in the report.</param>
    /// <param name="executor">An executor on the state before the block.</param>
    /// <param name="begin">Opens the block.</param>
    /// <param name="transactions">Its transactions.</param>
    /// <param name="mustSucceed">Whether none of them fails.</param>
    public Workload(
        string name,
        BlockExecutor executor,
        Action<BlockExecutor> begin,
        IReadOnlyList<Transaction> transactions,
        bool mustSucceed)
    {
        Name = name;
        _executor = executor;
        _begin = begin;
        _transactions = transactions;
        _mustSucceed = mustSucceed;
        foreach (Transaction transaction in transactions) transaction.TryRecoverSender(out _);
    }

    public string Name { get; }

    public int Count => _transactions.Count;

    /// <summary>A block of a file.</summary>
    public static Workload Of(BlockFixture block)
    {
        string name = Path.GetFileName(block.File).Split('.')[0];
        if (block is RealBlock real)
        {
            var trie = new StateTrie(real.Witness, real.Parent.StateRoot);
            var executor = new BlockExecutor(block.Chain, new JournaledState(trie), trie);
            return new(name, executor, e => e.Begin(real.Parent, block.Environment), block.Transactions, false);
        }

        var state = new JournaledState(((RpcBlock)block).State);
        return new(
            name,
            new BlockExecutor(block.Chain, state, trie: null),
            e => e.BeginUnchecked(block.Environment, excessBlobGas: 0),
            block.Transactions,
            mustSucceed: false);
    }

    /// <summary>Executes the block in order, as the one who builds it; the bytes of its access list.</summary>
    public byte[] Record()
    {
        _executor.RecordsAccess = true;
        _begin(_executor);
        FragResult result = _executor.ExecuteFrag(_transactions);
        if (!result.IsGood) throw new FixtureException($"{Name}: transaction {result.FailedIndex}: {result.Error}");
        if (_mustSucceed && !_executor.Receipts.All(receipt => receipt.Success))
            throw new FixtureException($"{Name}: a transaction fails");
        byte[] bytes = AccessListCodec.Encode(_executor.LastFragAccess!);
        _expected = Finish(out _);
        _executor.RecordsAccess = false;
        return bytes;
    }

    /// <summary>Ticks that execution in order takes while accesses are recorded and the list is made.</summary>
    public long TimeRecording()
    {
        _executor.RecordsAccess = true;
        long elapsed = Time(null, null, out _);
        _executor.RecordsAccess = false;
        return elapsed;
    }

    /// <summary>Ticks that the frag takes.</summary>
    /// <param name="list">The access list, or null to execute in order.</param>
    /// <param name="replay">The workers, or null.</param>
    /// <param name="problem">What is wrong with the outcome; null when nothing is.</param>
    public long Time(FragAccessList? list, ParallelReplay? replay, out string? problem)
    {
        _begin(_executor);
        long start = Stopwatch.GetTimestamp();
        FragResult result = _executor.ExecuteFrag(_transactions, list, replay);
        long elapsed = Stopwatch.GetTimestamp() - start;
        problem = result.IsGood ? null : $"transaction {result.FailedIndex} is invalid: {result.Error}";
        (Hash256 Block, Hash256 State) outcome = Finish(out BlockError error);
        if (error != BlockError.None) problem ??= $"the block can't be sealed: {error}";
        if (outcome != _expected) problem ??= "the outcome is not the one in order";
        return elapsed;
    }

    private (Hash256 Block, Hash256 State) Finish(out BlockError error)
    {
        Hash256 state = StateDigest.Of(_executor.State);
        error = _executor.Seal(out SealedBlock? block);
        _executor.Discard();
        return (block?.Hash ?? Hash256.Zero, state);
    }
}
