using System.Diagnostics;
using Fragcast.Execution.Blocks;
using Fragcast.Primitives.Transactions;

namespace Fragcast.Perf.Blocks;

/// <summary>Where the time of one run of a block went; nanoseconds of wall time unless it says otherwise.</summary>
/// <param name="TotalNs">From raw bytes to the sealed and compared block.</param>
/// <param name="CpuNs">Processor time of the executing thread for all of that.</param>
/// <param name="DecodeNs">Decoding all transactions.</param>
/// <param name="ExecuteNs">Executing them, state reads and receipts included.</param>
/// <param name="ReadNs">Of that, reading accounts, slots and codes from the source.</param>
/// <param name="SealNs">Roots of transactions, receipts and state, bloom, header, hash.</param>
/// <param name="SendersCpuNs">Processor time of the other thread for the senders, in parallel.</param>
/// <param name="Reads">Values read from the source.</param>
/// <param name="Gas">Gas used.</param>
internal readonly record struct BlockTimes(
    long TotalNs,
    long CpuNs,
    long DecodeNs,
    long ExecuteNs,
    long ReadNs,
    long SealNs,
    long SendersCpuNs,
    long Reads,
    ulong Gas);

/// <summary>Takes a block from raw bytes to its hash, again and again, on one executor.</summary>
internal sealed class BlockRun(BlockInput input, string tier, SenderThread senders)
{
    private readonly (BlockExecutor Executor, TimedSource Source) _on = input.CreateExecutor(tier);

    /// <summary>
    /// Runs the block and gives it up again. State that a run before read is resident, as in a node.
    /// </summary>
    /// <exception cref="PerfDataException">It did not come out as on the real chain.</exception>
    public BlockTimes Run()
    {
        _on.Source.Restart();
        long startCpuNs = ThreadClock.NowNs();
        long start = Stopwatch.GetTimestamp();
        Transaction[] transactions = Decode();
        senders.Start(transactions);
        long decoded = Stopwatch.GetTimestamp();
        input.Begin(_on.Executor);
        FragResult result = _on.Executor.ExecuteFrag(transactions);
        long executed = Stopwatch.GetTimestamp();
        if (!result.IsGood)
            throw new PerfDataException($"{input.Name}: transaction {result.FailedIndex} is invalid: {result.Error}");
        BlockError error = _on.Executor.Seal(out SealedBlock? done);
        bool isEqual = done is not null && input.HashOf(done) == input.ExpectedHash;
        long sealedAt = Stopwatch.GetTimestamp();
        long cpuNs = ThreadClock.Since(startCpuNs);
        senders.Wait();
        if (!isEqual)
            throw new PerfDataException($"{input.Name} differs from the real block (sealing said: {error})");
        BlockTimes times = new(
            Ns(sealedAt - start),
            cpuNs,
            Ns(decoded - start),
            Ns(executed - decoded),
            Ns(_on.Source.Ticks),
            Ns(sealedAt - executed),
            senders.ElapsedNs,
            _on.Source.Reads,
            done!.Header.GasUsed);
        _on.Executor.Discard();
        return times;
    }

    private Transaction[] Decode()
    {
        Transaction[] transactions = new Transaction[input.RawTransactions.Count];
        for (int i = 0; i < transactions.Length; i++)
        {
            TxDecodeError error = Transaction.TryDecode(input.RawTransactions[i], out Transaction? transaction);
            transactions[i] = transaction
                ?? throw new PerfDataException($"{input.Name}: transaction {i} is malformed: {error}");
        }

        return transactions;
    }

    private static long Ns(long ticks) => (long)(ticks * (1e9 / Stopwatch.Frequency));
}
