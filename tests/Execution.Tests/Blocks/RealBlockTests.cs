using System.Diagnostics;
using Fragcast.Execution.Blocks;
using Fragcast.Execution.Fixtures;
using Fragcast.Execution.Trie;
using Fragcast.Primitives.Transactions;

namespace Fragcast.Execution.Tests.Blocks;

/// <summary>Blocks of OP Sepolia come out with the hashes they have on the chain, however they are cut.</summary>
public class RealBlockTests
{
    private const string FurtherBlock = "real-blocks/op-sepolia-26208858.json.gz";

    private static readonly Lazy<RealBlock[]> Demo = new(() =>
        [.. new[] { 26207960, 26207961, 26207962 }.Select(number => RealBlock.Read(DemoPath(number)))]);

    [Fact]
    public void Replay_ConsecutiveBlocks_ContinuesOnTheirState()
    {
        var replayer = new BlockReplayer(Stopwatch.GetTimestamp);
        foreach (RealBlock block in Demo.Value) AssertEqual(block, replayer.Replay(block));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void Replay_OneBlock_StartsFromItsWitness(int index)
    {
        RealBlock block = Demo.Value[index];
        AssertEqual(block, new BlockReplayer(Stopwatch.GetTimestamp).Replay(block));
    }

    [DataFact(FurtherBlock)]
    public void Replay_FurtherBlock_HasItsHash()
    {
        RealBlock block = RealBlock.Read(TestData.Find(FurtherBlock)!);
        AssertEqual(block, new BlockReplayer(Stopwatch.GetTimestamp).Replay(block));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public void Replay_CutIntoRandomFrags_HasTheSameHash(int seed)
    {
        var random = new Random(seed);
        var replayer = new BlockReplayer(Stopwatch.GetTimestamp);
        foreach (RealBlock block in Demo.Value) AssertEqual(block, replayer.Replay(block, Cut(block, random)));
    }

    [Fact]
    public void Replay_WitnessLacksEntries_SaysWhatIsMissing()
    {
        var random = new Random(11);
        RealBlock good = Demo.Value[0];
        var replayer = new BlockReplayer(Stopwatch.GetTimestamp);
        int problems = 0;
        for (int trial = 0; trial < 40; trial++)
        {
            ReplayedBlock replayed = replayer.Replay(WithoutSomeEntries(good, random));
            if (replayed.Problem is null)
            {
                Assert.Equal(good.ExpectedHash, replayed.Hash);
                continue;
            }

            problems++;
            Assert.Contains("lacks", replayed.Problem, StringComparison.Ordinal);
            Assert.False(replayed.IsEqual);
        }

        Assert.InRange(problems, 20, 40);
        AssertEqual(good, replayer.Replay(good));
    }

    private static RealBlock WithoutSomeEntries(RealBlock block, Random random)
    {
        var witness = new WitnessStore();
        foreach (ReadOnlyMemory<byte> preimage in block.Witness.Preimages)
        {
            if (random.Next(100) > 0) witness.Add(preimage);
        }

        return new RealBlock
        {
            File = block.File,
            Chain = block.Chain,
            Parent = block.Parent,
            Environment = block.Environment,
            Transactions = block.Transactions,
            ExpectedHash = block.ExpectedHash,
            Witness = witness,
        };
    }

    internal static string DemoPath(int number) =>
        Path.Combine(TestData.Repository, "Node", "DemoBlocks", $"op-sepolia-{number}.json.gz");

    /// <summary>Frags of random sizes, some of them empty.</summary>
    internal static List<IReadOnlyList<Transaction>> Cut(RealBlock block, Random random)
    {
        var frags = new List<IReadOnlyList<Transaction>>();
        for (int start = 0; start < block.Transactions.Count;)
        {
            int end = Math.Min(start + random.Next(4), block.Transactions.Count);
            frags.Add([.. block.Transactions.Skip(start).Take(end - start)]);
            start = end;
        }

        return frags;
    }

    private static void AssertEqual(RealBlock block, ReplayedBlock replayed)
    {
        Assert.Null(replayed.Problem);
        Assert.Equal(block.ExpectedHash, replayed.Hash);
    }
}
