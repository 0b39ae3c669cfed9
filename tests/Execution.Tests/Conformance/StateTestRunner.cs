using System.Text.Json;
using Fragcast.Execution.Blocks;
using Fragcast.Execution.Evm;
using Fragcast.Execution.State;
using Fragcast.Execution.Trie;
using Fragcast.Primitives;
using Fragcast.Primitives.Rlp;
using Fragcast.Primitives.Transactions;

namespace Fragcast.Execution.Tests.Conformance;

/// <summary>Executes state tests and compares state root and logs. Not thread-safe.</summary>
internal sealed class StateTestRunner
{
    private readonly SwitchableSource _source = new();
    private readonly JournaledState _state;
    private readonly TransactionProcessor _processor;

    public StateTestRunner()
    {
        _state = new JournaledState(_source);
        _processor = new TransactionProcessor(new EvmMachine(_state));
    }

    /// <summary>Runs a case.</summary>
    /// <returns>What differs from the test's expectation, or null.</returns>
    public string? Run(StateTestCase test)
    {
        if (!Enum.TryParse<Fork>(test.ForkName, out var fork))
        {
            return $"unknown fork {test.ForkName}";
        }

        var trie = new StateTrie();
        _source.Current = trie;
        _state.Reset();
        Load(test.PreState, trie);
        var blobs = test.BlobsOf(fork);
        _processor.BeginBlock(test.Block(fork, blobs), blobs);
        var error = Execute(test, out var status);
        if (error is null == test.ExpectsError)
        {
            return error is null ? "a transaction was accepted that must be refused" : $"refused: {error}";
        }

        var root = trie.Update(_state);
        if (root != test.StateRoot)
        {
            return $"state root {root}, expected {test.StateRoot} ({status}, {error})";
        }

        var logs = error is null ? HashLogs() : test.LogsHash;
        return logs != test.LogsHash ? $"hash of logs {logs}, expected {test.LogsHash} ({status})" : null;
    }

    private string? Execute(StateTestCase test, out ExecutionStatus status)
    {
        status = default;
        var decodeError = Transaction.TryDecode(test.Transaction, out var transaction);
        if (decodeError != TxDecodeError.None)
        {
            return decodeError.ToString();
        }

        var tally = default(BlockTally);
        var error = _processor.Execute(transaction!, ref tally, out var result);
        status = result.Status;
        return error == TxError.None ? null : error.ToString();
    }

    private void Load(JsonElement preState, StateTrie trie)
    {
        _state.BeginTransaction();
        foreach (var entry in preState.EnumerateObject())
        {
            var account = _state.Account(Address.Parse(entry.Name));
            _state.SetBalance(account, StateTestCase.Word(entry.Value.GetProperty("balance")));
            _state.SetNonce(account, (ulong)StateTestCase.Word(entry.Value.GetProperty("nonce")));
            _state.SetCode(account, StateTestCase.Bytes(entry.Value.GetProperty("code")));
            foreach (var slot in entry.Value.GetProperty("storage").EnumerateObject())
            {
                _state.SetSlot(
                    _state.Slot(account, UInt256.Parse(slot.Name)), StateTestCase.Word(slot.Value));
            }
        }

        _state.EndTransaction(deleteEmpty: false);
        trie.Update(_state);
        trie.CommitBlock();
        _state.CommitBlock();
    }

    private Hash256 HashLogs()
    {
        using var writer = new RlpWriter(1024);
        writer.StartList();
        for (var i = 0; i < _state.LogCount; i++)
        {
            var log = _state.Log(i);
            writer.StartList();
            writer.Write(log.Address);
            writer.StartList();
            foreach (ref readonly var topic in log.Topics)
            {
                writer.Write(topic);
            }

            writer.EndList();
            writer.Write(log.Data);
            writer.EndList();
        }

        writer.EndList();
        return Keccak256.Hash(writer.Written);
    }

    // Lets one state, and the machine on it, serve all cases.
    private sealed class SwitchableSource : IStateSource
    {
        public IStateSource Current { get; set; } = new MemoryStateSource();

        public bool TryGetAccount(in Address address, out AccountData account) =>
            Current.TryGetAccount(address, out account);

        public UInt256 GetStorage(in Address address, in UInt256 key) => Current.GetStorage(address, key);

        public ReadOnlyMemory<byte> GetCode(in Hash256 codeHash) => Current.GetCode(codeHash);
    }
}
