using System.Diagnostics;
using Fragcast.Execution.Blocks;
using Fragcast.Execution.Evm;
using Fragcast.Execution.Fixtures;
using Fragcast.Execution.State;
using Fragcast.Execution.Tests.Trie;
using Fragcast.Execution.Trie;
using Fragcast.Primitives;
using Fragcast.Primitives.Transactions;

namespace Fragcast.Execution.Tests.Blocks;

/// <summary>What is worked out in the background is what the plain way gives.</summary>
public class FragPipelineTests
{
    public static TheoryData<int, int> Seeds()
    {
        var data = new TheoryData<int, int>();
        for (int seed = 0; seed < 60; seed++) data.Add(seed, seed % 3);
        return data;
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Submit_RandomFragsRevertsAndDiscards_RootsAreThoseOfTheReference(int seed, int threads)
    {
        using var crew = new TrieCrew(threads);
        var random = new Random(seed);
        var trie = new StateTrie(EmptyPreimageStore.Instance, MerkleTrie.EmptyRoot, crew);
        var state = new JournaledState(trie);
        var model = new ModelState();
        var pipeline = new FragPipeline(trie, new BodyRoots(), crew);
        trie.UpdatedBy(pipeline);
        pipeline.WantsRoots = seed % 2 == 0;
        for (int block = 0; block < 6; block++)
        {
            ModelState atStart = model.Clone();
            List<(FragPoint Point, Hash256 Root)> points = RunBlock(random, pipeline, state, model, (ulong)block);
            bool isDiscarded = random.Next(4) == 0;
            if (isDiscarded)
            {
                state.RevertBlock();
                model.Become(atStart);
            }

            Assert.Equal(model.Root(), trie.Update(state));
            foreach ((FragPoint point, Hash256 root) in points)
            {
                Assert.True(point.IsReady);
                if (pipeline.WantsRoots || point.StateRoot is not null) Assert.Equal(root, point.StateRoot);
            }

            state.CommitBlock();
            trie.CommitBlock();
        }
    }

    private static List<(FragPoint Point, Hash256 Root)> RunBlock(
        Random random, FragPipeline pipeline, JournaledState state, ModelState model, ulong number)
    {
        var points = new List<(FragPoint, Hash256)>();
        FragPoint last = pipeline.SubmitOpening(state, default, number);
        for (int frag = 0; frag < 6; frag++)
        {
            int watermark = state.FragWatermark();
            FragPoint before = last;
            ModelState modelBefore = model.Clone();
            for (int i = 0; i < 4; i++) StateTrieTests.RunTransaction(random, state, model);
            bool isClosed = random.Next(4) != 0;
            if (isClosed)
            {
                last = pipeline.SubmitFrag(state, last, [], new ReceiptArena().Items, 0);
                points.Add((last, model.Root()));
            }

            if (random.Next(3) != 0) continue;
            state.RevertToFrag(watermark);
            model.Become(modelBefore);
            if (!isClosed) continue;
            pipeline.SubmitRevert(state, 0);
            last = before;
        }

        return points;
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void Replay_RealBlocksOnACrew_HaveTheirHashes(int threads)
    {
        using var crew = new TrieCrew(threads);
        var random = new Random(threads);
        var replayer = new BlockReplayer(Stopwatch.GetTimestamp, crew);
        for (int round = 0; round < 3; round++)
        {
            foreach (int number in (int[])[26207960, 26207961, 26207962])
            {
                RealBlock block = RealBlock.Read(RealBlockTests.DemoPath(number));
                ReplayedBlock replayed = replayer.Replay(block, RealBlockTests.Cut(block, random));
                Assert.Null(replayed.Problem);
                Assert.Equal(block.ExpectedHash, replayed.Hash);
            }
        }
    }

    [Fact]
    public void LastPoint_BuilderAndReplica_AgreeFragByFrag()
    {
        using var crew = new TrieCrew(1);
        var random = new Random(3);
        RealBlock[] blocks =
            [.. new[] { 26207960, 26207961 }.Select(number => RealBlock.Read(RealBlockTests.DemoPath(number)))];
        var witness = new WitnessStore();
        foreach (RealBlock block in blocks) witness.Merge(block.Witness);

        // One has the first block's accounts resident when it comes to the second, the other starts there.
        BlockExecutor resident = BlockExecutor.OverWitness(blocks[0].Chain, witness, blocks[0].Parent.StateRoot, crew);
        Assert.Equal(BlockError.None, resident.Begin(blocks[0].Parent, blocks[0].Environment));
        Assert.True(resident.ExecuteFrag(blocks[0].Transactions).IsGood);
        Assert.Equal(BlockError.None, resident.Seal(out _));
        resident.Commit();
        BlockExecutor fresh = BlockExecutor.OverWitness(
            blocks[1].Chain, blocks[1].Witness, blocks[1].Parent.StateRoot, TrieCrew.None);

        Assert.Equal(BlockError.None, resident.Begin(blocks[1].Parent, blocks[1].Environment));
        Assert.Equal(BlockError.None, fresh.Begin(blocks[1].Parent, blocks[1].Environment));
        Assert.Equal(resident.LastPoint!.Commitment, fresh.LastPoint!.Commitment);
        var seen = new HashSet<Hash256> { fresh.LastPoint.Commitment };
        foreach (IReadOnlyList<Transaction> frag in RealBlockTests.Cut(blocks[1], random).Where(frag => frag.Count > 0))
        {
            Assert.True(resident.ExecuteFrag(frag).IsGood);
            foreach (Transaction transaction in frag) Assert.Equal(TxError.None, fresh.Execute(transaction));
            fresh.CloseFrag();
            Assert.Equal(resident.LastPoint.Commitment, fresh.LastPoint.Commitment);
            Assert.True(seen.Add(fresh.LastPoint.Commitment));
            Assert.True(fresh.LastPoint.IsReady);
        }
    }

    [Fact]
    public void LastPoint_FragRolledBackAndReplaced_ForgetsIt()
    {
        using var crew = new TrieCrew(1);
        TestChain left = NewChain(crew);
        TestChain right = NewChain(crew);
        Transaction a = left.Transfer(0, 0);
        Transaction b = left.Transfer(1, 0);
        Transaction c = left.Transfer(2, 0);
        Assert.True(left.Executor.ExecuteFrag([a]).IsGood);
        Assert.True(left.Executor.ExecuteFrag([b]).IsGood);
        Hash256 withB = left.Executor.LastPoint!.Commitment;
        Assert.True(left.Executor.RollbackLastFrag());
        Assert.True(left.Executor.ExecuteFrag([c]).IsGood);

        Assert.True(right.Executor.ExecuteFrag([a]).IsGood);
        Assert.False(right.Executor.ExecuteFrag([b, b]).IsGood);
        Assert.True(right.Executor.ExecuteFrag([c]).IsGood);
        Assert.Equal(right.Executor.LastPoint!.Commitment, left.Executor.LastPoint.Commitment);
        left.Executor.WantsRoots = right.Executor.WantsRoots = true;
        Assert.True(left.Executor.WantsRoots);
        Assert.NotEqual(withB, left.Executor.LastPoint.Commitment);
        Hash256 root = left.Executor.StateRoot();
        Assert.Equal(root, right.Executor.StateRoot());

        // Sealing in between changes nothing in what follows.
        left.Seal();
        Assert.True(left.Executor.ExecuteFrag([b]).IsGood);
        Assert.True(right.Executor.ExecuteFrag([b]).IsGood);
        Assert.Equal(right.Executor.LastPoint.Commitment, left.Executor.LastPoint.Commitment);
        Assert.Equal(left.Executor.LastPoint.StateRoot, right.Executor.StateRoot());
        Assert.Equal(right.Seal().Hash, left.Seal().Hash);
    }

    [Fact]
    public void LastPoint_WithoutACrew_IsNull()
    {
        var chain = new TestChain(ChainSpec.Always(Fork.Cancun));
        chain.Begin();
        Assert.Null(chain.Executor.LastPoint);
    }

    private static TestChain NewChain(TrieCrew crew)
    {
        var chain = new TestChain(ChainSpec.Always(Fork.Cancun), crew: crew);
        chain.Begin();
        return chain;
    }
}
