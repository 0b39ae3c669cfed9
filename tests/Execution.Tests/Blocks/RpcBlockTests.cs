using Fragcast.Execution.Blocks;
using Fragcast.Execution.Fixtures;
using Fragcast.Execution.State;

namespace Fragcast.Execution.Tests.Blocks;

/// <summary>A block of RISE with 571 transactions and 1.5 billion gas.</summary>
public class RpcBlockTests
{
    private const string File = "real-blocks/rise-7941842.json.gz";

    [DataFact(File)]
    public void Execute_RiseBlock_HasItsGasReceiptsAndBloom()
    {
        RpcBlock block = RpcBlock.Read(TestData.Find(File)!);
        var executor = new BlockExecutor(block.Chain, new JournaledState(block.State), trie: null);
        executor.BeginUnchecked(block.Environment, excessBlobGas: 0);
        FragResult result = executor.ExecuteFrag(block.Transactions);
        Assert.Equal((TxError.None, -1), (result.Error, result.FailedIndex));
        Assert.Equal(BlockError.None, executor.Seal(out SealedBlock? done));
        Assert.Equal(block.Header.GasUsed, done!.Header.GasUsed);
        Assert.Equal(block.Header.TransactionsRoot, done.Header.TransactionsRoot);
        Assert.Equal(block.Header.LogsBloom.ToArray(), done.Header.LogsBloom.ToArray());
        Assert.Equal(block.Header.ReceiptsRoot, done.Header.ReceiptsRoot);

        // All but the roots of the state, which a state without proofs can't give.
        Assert.Equal(
            block.Header.Hash,
            (done.Header with
            {
                StateRoot = block.Header.StateRoot,
                WithdrawalsRoot = block.Header.WithdrawalsRoot,
            }).Hash);
    }
}
