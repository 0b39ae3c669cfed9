using Fragcast.Execution.Blocks;
using Fragcast.Execution.Fixtures;
using Fragcast.Execution.Parallel;
using Fragcast.Execution.State;
using Fragcast.Execution.Tests.Blocks;
using Fragcast.Execution.Tests.Conformance;
using Fragcast.Execution.Trie;
using Fragcast.Primitives.Blocks;
using Fragcast.Primitives.Transactions;

namespace Fragcast.Execution.Tests.Parallel;

/// <summary>Real blocks come out as on their chains when they are replayed in parallel from recorded lists.</summary>
public class RealBlockParallelTests
{
    private const string RiseFile = "real-blocks/rise-7941842.json.gz";

    [Theory]
    [InlineData(26207960, 1)]
    [InlineData(26207961, 2)]
    [InlineData(26207962, 3)]
    public void ExecuteFrag_OpSepoliaBlock_HasItsHash(int number, int workers)
    {
        RealBlock block = RealBlock.Read(RealBlockTests.DemoPath(number));
        FragAccessList list = Record(block);
        using var replay = new ParallelReplay(workers) { SchedulesAlways = true };
        BlockExecutor executor = Begin(block);
        Assert.True(executor.ExecuteFrag(block.Transactions, list, replay).IsGood);
        Assert.Equal(1, replay.CountOf(ParallelOutcome.Parallel));
        Assert.Equal(BlockError.None, executor.Seal(out SealedBlock? done));
        Assert.Equal(block.ExpectedHash, done!.Hash);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void ExecuteFrag_CutIntoRandomFrags_HasTheSameHash(int seed)
    {
        var random = new Random(seed);
        RealBlock block = RealBlock.Read(RealBlockTests.DemoPath(26207961));
        List<IReadOnlyList<Transaction>> frags = RealBlockTests.Cut(block, random);
        BlockExecutor builder = Begin(block);
        builder.RecordsAccess = true;
        using var replay = new ParallelReplay(2) { SchedulesAlways = true };
        BlockExecutor executor = Begin(block);
        foreach (IReadOnlyList<Transaction> frag in frags)
        {
            builder.ExecuteFrag(frag);
            Assert.True(executor.ExecuteFrag(frag, builder.LastFragAccess, replay).IsGood);
            Assert.Equal(builder.StateRoot(), executor.StateRoot());
        }

        Assert.Equal(BlockError.None, executor.Seal(out SealedBlock? done));
        Assert.Equal(block.ExpectedHash, done!.Hash);
        Assert.Equal(0, replay.CountOf(ParallelOutcome.Unstated));
    }

    [DataFact(RiseFile)]
    public void ExecuteFrag_RiseBlock_HasItsGasReceiptsAndBloom()
    {
        // The whole block takes seconds; its start shows the same.
        var block = (RpcBlock)BlockFixture.Read(TestData.Find(RiseFile)!);
        List<Transaction> transactions = ConformanceScope.RunsAll
            ? [.. block.Transactions]
            : [.. block.Transactions.Take(40)];
        BlockExecutor builder = Begin(block);
        FragAccessList list = Record(builder, transactions);
        using var replay = new ParallelReplay(2) { SchedulesAlways = true };
        BlockExecutor executor = Begin(block);
        Assert.True(executor.ExecuteFrag(transactions, list, replay).IsGood);
        Assert.Equal(1, replay.CountOf(ParallelOutcome.Parallel));
        Assert.Equal(BlockError.None, builder.Seal(out SealedBlock? expected));
        Assert.Equal(BlockError.None, executor.Seal(out SealedBlock? done));
        Assert.Equal(expected!.Hash, done!.Hash);
        if (!ConformanceScope.RunsAll) return;
        BlockHeader header = done.Header with
        {
            StateRoot = block.Header.StateRoot,
            WithdrawalsRoot = block.Header.WithdrawalsRoot,
        };
        Assert.Equal(block.ExpectedHash, header.Hash);
    }

    private static FragAccessList Record(BlockFixture block) => Record(Begin(block), block.Transactions);

    private static FragAccessList Record(BlockExecutor builder, IReadOnlyList<Transaction> transactions)
    {
        builder.RecordsAccess = true;
        Assert.True(builder.ExecuteFrag(transactions).IsGood);
        byte[] bytes = AccessListCodec.Encode(builder.LastFragAccess!);
        Assert.Equal(AccessListError.None, AccessListCodec.TryDecode(bytes, out FragAccessList? list));
        return list!;
    }

    private static BlockExecutor Begin(BlockFixture block)
    {
        if (block is RealBlock real)
        {
            var trie = new StateTrie(real.Witness, real.Parent.StateRoot);
            var executor = new BlockExecutor(block.Chain, new JournaledState(trie), trie);
            Assert.Equal(BlockError.None, executor.Begin(real.Parent, block.Environment));
            return executor;
        }

        var rpc = new BlockExecutor(block.Chain, new JournaledState(((RpcBlock)block).State), trie: null);
        rpc.BeginUnchecked(block.Environment, excessBlobGas: 0);
        return rpc;
    }
}
