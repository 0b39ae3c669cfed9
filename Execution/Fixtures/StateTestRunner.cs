using System.Text.Json;
using Fragcast.Execution.Blocks;
using Fragcast.Execution.Evm;
using Fragcast.Execution.State;
using Fragcast.Execution.Trie;
using Fragcast.Primitives;
using Fragcast.Primitives.Rlp;
using Fragcast.Primitives.Transactions;

namespace Fragcast.Execution.Fixtures;

/// <summary>
/// Runs cases of the state test suites, one after the other on one machine. Not thread-safe: one runner for a thread.
/// </summary>
public sealed class StateTestRunner : ITestRunner
{
    private readonly TestOptions _options;
    private readonly SwitchedSource _source = new();
    private readonly JournaledState _state;
    private readonly TransactionProcessor _processor;

    /// <summary>A runner with a machine of its own.</summary>
    public StateTestRunner(TestOptions options)
    {
        _options = options;
        _state = new JournaledState(_source);
        _processor = new TransactionProcessor(new EvmMachine(_state) { Tier = options.Tier })
        {
            TraceOutput = options.Trace,
        };
    }

    /// <inheritdoc/>
    public IEnumerable<TestOutcome> RunFile(string path) => FixtureFile.Run(path, Run);

    /// <summary>Runs the cases of a file that was read already; the document has to stay open meanwhile.</summary>
    /// <param name="file">Its name, for messages.</param>
    /// <param name="document">Its content.</param>
    public IEnumerable<TestOutcome> Run(string file, JsonDocument document) =>
        FixtureFile.Guard(StateTestCase.ReadAll(new JsonField(file, document.RootElement)).Select(Run));

    /// <summary>Runs a case, if the options choose it.</summary>
    public TestOutcome Run(StateTestCase test)
    {
        if (!_options.Chooses(test.Name, test.ForkName, test.Index))
            return Outcome(test, TestVerdict.Skipped, null, "not chosen");
        try
        {
            return RunChosen(test);
        }
        catch (FixtureException error)
        {
            return Outcome(test, TestVerdict.Unreadable, null, error.Message);
        }
    }

    private TestOutcome RunChosen(StateTestCase test)
    {
        BlobSchedule blobs = test.ReadBlobs();
        BlockContext block = test.ReadBlock(blobs);
        string? error = test.ReadTransaction(out Transaction? transaction);
        StateTrie trie = _source.Start(_state, test.PreState);
        _processor.BeginBlock(block, blobs);
        var status = default(ExecutionStatus);
        if (error is null) error = Execute(transaction!, out status);
        Hash256 logs = error is null ? HashLogs() : test.LogsHash;
        if (block.Spec.Fork < Fork.SpuriousDragon) Reward(block.Coinbase);
        Hash256 root = trie.Update(_state);
        string? problem = Compare(test, error, root, logs, status);
        return Outcome(test, problem is null ? TestVerdict.Passed : TestVerdict.Failed, root, problem);
    }

    private static string? Compare(
        StateTestCase test, string? error, in Hash256 root, in Hash256 logs, ExecutionStatus status)
    {
        if (error is null && test.ExpectedException is { } expected)
            return $"the transaction was accepted, and must be refused: {expected}";
        if (error is not null && test.ExpectedException is null) return $"the transaction was refused: {error}";
        string end = error ?? status.ToString();
        if (root != test.StateRoot) return $"post state root mismatch: got {root}, want {test.StateRoot} ({end})";
        return logs == test.LogsHash ? null : $"logs hash mismatch: got {logs}, want {test.LogsHash} ({end})";
    }

    private static TestOutcome Outcome(StateTestCase test, TestVerdict verdict, Hash256? root, string? problem) =>
        new(verdict, test.Name, test.ForkName, test.Index, root, problem);

    private string? Execute(Transaction transaction, out ExecutionStatus status)
    {
        var tally = default(BlockTally);
        TxError error = _processor.Execute(transaction, ref tally, out TxResult result);
        status = result.Status;
        return error == TxError.None ? null : error.ToString();
    }

    /// <summary>
    /// The suites' generator gives the miner a reward of nothing, which before EIP-161 makes its account exist.
    /// </summary>
    private void Reward(in Address coinbase)
    {
        _state.BeginTransaction();
        _state.AddBalance(_state.Account(coinbase), UInt256.Zero);
        _state.EndTransaction(deleteEmpty: false);
    }

    private Hash256 HashLogs()
    {
        using var writer = new RlpWriter(1024);
        writer.StartList();
        for (int i = 0; i < _state.LogCount; i++)
        {
            LogView log = _state.Log(i);
            writer.StartList();
            writer.Write(log.Address);
            writer.StartList();
            foreach (ref readonly Hash256 topic in log.Topics) writer.Write(topic);
            writer.EndList();
            writer.Write(log.Data);
            writer.EndList();
        }

        writer.EndList();
        return Keccak256.Hash(writer.Written);
    }
}
