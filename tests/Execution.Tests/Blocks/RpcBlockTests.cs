using System.Diagnostics;
using Fragcast.Execution.Blocks;
using Fragcast.Execution.Fixtures;

namespace Fragcast.Execution.Tests.Blocks;

/// <summary>A block of RISE with 571 transactions and 1.5 billion gas.</summary>
public class RpcBlockTests
{
    private const string File = "real-blocks/rise-7941842.json.gz";

    [DataFact(File)]
    public void Replay_RiseBlock_HasItsGasReceiptsAndBloom()
    {
        var block = Assert.IsType<RpcBlock>(BlockFixture.Read(TestData.Find(File)!));
        ReplayedBlock replayed = new BlockReplayer(Stopwatch.GetTimestamp).Replay(block);
        Assert.Null(replayed.Problem);
        Assert.Equal(block.Header.GasUsed, replayed.GasUsed);
        Assert.Equal(block.ExpectedHash, replayed.Hash);
    }
}
