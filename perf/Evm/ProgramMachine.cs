using System.Diagnostics;
using Fragcast.Execution.Blocks;
using Fragcast.Execution.Evm;
using Fragcast.Execution.State;
using Fragcast.Execution.Trie;

namespace Fragcast.Perf.Evm;

/// <summary>Runs programs on one machine, which is set to one tier. Belongs to one thread.</summary>
internal sealed class ProgramMachine
{
    private readonly SwitchableSource _source = new();
    private readonly JournaledState _state;
    private readonly EvmMachine _machine;
    private readonly TransactionProcessor _processor;
    private EvmProgram? _program;

    /// <summary>A machine that executes with the named tier.</summary>
    public ProgramMachine(string tier)
    {
        Tier = tier;
        _state = new JournaledState(_source);
        _machine = new EvmMachine(_state);
        TierNames.Select(_machine, tier);
        _processor = new TransactionProcessor(_machine);
    }

    /// <summary>The name of the tier.</summary>
    public string Tier { get; }

    /// <summary>
    /// Makes a program's state the present one. Nothing of it is resident; codes that ran before keep what was derived
    /// from them.
    /// </summary>
    public void Load(EvmProgram program, IStateSource source)
    {
        _source.Current = source;
        _program = program;
        _state.Reset();
        _processor.BeginBlock(program.Block, program.Blobs);
    }

    /// <summary>Runs the loaded program once and undoes it.</summary>
    /// <param name="result">How it ended; its output is gone.</param>
    /// <returns>Thread processor time in nanoseconds; that of undoing is not in it.</returns>
    public long Run(out TxResult result)
    {
        long elapsedNs = RunAndKeep(out result);
        Undo();
        return elapsedNs;
    }

    /// <summary>
    /// Runs the loaded program once with nothing resident, no code known and no hash remembered, and undoes it: reading
    /// accounts, slots and code from the source and deriving what execution needs of the code is part of the time.
    /// </summary>
    public long RunCold(out TxResult result)
    {
        _state.Reset(keepCodes: false);
        _machine.Hashes.Clear();
        return Run(out result);
    }

    /// <summary>
    /// Runs the program once and compares what comes out with what the program, or else the reference, states.
    /// </summary>
    /// <returns>One line that says what differs, or null; and the gas used.</returns>
    public (string? Problem, ulong Gas) Verify(EvmProgram program, ReferenceRun? reference)
    {
        StateTrie trie = new();
        Load(program, trie);
        program.WriteTo(_state);
        trie.Update(_state);
        trie.CommitBlock();
        _state.CommitBlock();
        RunAndKeep(out TxResult result);
        string? problem = Compare(program, reference, result);
        if (trie.Update(_state) is var root && program.StateRoot is { } expected && root != expected)
            problem ??= $"state root {root}, expected {expected}";
        if (reference is null && program.StateRoot is null) problem ??= "nothing states what has to come out";
        _state.RevertBlock();
        _state.Reset();
        return (problem is null ? null : $"{program.FullName} by {Tier}: {problem}", result.GasUsed);
    }

    private string? Compare(EvmProgram program, ReferenceRun? reference, in TxResult result)
    {
        if (program.LogsHash is { } logs && Digests.LogsHash(_state) is var hash && hash != logs)
            return $"hash of logs {hash}, expected {logs}";
        if (reference is null) return null;
        if (result.IsSuccess != reference.IsSuccess) return $"ended with {result.Status}";
        if (result.GasUsed != reference.Gas) return $"{result.GasUsed} gas, expected {reference.Gas}";
        if (Digests.OfOutput(result.Output.Span) != reference.Output) return "the output differs";
        if (Digests.OfLogs(_state) != reference.Logs) return "the logs differ";
        return Digests.OfStorage(_state) != reference.Storage ? "the changed slots differ" : null;
    }

    private long RunAndKeep(out TxResult result)
    {
        Debug.Assert(_program is not null, "A program is loaded.");
        BlockTally tally = default;
        long start = ThreadClock.NowNs();
        TxError error = _processor.Execute(_program.Transaction, ref tally, out result);
        long elapsedNs = ThreadClock.Since(start);
        return error == TxError.None
            ? elapsedNs
            : throw new PerfDataException($"{_program.FullName} can't be executed: {error}");
    }

    private void Undo()
    {
        // As between two blocks, so that the next run notes its changes anew.
        _state.RevertBlock();
        _state.CommitBlock();
    }
}
