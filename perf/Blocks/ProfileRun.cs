using Fragcast.Execution.Blocks;
using Fragcast.Execution.Evm;
using Fragcast.Execution.State;
using Fragcast.Primitives.Reporting;
using Fragcast.Primitives.Transactions;

namespace Fragcast.Perf.Blocks;

/// <summary>One execution of a block's transactions under a profile.</summary>
internal sealed class ProfileRun
{
    private readonly InstructionProfile _profile = new();
    private ulong _gas;

    /// <summary>Executes the block's transactions.</summary>
    public static ProfileRun Measure(BlockInput input)
    {
        ProfileRun run = new();
        JournaledState state = new(input.CreateSource());
        TransactionProcessor processor = new(new EvmMachine(state));
        processor.BeginBlock(input.CreateContext(), input.Blobs);
        BlockTally tally = default;
        foreach (ReadOnlyMemory<byte> raw in input.RawTransactions)
        {
            Transaction.TryDecode(raw, out Transaction? transaction);
            ProfileTracer tracer = new(run._profile);
            TxError error = processor.Execute(transaction!, ref tally, ref tracer, out _);
            run._profile.EndRunning();
            if (error != TxError.None) throw new PerfDataException($"{input.Name} can't be profiled: {error}");
        }

        run._gas = tally.GasUsed;
        return run;
    }

    /// <summary>What was counted and timed.</summary>
    public IEnumerable<Figure> ToFigures(string name)
    {
        yield return Figure.Single($"profile gas {name}", "gas", _gas);
        foreach (InstructionKind kind in Enum.GetValues<InstructionKind>())
        {
#pragma warning disable CA1308 // Figures are named in lower case.
            string lower = kind.ToString().ToLowerInvariant();
#pragma warning restore CA1308
            yield return Figure.Single($"profile {lower} count {name}", "instructions", _profile.Count(kind));
            if (kind != InstructionKind.Compute)
                yield return Figure.Single($"profile {lower} time {name}", "us", _profile.ElapsedNs(kind) / 1e3);
        }
    }
}
